"""A client process of a race: one who wants what others want, and tells what it was told."""

from __future__ import annotations

import http.client
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.functional.running import GENI3, credential
from tests.properties.verbs.documents import Item, read_manifest, write_request
from tests.properties.verbs.wishes import Link, Node, Wish
from tests.racing.balancer import Balancer, Caller, Identity

# Hosts of a pair, and the one its first node is moved to.
PAIRS = (
    ("pc1", "pc2", "vm1"),
    ("pc1", "vm1", "vm2"),
    ("vm1", "vm2", "pc2"),
    ("vm2", "vm1", "pc1"),
    ("pc2", "vm2", "vm1"),
)
CAPACITIES = (0, 100_000, 300_000, 600_000)
VERSION: dict[str, Any] = dict(GENI3)
SHORT = timedelta(seconds=3)


@dataclass(frozen=True)
class Task:
    """What a client is to do in its slices (URN and credential), until a file is there.

    It thinks for `pause` seconds before each call.
    """

    number: int
    over: Path
    servers: Path
    identity: Identity
    slices: tuple[tuple[str, str], ...]
    pause: float = 0.0


@dataclass(frozen=True)
class Told:
    """What one answer told of one sliver."""

    method: str
    slice: str
    sliver: str
    state: str


@dataclass
class Report:
    """All that a client was told, codes by method, and the calls that nobody answered."""

    told: list[Told] = field(default_factory=list)
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def tell(self, method: str, slice_: str, value: Any) -> None:
        """Add what a successful call in a slice told."""
        entries = value["geni_slivers"] if isinstance(value, dict) else value
        self.told += [
            Told(method, slice_, one["geni_sliver_urn"], one["geni_allocation_status"])
            for one in entries
        ]


def run(task: Task) -> Report:
    """Race until the time is over."""
    caller = Caller(Balancer(task.servers, task.identity), task.identity)
    task.over.with_name(f"started-{task.number}").touch()
    racer = Racer(task, caller)
    try:
        racer.race()
    finally:
        caller.close()
    return racer.report


class Racer:
    """One client at work."""

    def __init__(self, task: Task, caller: Caller) -> None:
        self._task = task
        self._caller = caller
        self._die = random.Random(task.number)
        self.report = Report()

    def race(self) -> None:
        turn = 0
        while not self._task.over.exists():
            turn += 1
            # some names are wanted by both who share a slice
            name = f"n{turn % 5}" if turn % 2 else f"n{self._task.number}x{turn}"
            self._once(self._die.choice(self._task.slices), name)

    def _once(self, slice_: tuple[str, str], name: str) -> None:
        """A pair and a link, or a node anywhere: there, up, changed, gone, or left to expire."""
        first, second, target = self._die.choice(PAIRS)
        a = Node(f"{name}a", (f"{name}a:0",), host=first)
        b = Node(f"{name}b", (f"{name}b:0",), host=second)
        joint = Link(f"{name}l", (f"{name}a:0", f"{name}b:0"), self._die.choice(CAPACITIES))
        # each link takes the lowest VLAN tag that is free: all want the same one
        pair = self._die.random() < 0.85
        wished = [Item(a), Item(b), Item(joint)] if pair else [Item(Node(a.name))]
        wanted = write_request(wished)
        options: dict[str, Any] = {}
        if short := self._die.random() < 0.3:
            options["geni_end_time"] = moment(SHORT)
        mine = self._call(slice_, "Allocate", wanted, **options)
        if mine:
            urns = list(mine.values())
            if self._die.random() < 0.8:
                self._call(slice_, "Provision", urns=urns, **VERSION)
                self._call(slice_, "PerformOperationalAction", "geni_start", urns=urns)
            if pair and self._die.random() < 0.6:
                there: list[Wish] = [replace(a, host=target), b, joint]
                changed = write_request(Item(one, mine[one.name]) for one in there)
                self._call(slice_, "Update", changed, urns=urns)
                self._call(slice_, self._die.choice(("Provision", "Cancel")), urns=urns, **VERSION)
            if self._die.random() < 0.3:
                self._call(slice_, "Renew", moment(timedelta(minutes=5)), urns=urns)
            if not short or self._die.random() < 0.5:
                # sometimes a link loses an end first
                gone = [mine[b.name]] if pair and self._die.random() < 0.3 else urns
                self._call(slice_, "Delete", urns=gone)
        last = self._die.choice(("Status", "Describe", "Cancel", "Provision"))
        self._call(slice_, last, **VERSION)
        if self._die.random() < 0.05:
            self._call(slice_, "Delete")

    def _call(
        self,
        slice_: tuple[str, str],
        method: str,
        *middle: object,
        urns: list[str] | None = None,
        **options: Any,
    ) -> dict[str, str]:
        """Slivers by client_id that the answer tells of; none when it is a refusal, or none."""
        urn, given = slice_
        about: object = urn if method == "Allocate" else urns or [urn]
        time.sleep(self._task.pause)
        begin = time.monotonic()
        try:
            answer = self._caller.call(method, about, [credential(given)], *middle, options)
        except (OSError, http.client.HTTPException) as error:
            self.report.failures.append(f"{method}: {error!r}")
            return {}
        finally:
            self.report.slowest = max(self.report.slowest, time.monotonic() - begin)
        code = answer["code"]["geni_code"]
        self.report.codes[method, code] += 1
        if code != 0:
            return {}
        value = answer["value"]
        self.report.tell(method, urn, value)
        shown = value.get("geni_rspec") if isinstance(value, dict) else None
        return {} if not shown else {one.name: key for key, one in read_manifest(shown).items()}


def moment(ahead: timedelta) -> str:
    return f"{datetime.now(UTC) + ahead:%Y-%m-%dT%H:%M:%SZ}"
