"""Emptying slices: whatever a check made at the aggregate goes again."""

from time import sleep
from typing import Final

from gcf_am.client.answers import BadAnswer
from gcf_am.client.transport import Identity
from gcf_am.conformance.answer import Answer, read
from gcf_am.conformance.holding import here
from gcf_am.conformance.lines import Lines, body_of
from gcf_am.conformance.older import bare
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.target import Person, Target

# 12 SEARCHFAILED, 15 EXPIRED: there is nothing
_NOTHING: Final = frozenset({12, 15})
_ROUNDS: Final = 60


class NotEmpty(BadAnswer):
    """A slice that was given has slivers, or it is not told whether it has."""


def require_empty(target: Target, lines: Lines, one: SliceUnderTest) -> None:
    """Raise NotEmpty, unless the aggregate says that a slice has nothing there."""
    told = _call(target, lines, "Status", one, target.people[0].shown)
    if told.fault is not None:
        body = body_of("SliverStatus", (one.urn, bare(one.credentials), {}))
        told = read("SliverStatus", lines.post(target.url, target.people[0].shown, body))
    if told.code in _NOTHING or (told.code == 0 and told.method == "Status" and not here(told)):
        return
    raise NotEmpty(
        f"{one.urn} must be empty at the aggregate, since a run deletes what its slices have:"
        f" {told.brief if told.code else 'it has slivers'}"
    )


def emptied(target: Target, lines: Lines, one: SliceUnderTest, *, by: Person | None = None) -> str:
    """Delete all that a slice has; why it is not empty afterwards, "" if it is.

    `by` is whoever does so, else the experimenter.
    """
    shown = (by or target.people[0]).shown
    if target.terms.readonly:
        return ""
    why = ""
    for _ in range(_ROUNDS):
        deleted = _call(target, lines, "Delete", one, shown)
        if deleted.code in _NOTHING:
            return ""
        if deleted.fault is not None:
            return _emptied_by_version_2(target, lines, one)
        told = _call(target, lines, "Status", one, shown)
        if told.code in _NOTHING or (told.code == 0 and not here(told)):
            return ""
        why = f"{deleted.brief}; {told.brief}"
        if deleted.code in {1, 3, 13}:
            break
        sleep(0.5)
    return why


def _emptied_by_version_2(target: Target, lines: Lines, one: SliceUnderTest) -> str:
    """Where there is no Delete: the same in version 2, which ends all or nothing."""
    body = body_of("DeleteSliver", (one.urn, bare(one.credentials), {}))
    answer = read("DeleteSliver", lines.post(target.url, target.people[0].shown, body))
    return "" if answer.code == 0 or answer.code in _NOTHING else answer.brief


def _call(
    target: Target, lines: Lines, method: str, one: SliceUnderTest, shown: Identity
) -> Answer:
    body = body_of(method, ([one.urn], one.credentials, {}))
    return read(method, lines.post(target.url, shown, body))
