"""Where control groups lie: in cgroup v1's hierarchies, in v2's single one, or in both.

Source: cgroups(7); cgroup-v2.rst of the kernel's documentation.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")
# what a node's limits need
_CONTROLLERS: Final = ("cpu", "memory", "pids")
# v2's hierarchy beside those of v1, which have the controllers then
_UNIFIED: Final = "unified"


def version(root: Path = ROOT) -> str:
    """Which of them limits nodes here, in words; the empty string: none does."""
    if _is_v2(root):
        return "" if lacks(root) else "cgroup v2"
    if lacks(root):
        return ""
    return "cgroup v1 and v2" if (root / _UNIFIED).is_dir() else "cgroup v1"


def lacks(root: Path = ROOT) -> str:
    """Why nodes cannot be limited here, in words; the empty string: they can."""
    if not _is_v2(root):
        missing = [one for one in _CONTROLLERS if not (root / one / "cgroup.procs").exists()]
        return f"no cgroup controller {', '.join(missing)}" if missing else ""
    there = _words(root / "cgroup.controllers")
    if missing := [one for one in _CONTROLLERS if one not in there]:
        return f"no cgroup controller {', '.join(missing)}"
    passed_on = set(_CONTROLLERS) <= _words(root / "cgroup.subtree_control")
    # cgroup-v2.rst, No Internal Process Constraint: the machine's root, which has no type, is free
    # of it; that of a container is not
    if not passed_on and (root / "cgroup.type").exists() and _words(root / "cgroup.procs"):
        return "processes in the topmost cgroup, so that it passes no controller on"
    return ""


def place(name: str, root: Path = ROOT) -> str:
    """What the runtime is told (config-linux.md, Cgroups Path) to make the group `name`.

    In v1 it lies below the group of who starts it, whose limits hold for it, too. In v2 a group
    that has processes of its own, as the aggregate's has, cannot limit others: there it lies at the
    top.
    """
    return f"/{name}" if _is_v2(root) else name


def groups(told: str, root: Path = ROOT) -> Iterator[Path]:
    """The groups of a process in every hierarchy, from what its /proc/PID/cgroup tells."""
    for line in told.splitlines():
        # number, controllers (none: v2), path
        _, controllers, path = line.split(":", 2)
        if controllers:
            yield root / controllers.removeprefix("name=") / path.strip("/")
        else:
            yield (root if _is_v2(root) else root / _UNIFIED) / path.strip("/")


def _is_v2(root: Path) -> bool:
    return (root / "cgroup.controllers").exists()


def _words(file: Path) -> set[str]:
    try:
        return set(file.read_text("ascii").split())
    except OSError:
        return set()
