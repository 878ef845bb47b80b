"""A running server over TLS with the small site."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gcf_am.cli.home import make_home
from gcf_am.clock import format_time, parse_time
from gcf_am.store import SqlStore, open_store
from tests.functional.running import Running, Slice, configure, start
from tests.properties.verbs.documents import URN, write_site
from tests.properties.verbs.wishes import SITE

# Nothing has changed, and the caller is asked to come again.
_AGAIN = frozenset({14, -32001})
_TIMES = 50


@dataclass
class Ground:
    """The server; its database is open for reading."""

    running: Running
    store: SqlStore
    url: str

    def slices(self, count: int) -> list[Slice]:
        """New slices, whose owners take turns."""
        people = [self.running.person(name) for name in ("alice", "bob")]
        return [people[number % len(people)].new_slice() for number in range(count)]

    def killed_and_started(self, slices: Iterable[Slice]) -> list[Slice]:
        """Kill all processes of the server, start it anew, and answer the slices there."""
        self.running.kill()
        self.running = start(self.running.home, own_group=True)
        return [replace(one, owner=self.running.person(one.owner.name)) for one in slices]

    def held(self) -> dict[tuple[str, str], int]:
        """What is held of hosts, their ports, wires and tags; the switch only leads on."""
        with self.store.read() as unit:
            held = unit.held()
        taken = {(short(one), dimension): held[one, dimension] for one, dimension in held}
        return {key: taken[key] for key in taken if key[1] == "vlan" or key in SITE}


def short(component: str) -> str:
    return re.sub(rf"^{re.escape(URN)}(node|interface|link)\+|^vlan:", "", component)


def patiently(
    slice_: Slice, may: frozenset[int], method: str, *arguments: object, **options: Any
) -> dict[str, Any]:
    """Call, and again while the answer only asks for that and no other was expected."""
    for _ in range(_TIMES):
        answer = slice_.call(method, *arguments, **options)
        if answer["code"]["geni_code"] not in _AGAIN - may:
            break
        time.sleep(0.05)
    return answer


def expiry_of(slice_: Slice) -> str:
    """When the slice's credential expires, as the aggregate writes times."""
    found = re.search(r"<expires>([^<]+)</expires>", slice_.credential)
    assert found is not None
    return format_time(parse_time(found[1]))


@contextmanager
def grounds(
    home: Path, url: str | None = None, *, own_group: bool = False, delay: float = 0
) -> Iterator[Ground]:
    """Start the server on a home of its own; stopped when left.

    Its database is at `url`, else in the home. What its driver does takes `delay` seconds. Only with `own_group` can it be killed.
    """
    values: dict[tuple[str, str], object] = {("driver", "name"): "simulated"}
    if url is not None:
        values["store", "url"] = url
    config = make_home(home, values)
    (home / "site.xml").write_text(write_site(), "utf-8")
    # reservations outlive the test; wrong calls are its business
    configure(home, allocated_minutes="60", refusals="0")
    file = home / "gcf_am.toml"
    table = "[driver.settings]\n"
    file.write_text(file.read_text("utf-8").replace(table, f"{table}delay = {delay}\n"), "utf-8")
    store = open_store(config.database_url, authority="gcf.local", busy_seconds=60)
    ground = Ground(start(home, own_group=own_group), store, config.database_url)
    try:
        yield ground
    finally:
        store.close()
        if ground.running.process.poll() is None:
            ground.running.stop()
