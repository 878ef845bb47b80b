"""Installations that are measured: a home of some size on a database, served beside an echo."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import databases
from bench.client import Client, request
from bench.echo import echoing, like
from bench.race import Load, race
from gcf_am.cli.home import make_home
from tests.functional.running import Person, Running, Slice, configure, start

ROOT: Final = Path(__file__).resolve().parent.parent
SMALL: Final = 20


@dataclass(frozen=True, slots=True)
class House:
    """One that is served, and who calls it."""

    running: Running
    client: Client
    echo: Client

    @property
    def alice(self) -> Person:
        """Who has the slices."""
        return self.running.person("alice")

    def request(self, method: str, *arguments: Any) -> bytes:
        """A call of the aggregate."""
        return request(self.client.url, method, *arguments)

    def race(
        self, turns: Sequence[Sequence[bytes]], *, seconds: float, kept: bool = True
    ) -> dict[str, float]:
        """Measure what clients do, each its turn of calls, beside an echo of the same size."""
        with self.client.connect() as connection:
            answered = [(one, connection.done(one)) for one in turns[0]]
        echoes = [like(self.echo.url, one, answer) for one, answer in answered]
        return race(
            Load(self.client, turns, kept),
            Load(self.echo, [echoes] * len(turns), kept, checked=False),
            seconds=seconds,
        )


@contextmanager
def served(home: Path) -> Iterator[House]:
    """Serve a home and an echo with its certificates."""
    running = start(home)
    try:
        with echoing(home) as url:
            alice = running.person("alice")
            yield House(
                running,
                Client(running.am_url, alice.cert, alice.key),
                Client(url, alice.cert, alice.key),
            )
    finally:
        running.stop()


@contextmanager
def furnished(
    directory: Path, *, database: str, nodes: int = SMALL, workers: int = 2
) -> Iterator[Path]:
    """A new home of a site with so many nodes, and its database; both are gone afterwards."""
    with tempfile.TemporaryDirectory(dir=directory) as made, databases.new(database) as url:
        home = Path(made) / "home"
        home.mkdir()
        values: dict[tuple[str, str], object] = {("driver", "name"): "simulated"}
        if url is not None:
            values["store", "url"] = url
        if nodes != SMALL:
            make_site(home / "site.xml", nodes)
        make_home(home, values)
        configure(home, workers=str(workers))
        yield home


def make_site(file: Path, nodes: int) -> None:
    """Write the inventory of a site with so many nodes, always the same."""
    script = ROOT / "scripts" / "make_site"
    command = [sys.executable, str(script), "--hosts", str(nodes), "--output", str(file)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def slices(house: House, count: int, name: str) -> list[Slice]:
    """So many slices of alice's, known to the clearinghouse only."""
    return [house.alice.new_slice(f"{name}{number}") for number in range(count)]
