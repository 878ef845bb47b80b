"""The directive `drawing`: a picture of what the code says, made when the page is."""

from collections.abc import Callable, Mapping
from typing import Final

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from doc import layering, machines

DRAWINGS: Final[Mapping[str, Callable[[], str]]] = {
    "allocation": lambda: machines.allocation().drawn(),
    "operational": lambda: machines.operational().drawn(),
    "lifecycle": lambda: machines.lifecycle().drawn(),
    "layers": layering.layers,
    "imports": layering.imports,
}


class Drawing(Directive):
    """`drawing:: NAME` of DRAWINGS, in the page itself, so that it has the page's colours."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The drawing, in a box of its own that can be moved where the screen is narrow."""
        name = self.arguments[0]
        if name not in DRAWINGS:
            raise self.error(f"no drawing {name!r}; there are {', '.join(DRAWINGS)}")
        return [nodes.raw("", f'<div class="drawing">{DRAWINGS[name]()}</div>', format="html")]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let Sphinx know of it."""
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
