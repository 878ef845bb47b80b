"""A look at the host driver's nodes and at what they need; it only reads.

What is looked at while a server works may move on meanwhile: the machine is looked at before the
journal where the journal is written first, and after it where it is written last.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.cgroups import is_confined, memory_of
from gcf_am.drivers.host.journal import Journal, Made, Process
from gcf_am.drivers.host.network import Network
from gcf_am.drivers.host.nodes import Nodes
from gcf_am.drivers.host.runtime import alive
from gcf_am.drivers.host.settings import Settings
from gcf_am.manager.inspection import Finding, Machine
from gcf_am.urn import Urn

# How many of a kind are named in one finding.
_NAMED: Final = 5
# A running server looks every few seconds and mends what it can; less than that is no fault yet.
_GRACE: Final = 6.0
_PAUSE: Final = 0.5


class Inspector:
    """What `gcf-am nodes`, `console` and `doctor` see of the driver."""

    def __init__(
        self, settings: Settings, journal: Journal, network: Network, nodes: Nodes
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._network = network
        self._nodes = nodes

    def nodes(self) -> Sequence[Machine]:
        """What stands for nodes, by sliver."""
        return [_machine(one) for one in self._standing().values()]

    def console(self, sliver: Urn) -> str | None:
        """The newest that the node's first processes printed."""
        made = self._standing().get(sliver.text)
        if made is None:
            return None
        try:
            return self._nodes.console(made).read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""  # it never ran

    def examine(self) -> Iterator[Finding]:
        """(1) The gate runs, where nodes do. (2) It listens on their ports. (3) They are within
        their limits. (4) There is room for their disks. (5) Nothing stands that is nobody's.
        """
        yield "gate for logins", _lasting(self._gate)  # (1)
        yield "login ports", _lasting(self._ports)  # (2)
        yield "nodes' limits", _lasting(self._limits)  # (3)
        yield "room for nodes' disks", self._room()  # (4)
        yield "orphans", _lasting(self._orphans)  # (5)

    def _standing(self) -> Mapping[str, Made]:
        found = self._journal.standing()
        return {text: made for text, made in found.items() if made.kind == "node"}

    def _running(self) -> Sequence[Made]:
        return [one for one in self._standing().values() if alive(one.process)]

    def _reachable(self) -> Sequence[Made]:
        # what is frozen has its port closed
        frozen = self._journal.frozen()
        return [one for one in self._running() if one.sliver not in frozen]

    def _gate(self) -> str:
        if not self._reachable() or _gate_of(self._settings.directory):
            return ""
        return (
            "nodes run and nobody can log in to them: the gate is gone. A running server starts "
            f"it again; {self._settings.directory / 'gate.log'} says why it ended"
        )

    def _ports(self) -> str:
        wanted = self._reachable()
        if not _gate_of(self._settings.directory):
            return ""  # told already
        there = _listening()
        closed = [f"{one.client_id} {one.port}" for one in wanted if one.port not in there]
        if not closed:
            return ""
        return (
            f"closed: {_several(closed)}. geni_restart of the node gives it another port, where "
            "another program has taken its own"
        )

    def _limits(self) -> str:
        free = [
            one.client_id
            for one in self._running()
            if one.process is not None
            and not is_confined(one.process.pid, self._nodes.container(one))
            and alive(one.process)
        ]
        if not free:
            return ""
        return f"not in force for {_several(free)}: restart these nodes, and look who moved them"

    def _room(self) -> str:
        directory = self._settings.directory
        largest = max(one.disk_mb for one in self._settings.sliver_types.values())
        left = shutil.disk_usage(directory).free >> 20
        if left >= largest:
            return ""
        return (
            f"{directory} has {left} MB left and one node's disk may grow to {largest}: make "
            "room, or lower disk_mb in driver.settings.sliver_types"
        )

    def _orphans(self) -> str:
        found = self._nodes.tags() | self._network.found().links.keys()
        found -= {one.tag for one in self._journal.standing().values()}
        if not found:
            return ""
        return f"{_several(sorted(found))}: nobody's. A running server removes them"


def _machine(made: Made) -> Machine:
    process = made.process if alive(made.process) else None
    return Machine(
        Urn.parse(made.sliver),
        Urn.parse(made.slice),
        made.client_id,
        running=process is not None,
        tag=made.tag,
        image=made.image,
        pid=None if process is None else process.pid,
        port=made.port,
        memory=None if process is None else memory_of(process.pid),
        since=None if process is None else _started(process),
    )


def _started(process: Process) -> datetime:
    """When it started; proc(5) tells it in clock ticks since the machine's boot."""
    ago = time.clock_gettime(time.CLOCK_BOOTTIME) - process.started / os.sysconf("SC_CLK_TCK")
    return datetime.now(UTC) - timedelta(seconds=max(0.0, ago))


def _gate_of(directory: Path) -> bool:
    """Whether the directory's gate runs; to ask the gate itself would make it look again."""
    wanted = b"gcf_am.drivers.host.gate\0" + os.fsencode(directory) + b"\0"
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if one.read_bytes().endswith(wanted):
                return True
        except OSError:
            continue
    return False


def _listening() -> frozenset[int]:
    """The machine's TCP ports that somebody listens on; proc(5), /proc/net/tcp."""
    ports = set()
    for name in ("tcp", "tcp6"):
        try:
            _, *lines = Path(f"/proc/net/{name}").read_text("ascii").splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            _, local, _, state, *_ = line.split()
            if state == "0A":
                ports.add(int(local.rpartition(":")[2], 16))
    return frozenset(ports)


def _lasting(look: Callable[[], str]) -> str:
    """What is wrong and stays so: a server that works mends most of it by itself."""
    until = time.monotonic() + _GRACE
    while (trouble := look()) and time.monotonic() < until:
        time.sleep(_PAUSE)
    return trouble


def _several(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
