"""Requests as tests write them, and RSpecs that came back as tests read them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lxml import etree

from gcf_am import safexml
from gcf_am.safexml import Schema

RSPEC: Final = "http://www.geni.net/resources/rspec/3"
PRESERVE: Final = "{http://www.geni.net/resources/rspec/ext/preserve/1}preserve"
USER: Final = "{http://www.geni.net/resources/rspec/ext/user/1}services_user"
OPSTATE: Final = "{http://www.geni.net/resources/rspec/ext/opstate/1}"
XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
MANAGER: Final = "urn:publicid:IDN+gcf.local+authority+am"
EXAMPLES: Final = Path(__file__).parents[2] / "rspecs"


def example(name: str) -> str:
    """One of the requests that the repository shows."""
    return (EXAMPLES / "requests" / f"{name}.xml").read_text("utf-8")


def component(name: str) -> str:
    """The URN of a host."""
    return f"urn:publicid:IDN+gcf.local+node+{name}"


def request(*resources: str, kind: str = "request") -> str:
    """A request of these resources."""
    return f'<rspec xmlns="{RSPEC}" type="{kind}">{"".join(resources)}</rspec>'


def node(name: str, *interfaces: str, inside: str = "", **attributes: str) -> str:
    """A node; `host` binds it to one of the site's, other attributes stand as they are."""
    host = attributes.pop("host", None)
    if host is not None:
        attributes["component_id"] = component(host)
    inner = "".join(f'<interface client_id="{one}"/>' for one in interfaces) + inside
    return f'<node client_id="{name}"{_written(attributes)}>{inner}</node>'


def link(name: str, *ends: str, capacity: int | None = None, **attributes: str) -> str:
    """A link between interfaces; `capacity` in kbit/s, both ways."""
    inner = "".join(f'<interface_ref client_id="{one}"/>' for one in ends)
    if capacity is not None:
        inner += "".join(
            f'<property source_id="{one}" dest_id="{other}" capacity="{capacity}"/>'
            for one, other in (ends, ends[::-1])
        )
    return f'<link client_id="{name}"{_written(attributes)}>{inner}</link>'


def pair(capacity: int | None = None) -> str:
    """Two nodes, a and b, and a link between them."""
    return request(node("a", "a:0"), node("b", "b:0"), link("lan", "a:0", "b:0", capacity=capacity))


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items())


class Rspec:
    """An RSpec that came back: valid against its schema, or reading it fails."""

    def __init__(self, text: str, kind: str = "manifest") -> None:
        # R270
        assert text.startswith("<?xml")
        assert "encoding='utf-8'" in text[:60].lower().replace('"', "'")
        self.root = safexml.parse(text)
        # R139, R126
        assert self.root.get("type") == {"ad": "advertisement"}.get(kind, kind)
        assert Schema(kind).errors(self.root) == []

    def nodes(self) -> dict[str, etree._Element]:
        """Nodes by client_id, or by component_name in an advertisement."""
        return {_name(one): one for one in self.root.findall(core("node"))}

    def links(self) -> dict[str, etree._Element]:
        """Links by client_id."""
        return {_name(one): one for one in self.root.findall(core("link"))}

    def urns(self) -> dict[str, str]:
        """Slivers by client_id, of nodes and links that are ours."""
        both = {**self.nodes(), **self.links()}
        return {
            name: urn for name, one in both.items() if (urn := one.get("sliver_id")) is not None
        }

    def hosts(self) -> dict[str, str]:
        """On which host each of our nodes is, by client_id."""
        return {
            name: one.get("component_id", "").rpartition("+")[2]
            for name, one in self.nodes().items()
            if one.get("sliver_id") is not None
        }


def is_available(node: etree._Element) -> bool:
    """Whether a node of an advertisement may be had now."""
    (available,) = node.findall(core("available"))
    return available.get("now") == "true"


def core(name: str) -> str:
    """An element's name in the RSpec namespace."""
    return f"{{{RSPEC}}}{name}"


def _name(element: etree._Element) -> str:
    return element.get("client_id") or element.get("component_name") or ""
