"""Expiry: the aggregate ends slivers by itself, and nothing outlives its credential."""

import time
from datetime import UTC, datetime, timedelta

from gcf_am.clock import format_time, parse_time
from tests.functional.federation import HomePki
from tests.functional.rspecs import node, request
from tests.functional.running import Person, Slice, free
from tests.pki import NOW


def soon(slice_: Slice, *urns: str) -> datetime:
    """Let slivers expire in a moment; a machine that is slow gets a later one."""
    for seconds in range(2, 60):
        until = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
        answer = slice_.call("Renew", format_time(until), urns=list(urns) or None)
        if answer["code"]["geni_code"] == 0:
            return until
        assert answer["code"]["geni_code"] == 19
    raise AssertionError("a minute is too short for a call")


def pass_by(moment: datetime) -> None:
    """Wait until the moment is over."""
    time.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0) + 0.01)


def test_slivers_of_all_states_are_gone_at_their_time(slice_: Slice, bob: Person) -> None:
    # R162, R222, R223, R244, R248: no call on the slice is needed, no sweep has to come first
    free(bob, "pc1", "pc2", "pc3", "pc4")
    made = slice_.provisioned(
        request(node("provisioned", host="pc1"), node("updating", host="pc2"), node("stays"))
    )
    moved = request(node("updating", host="pc3", sliver_id=made["updating"]))
    slice_.done("Update", moved, urns=[made["updating"]])
    made |= slice_.allocate(request(node("allocated", host="pc4")))
    going = [urn for name, urn in made.items() if name != "stays"]
    pass_by(soon(slice_, *going))

    assert slice_.states().keys() == {made["stays"]}
    assert slice_.rspec().urns() == {"stays": made["stays"]}
    for urn in going:
        assert slice_.refused("Status", urns=[urn]) == 12
        assert slice_.refused("Renew", "2125-01-01T00:00:00Z", urns=[urn]) == 12
    free(bob, "pc1", "pc2", "pc3", "pc4")


def test_what_expired_is_not_seen_by_anybody(slice_: Slice) -> None:
    # R223: told by the clock of each answer
    slice_.allocate(request(node("a")))
    until = soon(slice_)
    while True:
        before = datetime.now(UTC)
        slivers = slice_.slivers()
        assert all(parse_time(one["geni_expires"]) > before for one in slivers.values())
        if not slivers:
            break
        pass_by(min(until, datetime.now(UTC) + timedelta(seconds=0.2)))
    assert datetime.now(UTC) >= until


def test_a_short_credential_makes_short_slivers(alice: Person, pki: HomePki) -> None:
    # R141, R163, R189, R193, R224
    certificate = pki.slice("short")
    end = NOW + timedelta(hours=1)
    text = pki.slice_credential(pki.user("alice"), certificate, expires=end)
    short = Slice(alice, certificate.urn.text, text)
    far = "2125-01-01T00:00:00Z"
    short.done("Allocate", request(node("a")), geni_end_time=far)
    assert short.refused("Renew", format_time(end + timedelta(minutes=1))) == 19
    for method, middle, options in (
        ("Renew", (far,), {"geni_extend_alap": True}),
        ("Provision", (), {"geni_end_time": far}),
        ("Renew", (far,), {"geni_extend_alap": True}),
        ("Renew", (format_time(end),), {}),
    ):
        short.done(method, *middle, **options)
        assert {one["geni_expires"] for one in short.slivers().values()} == {format_time(end)}
    short.done("Delete")
