"""All misbehaviours, as data."""

from typing import Final

from tests.sabotage import (
    advertisement,
    changing,
    connecting,
    envelope,
    living,
    reservations,
    trusting,
    version_2,
    versions,
)
from tests.sabotage.board import Misbehaviour

MISBEHAVIOURS: Final[tuple[Misbehaviour, ...]] = (
    *connecting.ROWS,
    *envelope.ROWS,
    *versions.ROWS,
    *advertisement.ROWS,
    *reservations.ROWS,
    *living.ROWS,
    *changing.ROWS,
    *version_2.ROWS,
    *trusting.ROWS,
)
