"""What a driver may offer its operator beside the port of `ports.Driver`: a look at what it made.

It is asked from processes of their own, `gcf-am nodes`, `console` and `doctor`, while servers
may be at work with the same driver: every method only reads, and holds nobody up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from gcf_am.urn import Urn

# What was looked at, and what is wrong with it and can be done, the empty string where nothing is.
Finding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Machine:
    """What stands for a node; None and the empty string are what cannot be told.

    `tag` is the driver's own short name for it. `pid` is its first process and `since` when that
    started, `port` where logins come in, `memory` what it uses now, in bytes.
    """

    sliver: Urn
    slice: Urn
    client_id: str
    running: bool
    tag: str = ""
    image: str = ""
    pid: int | None = None
    port: int | None = None
    memory: int | None = None
    since: datetime | None = None


@runtime_checkable
class Inspection(Protocol):
    """A driver that can be looked at. Raises DriverError, nothing else."""

    def nodes(self) -> Sequence[Machine]:
        """What stands for nodes, by sliver."""
        ...

    def console(self, sliver: Urn) -> str | None:
        """What the node's console holds, which may begin amid a line; None: no such node."""
        ...

    def examine(self) -> Iterable[Finding]:
        """Look for what is wrong with what the driver made and needs, one finding each."""
        ...
