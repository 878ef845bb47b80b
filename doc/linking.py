"""Pages that are named in the text become links: `doc/trust.md`, spec 0024.

So the pages read the same in a checkout and on the site, and a name that no page has is a
warning, which `make doc` takes for an error.
"""

import re
from collections.abc import Iterator
from typing import Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.typing import ExtensionMetadata

_PAGE: Final = re.compile(r"doc/([\w/-]+)\.(?:md|rst)", re.ASCII)
# "spec 0024", "specs 0002 to 0004 and 0012"
_SPECS: Final = re.compile(r"\b[Ss]pecs?\s+\d{4}(?:(?:,\s|\sand\s|\sto\s)\d{4})*", re.ASCII)
_NUMBER: Final = re.compile(r"\b\d{4}\b", re.ASCII)


class Naming(SphinxTransform):
    """Link what names a page or a spec, outside of links, titles and blocks."""

    default_priority = 400

    def apply(self, **_: object) -> None:
        """Replace the names in this document."""
        for literal in list(self.document.findall(nodes.literal)):
            if (page := _PAGE.fullmatch(literal.astext())) and not _linked(literal):
                # the title of the page stands where its name stood
                literal.replace_self(self._link(page[1], nodes.inline("", literal.astext())))
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, nodes.paragraph | nodes.entry) and not _linked(text):
                parts = list(self._parts(text.astext()))
                if len(parts) > 1:
                    text.parent.replace(text, parts)

    def _parts(self, text: str) -> Iterator[nodes.Node]:
        at = 0
        for group in _SPECS.finditer(text):
            for number in _NUMBER.finditer(text, group.start(), group.end()):
                yield nodes.Text(text[at : number.start()])
                yield self._link(self._spec(number[0]), nodes.Text(number[0]), explicit=True)
                at = number.end()
        yield nodes.Text(text[at:])

    def _spec(self, number: str) -> str:
        pages = (page for page in self.env.found_docs if page.startswith("specs/"))
        named = (page for page in pages if page.rpartition("/")[2].startswith(f"{number}-"))
        return next(named, f"specs/{number}")

    def _link(self, page: str, told: nodes.Node, *, explicit: bool = False) -> pending_xref:
        # an absolute name: from whatever page it is named
        return pending_xref(
            "",
            told,
            refdoc=self.env.docname,
            refdomain="std",
            reftype="doc",
            reftarget=f"/{page}",
            refexplicit=explicit,
            refwarn=True,
        )


def _linked(node: nodes.Node) -> bool:
    at = node.parent
    while at is not None and not isinstance(at, nodes.reference | pending_xref | nodes.title):
        at = at.parent
    return at is not None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let Sphinx know of it."""
    app.add_transform(Naming)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
