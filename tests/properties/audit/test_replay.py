"""Random histories over two slices: what the log tells is what the store has, now and at any time.

(1) After each step, sealed or not, the replayed state is the store's: slivers with their states,
    what each holds, and slices that are shut down.
(2) At the end, replayed until each moment when time went on, it is what the store had then.
(3) The chain holds; it holds without its older half, from which the same states follow.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gcf_am.audit import chain
from gcf_am.audit.replay import State, replay, until
from gcf_am.errors import AmError
from gcf_am.model.sliver import Sliver
from gcf_am.store.dropping import checkpoint, drop
from gcf_am.store.log import SqlLog, open_log
from tests.functional.manager.house import Caller, House, build, link, node, request
from tests.properties.manager.test_verbs import HOSTS, NAMES, SLICES, empty_store, resource

LEASE = timedelta(seconds=5)
Snapshot = dict[str, Any]


class Histories(RuleBasedStateMachine):
    house: House
    log: SqlLog
    callers: dict[str, Caller]
    file: Path

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.file = self.directory / "store.sqlite"
        copyfile(empty_store(), self.file)
        self.house = build(self.directory)
        self.log = open_log(f"sqlite:///{self.file}")
        self.callers = {name: self.house.slice(name) for name in SLICES}
        self.past: dict[datetime, Snapshot] = {}

    def teardown(self) -> None:
        try:
            self.prove()
        finally:
            self.log.close()
            self.house.am.store.close()
            rmtree(self.directory)

    def prove(self) -> None:
        now = self.house.clock.now()
        self.past[now] = snapshot(self.house, self.file)
        # (2) all that was
        for moment, was in self.past.items():
            assert told(self.log, moment) == was, moment
        # (3) proved, also without what is older
        seal(self.log, now)
        verdict = verified(self.log)
        assert verdict.seq is None, verdict
        assert verdict.proved == verdict.head.seq
        middle = sorted(self.past)[len(self.past) // 2]
        if checkpoint(self.log, middle, now):
            seal(self.log, now)
            while drop(self.log):
                pass
        verdict = verified(self.log)
        assert verdict.seq is None, verdict
        for moment, was in self.past.items():
            if moment >= middle:
                assert told(self.log, moment) == was, moment

    def live(self, name: str) -> list[Sliver]:
        with self.house.am.store.read() as unit:
            here = unit.find_slice(self.callers[name].urn, f"uuid-of-{name}")
            return list(unit.slivers(here.key)) if here else []

    def some(self, name: str, data: st.DataObject) -> list[Sliver]:
        live = self.live(name)
        return data.draw(st.lists(st.sampled_from(live), unique_by=str)) if live else []

    @rule(
        name=st.sampled_from(SLICES),
        a=st.sampled_from(NAMES),
        b=st.sampled_from(NAMES),
        host=st.sampled_from(HOSTS),
        joined=st.booleans(),
    )
    def allocate(self, name: str, a: str, b: str, host: str | None, joined: bool) -> None:
        parts = [node(a, f"{a}:0", f"{a}:1", host=host)]
        if joined:
            parts.append(link(f"{a}-{b}", f"{a}:0", f"{b}:1", capacity=600000))
        with suppress(AmError):
            self.callers[name].allocate(request(*parts))

    @rule(
        name=st.sampled_from(SLICES),
        verb=st.sampled_from(("provision", "provision", "cancel", "delete")),
        best_effort=st.booleans(),
        data=st.data(),
    )
    def go_on(self, name: str, verb: str, best_effort: bool, data: st.DataObject) -> None:
        urns = [one.urn for one in self.some(name, data)]
        with suppress(AmError):
            getattr(self.callers[name], verb)(*urns, best_effort=best_effort)

    @rule(name=st.sampled_from(SLICES), host=st.sampled_from(HOSTS), data=st.data())
    def update(self, name: str, host: str | None, data: st.DataObject) -> None:
        live = self.live(name)
        away = data.draw(st.sampled_from((None, *live)))
        kept = [resource(one, host) for one in live if one is not away]
        new = data.draw(st.sampled_from((None, *NAMES)))
        if new is not None and new not in {one.client_id for one in live}:
            kept.append(node(new, f"{new}:0", f"{new}:1"))
        with suppress(AmError):
            self.callers[name].update(request(*kept))

    @rule(name=st.sampled_from(SLICES), minutes=st.integers(5, 90))
    def renew(self, name: str, minutes: int) -> None:
        with suppress(AmError):
            self.callers[name].renew(self.house.clock.now() + timedelta(minutes=minutes))

    @rule(
        name=st.sampled_from(SLICES),
        action=st.sampled_from(("geni_start", "geni_stop", "geni_restart", "geni_reload")),
    )
    def act(self, name: str, action: str) -> None:
        with suppress(AmError):
            self.callers[name].act(action)

    @rule(name=st.sampled_from(SLICES), rested=st.booleans())
    def bring_up(self, name: str, rested: bool) -> None:
        self.allocate(name, "a", "b", None, joined=False)
        with suppress(AmError):
            self.callers[name].provision(best_effort=True)
        self.house.work()
        self.act(name, "geni_start")
        if rested:
            self.house.work()

    @rule(
        name=st.sampled_from(SLICES),
        doing=st.sampled_from(("release", "release", "release", "purge", "shut")),
    )
    def stop(self, name: str, doing: str) -> None:
        getattr(self.house, doing)(self.callers[name].urn)

    @rule()
    def work(self) -> None:
        self.house.work()

    @rule(minutes=st.sampled_from((1, 4, 11)))
    def wait(self, minutes: int) -> None:
        self.past[self.house.clock.now()] = snapshot(self.house, self.file)
        self.house.clock.time += timedelta(minutes=minutes)

    @rule()
    def seal_some(self) -> None:
        self.log.seal("me", self.house.clock.now(), self.house.clock.now() + LEASE)

    @invariant()
    def the_log_tells_what_is(self) -> None:
        # (1) now
        assert told(self.log, self.house.clock.now()) == snapshot(self.house, self.file)


def seal(log: SqlLog, now: datetime) -> None:
    while log.seal("me", now, now + LEASE):
        pass


def verified(log: SqlLog) -> chain.Verdict:
    with log.chain() as found:
        verdict = chain.verify(found.rows, base=found.base, end=found.end)
    assert found.unsealed == 0
    assert verdict.head == found.end
    return verdict


def told(log: SqlLog, moment: datetime) -> Snapshot:
    """The state until then as the log tells it, in the snapshot's words."""
    begin = log.begin()
    state: State = replay(until(log.changes(begin), moment), begin.state)
    slivers = {
        one.urn: (
            *one.slice,
            one.allocation,
            one.operational,
            one.error,
            one.told["step"],
            datetime.fromisoformat(one.told["expires"]),
            one.told["kind"],
            one.told["client_id"],
            one.told["access"],
            sorted(one.holds),
        )
        for one in state.slivers.values()
    }
    return {"slivers": slivers, "held": state.held, "shut": state.shut}


def snapshot(house: House, file: Path) -> Snapshot:
    """What the store has."""
    with house.am.store.read() as unit:
        kept = unit.kept("", 10_000)
        homes = {one.slice_key: unit.slice_of(one.slice_key) for one in kept}
        held = dict(unit.held())
    with closing(sqlite3.connect(file)) as database:
        holds = database.execute(
            "SELECT spelling, component, dimension, amount"
            " FROM holds JOIN slivers ON slivers.urn = holds.sliver"
        ).fetchall()
        shut = database.execute("SELECT spelling, uuid FROM slices WHERE shut_down").fetchall()
    slivers = {
        one.urn.text: (
            homes[one.slice_key].urn.text,
            homes[one.slice_key].uuid,
            one.allocation.value,
            one.operational.value,
            one.error,
            one.step.value if one.step else "",
            one.expires,
            one.kind,
            one.client_id,
            f"{one.access.hostname}:{one.access.port}" if one.access else "",
            sorted(tuple(row[1:]) for row in holds if row[0] == one.urn.text),
        )
        for one in kept
    }
    return {"slivers": slivers, "held": held, "shut": set(shut)}


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    derandomize=True,
    deadline=None,
    max_examples=25,
    stateful_step_count=25,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
