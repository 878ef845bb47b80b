"""The databases that are measured."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests import postgresql

SQLITE = "sqlite"
POSTGRESQL = "postgresql"


def there() -> tuple[str, ...]:
    """Those that can be measured here."""
    return (SQLITE,) if postgresql.binaries() is None else (SQLITE, POSTGRESQL)


def version() -> str:
    """PostgreSQL's, empty where it is not installed."""
    programs = postgresql.binaries()
    if programs is None:
        return ""
    told = subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True)
    return told.stdout.decode().split()[2]


@contextmanager
def new(database: str) -> Iterator[str | None]:
    """An empty database: its URL, None for the home's own; gone afterwards.

    PostgreSQL is as its makers set it up: what was answered is on the disk.
    """
    if database == SQLITE:
        yield None
        return
    with postgresql.server({}) as server:
        yield server.url(server.make())
