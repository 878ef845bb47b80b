"""Aggregates that live in memory, and a worker that can be killed at any step.

The aggregates are the world outside: what they hold is what a saga is judged by.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from gcf_am.homing.plans.booking import Booking
from gcf_am.homing.plans.plan import Asked, Plan
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.reserve.controller import Receipt, Rejected, Unknown
from gcf_am.homing.service.stages import Parts, Stages
from gcf_am.homing.solution import Recommendation, Solution
from gcf_am.homing.stock import Candidate, Stock
from gcf_am.homing.template.reading import read_template
from gcf_am.homing.terms import Template

SLICE = "urn:publicid:IDN+ch.example+slice+s"
OWNER = "urn:publicid:IDN+ch.example+user+alice"
LEASE = timedelta(seconds=15)
TEMPLATE = f"""
homing_template_version: 2017-10-10
demands:
  a: [{{inventory_provider: geni, inventory_type: cloud}}]
  b: [{{inventory_provider: geni, inventory_type: cloud}}]
  c: [{{inventory_provider: geni, inventory_type: cloud}}]
reservations:
  all:
    type: instance_reservation
    demands: [a, b, c]
    properties:
      controller: geni
      request: {{slice_urn: {SLICE}}}
"""


class Killed(BaseException):
    """The process is dead: nothing more happens in it."""


def manager(name: str) -> str:
    """An aggregate's URN."""
    return f"urn:publicid:IDN+{name}.example+authority+am"


@dataclass
class Aggregate:
    """One that does as it is told, or else: refuse; strict (renews nothing); silent (nothing is done, nothing answered);
    deaf (all is done, nothing answered, and then it is silent until it is `mended`).
    """

    mood: str = ""
    slivers: dict[str, str] = field(default_factory=dict)
    down: bool = False

    def mend(self) -> None:
        """It answers again."""
        self.mood, self.down = "", False


@dataclass
class World:
    """Three aggregates with two nodes each, a clock, and a worker's death after some steps."""

    aggregates: dict[str, Aggregate] = field(
        default_factory=lambda: {manager(name): Aggregate() for name in ("x", "y", "z")}
    )
    dies_at: int | None = None
    steps: int = 0
    time: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    _numbers: Any = field(default_factory=lambda: count(1))
    _lock: Any = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return self.time

    def step(self) -> None:
        """Each place where a process may be killed."""
        with self._lock:
            self.steps += 1
            if self.dies_at is not None and self.steps >= self.dies_at:
                raise Killed

    def held(self) -> dict[str, str]:
        """All slivers there are: names by URN."""
        return {urn: name for one in self.aggregates.values() for urn, name in one.slivers.items()}

    # the controller of all of them

    def before(self, booking: Booking) -> frozenset[str]:
        return frozenset(self._heard(booking).slivers)

    def reserve(self, booking: Booking) -> Receipt:
        at = self._heard(booking)
        if at.mood == "refuse":
            raise Rejected(f"no room on {next(iter(booking.names.values()))}", whole=False)
        if at.mood == "silent":
            raise Unknown("no answer")
        with self._lock:
            made = {name: f"urn:sliver:{next(self._numbers)}" for name in booking.names}
            at.slivers |= {urn: name for name, urn in made.items()}
        self.step()
        if at.mood == "deaf":
            at.down = True
            raise Unknown("no answer")
        return Receipt(made, self.time + timedelta(minutes=10))

    def find(self, booking: Booking) -> Receipt | None:
        at = self._heard(booking)
        mine = {
            name: urn
            for urn, name in at.slivers.items()
            if name in booking.names and urn not in booking.before
        }
        return Receipt(mine, self.time + timedelta(minutes=10)) if mine else None

    def settle(self, booking: Booking) -> Receipt:
        self._heard(booking)
        return Receipt(booking.slivers, self.time + timedelta(days=7))

    def renew(self, booking: Booking, until: datetime) -> Receipt:
        if self._heard(booking).mood == "strict":
            raise Rejected("no longer than this", whole=True)
        return Receipt(booking.slivers, until)

    def release(self, booking: Booking) -> None:
        at = self._heard(booking)
        for urn in booking.slivers.values():
            at.slivers.pop(urn, None)
        self.step()

    def _heard(self, booking: Booking) -> Aggregate:
        self.step()
        at = self.aggregates[booking.aggregate]
        if at.down:
            raise Unknown("it is not there")
        return at

    # what solves: the first nodes that are not excluded, each demand at an aggregate of its own

    def gather(self, template: Template, context: Any) -> Stock:
        self.step()
        del template
        nodes = [
            Candidate(f"urn:node:{number}:{name}", "cloud", "geni", name)
            for number in (1, 2)
            for name in self.aggregates
        ]
        left = tuple(one for one in nodes if not {one.id, one.location_id} & context.excluded)
        return Stock(candidates={"a": left})

    def solve(self, template: Template, stock: Stock, **_: Any) -> Solution:
        self.step()
        nodes = list(stock.candidates["a"])
        if len(nodes) < len(template.demands):
            return Solution("not found", message="too few nodes")
        choices: Mapping[str, Candidate] = dict(zip(template.demands, nodes, strict=False))
        return Solution("solved", (Recommendation(choices, 0.0),), optimal=True)

    def parts(self, plans: Plans) -> Parts:
        return Parts(
            plans=plans,
            clock=self,
            read=lambda text, files: read_template(text, files=files),
            gather=self.gather,
            solve=self.solve,
            controller=lambda _bearer: self,
            url_of=lambda urn: f"https://{urn.split('+')[1]}/",
        )


def work(world: World, plans: Plans, worker: str) -> Plan | None:
    """A worker takes a plan, if there is one to take, and works on it; None: there is none."""
    plan = plans.claim(worker, world.now(), LEASE)
    if plan is not None:
        Stages(world.parts(plans), worker, threading.Event()).run(plan)
    return plan


def asked(template: str = TEMPLATE, **more: Any) -> Asked:
    return Asked(
        id="00000000-0000-4000-8000-000000000001",
        name="p",
        owner=OWNER,
        template=template,
        **more,
    )
