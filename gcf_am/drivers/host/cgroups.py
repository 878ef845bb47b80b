"""Control groups: what is left of a node that its runtime could not put away."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from gcf_am.drivers.host import hierarchies
from gcf_am.manager.ports import DriverError

_PATIENCE: Final = 10.0  # seconds
_PAUSE: Final = 0.01
_ENCLOSURE: Final = "services"


def own() -> str:
    """The groups of this process, as /proc tells them; what it starts may lie below."""
    return Path("/proc/self/cgroup").read_text("ascii")


def remove(name: str, starters: Iterable[str]) -> None:
    """Kill what runs in the groups of that name, and remove them.

    `starters` are the groups, as `own` tells them, of who may have started it. A group goes when
    its last process has gone, which takes a moment. Raises DriverError.
    """
    for group in _named(name, starters):
        until = time.monotonic() + _PATIENCE
        while _is_there(group):
            if time.monotonic() > until:
                raise DriverError("its processes do not end")
            _kill(group)
            with suppress(OSError):
                group.rmdir()
                break
            time.sleep(_PAUSE)


class Enclosure:
    """A group below a node's own for what runs there on our behalf: whoever forks stays in it."""

    def __init__(self, pid: int) -> None:
        """The enclosure in the node whose first process this is; raises DriverError: it ended."""
        with suppress(FileNotFoundError, ProcessLookupError):
            for group in _groups_of(pid):
                for file, of in (("freezer.state", "freezer:"), ("cgroup.freeze", "")):
                    if (group / file).exists():
                        self._group = group / _ENCLOSURE
                        self.option = f"{of}{_ENCLOSURE}"
                        return
        raise DriverError("it ended")

    def __enter__(self) -> Self:
        """Make it, with nobody in it."""
        if _is_there(self._group):
            self.end()
        self._group.mkdir(exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of who is still in it: they are the node's own now."""
        until = time.monotonic() + _PATIENCE
        while _is_there(self._group) and time.monotonic() < until:
            for pid in _members(self._group):
                with suppress(OSError):
                    (self._group.parent / "cgroup.procs").write_text(pid, "ascii")
            with suppress(OSError):
                self._group.rmdir()
                return
            time.sleep(_PAUSE)

    def end(self, patience: float = _PATIENCE) -> None:
        """End all in it; raises DriverError when they do not."""
        until = time.monotonic() + patience
        while _members(self._group):
            if time.monotonic() > until:
                raise DriverError("its processes do not end")
            _kill(self._group)
            time.sleep(_PAUSE)


def is_frozen(pid: int) -> bool:
    """Whether a process stands still with its whole group; False where there is none."""
    # freezer-subsystem.rst and cgroup-v2.rst of the kernel
    return _any_says(pid, ("freezer.state", "FROZEN"), ("cgroup.events", "frozen 1"))


def is_to_freeze(pid: int) -> bool:
    """Whether its group was told to stand still, though not all of it may have stopped yet."""
    return _any_says(pid, ("freezer.self_freezing", "1"), ("cgroup.freeze", "1"))


def _any_says(pid: int, *told: tuple[str, str]) -> bool:
    """Whether a file of one of the process' groups says the word."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for group in _groups_of(pid):
            for file, word in told:
                with suppress(OSError):
                    if word in (group / file).read_text("ascii"):
                        return True
    return False


def memory_of(pid: int) -> int | None:
    """What the process' group uses of memory now, in bytes; None where it cannot be told."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for group in _groups_of(pid):
            for file in ("memory.usage_in_bytes", "memory.current"):
                with suppress(OSError, ValueError):
                    return int((group / file).read_text("ascii"))
    return None


def is_confined(pid: int, name: str) -> bool:
    """Whether groups of that name limit the process' memory and number of processes.

    One that has ended is in none.
    """
    with suppress(FileNotFoundError, ProcessLookupError):
        groups = [one for one in _groups_of(pid) if name in one.parts]
        files = (("memory.limit_in_bytes", "memory.max"), ("pids.max",))
        return all(any((one / f).exists() for one in groups for f in names) for names in files)
    return False


def _named(name: str, starters: Iterable[str]) -> Iterator[Path]:
    above = {one for told in starters for one in hierarchies.groups(told)} | {hierarchies.ROOT}
    for group in sorted(above):
        for found in (group / name / _ENCLOSURE, group / name):
            if _is_there(found):
                yield found


def _groups_of(pid: int) -> Iterator[Path]:
    yield from hierarchies.groups(Path(f"/proc/{pid}/cgroup").read_text("utf-8"))


def _is_there(group: Path) -> bool:
    return (group / "cgroup.procs").exists()


def _members(group: Path) -> list[str]:
    try:
        return (group / "cgroup.procs").read_text("ascii").split()
    except OSError:
        return []


def _kill(group: Path) -> None:
    # who is frozen forks no more
    for file, word in (("freezer.state", "FROZEN"), ("cgroup.freeze", "1")):
        with suppress(OSError):
            (group / file).write_text(word, "ascii")
    for pid in _members(group):
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    # nor does he die (cgroup v1)
    for file, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
        with suppress(OSError):
            (group / file).write_text(word, "ascii")
