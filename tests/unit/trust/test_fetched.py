"""What of a source's answer is taken: FED 3.4."""

import functools
from datetime import timedelta

import pytest

from gcf_am.trust import issue
from gcf_am.trust.fetched import Fetched, take
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.terms import Source
from gcf_am.urn import Urn
from tests.pki import NOW, Pki, key

OURS = Urn.of("am.example", "authority", "am")
SOURCE = Source("https://ch.example/", "pin.pem", ("gcf.local", "geni"), forget_after=2)


@functools.cache
def root(authority: str, number: int = 1, *, days: int = 0) -> str:
    now = NOW - timedelta(days=days)
    return issue.make_root(authority, now=now, key=key("fetched", number)).certificate.pem


def taken(before: Fetched, *answer: str) -> tuple[Fetched, list[str]]:
    return take(answer, SOURCE, before, ours=OURS, own=(), now=NOW)


def names(fetched: Fetched) -> list[tuple[str, int]]:
    return [(one.certificate.named.authority, one.missed) for one in fetched.roots]


def test_roots_within_the_sources_namespaces_are_taken(pki: Pki) -> None:
    both = pki.root.certificate.pem + pki.sa.certificate.pem
    found, problems = taken(Fetched(), both, root("geni:uky"))
    assert problems == []
    assert names(found) == [("gcf.local", 0), ("gcf.local", 0), ("geni:uky", 0)]
    assert Fetched.read(found.write().encode()) == found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("nonsense", "cannot be read"),
        (root("other.example"), "none of the namespaces"),
        (root("genie"), "none of the namespaces"),
        (root("geni", days=4000), "not valid now"),
        (Pki().user("alice").certificate.pem, "no CA"),
    ],
)
def test_what_may_not_be_taken_is_told_and_the_rest_is(wrong: str, said: str) -> None:
    good = root("geni")
    found, problems = taken(Fetched(), wrong, good)
    assert names(found) == [("geni", 0)]
    assert len(problems) == 1
    assert said in problems[0]


def test_nobody_outside_names_our_people() -> None:
    loose = Source("https://ch.example/", "pin.pem", ("am.example", "geni"))
    for ours in ("am.example", "AM.example:below"):
        found, problems = take(
            [root(ours), root("geni")], loose, Fetched(), ours=OURS, own=(), now=NOW
        )
        assert names(found) == [("geni", 0)]
        assert "namespace of this aggregate" in problems[0]


def test_the_operators_own_roots_are_no_news(pki: Pki) -> None:
    own = [pki.root.certificate]
    answer = [pki.root.certificate.pem, pki.sa.certificate.pem]
    found, problems = take(answer, SOURCE, Fetched(), ours=OURS, own=own, now=NOW)
    assert [one.certificate for one in found.roots] == [pki.sa.certificate]
    assert problems == []


def test_a_root_is_given_up_after_it_was_missing_again_and_again() -> None:
    both, _ = taken(Fetched(), root("geni"), root("gcf.local"))
    once, _ = taken(both, root("geni"))
    assert names(once) == [("geni", 0), ("gcf.local", 1)]
    back, _ = taken(once, root("geni"), root("gcf.local"))
    assert names(back) == [("geni", 0), ("gcf.local", 0)]
    twice, _ = taken(once, root("geni"))
    assert names(twice) == [("geni", 0)]


def test_an_answer_with_nothing_changes_nothing() -> None:
    before, _ = taken(Fetched(), root("geni"))
    for answer in ([], [root("other.example")]):
        after, problems = taken(before, *answer)
        assert after == before
        assert "no root that could be taken" in problems[-1]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"roots": [{}]}', '{"roots": [{"pem": "x"}]}'])
def test_what_was_not_written_here_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        Fetched.read(text.encode())
