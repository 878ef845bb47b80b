"""All or nothing, or each for itself: what geni_best_effort decides.

Source: AM API v3, geni_best_effort.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gcf_am.errors import AmError
from gcf_am.manager.record import Change
from gcf_am.manager.report import Report, report
from gcf_am.model.sliver import Sliver
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Attempt:
    """The changes that can be made, and why the other slivers stay as they are."""

    changes: list[Change]
    errors: Mapping[Urn, str]

    def reports(self, slivers: Iterable[Sliver]) -> tuple[Report, ...]:
        """What to tell of the slivers a call was about: as they are now."""
        after = {one.after.urn: one.after for one in self.changes}
        return tuple(
            report(after.get(one.urn, one), self.errors.get(one.urn, "")) for one in slivers
        )


def _allow(_changes: Sequence[Change]) -> None:
    """Nothing speaks against it."""


def attempt(
    slivers: Iterable[Sliver],
    change: Callable[[Sliver], Sliver],
    *,
    best_effort: bool,
    allow: Callable[[Sequence[Change]], None] = _allow,
) -> Attempt:
    """Change each sliver; `change` and `allow` raise AmError where that cannot be.

    `allow` judges the changes together. Without best effort the first error is raised and
    nothing is to be changed; with it, it becomes the sliver's geni_error.
    """
    changes: list[Change] = []
    errors: dict[Urn, str] = {}
    for sliver in slivers:
        try:
            changes.append(Change(sliver, change(sliver)))
        except AmError as refused:
            if not best_effort:
                raise
            errors[sliver.urn] = refused.message
    try:
        allow(changes)
    except AmError:
        if not best_effort:
            raise
        changes = _one_by_one(changes, allow, errors)
    return Attempt(changes, errors)


def _one_by_one(
    changes: Iterable[Change], allow: Callable[[Sequence[Change]], None], errors: dict[Urn, str]
) -> list[Change]:
    allowed: list[Change] = []
    for one in changes:
        try:
            allow([*allowed, one])
            allowed.append(one)
        except AmError as refused:
            errors[one.after.urn] = refused.message
    return allowed
