"""Random verbs over two slices, against a small model of seed 002 that shares no code with them.

What always holds: capacity is never exceeded, what is held is what slivers account for, names are
unique, a verb that fails changes nothing, and when everything is deleted nothing is left.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path
from shutil import copyfile, rmtree

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gcf_am.errors import AmError
from gcf_am.manager.expire import expire
from gcf_am.manager.ports import holds_of
from gcf_am.model.share import share
from gcf_am.model.sliver import Sliver
from gcf_am.store.upgrade import upgrade
from gcf_am.urn import Urn
from tests.functional.manager.house import Caller, House, build, link, node, request
from tests.postgresql import Server, database

SLICES = ("s1", "s2")
NAMES = ("a", "b", "c")
HOSTS = (None, None, "pc1", "pc2", "vm1", "vm2")


@cache
def empty_store() -> Path:
    file = Path(tempfile.mkdtemp()) / "store.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


class Verbs(RuleBasedStateMachine):
    """The aggregate, and for each sliver whether it is allocated, provisioned, updating, leaving."""

    house: House
    callers: dict[str, Caller]

    def __init__(self, server: Server | None) -> None:
        super().__init__()
        self.server = server

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.stack = ExitStack()
        url = None
        if self.server is None:
            copyfile(empty_store(), self.directory / "store.sqlite")
        else:
            url = self.stack.enter_context(database(self.server))
        self.house = build(self.directory, url)
        self.callers = {name: self.house.slice(name) for name in SLICES}
        self.model: dict[str, dict[Urn, str]] = {name: {} for name in SLICES}

    def teardown(self) -> None:
        for name, caller in self.callers.items():
            if self.live(name):
                caller.delete()
        self.house.work()
        try:
            assert self.house.held() == {}
            assert self.house.standing() == set()
        finally:
            self.house.am.store.close()
            self.stack.close()
            rmtree(self.directory)

    def live(self, name: str) -> dict[Urn, Sliver]:
        with self.house.am.store.read() as unit:
            here = unit.find_slice(self.callers[name].urn, f"uuid-of-{name}")
            found = unit.slivers(here.key) if here else ()
        return {one.urn: one for one in found if not one.expired(self.house.clock.now())}

    def attempt(self, name: str, call: Callable[[], Collection[Urn]]) -> Collection[Urn] | None:
        """Do it; when it is refused nothing may have changed."""
        expire(self.house.am, self.house.clock.now())  # some verbs do, whatever becomes of them
        before = [self.live(one) for one in SLICES], self.house.held()
        try:
            return call()
        except AmError:
            assert ([self.live(one) for one in SLICES], self.house.held()) == before
            return None

    def chosen(self, name: str, data: st.DataObject) -> tuple[Urn, ...]:
        """The slice (no URN), or some of its slivers."""
        known = sorted(self.model[name], key=str)
        if not known or data.draw(st.booleans(), label="slice"):
            return ()
        return tuple(data.draw(st.lists(st.sampled_from(known), min_size=1, unique=True)))

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
        made = self.attempt(
            name, lambda: [one.urn for one in self.callers[name].allocate(request(*parts)).slivers]
        )
        self.model[name] |= dict.fromkeys(made or (), "allocated")

    @rule(name=st.sampled_from(SLICES), data=st.data())
    def provision(self, name: str, data: st.DataObject) -> None:
        urns = self.chosen(name, data)
        done = self.attempt(
            name, lambda: [one.urn for one in self.callers[name].provision(*urns).slivers]
        )
        for urn in done or ():
            if self.model[name][urn] == "leaving":
                del self.model[name][urn]
            else:
                self.model[name][urn] = "provisioned"

    @rule(name=st.sampled_from(SLICES), data=st.data())
    def cancel(self, name: str, data: st.DataObject) -> None:
        urns = self.chosen(name, data)
        done = self.attempt(
            name, lambda: [one.urn for one in self.callers[name].cancel(*urns).slivers]
        )
        for urn in done or ():
            if self.model[name][urn] == "allocated":
                del self.model[name][urn]
            else:
                self.model[name][urn] = "provisioned"

    @rule(name=st.sampled_from(SLICES), data=st.data())
    def delete(self, name: str, data: st.DataObject) -> None:
        urns = self.chosen(name, data)
        for urn in (
            self.attempt(name, lambda: [one.urn for one in self.callers[name].delete(*urns)]) or ()
        ):
            del self.model[name][urn]

    @rule(name=st.sampled_from(SLICES), host=st.sampled_from(HOSTS), data=st.data())
    def update(self, name: str, host: str | None, data: st.DataObject) -> None:
        urns = self.chosen(name, data)
        live = self.live(name)
        named = list(urns or live)
        kept = [one for one in named if data.draw(st.booleans(), label="kept")]
        parts = [resource(live[one], host) for one in kept]
        new = data.draw(st.sampled_from((None, *NAMES)), label="new")
        if new is not None:
            parts.append(node(new, f"{new}:0", f"{new}:1"))
        told = self.attempt(
            name,
            lambda: [one.urn for one in self.callers[name].update(request(*parts), *urns).slivers],
        )
        if told is None:
            return
        model = self.model[name]
        assert set(told) >= set(named)
        for urn in named:
            if model[urn] != "allocated":
                model[urn] = "updating" if urn in kept else "leaving"
            elif urn not in kept:
                del model[urn]
        model |= dict.fromkeys(set(told) - set(named), "allocated")

    @rule(
        name=st.sampled_from(SLICES),
        action=st.sampled_from(("geni_start", "geni_stop", "geni_restart", "geni_reload")),
        data=st.data(),
    )
    def act(self, name: str, action: str, data: st.DataObject) -> None:
        urns = self.chosen(name, data)
        self.attempt(name, lambda: [one.urn for one in self.callers[name].act(action, *urns)])

    @rule()
    def work(self) -> None:
        self.house.work()
        for name in SLICES:
            for one in self.live(name).values():
                waits = one.kind == "link" and one.operational == "geni_configuring"
                assert one.step is None or waits, one

    @rule(minutes=st.sampled_from((4, 11)))
    def wait(self, minutes: int) -> None:
        self.house.clock.time += timedelta(minutes=minutes)
        for name in SLICES:
            live = self.live(name)
            gone = [urn for urn in self.model[name] if urn not in live]
            assert {self.model[name][urn] for urn in gone} <= {"allocated"}
            for urn in gone:
                del self.model[name][urn]

    @invariant()
    def what_counts_is_what_is_there(self) -> None:
        now = self.house.clock.now()
        with self.house.am.store.read() as unit:
            for caller in self.callers.values():
                here = unit.find_slice(caller.urn, caller.grant.slice_uuid or "")
                if here is None:
                    continue
                # also those that are over and that nobody has swept
                parts = [share(one, now) for one in unit.slivers(here.key)]
                [usage] = unit.usage("slice", [str(here.key)]).values()
                assert usage.slivers == Counter(one.types for one in parts)
                assert usage.vlans == sum(one.vlans for one in parts)
                assert len(unit.keepers(here.key)) == len(parts)

    @invariant()
    def states_are_the_models(self) -> None:
        for name in SLICES:
            states = {
                urn: "leaving"
                if one.allocation == "geni_updating" and one.pending is None
                else one.allocation.removeprefix("geni_")
                for urn, one in self.live(name).items()
            }
            assert states == self.model[name]

    @invariant()
    def names_are_unique(self) -> None:
        for name in SLICES:
            names = Counter((one.kind, one.client_id) for one in self.live(name).values())
            assert not [one for one, times in names.items() if times > 1]

    @invariant()
    def nothing_is_overbooked(self) -> None:
        site = self.house.am.site()
        most: dict[tuple[str, str], int | None] = {
            (one.component_id, "slots"): one.slots for one in site.hosts
        }
        most |= {
            (port.component_id, "bandwidth"): port.capacity
            for host in site.hosts
            for port in host.ports
        }
        most |= {(wire.component_id, "bandwidth"): wire.capacity for wire in site.wires}
        for key, amount in self.house.held().items():
            limit = most.get(key, 1)
            assert limit is None or amount <= limit, key

    @invariant()
    def what_is_held_is_accounted_for(self) -> None:
        with self.house.am.store.read() as unit:
            slices = [
                found
                for name in SLICES
                if (found := unit.find_slice(self.callers[name].urn, f"uuid-of-{name}"))
            ]
            live = [one for here in slices for one in unit.slivers(here.key)]
        sums: Counter[tuple[str, str]] = Counter()
        for one in live:
            for hold in holds_of(one):
                sums[hold.component, hold.dimension] += hold.amount
        held = self.house.held()
        assert all(held.get(key, 0) >= amount for key, amount in sums.items())


def resource(sliver: Sliver, host: str | None) -> str:
    """What a live sliver is now, asked for again; a node on another host perhaps."""
    client_id = sliver.client_id
    if sliver.kind == "node":
        return node(client_id, f"{client_id}:0", f"{client_id}:1", host=host, sliver_id=sliver.urn)
    a, b = client_id.split("-")
    return link(client_id, f"{a}:0", f"{b}:1", capacity=300000, sliver_id=sliver.urn)


EXAMPLES = {"sqlite": 12, "postgresql": 8}
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    stateful_step_count=25,
    # a failing run says enough, and to shrink one takes minutes
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_verbs(kind: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None

    class Here(Verbs):
        def __init__(self) -> None:
            super().__init__(server)

    run_state_machine_as_test(Here, settings=settings(SETTINGS, max_examples=EXAMPLES[kind]))
