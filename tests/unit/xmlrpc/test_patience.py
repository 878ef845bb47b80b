"""Who is refused too often is not heard for a while; nobody else pays for it."""

import logging

import pytest

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.patience import Patience

ALICE, BOB = b"alice's certificate", b"bob's certificate"


class Hands:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def patience(clock: Hands) -> Patience:
    return Patience(3, 60, clock=clock)


def call(leaf: bytes = ALICE, peer: str = "192.0.2.1:999", body: bytes = b"x") -> Call:
    return Call(body, (leaf, b"root") if leaf else (), peer=peer)


def exhausted(patience: Patience, one: Call) -> None:
    for _ in range(3):
        assert patience.wait(one) == 0
        patience.refused(one)


def test_three_refusals_are_borne_and_no_more_is_heard_until_the_window_ends(
    patience: Patience, clock: Hands
) -> None:
    patience.refused(call())
    clock.now += 20
    for _ in range(2):
        patience.refused(call())
    assert patience.wait(call()) == 40
    clock.now += 39.5
    assert patience.wait(call()) == 1
    clock.now += 0.5
    assert patience.wait(call()) == 0
    # and begins anew
    exhausted(patience, call())
    assert patience.wait(call()) == 60


def test_refusals_that_lie_further_apart_are_forgotten(patience: Patience, clock: Hands) -> None:
    for _ in range(100):
        patience.refused(call())
        patience.refused(call())
        assert patience.wait(call()) == 0
        clock.now += 60


def test_to_be_turned_away_makes_it_no_longer(patience: Patience, clock: Hands) -> None:
    exhausted(patience, call())
    clock.now += 59
    for _ in range(1000):
        assert patience.wait(call()) == 1
    clock.now += 1
    assert patience.wait(call()) == 0


@pytest.mark.parametrize(
    "other",
    [call(BOB), call(b""), call(peer="192.0.2.2:999"), call(peer="2001:db8::1:999")],
    ids=["certificate", "none", "address", "IPv6"],
)
def test_another_certificate_or_address_is_another_peer(patience: Patience, other: Call) -> None:
    exhausted(patience, call())
    assert patience.wait(other) == 0


@pytest.mark.parametrize(
    ("peer", "same"),
    [
        ("192.0.2.1:999", "192.0.2.1:1000"),
        ("192.0.2.1:999", "::ffff:192.0.2.1:1"),
        ("2001:db8::1:999", "2001:db8::ffff:ffff:ffff:ffff:1"),
    ],
)
def test_the_same_peer_by_other_words(patience: Patience, peer: str, same: str) -> None:
    exhausted(patience, call(peer=peer))
    assert patience.wait(call(peer=same)) == 60


def test_a_large_call_counts_for_more(patience: Patience) -> None:
    patience.refused(call(body=b"x" * 262_143))
    patience.refused(call(body=b"x"))
    assert patience.wait(call()) == 0
    patience.refused(call(body=b"x" * 3_000_000))
    assert patience.wait(call()) == 60
    patience.refused(call(BOB, body=b"x" * 1_000_000))
    assert patience.wait(call(BOB)) == 60


def test_no_refusals_means_patience_without_end() -> None:
    patience = Patience(0, 60)
    for _ in range(1000):
        patience.refused(call())
    assert patience.wait(call()) == 0
    assert len(patience) == 0


def test_only_so_many_peers_are_remembered(clock: Hands) -> None:
    patience = Patience(1, 60, peers=10, clock=clock)
    for number in range(1000):
        patience.refused(call(b"%d" % number))
        assert len(patience) <= 10
    assert [patience.wait(call(b"%d" % number)) for number in (989, 990, 999)] == [0, 60, 60]


def test_the_log_tells_once_who_is_not_heard_and_what_came(
    patience: Patience, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    exhausted(patience, call())
    for _ in range(10):
        patience.wait(call())
    patience.refused(call())  # it was at work when the others ended
    clock.now += 60
    patience.refused(call())
    first, second = (record.getMessage() for record in caplog.records)
    assert "192.0.2.1:999 was refused 3 times and is not heard for 60 seconds" in first
    assert second == "192.0.2.1:999: 10 calls were not heard"
