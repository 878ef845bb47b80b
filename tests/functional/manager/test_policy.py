"""The site's rules on the verbs: quotas, restrictions and lifetimes, with their counts in the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gcf_am.errors import AmError, OutOfRange, Refused, TooBig
from gcf_am.manager.create import create
from gcf_am.manager.expire import expire
from gcf_am.policy.rules import Lifetimes, Quota, Restriction, Rules
from gcf_am.store.upgrade import upgrade
from gcf_am.urn import Urn
from tests.functional.manager.house import NOW, Caller, House, build, link, node, pair, request
from tests.functional.manager.test_statements import statements
from tests.postgresql import Server, database

BOB = Urn.of("gcf.local", "user", "bob")


def quota(of: str, per: str, most: int, **more: Any) -> Quota:
    return Quota(f"{of} per {per}", of=of, per=per, most=most, **more)


def under(house: House, *quotas: Quota, **more: Any) -> House:
    rules = Rules(quotas=quotas, **more)
    return house.with_am(policy=lambda: rules)


def vms(*names: str) -> str:
    return request(*(node(one, exclusive=False) for one in names))


# ------------------------------------------------------------------------------------- quotas


def test_a_quota_of_a_user_counts_all_their_slices(house: House) -> None:
    strict = under(house, quota("nodes", "user", 3))
    one, two = strict.slice("one"), strict.slice("two")
    one.allocate(vms("a", "b"))
    with pytest.raises(TooBig, match=r"user\+alice has 2, and would have 4: 1 more would fit"):
        two.allocate(vms("c", "d"))
    assert two.states() == {}
    two.allocate(vms("c"))
    # another user has a quota of their own, in the same slice too
    strict.slice("two", subject=BOB).allocate(vms("d", "e"))
    # what is gone no longer counts, before its driver has destroyed it
    one.delete()
    two.allocate(vms("f", "g"))


def test_whose_a_sliver_is_stays_when_others_work_on_it(house: House) -> None:
    strict = under(house, quota("nodes", "user", 2))
    mine = strict.slice("s")
    made = mine.allocate(vms("a", "b"))
    bobs = strict.slice("s", subject=BOB)
    bobs.provision()
    bobs.allocate(vms("c"))
    # bob's update would give alice a third one
    urns = [one.urn for one in made.slivers]
    rspec = request(*(node(f"n{urn.name}", exclusive=False, sliver_id=urn) for urn in urns))
    bobs.update(rspec.replace("</rspec>", '<node client_id="x"/></rspec>'), *urns)
    with pytest.raises(TooBig, match=r"user\+bob has 2"):
        bobs.allocate(vms("y"))


@pytest.mark.parametrize(("per", "refused"), [("slice", 0), ("project", 1), ("authority", 2)])
def test_who_is_counted_together(house: House, per: str, refused: int) -> None:
    strict = under(house, quota("nodes", per, 1))
    callers = [
        strict.slice("one", authority="gcf.local:p"),
        strict.slice("two", authority="gcf.local:p"),
        strict.slice("three", authority="gcf.local:q"),
        strict.slice("four", authority="other.org:p"),
    ]
    errors = []
    for caller in callers:
        try:
            caller.allocate(vms("a"))
        except TooBig as error:
            errors.append(error.message)
    assert len(errors) == refused
    assert all(f" {per} " in one for one in errors)


def test_a_slice_of_no_project_has_no_quota_of_projects(house: House) -> None:
    strict = under(house, quota("nodes", "project", 0))
    strict.slice("s").allocate(vms("a"))


def test_links_cores_vlans_and_slivers(house: House) -> None:
    for rule, least in (
        (quota("links", "slice", 0), "links"),
        (quota("vlans", "slice", 0), "VLANs"),
        (quota("slivers", "slice", 2), "slivers"),
        (quota("nodes", "slice", 1), "nodes"),
        (quota("cores", "slice", 7), "cores"),
    ):
        caller = under(house, rule, cores={"vm": 4, "raw-pc": 4}).slice("s")
        with pytest.raises(TooBig, match=f"at most {rule.most} {least} per slice"):
            caller.allocate(pair())
    under(
        house,
        quota("links", "slice", 1),
        quota("vlans", "slice", 1),
        quota("slivers", "slice", 3),
        quota("cores", "slice", 8),
        cores={"vm": 4, "raw-pc": 4},
    ).slice("s").allocate(pair())


def test_an_update_counts_old_and_new_until_it_is_carried_out(house: House) -> None:
    strict = under(house, quota("cores", "slice", 8), cores={"raw-pc": 8})
    caller = strict.slice()
    made = caller.running(request(node("a", host="pc1")))
    both = request(node("a", host="pc1", sliver_id=made["a"]), node("b", exclusive=False))
    with pytest.raises(TooBig, match="has 8, and would have 9"):
        caller.update(both)
    told = caller.update(both, best_effort=True).slivers
    assert [bool(one.error) for one in told] == [False, True]
    caller.cancel()
    # decision 3: while the big one is still there it counts
    caller.update(request(node("a", host="vm1", sliver_id=made["a"])))
    with pytest.raises(TooBig):
        caller.allocate(vms("b"))
    caller.provision()
    caller.allocate(vms("b"))
    caller.cancel()
    caller.allocate(vms("c", "d"))


def test_a_quota_that_was_lowered_ends_what_is_beyond_it_in_time(house: House) -> None:
    house.slice().allocate(vms("a", "b", "c"))
    strict = under(house, quota("nodes", "slice", 2)).slice()
    with pytest.raises(TooBig, match="has 3: 1 must go first"):
        strict.provision()
    with pytest.raises(TooBig):
        strict.renew(NOW + timedelta(hours=1))
    # nothing that is there is taken away, and it may end sooner
    strict.renew(NOW + timedelta(minutes=5))
    gone = strict.describe().slivers[0].urn
    strict.delete(gone)
    strict.renew(NOW + timedelta(hours=1))
    strict.provision()


def test_with_best_effort_as_many_as_fit_are_provisioned(house: House) -> None:
    house.slice().allocate(request(node("a", host="vm1"), node("b", host="vm2")))
    rules = Rules(restrictions=(Restriction("no vm1", components=("vm1",), only=("nobody.org",)),))
    strict = house.with_am(policy=lambda: rules).slice()
    told = strict.provision(best_effort=True).slivers
    assert {bool(one.error) for one in told} == {False, True}
    assert all("rule 'no vm1'" in one.error for one in told if one.error)


def test_createsliver_is_judged_as_a_whole(house: House) -> None:
    caller = under(house, quota("nodes", "user", 1)).slice()
    with pytest.raises(TooBig):
        create(caller.am, caller.grant, vms("a", "b"), users=(), end_time=None)
    assert caller.states() == {}
    create(caller.am, caller.grant, vms("a"), users=(), end_time=None)


def test_of_calls_that_race_for_the_last_unit_one_gets_it(house: House) -> None:
    strict = under(house, quota("nodes", "user", 2))

    def allocate(number: int) -> AmError | None:
        try:
            strict.slice(f"s{number}").allocate(vms("a"))
        except AmError as refused:
            return refused
        return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(allocate, range(12)))
    assert answers.count(None) == 2
    assert {type(one) for one in answers if one is not None} == {TooBig}


def test_what_is_counted_is_locked_before_components(tmp_path: Path, postgresql: Server) -> None:
    rules = [quota("nodes", per, 9) for per in ("user", "slice", "project", "authority")]
    with database(postgresql) as url:
        upgrade(url)
        house = build(tmp_path, url)
        with closing(house.am.store):
            caller = under(house, *rules).slice("s", authority="gcf.local:p")
            # the first call makes the rows
            caller.allocate(vms("a"))
            with statements() as seen:
                caller.allocate(vms("b"))
    ran = list(enumerate(seen))
    locks = (at for at, one in ran if "FROM components" in one and "FOR UPDATE" in one)
    accounts, components = locks
    counts = [at for at, one in ran if "FROM tallies" in one]
    held = next(at for at, one in ran if "SELECT counters" in one)
    assert accounts < counts[0] < counts[-1] < held < components


# -------------------------------------------------------------------------------- restrictions


def barring(house: House, **named: Any) -> House:
    rules = Rules(restrictions=(Restriction("r", **named),))
    return house.with_am(policy=lambda: rules)


def test_who_may_not_use_a_host_is_put_elsewhere_or_told_the_rule(house: House) -> None:
    strict = barring(house, components=("vm1", "*+pc?"), only=("gcf.local:lab",))
    caller = strict.slice()
    # vm1 has four slots, vm2 two
    caller.allocate(vms("a", "b"))
    placed = {strict.sliver(one.urn).contents.placement.component_id  # type: ignore[union-attr]
              for one in caller.describe().slivers}  # fmt: skip
    assert placed == {"urn:publicid:IDN+gcf.local+node+vm2"}
    with pytest.raises(Refused, match=r"node 'c' .*vm1: rule 'r': only gcf.local:lab") as refused:
        caller.allocate(vms("c"))
    assert refused.value.rule == "r"
    with pytest.raises(Refused, match="rule 'r'"):
        caller.allocate(request(node("c", host="vm1")))
    lab = strict.slice("s", authority="gcf.local:lab")
    lab.allocate(request(node("c", host="vm1")))
    # what nobody could have is refused as ever
    with pytest.raises(AmError, match="no-such"):
        caller.allocate(request(node("c", host="no-such")))


def test_sliver_types_and_images_are_left_out(house: House) -> None:
    strict = barring(house, sliver_types=("raw-*",), never=("urn:publicid:IDN+gcf.local+user+bob",))
    strict.slice("mine").allocate(request(node("a", sliver_type="raw-pc")))
    bobs = strict.slice("his", subject=BOB)
    with pytest.raises(Refused, match="raw-pc, image debian"):
        bobs.allocate(request(node("a", sliver_type="raw-pc")))
    bobs.allocate(vms("a"))


def test_what_stands_where_it_may_no_longer_is_not_prolonged(house: House) -> None:
    made = house.slice().running(request(node("a", host="vm1")))
    strict = barring(house, components=("vm1",), only=("nobody.org",)).slice()
    with pytest.raises(Refused):
        strict.renew(NOW + timedelta(days=8))
    strict.renew(NOW + timedelta(days=1))
    # it may be changed in place
    strict.update(request(node("a", "a:0", host="vm1", sliver_id=made["a"])))
    strict.cancel()
    with pytest.raises(Refused):
        strict.update(request(node("a", sliver_id=made["a"]), node("b", host="vm1")))


# ----------------------------------------------------------------------------------- lifetimes


@pytest.fixture
def short(house: House) -> House:
    rules = Rules(
        lifetimes=(
            Lifetimes(
                allocated_minutes=5,
                allocated_most_minutes=20,
                provisioned_hours=4,
                provisioned_most_hours=12,
            ),
            Lifetimes("gcf.local:p", renewal_hours=3, total_hours=10),
        )
    )
    return house.with_am(policy=lambda: rules)


def expiry(caller: Caller) -> timedelta:
    [end] = {one.expires for one in caller.status()}
    return end - NOW


def test_lifetimes_of_the_policy_go_before_the_configured_ones(short: House) -> None:
    caller = short.slice()
    caller.allocate(vms("a"))
    assert expiry(caller) == timedelta(minutes=5)
    with pytest.raises(OutOfRange, match="latest is 2026-03-01T12:20:00Z"):
        caller.renew(NOW + timedelta(minutes=21))
    caller.provision()
    assert expiry(caller) == timedelta(hours=4)
    caller.renew(NOW + timedelta(days=3), alap=True)
    assert expiry(caller) == timedelta(hours=12)


def test_one_renewal_and_the_total_are_bounded(short: House) -> None:
    caller = short.slice("s", authority="gcf.local:p")
    caller.allocate(vms("a"))
    caller.provision()
    assert expiry(caller) == timedelta(hours=4)
    with pytest.raises(OutOfRange, match="one renewal adds at most 3 h") as refused:
        caller.renew(NOW + timedelta(hours=8))
    assert refused.value.hint == "2026-03-01T19:00:00Z"
    caller.renew(NOW + timedelta(hours=7))
    short.wait(hours=6)
    late = short.slice("s", authority="gcf.local:p")
    with pytest.raises(OutOfRange, match="the latest is 2026-03-01T22:00:00Z: no sliver"):
        late.renew(NOW + timedelta(hours=11))
    late.renew(NOW + timedelta(hours=30), alap=True)
    assert expiry(late) == timedelta(hours=10)
    late.renew(NOW + timedelta(hours=8))


def test_a_reservation_that_is_changed_again_and_again_ends_in_total(short: House) -> None:
    caller = short.slice("s", authority="gcf.local:p")
    urn = caller.allocate(vms("a"), end_time=NOW + timedelta(minutes=20)).slivers[0].urn
    for _ in range(40):
        short.wait(minutes=15)
        caller = short.slice("s", authority="gcf.local:p")
        rspec = request(node("a", exclusive=False, sliver_id=urn))
        if short.clock.now() >= NOW + timedelta(hours=10):
            break
        caller.update(rspec, end_time=short.clock.now() + timedelta(minutes=20))
    assert caller.describe().slivers == ()


def test_node_hours_bound_how_long_nodes_live(house: House) -> None:
    strict = under(house, quota("node_hours", "user", 24, days=10))
    caller = strict.slice("one")
    caller.allocate(vms("a", "b"))
    caller.provision()
    # two nodes share them
    assert expiry(caller) == timedelta(hours=12)
    # an earlier end leaves some
    caller.renew(NOW + timedelta(hours=6))
    with pytest.raises(OutOfRange, match=r"latest is 2026-03-02T00:00:00Z: rule 'node_hours per"):
        caller.renew(NOW + timedelta(hours=13))
    other = strict.slice("two")
    other.allocate(vms("c"))
    other.provision()
    assert expiry(other) == timedelta(hours=12)
    with pytest.raises(
        TooBig, match=r"at most 24 node hours per user within 10 days.*nothing more"
    ):
        strict.slice("three").allocate(vms("d"))
    # links are free
    strict.slice("three", authority="gcf.local", subject=BOB).allocate(vms("d"))


def test_node_hours_that_were_not_used_come_back(house: House) -> None:
    strict = under(house, quota("node_hours", "user", 24, days=10))
    caller = strict.slice("one")
    caller.allocate(vms("a"))
    caller.provision()
    assert expiry(caller) == timedelta(hours=24)
    strict.wait(hours=2)
    strict.slice("one").delete()
    again = strict.slice("two")
    again.allocate(vms("b"))
    again.provision()
    assert expiry(again) == timedelta(hours=2 + 22)
    strict.wait(hours=22)
    expire(strict.am, strict.clock.now())
    with pytest.raises(TooBig, match=r"has 24\.0"):
        strict.slice("three").allocate(vms("c"))
    # what lies before the window is forgotten
    strict.wait(days=10)
    strict.slice("three").allocate(vms("c"))


def test_a_renewal_with_spent_hours_keeps_its_time(house: House) -> None:
    house.slice().running(vms("a"))
    strict = under(house, quota("node_hours", "user", 1)).slice()
    until = expiry(strict)
    strict.renew(NOW + timedelta(days=20), alap=True)
    assert expiry(strict) == until
    strict.renew(NOW + timedelta(hours=2))
    assert expiry(strict) == timedelta(hours=2)


# --------------------------------------------------------------------------------- statements


EVERY = tuple(
    quota(of, per, 1000)
    for of in ("slivers", "nodes", "links", "cores", "vlans", "node_hours")
    for per in ("user", "slice", "project", "authority")
)


def test_without_rules_nothing_is_counted(house: House) -> None:
    caller = house.slice()
    with statements() as seen:
        caller.allocate(request(node("a", "a:0"), node("b", "b:0"), link("l", "a:0", "b:0")))
        caller.provision()
        caller.renew(NOW + timedelta(hours=1))
    assert [one for one in seen if one.startswith("SELECT") and _counts(one)] == []


def test_the_number_of_counts_is_that_of_scopes_and_windows(house: House) -> None:
    caller = under(house, *EVERY).slice("s", authority="gcf.local:p")
    with statements() as seen:
        caller.allocate(vms("a", "b"))
    counted = [one for one in seen if one.startswith("SELECT") and _counts(one)]
    assert len(counted) == 1 + 4 + 4


def _counts(statement: str) -> bool:
    return "shares" in statement or "tallies" in statement
