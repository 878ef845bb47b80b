"""How much is measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run takes, in a directory of its own.

    `seconds` go to each figure and to its echo; `nodes` are sizes of sites, `around` numbers of
    slivers that are there beside the slice that is asked for, `asked` what Allocate is asked for.
    """

    directory: Path
    databases: tuple[str, ...]
    seconds: float
    nodes: tuple[int, ...]
    around: tuple[int, ...]
    asked: tuple[int, ...]
    clients: tuple[int, ...]
    quick: bool = False
    # whether all that is repeated is done once or twice: it shows that it works, no more
    tiny: bool = False


_FULL: Final = {
    "seconds": 1.5,
    "nodes": (20, 2_000, 10_000),
    "around": (0, 1_000, 100_000),
    "asked": (1, 10, 100),
    "clients": (1, 8, 32),
}
_QUICK: Final = _FULL | {
    "seconds": 0.3,
    "nodes": (2_000,),
    "around": (0, 1_000),
    "asked": (1, 100),
    "clients": (1, 8),
    "quick": True,
}
_TINY: Final = {
    "seconds": 0.01,
    "nodes": (20,),
    "around": (20,),
    "asked": (1,),
    "clients": (1, 2),
    "quick": True,
    "tiny": True,
}
_PLANS: Final = {"full": _FULL, "quick": _QUICK, "tiny": _TINY}
NAMES: Final = tuple(_PLANS)


def plan(name: str, directory: Path, databases: tuple[str, ...]) -> Plan:
    """One of the plans: full, quick, or tiny, which only shows that everything works."""
    return Plan(directory=directory, databases=databases, **_PLANS[name])  # type: ignore[arg-type]
