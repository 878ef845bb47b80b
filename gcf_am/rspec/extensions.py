"""What extensions say of their own elements, wherever these stand in a RSpec."""

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from gcf_am.rspec.names import RSPEC, core
from gcf_am.safexml import Problem, Schema


def problems(root: etree._Element) -> list[Problem]:
    """What is wrong with the extensions in a RSpec of version 3; empty when nothing is.

    An element that its namespace's schema declares must follow it. Elements that no schema of
    ours declares pass, those of newer kinds in a namespace that we know among them: the field
    went on after the schemas were written. What stands in them is judged the same way. The
    RSpec's own elements are not looked at, but for those that a request carries in extensions:
    they will stand in its manifest, whose schema knows more of them.

    Source: decision 24; XML Schema 1.0, lax wildcards.
    """
    found = Schema("extensions").errors(root)
    if found or (root.get("type") or "").strip() != "request":
        return found
    carried = list(_with_rspec_inside(root))
    if not carried:
        return []
    manifest = etree.Element(core("rspec"), {"type": "manifest"})
    manifest.extend(deepcopy(one) for one in carried)
    for link in manifest.iter(core("link")):
        # as in every manifest (R261)
        link.set("vlantag", link.get("vlantag", ""))
    return Schema("manifest").errors(manifest)


def _with_rspec_inside(root: etree._Element) -> Iterator[etree._Element]:
    """Extensions, each as a whole, that hold elements of RSpecs."""
    for one in root.iter("*"):
        parent = one.getparent()
        outermost = parent is not None and _is_rspec(parent) and not _is_rspec(one)
        if outermost and next(one.iterdescendants(f"{{{RSPEC}}}*"), None) is not None:
            yield one


def _is_rspec(element: etree._Element) -> bool:
    return str(element.tag).startswith(f"{{{RSPEC}}}")
