"""A PostgreSQL server of the tests' own: a directory, a socket in it, and a port on loopback."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from gcf_am.store.tables import METADATA
from gcf_am.store.upgrade import upgrade

OLDEST = 15
_USER = "aggregate"
_START_SECONDS = 120.0
# Debian's servers do not stand in the PATH.
_DEBIAN = Path("/usr/lib/postgresql")
_TABLES = [*(one.name for one in METADATA.sorted_tables), "alembic_version"]
# What is lost with the machine's power is not what most tests are about.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Missing(Exception):
    """No server is installed that will do."""


def binaries() -> Path | None:
    """Where the newest server's programs are, None when there is none that will do."""
    found = {
        int(one.parent.name): one
        for one in _DEBIAN.glob("*/bin")
        if one.parent.name.isdigit() and (one / "postgres").exists()
    }
    return found[max(found)] if found and max(found) >= OLDEST else None


class Server:
    """A server that runs; it has no database but those it was asked for."""

    def __init__(self, programs: Path, directory: Path, settings: Mapping[str, str]) -> None:
        self._programs = programs
        self.directory = directory
        self._settings = settings
        self._count = 0
        self._migrated = ""
        self._clean: list[str] = []
        self._beginning: dict[str, list[tuple[object, ...]]] = {}
        # it refuses to be root
        root = os.geteuid() == 0
        self._as = pwd.getpwnam("postgres" if root else pwd.getpwuid(os.geteuid()).pw_name)
        self._process: subprocess.Popen[bytes] | None = None
        self.give(directory)
        self.port = 0
        subprocess.run(
            [programs / "initdb", "--pgdata", directory / "data", "--username", "root_of_tests",
             "--auth-local", "trust", "--auth-host", "reject", "--encoding", "UTF8",
             "--locale", "C", "--no-sync", "--no-instructions"],
            check=True, capture_output=True, user=self._as.pw_uid, group=self._as.pw_gid,
            extra_groups=[], env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, cwd=directory,
        )  # fmt: skip
        hba = directory / "data" / "pg_hba.conf"
        hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")

    def give(self, directory: Path) -> None:
        """Let the server have a directory."""
        os.chown(directory, self._as.pw_uid, self._as.pw_gid)

    def start(self) -> None:
        """Start it, or start it again where it was; waits until it answers."""
        until = time.monotonic() + _START_SECONDS
        while True:
            if not self.port:
                with socket.socket() as free:
                    free.bind(("127.0.0.1", 0))
                    self.port = free.getsockname()[1]
            given = {
                "listen_addresses": "127.0.0.1",
                "port": str(self.port),
                "unix_socket_directories": str(self.directory),
                "max_connections": "200",
                "shared_buffers": "32MB",
                "log_lock_waits": "on",
                **self._settings,
            }
            with (self.directory / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self._programs / "postgres", "-D", self.directory / "data",
                     *(f"-c{name}={value}" for name, value in given.items())],
                    stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.directory,
                    user=self._as.pw_uid, group=self._as.pw_gid, extra_groups=[],
                    env={"LC_ALL": "C"},
                )  # fmt: skip
            if self._answers(until):
                return
            # somebody else took the port meanwhile
            self.port = 0

    def _answers(self, until: float) -> bool:
        assert self._process is not None
        while self._process.poll() is None:
            try:
                self.superuser().close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self.directory / "log").read_text()
                time.sleep(0.02)
            else:
                return True
        assert time.monotonic() < until, (self.directory / "log").read_text()
        return False

    def superuser(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that may do everything."""
        return psycopg.connect(
            host=str(self.directory),
            port=self.port,
            user="root_of_tests",
            dbname=database,
            autocommit=True,
        )

    def make(self, template: str = "template0", name: str = "") -> str:
        """Make a database that belongs to an ordinary user; answers its name."""
        self._count += 1
        name = name or f"aggregate{self._count}"
        with self.superuser() as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_USER])
            if known.fetchone() is None:
                connection.execute(f"CREATE ROLE {_USER} LOGIN PASSWORD 'a:b/c@d'")
            # psycopg cannot pass names, and these are the tests' own
            connection.execute(
                f"CREATE DATABASE {name} OWNER {_USER} TEMPLATE {template} ENCODING 'UTF8'"
                " STRATEGY FILE_COPY"
            )
        return name

    def migrated(self) -> str:
        """Make a database at this release's schema; answers its name."""
        if not self._migrated:
            self._migrated = self.make()
            upgrade(self.url(self._migrated))
            with self.superuser(self._migrated) as connection:
                self._beginning = {
                    name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in _TABLES
                }
        return self.make(self._migrated)

    def lend(self) -> str:
        """A database at this release's schema with nothing in it, to be given back."""
        return self._clean.pop() if self._clean else self.migrated()

    def take_back(self, database: str) -> None:
        """Make it as it was; to make a new one takes thirty times as long."""
        with self.superuser(database) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                with connection.transaction():
                    # those that others keep in the same database, as Homing does
                    for (name,) in connection.execute(
                        "SELECT tablename FROM pg_tables"
                        " WHERE schemaname = 'public' AND tablename <> ALL(%s)",
                        [_TABLES],
                    ).fetchall():
                        connection.execute(f"DROP TABLE {name} CASCADE")
                    for name in reversed(_TABLES):
                        connection.execute(f"DELETE FROM {name}")
                    for name, rows in self._beginning.items():
                        for row in rows:
                            values = ", ".join(["%s"] * len(row))
                            connection.execute(f"INSERT INTO {name} VALUES ({values})", row)
                    connection.execute(
                        "SELECT setval(sequencename::regclass, start_value, false)"
                        " FROM pg_sequences"
                    )
            except psycopg.ProgrammingError:
                # a test has changed its tables
                pass
            else:
                self._clean.append(database)
                return
        self.drop(database)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        with self.superuser() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def drop_all(self, *beginnings: str) -> None:
        """Remove all databases whose names begin so."""
        with self.superuser() as connection:
            found = connection.execute("SELECT datname FROM pg_database").fetchall()
        for [name] in found:
            if str(name).startswith(beginnings):
                self.drop(str(name))

    def url(self, name: str) -> str:
        """Where a database is, by the server's socket."""
        return f"postgresql://{_USER}@/{name}?host={self.directory}&port={self.port}"

    def url_by_tcp(self, name: str) -> str:
        """The same by loopback, with a password."""
        return f"postgresql://{_USER}:a%3Ab%2Fc%40d@127.0.0.1:{self.port}/{name}"

    def deadlocks(self) -> int:
        """How many the server had to end since it began, in all its databases."""
        with self.superuser() as connection:
            found = connection.execute("SELECT sum(deadlocks)::int FROM pg_stat_database")
            row = found.fetchone()
        assert row is not None
        return int(str(row[0]))

    def signal(self, number: int) -> None:
        """Send a signal to the server's first process and all that it began."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        for pid in (self._process.pid, *map(int, children.split())):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def kill(self) -> None:
        """End it as a loss of power would; `start` starts it again."""
        assert self._process is not None
        self.signal(signal.SIGKILL)
        self._process.wait()
        # the next one refuses the place of processes that have not gone yet
        self._process = None

    def stop(self) -> None:
        """End it at once, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None


@contextmanager
def database(server: Server, *, migrated: bool = True) -> Iterator[str]:
    """A database for a while; yields its URL."""
    name = server.lend() if migrated else server.make()
    try:
        yield server.url(name)
    finally:
        if migrated:
            server.take_back(name)
        else:
            server.drop(name)


@contextmanager
def server(settings: Mapping[str, str] = FAST) -> Iterator[Server]:
    """A server with these settings; raises Missing where none is installed."""
    programs = binaries()
    if programs is None:
        raise Missing(f"PostgreSQL {OLDEST} or later is not installed")
    # pytest's directories are for their owner only, and too deep for a socket's name
    directory = Path(tempfile.mkdtemp(prefix="gcf-pg-"))
    try:
        made = Server(programs, directory, settings)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(directory)
