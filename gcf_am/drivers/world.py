"""A simulated testbed: what was built and what runs, kept in a directory of its own.

Machines outlive the process that made them, as real ones do: the world is a small SQLite file
that every process of the aggregate opens, and a change of it is whole or has not happened.
"""

import json
import secrets
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from gcf_am.manager.ports import DriverError
from gcf_am.model.sliver import Login

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS made (sliver TEXT PRIMARY KEY, built INTEGER, words TEXT)",
    "CREATE INDEX IF NOT EXISTS made_built ON made (sliver) WHERE built",
    "CREATE TABLE IF NOT EXISTS place (only INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS met (rule TEXT PRIMARY KEY, times INTEGER)",
)
# How long one process waits for another's change, in seconds; a change takes about a millisecond.
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in the world for one sliver, URNs as text.

    `generation` is the newest order's; it stays when the rest is destroyed (`built` is False),
    so that an old order that comes late builds nothing. `material` tells what it is built of,
    `ends` are the nodes that a link joins, `shaping` what it does to traffic. `services` are, in
    words, what would be done in a node that has come up, `ran` how often it would have been; it
    is `due` when that was not yet with what is built now. What is `frozen` does not run, though it may
    be `running`; `ended` tells of what went down and was not told to.
    """

    sliver: str
    slice: str
    client_id: str
    kind: str
    generation: int
    built: bool = True
    running: bool = False
    material: str = ""
    users: tuple[Login, ...] = ()
    ends: tuple[str, ...] = ()
    shaping: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    due: bool = False
    ran: int = 0
    frozen: bool = False
    ended: bool = False

    def destroyed(self, generation: int) -> "Made":
        """What remains: the memory of the order that destroyed it."""
        return Made(self.sliver, "", "", self.kind, generation, built=False)


class Room:
    """The world while it is held still: what one change reads and writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, sliver: str) -> Made | None:
        """What stands, or stood, for the sliver."""
        rows = self._connection.execute("SELECT words FROM made WHERE sliver = ?", (sliver,))
        return next((_read(words) for (words,) in rows), None)

    def stands(self, sliver: str) -> bool:
        """Whether something is built for the sliver."""
        made = self.find(sliver)
        return made is not None and made.built

    def standing(self) -> tuple[Made, ...]:
        """All that is built."""
        rows = self._connection.execute("SELECT words FROM made WHERE built ORDER BY sliver")
        return tuple(_read(words) for (words,) in rows)

    def put(self, made: Made) -> None:
        """Make it so."""
        self._connection.execute(
            "INSERT OR REPLACE INTO made VALUES (?, ?, ?)",
            (made.sliver, made.built, json.dumps(asdict(made))),
        )

    def count(self, rule: str) -> int:
        """Count a meeting with a fault's rule; answers how often it was met, this one included."""
        self._connection.execute(
            "INSERT INTO met VALUES (?, 1) ON CONFLICT (rule) DO UPDATE SET times = times + 1",
            (rule,),
        )
        row = self._connection.execute("SELECT times FROM met WHERE rule = ?", (rule,)).fetchone()
        return int(row[0])


class World:
    """The simulated testbed in a directory, shared by all processes that name the directory."""

    def __init__(self, directory: Path) -> None:
        """Open it, or begin an empty one; raises OSError or sqlite3.Error when neither works."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = directory / "world.sqlite"
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            for table in _TABLES:
                connection.execute(table)
            # which world it is, among all
            self.name = _name(connection)
        # The last connection that closes writes all back and waits for the disk; while this one
        # stays open, a change does not.
        weakref.finalize(self, self._connect().close)

    @contextmanager
    def change(self) -> Iterator[Room]:
        """Hold the world still and change it; an exception leaves it as it was.

        Raises DriverError when its file cannot be used.
        """
        try:
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield Room(connection)
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise DriverError("the simulated world cannot be used now") from error

    def down(self, sliver: str) -> None:
        """A power cut: the sliver's machine goes down and nobody is told."""
        with self.change() as room:
            made = room.find(sliver)
            if made is not None:
                room.put(replace(made, running=False, ended=made.running))

    def vanish(self, sliver: str) -> None:
        """A fire: what was built for the sliver is gone and nobody is told."""
        with self.change() as room:
            made = room.find(sliver)
            if made is not None:
                room.put(made.destroyed(made.generation))

    def _connect(self) -> sqlite3.Connection:
        # whichever thread lets go of the world last closes what __init__ opened
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        # Losing the last change in a power cut is what a real testbed would do, too.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


def _name(connection: sqlite3.Connection) -> str:
    """The world's name, given to it by whoever opens it first."""
    named = "SELECT name FROM place"
    if connection.execute(named).fetchone() is None:
        new = (secrets.token_hex(8),)
        connection.execute("INSERT OR IGNORE INTO place VALUES (1, ?)", new)
    return str(connection.execute(named).fetchone()[0])


def _read(words: str) -> Made:
    told = json.loads(words)
    told["users"] = tuple(
        Login(one["urn"], one["name"], tuple(one["keys"])) for one in told["users"]
    )
    # a world from before these says nothing of them
    told.pop("script", None)
    for name in ("ends", "shaping", "services"):
        told[name] = tuple(told.get(name, ()))
    return Made(**told)
