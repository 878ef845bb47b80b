"""What a person wants to see of a manifest or an advertisement."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gcf_am.errors import GcfAmError, XmlRefused
from gcf_am.safexml import parse

_RSPEC: Final = "{http://www.geni.net/resources/rspec/3}"
_USER: Final = "{http://www.geni.net/resources/rspec/ext/user/1}"
# An advertisement of a large site is the largest document there is.
_LARGEST: Final = 64 * 1024 * 1024


class UnreadableRspec(GcfAmError):
    """An aggregate answered with something that is no RSpec."""


@dataclass(frozen=True, slots=True)
class ShownNode:
    """A node of a manifest; `logins` are (user, host, port), `accounts` (user's URN, user)."""

    client_id: str
    sliver_urn: str
    component: str
    sliver_type: str
    logins: tuple[tuple[str, str, str], ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link of a manifest with the client_ids of its ends."""

    client_id: str
    sliver_urn: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownComponent:
    """A node of an advertisement; `manager` is the URN of the aggregate that has it."""

    name: str
    component_id: str
    available: bool
    exclusive: bool
    hardware_types: tuple[str, ...]
    sliver_types: tuple[str, ...]
    manager: str = ""


def root_of(text: str) -> Any:
    """The root of an RSpec of version 3, of lxml; raises UnreadableRspec."""
    try:
        root = parse(text, limit=_LARGEST)
    except XmlRefused as error:
        raise UnreadableRspec(f"the aggregate's RSpec cannot be read: {error}") from None
    if root.tag != f"{_RSPEC}rspec":
        raise UnreadableRspec("the aggregate's answer is no RSpec of version 3")
    return root


def _names(element: Any, child: str) -> tuple[str, ...]:
    return tuple(one.get("name", "") for one in element.iterfind(_RSPEC + child))


def _logins(node: Any) -> Iterator[tuple[str, str, str]]:
    for login in node.iterfind(f"{_RSPEC}services/{_RSPEC}login"):
        yield login.get("username", ""), login.get("hostname", ""), login.get("port", "22")


def nodes_of(manifest: str) -> tuple[ShownNode, ...]:
    """The manifest's nodes that are slivers, in document order; raises UnreadableRspec."""
    return tuple(
        ShownNode(
            client_id=node.get("client_id", ""),
            sliver_urn=node.get("sliver_id", ""),
            component=node.get("component_id", "").rpartition("+")[2],
            sliver_type=", ".join(_names(node, "sliver_type")),
            logins=tuple(_logins(node)),
            accounts=tuple(
                (one.get("user_urn", ""), one.get("login", ""))
                for one in node.iterfind(f"{_RSPEC}services/{_USER}services_user")
            ),
        )
        for node in root_of(manifest).iterfind(f"{_RSPEC}node")
        if node.get("sliver_id")
    )


def links_of(manifest: str) -> tuple[ShownLink, ...]:
    """The manifest's links that are slivers, in document order; raises UnreadableRspec."""
    return tuple(
        ShownLink(
            client_id=link.get("client_id", ""),
            sliver_urn=link.get("sliver_id", ""),
            ends=tuple(end.get("client_id", "") for end in link.iterfind(f"{_RSPEC}interface_ref")),
        )
        for link in root_of(manifest).iterfind(f"{_RSPEC}link")
        if link.get("sliver_id")
    )


def names_in(manifest: str) -> dict[str, str]:
    """client_ids by sliver URN; raises UnreadableRspec."""
    shown: tuple[ShownNode | ShownLink, ...] = (*nodes_of(manifest), *links_of(manifest))
    return {one.sliver_urn: one.client_id for one in shown}


def components_of(advertisement: str) -> tuple[ShownComponent, ...]:
    """The advertised nodes, in document order; raises UnreadableRspec."""
    return tuple(
        ShownComponent(
            name=node.get("component_name", ""),
            component_id=node.get("component_id", ""),
            available=any(
                one.get("now", "").strip() in {"true", "1"}
                for one in node.iterfind(f"{_RSPEC}available")
            ),
            exclusive=node.get("exclusive", "").strip() in {"true", "1"},
            hardware_types=_names(node, "hardware_type"),
            sliver_types=_names(node, "sliver_type"),
            manager=node.get("component_manager_id", ""),
        )
        for node in root_of(advertisement).iterfind(f"{_RSPEC}node")
    )
