"""Random verbs over three slices of two people, against a running server and the small model.

What always holds, after every step: each call answers a code that the papers allow; the slice is
what the model makes of it, in every state, name, place and expiry; no sliver is in a state that
the tables do not have; capacity is never exceeded. Whenever everything has come to rest, what the
server holds is what the slivers account for, and in the end it is nothing.

GCF_AM_DEEP=1 tries ten times as many runs, other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from gcf_am.clock import format_time
from tests.functional.running import Slice, eventually
from tests.properties.verbs import asking, audit, doing, drawing
from tests.properties.verbs.documents import Item, read_manifest, write_request
from tests.properties.verbs.drawing import DrawnLink, DrawnNode, Edit
from tests.properties.verbs.faults import FORBIDDEN, NO_ROOM, SEARCHFAILED, Faults
from tests.properties.verbs.ground import Ground, expiry_of, grounds, patiently
from tests.properties.verbs.model import Model
from tests.properties.verbs.slivers import ACTIONS, Sliver, Told
from tests.properties.verbs.wishes import HOSTS, Link, Node, Wish

DEEP = bool(os.environ.get("GCF_AM_DEEP"))
# What differs between databases the store's own tests look at; here they do the same.
EXAMPLES = {"sqlite": 45, "postgresql": 15}
SETTINGS = settings(
    derandomize=not DEEP,
    deadline=None,
    database=None,
    stateful_step_count=25,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    # a server has no time to be asked the same again and again
    phases=(Phase.generate,),
)

Request = tuple[list[DrawnNode], list[DrawnLink]]
WHENS = {
    doing.SOON: timedelta(minutes=90),
    doing.LATER: timedelta(hours=3),
    doing.TOO_LATE: timedelta(days=60),
    doing.PAST: timedelta(hours=-1),
}
USERS = [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": []}]

# What is drawn has the same shape whatever the server did: choices are numbers, which mean what
# there is when they are used.
slices = st.sampled_from((0, 1, 2, 0, 1, 2, 0, 1, 2, 9))
some = st.lists(st.sampled_from((*range(7), *range(7), 7)), min_size=1, max_size=3)
picks = st.none() | some
efforts = st.sampled_from((False, False, True))
rarely = st.integers(0, 15).map(lambda number: number == 7)
hosts = st.sampled_from((None, None, None, None, None, "pc1", "pc2", "vm1", "vm2"))
never = st.just(value=False)


def nodes_that(*, err: st.SearchStrategy[bool]) -> st.SearchStrategy[DrawnNode]:
    return st.builds(
        DrawnNode,
        number=st.integers(0, 7),
        interfaces=st.sampled_from((2, 1, 2, 1, 0)),
        exclusive=st.sampled_from((None, None, None, True, False)),
        host=hosts,
        clashes=err,
        nowhere=err,
    )


nodes = nodes_that(err=rarely)
links = st.builds(
    DrawnLink,
    number=st.integers(0, 7),
    ends=st.lists(st.integers(0, 9), min_size=2, max_size=3),
    capacity=st.sampled_from((0, 0, 0, 300_000, 300_000, 600_000, 1_000_000, 1_000_001)),
    clashes=rarely,
    astray=rarely,
)
requests = st.tuples(st.lists(nodes, max_size=3), st.lists(links, min_size=1, max_size=2))
first_requests = st.tuples(
    st.lists(nodes_that(err=never), min_size=2, max_size=3),
    st.lists(links, min_size=1, max_size=2),
)
edits = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(("drop", "change", "move", "move")), nodes, links),
    max_size=3,
)


class Verbs(RuleBasedStateMachine):
    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground
        self.slices: dict[str, Slice] = {one.urn: one for one in ground.slices(3)}
        self.model = Model({urn: expiry_of(one) for urn, one in self.slices.items()})
        self.sound = True

    @initialize(first=first_requests, second=first_requests, up=st.booleans())
    def begin(self, first: Request, second: Request, *, up: bool) -> None:
        self.allocate_some(0, *first)
        self.allocate_some(1, *second)
        if up:
            self.bring_up_some(self.lively(0), rested=True)

    @rule(at=slices, wanted=requests)
    def allocate(self, at: int, wanted: Request) -> None:
        self.allocate_some(at, *wanted)

    def allocate_some(self, at: int, new: list[DrawnNode], joining: list[DrawnLink]) -> None:
        urn = self.urn(at)
        items = [Item(one) for one in drawing.wishes(self.model.of(urn), new, joining)]
        faults = asking.allocate_faults(self.model, urn, items)
        value = self.call(faults, urn, "Allocate", write_request(items))
        if value is not None:
            asking.allocated(self.model, urn, items, *answered(value))
        self.look(urn)

    @rule(
        at=slices,
        picked=picks,
        changes=edits,
        new=st.lists(nodes, max_size=2),
        joining=st.lists(links, max_size=2),
        stray=rarely,
        best_effort=efforts,
    )
    def update(
        self,
        at: int,
        picked: list[int] | None,
        changes: list[Edit],
        new: list[DrawnNode],
        joining: list[DrawnLink],
        *,
        stray: bool,
        best_effort: bool,
    ) -> None:
        urn = self.lively(at)
        chosen = self.model.choose(urn, picked)
        items = drawing.edited(self.model.of(urn), chosen, changes, new, joining)
        if stray:
            items += [
                Item(Node("stray"), one)
                for one in (*self.model.gone[urn][-1:], *self.model.slivers)
            ][:1]
        faults = asking.update_faults(self.model, chosen, items, best_effort=best_effort)
        value = self.call(
            faults,
            urn,
            "Update",
            write_request(items),
            urns=chosen.urns,
            geni_best_effort=best_effort,
        )
        if value is not None:
            strict = not best_effort or (faults.none and not self.model.fading)
            asking.updated(self.model, chosen, items, *answered(value), strict=strict)
        self.look(urn)

    @rule(at=slices, best_effort=efforts)
    def update_with_its_manifest(self, at: int, *, best_effort: bool) -> None:
        """What a slice has, submitted again: nothing is to change."""
        urn = self.lively(at)
        text = self.slices[urn].done("Describe")["geni_rspec"]
        shown = read_manifest(text)
        chosen = self.model.choose(urn, None)
        items = [
            Item(bound(one, shown[one.urn].ports), one.urn)
            for one in chosen.slivers
            if one.urn in shown
        ]
        faults = asking.update_faults(self.model, chosen, items, best_effort=best_effort)
        value = self.call(
            faults, urn, "Update", text, urns=chosen.urns, geni_best_effort=best_effort
        )
        if value is not None:
            asking.updated(self.model, chosen, items, *answered(value), strict=True)
        self.look(urn)

    @rule(at=slices, picked=picks, best_effort=efforts, users=st.booleans())
    def provision(
        self, at: int, picked: list[int] | None, *, best_effort: bool, users: bool
    ) -> None:
        self.provision_some(self.lively(at), picked, best_effort=best_effort, users=users)

    @rule(at=slices, rested=st.booleans())
    def bring_up(self, at: int, *, rested: bool) -> None:
        self.bring_up_some(self.lively(at), rested=rested)

    def bring_up_some(self, urn: str, *, rested: bool) -> None:
        self.provision_some(urn, None, best_effort=False, users=True)
        self.rest(urn)
        self.act_on_some(urn, None, "geni_start", best_effort=False)
        if rested:
            self.rest(urn)

    def provision_some(
        self, urn: str, picked: list[int] | None, *, best_effort: bool, users: bool
    ) -> None:
        chosen = self.model.choose(urn, picked)
        faults = doing.provision_faults(self.model, chosen, best_effort=best_effort)
        options: dict[str, Any] = {"geni_users": USERS} if users else {}
        value = self.call(
            faults, urn, "Provision", urns=chosen.urns, geni_best_effort=best_effort, **options
        )
        if value is not None:
            strict = not best_effort or faults.none
            doing.provisioned(self.model, chosen, *answered(value), strict=strict, users=users)
        self.look(urn)

    @rule(at=slices, picked=picks, best_effort=efforts)
    def cancel(self, at: int, picked: list[int] | None, *, best_effort: bool) -> None:
        urn = self.lively(at)
        chosen = self.model.choose(urn, picked)
        faults = doing.cancel_faults(self.model, chosen, best_effort=best_effort)
        value = self.call(faults, urn, "Cancel", urns=chosen.urns, geni_best_effort=best_effort)
        if value is not None:
            assert value["geni_urn"] == urn
            strict = not best_effort or faults.none
            doing.cancelled(self.model, chosen, *answered(value), strict=strict)
        self.look(urn)

    @rule(at=slices, picked=some, best_effort=efforts)
    def delete(self, at: int, picked: list[int] | None, *, best_effort: bool) -> None:
        urn = self.lively(at)
        chosen = self.model.choose(urn, picked)
        faults = chosen.faults(best_effort=best_effort)
        value = self.call(faults, urn, "Delete", urns=chosen.urns, geni_best_effort=best_effort)
        if value is not None:
            doing.deleted(self.model, chosen, told_of(value))
        self.look(urn)

    @rule(
        at=slices,
        picked=picks,
        action=st.sampled_from(sorted(ACTIONS)),
        best_effort=efforts,
        rested=st.booleans(),
    )
    def act(
        self, at: int, picked: list[int] | None, action: str, *, best_effort: bool, rested: bool
    ) -> None:
        urn = self.lively(at)
        if rested:
            self.rest(urn)
        self.act_on_some(urn, picked, action, best_effort=best_effort)

    def act_on_some(
        self, urn: str, picked: list[int] | None, action: str, *, best_effort: bool
    ) -> None:
        chosen = self.model.choose(urn, picked)
        faults = doing.action_faults(chosen, action, best_effort=best_effort)
        value = self.call(
            faults,
            urn,
            "PerformOperationalAction",
            action,
            urns=chosen.urns,
            geni_best_effort=best_effort,
            geni_users=USERS,
        )
        if value is not None:
            doing.acted(self.model, chosen, told_of(value), action)
        self.look(urn)

    @rule(
        at=slices,
        picked=picks,
        when=st.sampled_from(sorted(WHENS)),
        best_effort=efforts,
        alap=st.booleans(),
    )
    def renew(
        self, at: int, picked: list[int] | None, when: str, *, best_effort: bool, alap: bool
    ) -> None:
        urn = self.lively(at)
        chosen = self.model.choose(urn, picked)
        faults = doing.renew_faults(chosen, when, best_effort=best_effort, alap=alap)
        wish = format_time(datetime.now(UTC) + WHENS[when])
        value = self.call(
            faults,
            urn,
            "Renew",
            wish,
            urns=chosen.urns,
            geni_best_effort=best_effort,
            geni_extend_alap=alap,
        )
        if value is not None:
            doing.renewed(self.model, chosen, told_of(value), when, wish, alap=alap)
        self.look(urn)

    @rule(at=slices, picked=picks)
    def describe_cancelled(self, at: int, picked: list[int] | None) -> None:
        urn = self.lively(at)
        value = self.slices[urn].done("Describe", geni_cancelled=True)
        self.model.look_cancelled(urn, *answered(value))
        self.look(urn)

    @rule(
        at=slices,
        to=slices,
        method=st.sampled_from(("Provision", "Cancel", "Delete", "Status", "Describe")),
        best_effort=st.booleans(),
    )
    def name_slivers_of_another_slice(
        self, at: int, to: int, method: str, *, best_effort: bool
    ) -> None:
        theirs = [one.urn for one in self.model.of(self.urn(to))]
        if self.urn(at) == self.urn(to) or not theirs:
            return
        faults = Faults()
        faults.sure(FORBIDDEN)
        self.call(faults, self.urn(at), method, urns=theirs, geni_best_effort=best_effort)
        self.look(self.urn(to))

    @rule()
    def come_to_rest(self) -> None:
        for urn in self.slices:
            self.rest(urn)
        self.settle()

    def teardown(self) -> None:
        if not self.sound:  # the failure is told already
            for one in self.slices.values():
                one.call("Delete")
            return
        for urn in self.slices:
            self.look(urn)
        for urn in self.slices:
            chosen = self.model.choose(urn, None)
            if chosen.slivers:
                doing.deleted(self.model, chosen, told_of(self.slices[urn].done("Delete")))
            assert self.slices[urn].refused("Status") == SEARCHFAILED
        self.settle()
        assert self.model.holds() == {}

    def urn(self, number: int) -> str:
        return list(self.slices)[number % len(self.slices)]

    def lively(self, number: int) -> str:
        """Mostly a slice that has slivers."""
        full = [one for one in self.slices if self.model.of(one)]
        return full[number % len(full)] if full and number < 9 else self.urn(number)

    def call(
        self, faults: Faults, urn: str, method: str, *arguments: object, **options: Any
    ) -> Any:
        """The value of a call that may succeed; None when it failed, as it may.

        What must have room gets it, if not at once then when drivers have let go of it.
        """
        self.sound = False
        answer = patiently(self.slices[urn], faults.codes, method, *arguments, **options)
        if self.model.fading and faults.none and answer["code"]["geni_code"] in NO_ROOM:
            self.settle()
            answer = patiently(self.slices[urn], faults.codes, method, *arguments, **options)
        code = answer["code"]["geni_code"]
        note(f"{method} of {urn} {options}: {code} {answer['output']}")
        assert code in faults.codes, (code, sorted(faults.codes), answer["output"])
        return answer["value"] if code == 0 else None

    def look(self, urn: str) -> None:
        """The slice is what the model says."""
        self.model.look(urn, *answered(self.slices[urn].done("Describe")))
        self.model.check()
        self.sound = True

    def rest(self, urn: str) -> None:
        """Wait until nothing moves in the slice, and look where it came to rest."""
        if not self.model.of(urn):
            return
        told: list[Told] = []

        def rests() -> bool:
            told[:] = told_of(self.slices[urn].done("Status")["geni_slivers"])
            return self.model.at_rest(urn, told)

        eventually(rests, what=f"at rest: {urn}")
        self.look(urn)

    def settle(self) -> None:
        """Wait until what is held is what the slivers account for: nothing is lost."""
        eventually(
            lambda: self.ground.held() == self.model.holds(), what=f"held: {self.model.holds()}"
        )
        self.model.fading = False


def bound(sliver: Sliver, ports: Sequence[tuple[str, str]]) -> Wish:
    """What a manifest asks for when it is read as a request."""
    contents = sliver.future
    assert contents is not None
    if isinstance(contents.wish, Link):
        return contents.wish
    return Node(
        contents.wish.name,
        contents.wish.interfaces,
        HOSTS[contents.host].exclusive,
        contents.host,
        tuple(ports),
    )


def told_of(entries: Sequence[dict[str, str]]) -> list[Told]:
    return [Told.of(one) for one in entries]


def answered(value: Any) -> tuple[list[Told], dict[str, Any]]:
    """geni_slivers and the manifest of an answer."""
    return told_of(value["geni_slivers"]), read_manifest(value["geni_rspec"])


def test_the_server_does_what_seed_002_says(tmp_path: Path, database_url: str | None) -> None:
    kind = "sqlite" if database_url is None else "postgresql"
    examples = 600 if DEEP else EXAMPLES[kind]
    with grounds(tmp_path / "home", database_url) as ground:

        class Here(Verbs):
            def __init__(self) -> None:
                super().__init__(ground)

        run_state_machine_as_test(Here, settings=settings(SETTINGS, max_examples=examples))
    audit.check_stories(audit.stories(ground.url))
