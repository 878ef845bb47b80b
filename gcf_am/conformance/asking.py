"""Requests for what an advertisement has."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from lxml import etree

from gcf_am.client.shown import ShownComponent, root_of
from gcf_am.conformance.documents.reading import RSPEC, core

# The option that names the kind of RSpec that the kit reads
GENI3: Final[Mapping[str, Any]] = {"geni_rspec_version": {"type": "GENI", "version": "3"}}


def compose(
    chosen: Sequence[ShownComponent],
    *,
    bound: bool,
    prefix: str = "n",
    link: bool = False,
    inside: str = "",
    beside: str = "",
) -> str:
    """A request for a node like each of `chosen`, named n0, n1 and so on.

    `bound`: on just these components, otherwise the aggregate chooses. `link` joins all by one
    link, `lan`. `inside` is XML put into each node, `beside` XML put after them.
    """
    nodes = []
    for number, one in enumerate(chosen):
        name = f"{prefix}{number}"
        place = f' component_id="{escape(one.component_id)}"' if bound else ""
        port = f'<interface client_id="{name}:if0"/>' if link else ""
        nodes.append(
            f'<node client_id="{name}" component_manager_id="{escape(one.manager)}"{place}'
            f' exclusive="{str(one.exclusive).lower()}">'
            f'<sliver_type name="{escape(one.sliver_types[0])}"/>{port}{inside}</node>'
        )
    ends = "".join(
        f'<interface_ref client_id="{prefix}{number}:if0"/>' for number in range(len(chosen))
    )
    joined = f'<link client_id="{prefix}lan">{ends}</link>' if link else ""
    return f'<rspec xmlns="{RSPEC}" type="request">{"".join(nodes)}{joined}{beside}</rspec>'


def reduced(
    text: str, count: int, *, prefix: str = "", inside: str = "", beside: str = ""
) -> str | None:
    """The first `count` nodes of a request, without links; None where it has less.

    `prefix` is put before their names. Raises UnreadableRspec.
    """
    root = root_of(text)
    nodes = root.findall(core("node"))
    if len(nodes) < count:
        return None
    for one in [*nodes[count:], *root.findall(core("link"))]:
        root.remove(one)
    for one in nodes[:count]:
        one.set("client_id", prefix + one.get("client_id", ""))
        for port in one.findall(core("interface")):
            one.remove(port)
        one.extend(_children(inside))
    root.extend(_children(beside))
    return etree.tostring(root, encoding="unicode")


def _children(xml: str) -> list[etree._Element]:
    return list(root_of(f'<rspec xmlns="{RSPEC}">{xml}</rspec>')) if xml else []
