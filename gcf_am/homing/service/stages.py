"""What a worker does to a plan that it has, stage by stage, until it has come to its end.

template -> translated: the template is read, inventories are asked. translated -> solving ->
solved or not found: a solver searches. solved -> done, or, where slivers are wanted, reserving ->
done; what was refused there is excluded and the plan is translated again, a few times.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import uuid4

from gcf_am.client.credential_file import Credential
from gcf_am.clock import Clock
from gcf_am.errors import Busy, DatabaseError, GcfAmError, TimedOut
from gcf_am.homing.inventory.provider import Context
from gcf_am.homing.plans.ledger import Ledger
from gcf_am.homing.plans.plan import Excluded, Plan, Status
from gcf_am.homing.plans.repository import Lost, Plans
from gcf_am.homing.plans.seats import NoSeats
from gcf_am.homing.reserve.bearing import bearer_of, readable, slice_of
from gcf_am.homing.reserve.controller import Bearer, Controller
from gcf_am.homing.reserve.requests import Unreservable, bookings_for
from gcf_am.homing.reserve.saga import Saga
from gcf_am.homing.reserve.wanted import joined, wanted_of
from gcf_am.homing.solution import Solution
from gcf_am.homing.stock import Stock
from gcf_am.homing.terms import LicenseRule, Template

_log: Final = logging.getLogger(__name__)
# How long a plan rests whose slivers cannot be given back now.
_REST: Final = timedelta(seconds=5)


class Solve(Protocol):
    """What Solvers.solve promises."""

    def __call__(
        self,
        template: Template,
        stock: Stock,
        *,
        limit: int,
        seconds: float,
        stop: threading.Event,
    ) -> Solution:
        """The solution; raises GcfAmError when there is none to be had."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What stages work with.

    `read` makes a plan's template (raises TemplateErrors), `gather` asks inventories,
    `controller` reserves in a bearer's name, `url_of` answers where an aggregate is.
    `attempts` is how often a plan is reserved at most. `own_credentials` are the service's, for
    advertisements alone: it has no right in any slice.
    """

    plans: Plans
    clock: Clock
    read: Callable[[str, Mapping[str, str]], Template]
    gather: Callable[[Template, Context], Stock]
    solve: Solve
    controller: Callable[[Bearer], Controller]
    url_of: Callable[[str], str | None]
    attempts: int = 3
    own_credentials: Callable[[], tuple[Credential, ...]] = tuple


@dataclass
class Stages:
    """A worker's way with one plan. `stop` is set when it is to let go of it."""

    parts: Parts
    worker: str
    stop: threading.Event
    _stock: Stock | None = field(default=None, init=False)
    _template: Template | None = field(default=None, init=False)

    def run(self, plan: Plan) -> None:
        """Everything that is to be done to the plan now."""
        try:
            if plan.ending or plan.status.final:
                self._tidy(plan)
                return
            while not self.stop.is_set():
                plan = self._next(plan)
                _log.info("%s is %s %s", plan.in_log, plan.status.value, plan.message)
                if plan.status.final:
                    break
            self.parts.plans.let_go(plan.id, self.worker)
            self.parts.plans.drop_credentials(self.parts.clock.now())
        except Lost:
            _log.info("%s is no longer worker %s's", plan.in_log, self.worker)
            self.parts.plans.let_go(plan.id, self.worker)

    def _next(self, plan: Plan) -> Plan:
        """One stage; whatever goes wrong in it is the plan's end."""
        stages = {
            Status.TEMPLATE: self._translate,
            Status.TRANSLATED: self._search,
            Status.SOLVED: self._decide,
            Status.RESERVING: self._reserve,
        }
        try:
            return stages[plan.status](plan)
        except (Lost, Busy, TimedOut, DatabaseError):
            raise  # the plan stays where it is
        except GcfAmError as error:
            return self._failed(plan, str(error))
        except Exception:  # noqa: BLE001  (logged; the owner gets a number instead of details)
            number = uuid4().hex[:12]
            _log.exception("%s failed, number %s", plan.in_log, number)
            return self._failed(plan, f"This is our fault; tell the operator the number {number}.")

    def _failed(self, plan: Plan, why: str) -> Plan:
        now = self.parts.plans.get(plan.asked.owner, plan.id)
        if now is None or now.status.final or self.stop.is_set():
            raise Lost(f"plan {plan.id} is no longer ours")
        if now.status is Status.RESERVING:
            self._saga(now).release()
        return self._move(now, Status.ERROR, message=why)

    def _move(self, plan: Plan, new: Status, **values: Any) -> Plan:
        return self.parts.plans.move(plan, self.worker, new, self.parts.clock.now(), **values)

    def _translate(self, plan: Plan) -> Plan:
        stock = self._gathered(plan)
        return self._move(plan, Status.TRANSLATED, message="; ".join(stock.failures))

    def _gathered(self, plan: Plan) -> Stock:
        """All that there is to choose from, without what refused this plan before."""
        context = Context(
            caller=plan.asked.owner,
            credentials=(*self._credentials(plan), *self.parts.own_credentials()),
            transaction_id=plan.asked.transaction_id,
            excluded=frozenset(one.candidate or one.aggregate for one in plan.excluded),
        )
        self._stock = self.parts.gather(self._read(plan), context)
        return self._stock

    def _read(self, plan: Plan) -> Template:
        if self._template is None:
            self._template = joined(self.parts.read(plan.asked.template, plan.asked.files))
        return self._template

    def _credentials(self, plan: Plan) -> tuple[Credential, ...]:
        return readable(self.parts.plans.credentials(plan.id))

    def _search(self, plan: Plan) -> Plan:
        # a worker that took the plan over has to ask again
        stock = self._stock or self._gathered(plan)
        self._stock = None
        plan = self._move(plan, Status.SOLVING, message=plan.message)
        found = self.parts.solve(
            self._read(plan),
            stock,
            limit=plan.asked.limit,
            seconds=plan.asked.seconds,
            stop=self.stop,
        )
        told = found.to_json()
        told["locations"] = {
            name: [point.latitude, point.longitude] for name, point in stock.points.items()
        }
        name = plan.asked.name
        solved = found.status == Status.SOLVED.value
        said = [f"Plan {name} is solved." if solved else f"No homes were found for plan {name}."]
        said += [found.message] if found.message else []
        said += [f"No answer: {one}" for one in stock.failures]
        said += [f"Excluded: {_told(one)}" for one in plan.excluded]
        status = Status.SOLVED if solved else Status.NOT_FOUND
        seats = _seats(self._read(plan)) if solved else {}
        try:
            return self._move(plan, status, message=" ".join(said), solution=told, seats=seats)
        except NoSeats as error:
            # another plan was quicker: there may be a home without them
            return self._move(plan, Status.TRANSLATED, message=str(error))

    def _decide(self, plan: Plan) -> Plan:
        if wanted_of(self._read(plan), all_demands=plan.asked.reserve):
            return self._move(
                plan, Status.RESERVING, message=plan.message, attempts=plan.attempts + 1
            )
        return self._move(plan, Status.DONE, message=plan.message)

    def _saga(self, plan: Plan) -> Saga:
        ledger = Ledger(self.parts.plans.database, plan.id, self.worker, self.parts.clock)
        bearer = bearer_of(plan.asked.owner, self.parts.plans.credentials(plan.id))
        return Saga(ledger, self.parts.controller(bearer), self.parts.clock, plan.in_log)

    def _reserve(self, plan: Plan) -> Plan:
        saga = self._saga(plan)
        if any(one.attempt == plan.attempts for one in saga.ledger.all()):
            outcome = saga.resume(plan.attempts)
        else:
            outcome = saga.reserve(self._bookings(plan))
        if outcome.held:
            name = plan.asked.name
            return self._move(plan, Status.DONE, message=f"Plan {name} is done: it is reserved.")
        excluded = tuple(dict.fromkeys((*plan.excluded, *outcome.reasons)))
        reasons = "; ".join(map(_told, outcome.reasons))
        if plan.attempts >= self.parts.attempts:
            why = f"It could not be reserved in {plan.attempts} attempts: {reasons}"
            return self._move(plan, Status.ERROR, message=why, excluded=excluded)
        self._stock = None
        return self._move(plan, Status.TRANSLATED, message=reasons, excluded=excluded)

    def _bookings(self, plan: Plan) -> list[Any]:
        solution: Mapping[str, Any] = plan.solution or {}
        wanted = wanted_of(self._read(plan), all_demands=plan.asked.reserve)
        made = bookings_for(
            solution["recommendations"][0],
            wanted,
            plan=plan.id,
            attempt=plan.attempts,
            slice_urn=slice_of(self._credentials(plan)),
            url_of=self.parts.url_of,
        )
        if not made and not any(solution["recommendations"]):
            raise Unreservable("the recommendation has nothing to reserve")
        return made

    def _tidy(self, plan: Plan) -> None:
        """A plan that has ended, or is deleted, gives back what it should not hold."""
        saga = self._saga(plan)
        over = saga.release() if plan.ending else saga.release_unsettled()
        plans, now = self.parts.plans, self.parts.clock.now()
        if plan.ending and over:
            plans.erase(plan.id, self.worker)
        else:
            plans.let_go(plan.id, self.worker, None if over else now + _REST)
            plans.drop_credentials(now)


def _seats(template: Template) -> dict[str, int]:
    """How many seats of each licence a solution takes: one for each demand."""
    wanted: Counter[str] = Counter()
    for one in template.constraints:
        if isinstance(one.rule, LicenseRule):
            wanted[one.rule.id] += len(one.demands)
    return dict(wanted)


def _told(one: Excluded) -> str:
    return f"{one.candidate or one.aggregate}: {one.reason}"
