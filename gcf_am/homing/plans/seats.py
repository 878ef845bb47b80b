"""Seats of licences, held by plans from when they are solved until they are gone.

Source: template guide, License.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.homing.plans.tables import SEATS
from gcf_am.store.engine import Database
from gcf_am.store.faults import answered

_S: Final = SEATS.c


class NoSeats(GcfAmError):
    """Another plan took the last seats meanwhile."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: how many seats it has, and the SHA-256 of its key, in hex."""

    seats: int
    key: str = field(repr=False)


def read_licences(told: Mapping[str, object]) -> dict[str, Licence]:
    """Licences by id, each told as `SEATS:SHA256`; raises ConfigError."""
    found = {}
    for name, text in told.items():
        number, _, key = str(text).partition(":")
        if not number.isdecimal() or len(key) != hashlib.sha256().digest_size * 2:
            raise ConfigError(
                f"{name} in [homing.licences] must be SEATS:SHA256, the sum of the key in hex"
            )
        found[name] = Licence(int(number), key.lower())
    return found


@dataclass(frozen=True, slots=True)
class Licences:
    """All licences, and the seats that are taken of them."""

    database: Database
    known: Mapping[str, Licence] = field(default_factory=dict)

    def free(self, id_: str, key: str) -> int:
        """How many seats are free now; none for a key that is not the licence's."""
        licence = self.known.get(id_)
        given = hashlib.sha256(key.encode()).hexdigest()
        if licence is None or not hmac.compare_digest(given, licence.key):
            return 0
        with answered(), self.database.reading() as connection:
            return max(0, licence.seats - _taken(connection, id_))

    def take(self, connection: Connection, plan: str, wanted: Mapping[str, int]) -> None:
        """Take seats in a transaction that writes; raises NoSeats, and then it must not commit."""
        if wanted and connection.dialect.name == "postgresql":
            # where several write at once, none may count what another is about to take
            connection.exec_driver_sql("LOCK TABLE homing_seats IN SHARE ROW EXCLUSIVE MODE")
        for id_, number in sorted(wanted.items()):
            licence = self.known.get(id_)
            if licence is None or _taken(connection, id_) + number > licence.seats:
                raise NoSeats(f"the seats of licence {id_} were taken meanwhile")
            connection.execute(insert(SEATS).values(plan=plan, licence=id_, number=number))


def give_back(connection: Connection, plan: str) -> None:
    """Give back all seats of a plan, in a transaction that writes."""
    connection.execute(delete(SEATS).where(_S.plan == plan))


def _taken(connection: Connection, id_: str) -> int:
    asked = select(func.coalesce(func.sum(_S.number), 0)).where(_S.licence == id_)
    return int(connection.scalar(asked) or 0)
