"""All misbehaviours, as data, and the areas of checks that each kind of them has to do with."""

from typing import Final

from tests.sabotage import (
    advertisement,
    believing,
    changing,
    connecting,
    envelope,
    living,
    refusing,
    reservations,
    trusting,
    version_2,
    versions,
)
from tests.sabotage.board import Misbehaviour

_TABLES: Final[tuple[tuple[tuple[Misbehaviour, ...], str], ...]] = (
    (connecting.ROWS, "tls certificate transport getversion fed4fire"),
    (versions.ROWS, "getversion fed4fire v2"),
    (advertisement.ROWS, "listresources manifest fed4fire race allocate delete"),
    (
        reservations.ROWS,
        "allocate manifest request logins states times race describe status draft fed4fire transport",
    ),
    (
        living.ROWS,
        "describe status provision renew delete perform shutdown states times logins manifest draft race update cancel fed4fire",
    ),
    (
        refusing.ROWS,
        "allocate describe status provision renew delete perform times update cancel draft manifest request logins race fed4fire getversion listresources",
    ),
    (changing.ROWS, "update cancel draft race manifest"),
    (version_2.ROWS, "v2"),
    (believing.ROWS, "credential certificate delegation speaksfor"),
    (trusting.ROWS, "credential delegation speaksfor certificate transport race fed4fire update"),
    (
        envelope.ROWS,
        "transport getversion listresources allocate describe status provision renew delete perform shutdown update cancel times states v2 manifest request credential draft fed4fire race logins",
    ),
)
MISBEHAVIOURS: Final = tuple(one for rows, _ in _TABLES for one in rows)
AREAS: Final = {one.name: frozenset(areas.split()) for rows, areas in _TABLES for one in rows}
