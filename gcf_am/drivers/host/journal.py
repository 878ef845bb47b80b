"""What the driver was told to make and what it needs to find it again, over restarts and boots.

Everything is written here before the system is asked to make it, so that whoever is killed in
between leaves names by which it is found. Several processes of the aggregate share the file.
"""

import fcntl
import json
import os
import secrets
import sqlite3
import struct
import weakref
from base64 import b32encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from gcf_am.drivers.host.network import Nic
from gcf_am.manager.ports import DriverError
from gcf_am.model.sliver import Login

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS owner (tag TEXT NOT NULL)",
    # seat and port are given to nobody else while they are here
    """CREATE TABLE IF NOT EXISTS made (
        sliver TEXT PRIMARY KEY, tag TEXT UNIQUE NOT NULL, built INTEGER NOT NULL,
        seat INTEGER UNIQUE, port INTEGER UNIQUE, words TEXT NOT NULL)""",
    # beside it, so that work under way, which writes `made`, takes no freeze back
    "CREATE TABLE IF NOT EXISTS frozen (sliver TEXT PRIMARY KEY, generation INTEGER NOT NULL)",
)
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Process:
    """A node's first process: a number is used again, with its start and the boot it is not."""

    pid: int
    started: int
    boot: str


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, or is being made, for one sliver; URNs as text.

    `generation` is the newest order's and stays when the rest is destroyed. Of a node: `image`
    is the image's key, `seat` tells its range of user ids, `nics` are its interfaces by
    client_id, `net` is where its network namespace is pinned, `done` tells which services ran on
    this disk. `running`: it was told to run.
    """

    sliver: str
    tag: str
    kind: str
    generation: int
    built: bool = True
    slice: str = ""
    client_id: str = ""
    running: bool = False
    image: str = ""
    sliver_type: str = ""
    seat: int | None = None
    port: int | None = None
    net: str = ""
    done: str = ""
    nics: tuple[tuple[str, Nic], ...] = ()
    logins: tuple[Login, ...] = ()
    ends: tuple[tuple[str, str | None], ...] = ()
    process: Process | None = None

    def destroyed(self, generation: int) -> "Made":
        """What remains: the memory of the order that destroyed it."""
        return Made(self.sliver, self.tag, self.kind, generation, built=False)


def tag_of(sliver: str) -> str:
    """The sliver's tag: ten characters, always the same ones."""
    return b32encode(sha256(sliver.encode()).digest())[:10].decode().lower()


class Journal:
    """The journal in a directory."""

    def __init__(self, directory: Path) -> None:
        """Open it, or begin an empty one; raises OSError or sqlite3.Error when neither works."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = directory / "journal.sqlite"
        self._locks = directory / "locks"
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                connection.execute(table)
            if connection.execute("SELECT tag FROM owner").fetchone() is None:
                connection.execute("INSERT INTO owner VALUES (?)", (secrets.token_hex(3),))
            connection.execute("COMMIT")
            self.owner: str = connection.execute("SELECT tag FROM owner").fetchone()[0]
        # the last connection that closes waits for the disk; while this one is open none does
        weakref.finalize(self, self._connect().close)

    @contextmanager
    def alone(self, tag: str) -> Iterator[None]:
        """Nobody else works on this sliver meanwhile, in whatever thread or process.

        The lock ends with its process. It is a byte of a file of which none is ever written.
        """
        descriptor = os.open(self._locks, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            byte = int.from_bytes(sha256(tag.encode()).digest()[:7])
            lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
            # a lock of the open file, not of the process: it parts threads, too
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLKW, lock)
            yield
        finally:
            os.close(descriptor)

    def find(self, sliver: str) -> Made | None:
        """What was made, or is remembered, for the sliver."""
        with self._work() as connection:
            rows = connection.execute("SELECT words FROM made WHERE sliver = ?", (sliver,))
            return next((_read(words) for (words,) in rows), None)

    def standing(self) -> Mapping[str, Made]:
        """All that is built, by sliver."""
        with self._work() as connection:
            rows = connection.execute("SELECT words FROM made WHERE built ORDER BY sliver")
            return {made.sliver: made for made in (_read(words) for (words,) in rows)}

    def put(self, made: Made) -> None:
        """Remember it so; a node that is built keeps its seat and port for itself."""
        with self._work() as connection:
            _put(connection, made)

    def freeze(self, sliver: str, generation: int) -> bool:
        """Remember that it is frozen; False where a newer order was seen, or it was destroyed."""
        with self._work() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = connection.execute("SELECT words FROM made WHERE sliver = ?", (sliver,))
            made = next((_read(words) for (words,) in rows), None)
            # decision 5
            if made is not None and (
                generation < made.generation or (generation == made.generation and not made.built)
            ):
                return False
            connection.execute("INSERT OR REPLACE INTO frozen VALUES (?, ?)", (sliver, generation))
            connection.execute("COMMIT")
            return True

    def frozen(self) -> Mapping[str, int]:
        """All that is frozen: sliver -> generation of the order."""
        with self._work() as connection:
            return dict(connection.execute("SELECT sliver, generation FROM frozen").fetchall())

    def thaw(self, sliver: str) -> None:
        """Forget that it was frozen."""
        with self._work() as connection:
            connection.execute("DELETE FROM frozen WHERE sliver = ?", (sliver,))

    def seat(self, made: Made, ports: range) -> Made:
        """The same with a seat and a port of its own, remembered; raises DriverError: all taken.

        A port that it has already is left for the next one.
        """
        with self._work() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = connection.execute(
                "SELECT seat, port FROM made WHERE built AND sliver != ? AND seat IS NOT NULL",
                (made.sliver,),
            ).fetchall()
            seats, taken = {row[0] for row in rows}, {row[1] for row in rows}
            seat = made.seat
            if seat is None:
                seat = next(number for number in range(len(seats) + 1) if number not in seats)
            after = ports.start if made.port is None else made.port + 1
            order = [*range(after, ports.stop), *range(ports.start, after)]
            port = next((one for one in order if one in ports and one not in taken), None)
            if port is None:
                raise DriverError("every port for logins is taken on this machine")
            seated = replace(made, seat=seat, port=port)
            _put(connection, seated)
            connection.execute("COMMIT")
            return seated

    @contextmanager
    def _work(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connect()) as connection:
                yield connection
        except sqlite3.Error as error:
            raise DriverError("the host driver's journal cannot be used now") from error

    def _connect(self) -> sqlite3.Connection:
        # whichever thread lets go of the journal last closes what __init__ opened
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


def _put(connection: sqlite3.Connection, made: Made) -> None:
    connection.execute(
        """INSERT INTO made VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sliver) DO UPDATE SET
        built = excluded.built, seat = excluded.seat, port = excluded.port,
        words = excluded.words""",
        (made.sliver, made.tag, made.built, made.seat, made.port, json.dumps(asdict(made))),
    )
    if not made.built:
        connection.execute("DELETE FROM frozen WHERE sliver = ?", (made.sliver,))


def _read(words: str) -> Made:
    told: dict[str, Any] = json.loads(words)
    told["nics"] = tuple(
        (name, Nic(nic["name"], nic["mac"], tuple(nic["addresses"]), nic["mtu"]))
        for name, nic in told["nics"]
    )
    told["logins"] = tuple(
        Login(one["urn"], one["name"], tuple(one["keys"])) for one in told["logins"]
    )
    told["ends"] = tuple((name, sliver) for name, sliver in told["ends"])
    if told["process"] is not None:
        told["process"] = Process(**told["process"])
    return Made(**told)
