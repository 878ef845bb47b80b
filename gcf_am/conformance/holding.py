"""Slices with slivers in them, for checks of what comes after: what fails here fails no check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.verdict import Failed, Skipped, Undecided

if TYPE_CHECKING:
    from gcf_am.conformance.trial import Trial

# Too big, busy, no VLAN, bandwidth or nodes, server busy: it may be had a little later.
_FULL: Final = frozenset({6, 14, 24, 25, 26, -32001})
_WAITING: Final = frozenset({"geni_pending_allocation", "geni_configuring", "geni_stopping"})


@dataclass(frozen=True, slots=True)
class Holding:
    """A slice, and the last answer about all its slivers (the slivers as Status tells them)."""

    slice: SliceUnderTest
    answer: Answer
    slivers: tuple[Mapping[str, Any], ...]

    @property
    def urn(self) -> str:
        """The slice's URN."""
        return self.slice.urn

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What calls on the slice carry."""
        return self.slice.credentials

    @property
    def urns(self) -> list[str]:
        """The slivers' URNs, in the order of the answer."""
        return [one["geni_sliver_urn"] for one in self.slivers]

    def parts(self) -> list[str]:
        """The slivers' URNs where there are several; Skipped where one sliver is all of the slice.

        What a sliver is of a slice the aggregate decides (AM API v3, slivers).
        """
        if len(self.slivers) < 2:
            raise Skipped("all nodes of the slice are one sliver here")
        return self.urns

    @property
    def manifest(self) -> str:
        """The manifest of the answer."""
        return str(self.answer.value.get("geni_rspec", ""))


def slivers_of(answer: Answer) -> list[Mapping[str, Any]]:
    """The slivers of an answer, of either shape; none where it has none, or not rightly."""
    return [
        one for one in slivers.entries(answer.value) if isinstance(one.get("geni_sliver_urn"), str)
    ]


def here(answer: Answer) -> list[Mapping[str, Any]]:
    """What an answer says is there, rightly or not."""
    return [
        one
        for one in slivers.entries(answer.value)
        if one.get("geni_allocation_status") != "geni_unallocated"
    ]


def with_room(trial: "Trial", ask: Callable[[], Answer]) -> Answer:
    """The answer to a call that takes nodes; while there are none it is asked again for a little.

    What was given back is taken until the aggregate has tidied it up.
    """
    last: list[Answer] = []

    def look() -> Answer | None:
        last[:] = [ask()]
        return None if last[0].code in _FULL else last[0]

    try:
        return trial.until(look, "room for a request", seconds=20)
    except Undecided:
        return last[0]


def allocated(trial: "Trial", count: int = 1, *, request: str | None = None, **how: Any) -> Holding:
    """A slice with so many nodes."""
    wanted = trial.request(count, **how) if request is None else request
    one = trial.slice()
    answer = with_room(trial, lambda: trial.call("Allocate", one.urn, one.credentials, wanted, {}))
    made = slivers_of(answer)
    if answer.code != 0 or not made or not isinstance(answer.value, Mapping):
        raise Undecided(f"nothing could be allocated: {answer.brief}")
    return Holding(one, answer, tuple(made))


def granted(trial: "Trial", request: str, rule: str) -> Holding:
    """The same where that it is allocated is itself the rule: Failed where it is not."""
    try:
        return allocated(trial, request=request)
    except Undecided as undecided:
        raise Failed(rule, undecided.reason) from None


def provisioned(trial: "Trial", held: Holding) -> Holding:
    """Provision the slivers, and wait until their operational state rests."""
    options = {**GENI3, "geni_users": [dict(one) for one in trial.target.users]}
    answer = trial.call("Provision", [held.urn], held.credentials, options)
    if answer.code != 0 or not isinstance(answer.value, Mapping):
        raise Undecided(f"nothing could be provisioned: {answer.brief}")
    return replace(held, answer=answer, slivers=tuple(rested(trial, held.slice)))


def ready(trial: "Trial", held: Holding) -> Holding:
    """Start what does not run by itself, and wait until all run."""
    if any(one.get("geni_operational_status") != "geni_ready" for one in held.slivers):
        answer = trial.call(
            "PerformOperationalAction", [held.urn], held.credentials, "geni_start", {}
        )
        if answer.code != 0:
            raise Undecided(f"the slivers could not be started: {answer.brief}")
    there = rested(trial, held.slice)
    wrong = [one for one in there if one.get("geni_operational_status") != "geni_ready"]
    if wrong:
        raise Undecided(f"a sliver did not get ready: {dict(wrong[0])}")
    return replace(held, slivers=tuple(there))


def rested(trial: "Trial", one: SliceUnderTest) -> list[Mapping[str, Any]]:
    """The slivers, as soon as none of them is in a wait state."""

    def ask() -> list[Mapping[str, Any]] | None:
        answer = trial.call("Status", [one.urn], one.credentials, {})
        if answer.code != 0:
            raise Undecided(f"the slivers' states are not told: {answer.brief}")
        told = slivers_of(answer)
        waits = any(one.get("geni_operational_status") in _WAITING for one in told)
        return None if waits else told

    return trial.until(ask, "a state that rests")
