"""Copies of databases, which nobody uses meanwhile: files, or those of a server."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy as sa

from gcf_am.store.tables import METADATA


class Copies(Protocol):
    """Databases by name."""

    def url(self, name: str) -> str:
        """Where one is."""
        ...

    def copy(self, name: str, to: str) -> str:
        """Copy one; answers where the copy is."""
        ...


def copies_at(place: str) -> Copies:
    """Of files in a directory, or by a superuser's libpq words of a server."""
    return Files(Path(place)) if place.startswith("/") else Databases(place)


@dataclass(frozen=True)
class Files:
    """SQLite's."""

    directory: Path

    def url(self, name: str) -> str:
        return f"sqlite:///{self.directory / name}.sqlite"

    def copy(self, name: str, to: str) -> str:
        shutil.copy(self.directory / f"{name}.sqlite", self.directory / f"{to}.sqlite")
        return self.url(to)


@dataclass(frozen=True)
class Databases:
    """PostgreSQL's; `words` are like `host=/tmp/x port=5432 user=me dbname=postgres`."""

    words: str

    def url(self, name: str) -> str:
        told = dict(word.split("=", 1) for word in self.words.split())
        return f"postgresql://{told['user']}@/{name}?host={told['host']}&port={told['port']}"

    def copy(self, name: str, to: str) -> str:
        with psycopg.connect(self.words, autocommit=True) as connection:
            # a server notices late that a client was killed, and is not to be waited for
            connection.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
            connection.execute(f"CREATE DATABASE {to} TEMPLATE {name} STRATEGY FILE_COPY")
        return self.url(to)


# the rows of each table
State = dict[str, list[str]]


def everything(url: str) -> State:
    """All that stands in the tables."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
                assert not connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            return {
                table.name: sorted(map(repr, connection.execute(sa.select(table))))
                for table in METADATA.sorted_tables
            }
    finally:
        engine.dispose()
