"""Why wishes do not fit."""

from dataclasses import dataclass

from gcf_am.errors import AmError


@dataclass(frozen=True, slots=True)
class Shortage:
    """What could not be had.

    `number` is the wish's place among the wishes, `what` is counted (`nodes`, `ports`, `kbit/s`,
    or `feature` and its name), `wanted` so much and `available` so much. `proven` when no other
    choice could have helped. `excess` are the nodes without which all others had a seat.
    """

    error: type[AmError]
    number: int
    what: str
    wanted: float
    available: float
    message: str
    proven: bool
    excess: tuple[int, ...] = ()
