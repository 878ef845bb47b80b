"""Quotas as arithmetic: what is counted, when it is too much, until when hours last."""

from datetime import UTC, datetime, timedelta

import pytest

from gcf_am.errors import TooBig
from gcf_am.model.share import Account, Share, Usage
from gcf_am.policy.quotas import Holder, Span, after, figure, figures, hours_end, judge
from gcf_am.policy.rules import Quota, Rules

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALICE = Holder(Account("user", "a+user+alice"), "alice")
USAGE = Usage({("vm",): 3, ("pc",): 1, ("vm", "pc"): 1, (): 2}, 2)


def share(*types: str, vlans: int = 0, live: bool = True) -> Share:
    return Share(live, NOW, types, vlans)


@pytest.mark.parametrize(
    ("of", "amount"), [("slivers", 7), ("nodes", 5), ("links", 2), ("vlans", 2), ("cores", 11)]
)
def test_what_is_counted(of: str, amount: int) -> None:
    # a node that changes its type counts as the larger one
    assert figure(Quota("q", "", of, "user", 0), USAGE, Rules(cores={"pc": 4})) == amount


def test_what_is_left_after_a_call() -> None:
    then = after(USAGE, [share("vm"), share(vlans=1), share("pc", live=False)], [share("pc")])
    assert then.slivers == {("vm",): 4, ("pc",): 0, ("vm", "pc"): 1, (): 3}
    assert then.vlans == 3


def judged(most: int, had: int, has: int, *, prolongs: bool = False) -> str:
    rules = Rules(quotas=(Quota("q", "", "nodes", "user", most),))
    before, then = ({ALICE.account: Usage({("vm",): n})} for n in (had, has))
    try:
        judge(figures(rules, [ALICE], before, then), prolongs=prolongs)
    except TooBig as refused:
        return f"{refused.rule}: {refused.message}"
    return ""


@pytest.mark.parametrize(
    ("had", "has", "prolongs", "words"),
    [
        (2, 4, False, ""),
        (4, 4, True, ""),
        (2, 5, False, "alice has 2, and would have 5: 2 more would fit"),
        (4, 5, False, "alice has 4, and would have 5: nothing more fits"),
        # a limit that was lowered: what is there may stay, and shrink, but is not prolonged
        (6, 6, False, ""),
        (6, 5, True, ""),
        (6, 7, False, "2 must go first"),
        (6, 6, True, "alice has 6: 2 must go first"),
    ],
)
def test_when_it_is_too_much(had: int, has: int, prolongs: bool, words: str) -> None:
    told = judged(4, had, has, prolongs=prolongs)
    assert words in told
    assert bool(told) is bool(words)
    if told:
        assert told.startswith("q: rule 'q': at most 4 nodes per user; alice has ")


def test_all_that_is_broken_is_told() -> None:
    rules = Rules(quotas=(Quota("n", "", "nodes", "user", 0), Quota("s", "", "slivers", "user", 1)))
    then = {ALICE.account: Usage({("vm",): 2})}
    with pytest.raises(TooBig, match=r"rule 'n'.*; rule 's'"):
        judge(figures(rules, [ALICE], {ALICE.account: Usage()}, then), prolongs=False)


def hours(
    most: int, used: float, *spans: tuple[float, float | None], days: int = 30
) -> timedelta | None:
    """How long nodes may live from now on; each began so many hours ago and ends in so many."""
    rules = Rules(quotas=(Quota("h", "", "node_hours", "user", most, days),))
    nodes = [
        Span(
            ALICE.account,
            NOW - timedelta(hours=ago),
            None if ahead is None else NOW + timedelta(hours=ahead),
        )
        for ago, ahead in spans
    ]
    end = hours_end(rules, [ALICE], {(ALICE.account, days): int(used * 3600)}, nodes, NOW)
    return None if end is None else end.at - NOW


def test_until_when_node_hours_last() -> None:
    assert hours(10, 0) is None
    # two new nodes share what is left
    assert hours(10, 4, (0, None), (0, None)) == timedelta(hours=3)
    # one that runs: what it is promised is given anew, what it had is spent
    assert hours(10, 8, (2, 6)) == timedelta(hours=8)
    assert hours(10, 12, (2, 6)) == timedelta(hours=4)
    assert hours(10, 20, (0, None)) == timedelta(hours=-10)
    # what lies before the window does not count
    assert hours(10, 24 + 2, (48, 2), days=1) == timedelta(hours=-14)
    # far beyond any calendar, either way
    far = timedelta(seconds=10**9)
    assert hours(10**9, 0, (0, None)) == far
    assert hours(0, 10**9, (0, None)) == -far
    # others are not concerned
    assert hours_end(Rules(), [ALICE], {}, [Span(ALICE.account, NOW, None)], NOW) is None
