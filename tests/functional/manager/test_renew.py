from datetime import timedelta

import pytest

from gcf_am.errors import OutOfRange, SearchFailed
from gcf_am.urn import Urn
from tests.functional.manager.house import NOW, Caller, House, node, request


def test_all_states_are_renewed_to_the_same_time(caller: Caller) -> None:
    made = caller.running(request(node("a"), node("b")))
    caller.update(request(node("a", sliver_id=made["a"])), made["a"])
    caller.allocate(request(node("c")))
    until = NOW + timedelta(hours=1)
    told = caller.renew(until)
    assert {one.expires for one in told} == {until}
    assert {one.client_id: one.next_allocation for one in told} == {
        "a": "geni_provisioned",
        "b": "",
        "c": "geni_provisioned",
    }


def test_reservations_have_the_shorter_limit(caller: Caller) -> None:
    made = caller.provisioned(request(node("a")))
    new = caller.allocate(request(node("b"))).slivers[0].urn
    before = {one.urn: one.expires for one in caller.status()}
    until = NOW + timedelta(days=3)
    with pytest.raises(OutOfRange) as refused:
        caller.renew(until)
    assert refused.value.hint == "2026-03-01T14:00:00Z"
    assert {one.urn: one.expires for one in caller.status()} == before
    told = {one.urn: one for one in caller.renew(until, best_effort=True)}
    assert (told[made["a"]].expires, told[made["a"]].error) == (until, "")
    assert told[new].expires == before[new]
    assert told[new].error
    told = {one.urn: one for one in caller.renew(until, alap=True)}
    assert told[new].expires == NOW + timedelta(hours=2)


def test_the_credential_is_a_limit(caller: Caller) -> None:
    caller.provisioned(request(node("a")))
    with pytest.raises(OutOfRange):
        caller.renew(NOW + timedelta(days=11))
    (told,) = caller.renew(NOW + timedelta(days=11), alap=True)
    assert told.expires == NOW + timedelta(days=10)


def test_as_long_as_possible_never_shortens(house: House, caller: Caller) -> None:
    caller.provisioned(request(node("a")))
    short = house.slice(until=NOW + timedelta(hours=1))
    (told,) = short.renew(NOW + timedelta(days=20), alap=True)
    assert told.expires == NOW + timedelta(days=7)


def test_sooner_is_allowed_and_the_past_is_not(caller: Caller) -> None:
    caller.provisioned(request(node("a")))
    (told,) = caller.renew(NOW + timedelta(minutes=1))
    assert told.expires == NOW + timedelta(minutes=1)
    for alap in (False, True):
        with pytest.raises(OutOfRange):
            caller.renew(NOW, alap=alap)


def test_unknown(caller: Caller) -> None:
    with pytest.raises(SearchFailed):
        caller.renew(NOW + timedelta(hours=1))
    urn = caller.allocate(request(node("a"))).slivers[0].urn
    unknown = Urn.of("gcf.local", "sliver", "9999")
    with pytest.raises(SearchFailed):
        caller.renew(NOW + timedelta(hours=1), urn, unknown)
    assert caller.status()[0].expires == NOW + timedelta(minutes=10)
