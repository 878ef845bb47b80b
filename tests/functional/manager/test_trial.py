"""Rules that are tried out on a request, or on what was done on a day."""

from datetime import timedelta
from typing import Any

import pytest

from gcf_am.errors import OutOfRange, Refused, TooBig
from gcf_am.manager.allocate import asked
from gcf_am.manager.replay import Replay, replay
from gcf_am.manager.trial import Trial, try_request
from gcf_am.policy.rules import Lifetimes, Quota, Restriction, Rules, Who
from gcf_am.urn import Urn
from tests.functional.manager.house import MANAGER, NOW, House, link, node, request

ALICE, BOB = (Urn.of("gcf.local", "user", one) for one in ("alice", "bob"))
DAY = NOW.replace(hour=0)


def quota(of: str, per: str, most: int, **more: Any) -> Quota:
    return Quota(f"{of} per {per}", of=of, per=per, most=most, **more)


def vms(*names: str) -> str:
    return request(*(node(one, exclusive=False) for one in names))


def tried(house: House, rules: Rules, rspec: str, name: str = "s1", user: Urn = ALICE) -> Trial:
    who = Who(user, Urn.of("gcf.local", "slice", name))
    return try_request(
        house.am.store,
        rules,
        house.am.limits,
        house.am.site(),
        who,
        asked(MANAGER, rspec),
        house.clock.now(),
    )


def test_a_request_is_tried_on_what_is_there(house: House) -> None:
    house.slice("s1").allocate(vms("a", "b"))
    before = house.held(), house.slice("s1").states()
    rules = Rules(quotas=(quota("nodes", "user", 3), quota("slivers", "slice", 9)))
    good = tried(house, rules, vms("c"))
    assert good.refusal is None
    assert [(one.had, one.has, one.quota.most) for one in good.figures] == [(2, 3, 3), (2, 3, 9)]
    assert good.expires == (NOW + timedelta(minutes=10), NOW + timedelta(days=7))
    bad = tried(house, rules, vms("c", "d"))
    assert isinstance(bad.refusal, TooBig)
    assert [one.broken(prolongs=False) for one in bad.figures] == [True, False]
    # a slice and a user that were never heard of have nothing
    new = tried(house, rules, vms("c", "d"), name="new", user=BOB)
    assert [one.had for one in new.figures] == [0, 0]
    assert (house.held(), house.slice("s1").states()) == before


def test_other_ends_of_a_link_are_those_that_are_there(house: House) -> None:
    house.slice().allocate(request(node("a", "a:0")))
    more = request(node("b", "b:0"), link("l", "a:0", "b:0"))
    assert tried(house, Rules(), more).refusal is None


def test_restrictions_room_and_lifetimes_are_tried_too(house: House) -> None:
    barred = Rules(restrictions=(Restriction("r", components=("vm1",), never=("gcf.local",)),))
    assert isinstance(tried(house, barred, request(node("a", host="vm1"))).refusal, Refused)
    full = tried(house, Rules(), vms(*"abcdefghijk"))
    assert isinstance(full.refusal, TooBig)
    short = Rules(
        quotas=(quota("node_hours", "user", 4),), lifetimes=(Lifetimes(provisioned_hours=3),)
    )
    assert tried(house, short, vms("a")).expires[1] == NOW + timedelta(hours=3)
    assert tried(house, short, vms("a", "b")).expires[1] == NOW + timedelta(hours=2)


def replayed(house: House, *quotas: Quota, **more: Any) -> Replay:
    return replay(house.am.store, Rules(quotas=quotas, **more), house.am.site(), DAY)


@pytest.fixture
def day(house: House) -> House:
    """At noon alice takes three and bob one; alice's second slice has one of them."""
    house.slice("one", request_id="r1").allocate(vms("a", "b"))
    house.slice("one", request_id="r2").provision()
    house.wait(hours=1)
    house.slice("two", request_id="r3").allocate(vms("c"))
    house.slice("bobs", request_id="r4", subject=BOB).allocate(vms("d"))
    house.slice("two", request_id="r5").renew(house.clock.now() + timedelta(minutes=30))
    return house


def told(found: Replay) -> list[tuple[str, str, str]]:
    return [(one.verb, one.user.name, one.slice.name) for one in found.refused]


def test_a_day_without_rules_is_as_it_was(day: House) -> None:
    assert replayed(day) == Replay(5, ())
    assert replay(day.am.store, Rules(), day.am.site(), DAY - timedelta(days=1)) == Replay(0, ())


def test_what_would_have_been_refused_is_told_and_gone(day: House) -> None:
    # the renewal of what was never made is no call any more
    found = replayed(day, quota("nodes", "user", 2))
    assert told(found) == [("Allocate", "alice", "two")]
    assert found.judged == 4
    [refused] = found.refused
    assert (refused.at, refused.slivers) == (NOW + timedelta(hours=1), 1)
    assert "has 2, and would have 3: nothing more fits" in refused.refusal.message
    # without the first the others fit
    assert told(replayed(day, quota("nodes", "user", 1))) == [("Allocate", "alice", "one")]
    assert len(told(replayed(day, quota("nodes", "authority", 0)))) == 3


def test_restrictions_and_hours_of_a_day(day: House) -> None:
    rule = Restriction("no bob", components=("vm*",), never=(BOB.text,))
    assert told(replayed(day, restrictions=(rule,))) == [("Allocate", "bob", "bobs")]
    # two nodes for seven days are more than alice may have
    assert told(replayed(day, quota("node_hours", "user", 300))) == [("Allocate", "alice", "two")]
    assert told(replayed(day, quota("node_hours", "user", 0))) == [
        ("Allocate", "alice", "one"),
        ("Allocate", "alice", "two"),
        ("Allocate", "bob", "bobs"),
    ]


def test_what_is_gone_at_the_moment_does_not_count(house: House) -> None:
    house.slice("one", request_id="r1").allocate(vms("a"))
    house.slice("one", request_id="r2").delete()
    house.wait(hours=1)
    house.slice("one", request_id="r3").allocate(vms("a"))
    assert replayed(house, quota("nodes", "user", 1)).refused == ()
    assert len(replayed(house, quota("nodes", "user", 0)).refused) == 2


def test_no_time_left_is_out_of_range(house: House) -> None:
    house.slice().allocate(vms("a"))
    rules = Rules(lifetimes=(Lifetimes(total_hours=1),))
    house.slice().provision(end_time=NOW + timedelta(hours=3))
    house.wait(hours=2)
    late = house.with_am(policy=lambda: rules).slice()
    with pytest.raises(OutOfRange, match="too late; the latest is 2026-03-01T15:00:00Z"):
        late.renew(NOW + timedelta(hours=4))
