"""Names of what the network half makes: from tags, and back to them.

The machine's names (namespaces) begin with the owner's, so that orphans are found and nothing of
anybody else is touched. Names inside the fabric, where all is ours, have 15 bytes at most.
"""

import re
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.network import End
from gcf_am.manager.ports import DriverError

NETNS: Final = Path("/run/netns")
_OWNER: Final = re.compile(r"[a-z0-9]{6}", re.ASCII)
_TAG: Final = re.compile(r"[a-z0-9]{10}", re.ASCII)
_NIC: Final = re.compile(r"eth(0|[1-9][0-9]{0,3})", re.ASCII)
_BRIDGE: Final = re.compile(rf"l({_TAG.pattern})", re.ASCII)
_PORT: Final = re.compile(rf"n({_TAG.pattern})(0|[1-9][0-9]{{0,3}})", re.ASCII)


class Names:
    """The names of one owner's namespaces."""

    def __init__(self, owner: str) -> None:
        if _OWNER.fullmatch(owner) is None:
            raise ValueError(f"{owner!r} is no owner: six of [a-z0-9]")
        self._prefix = f"gcf-{owner}"
        # holds the pins of the nodes' user namespaces; whoever works here locks it
        self.directory = Path(f"/run/gcf-{owner}")

    @property
    def fabric(self) -> Path:
        """The private namespace of bridges and ports."""
        return NETNS / self._prefix

    def net(self, tag: str) -> Path:
        """A node's network namespace."""
        return NETNS / f"{self._prefix}-{checked(tag)}"

    def user(self, tag: str) -> Path:
        """A node's user namespace."""
        return self.directory / checked(tag)

    def node_of(self, net: str) -> str | None:
        """The tag of the node whose network namespace has this name; None: not one of ours."""
        before, _, tag = net.rpartition("-")
        return tag if before == self._prefix and _TAG.fullmatch(tag) else None


def checked(tag: str) -> str:
    """The tag itself; it becomes a part of paths. Raises ValueError when it is none."""
    if _TAG.fullmatch(tag) is None:
        raise ValueError(f"{tag!r} is no tag: ten of [a-z0-9]")
    return tag


def bridge(link: str) -> str:
    """A link's bridge."""
    return f"l{checked(link)}"


def link_of(interface: str) -> str | None:
    """The tag of the link whose bridge this is."""
    match = _BRIDGE.fullmatch(interface)
    return match[1] if match else None


def port(end: End) -> str:
    """The fabric's side of a node's interface; raises DriverError: not eth0 to eth9999."""
    match = _NIC.fullmatch(end.nic)
    if match is None:
        raise DriverError(f"an interface is not named {end.nic[:20]!r} here", lasting=True)
    return f"n{checked(end.node)}{match[1]}"


def end_of(interface: str) -> End | None:
    """The end that a port of the fabric is the other side of."""
    match = _PORT.fullmatch(interface)
    return End(match[1], f"eth{match[2]}") if match else None
