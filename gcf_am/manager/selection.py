"""Which slivers a call means by its urns."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gcf_am.errors import BadArgs, Forbidden, SearchFailed, Unsupported
from gcf_am.manager import standing
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import Unit
from gcf_am.manager.report import Report, absent
from gcf_am.model.sliver import Slice, Sliver
from gcf_am.model.states import AllocationState
from gcf_am.trust.grant import Grant, Target
from gcf_am.urn import Urn

# What Provision and Cancel work on (Change Set C, Mixed State Calls).
UNCOMMITTED: Final = frozenset({AllocationState.ALLOCATED, AllocationState.UPDATING})


@dataclass(frozen=True, slots=True)
class Selection:
    """The slivers a call named.

    `slivers` are live and not expired, in the order they were named, or oldest first when `whole`
    (the slice itself was named); `live` are all such slivers of the slice; `unknown` were named
    and are not here. `slice` is None when no call ever named the slice.
    """

    slice: Slice | None
    slivers: tuple[Sliver, ...]
    live: tuple[Sliver, ...]
    unknown: tuple[Urn, ...]
    whole: bool

    def absent(self, now: datetime) -> tuple[Report, ...]:
        """What best effort tells of the unknown ones."""
        return tuple(absent(urn, "no such sliver here", now) for urn in self.unknown)


def target_of(am: Aggregate, urns: Sequence[Urn]) -> Target | None:
    """What a call with these urns is about; None when none of its slivers is known.

    Raises BadArgs unless they are one slice or slivers of one slice (AM API v3, urns).
    """
    if _check_kinds(urns):
        return Target(urns[0])
    with am.store.read() as unit:
        keys = {one.slice_key for one in unit.named(urns).values()}
        if len(keys) > 1:
            raise BadArgs("urns names slivers of several slices")
        slices = [unit.slice_of(key) for key in keys]
    return Target(slices[0].urn, slices[0].uuid or None) if slices else None


def select(
    unit: Unit,
    grant: Grant,
    urns: Sequence[Urn],
    now: datetime,
    *,
    best_effort: bool = False,
    lock: bool = False,
    may_be_empty: bool = False,
) -> Selection:
    """The slivers that `urns` mean in the grant's slice; with `lock` for a unit that writes.

    Slivers that are expired count as unknown, also when nobody has swept them yet. Raises
    SearchFailed for slivers that are not here (unless best effort) and for a slice without
    slivers (unless `may_be_empty`), Forbidden for slivers of another slice or a slice that was
    shut down, BadArgs for a wrong list.
    """
    whole = _check_kinds(urns)
    here = standing.locked(unit, grant) if lock else standing.found(unit, grant)
    live = live_slivers(unit, here, now)
    if whole:
        if urns[0] != standing.slice_urn(grant):
            raise Forbidden("the credentials are for another slice")
        if not live and not may_be_empty:
            raise SearchFailed(f"{urns[0]} has no slivers here")
        return Selection(here, live, live, (), whole)
    if any(one.slice_key != getattr(here, "key", None) for one in unit.named(urns).values()):
        raise Forbidden("the credentials are for another slice than the slivers'")
    by_urn = {one.urn: one for one in live}
    asked = tuple(dict.fromkeys(urns))  # a URN that is named twice counts once
    unknown = tuple(urn for urn in asked if urn not in by_urn)
    if unknown and not best_effort:
        raise SearchFailed("no such sliver here: " + ", ".join(urn.text for urn in unknown))
    return Selection(
        here, tuple(by_urn[urn] for urn in asked if urn in by_urn), live, unknown, whole
    )


def live_slivers(unit: Unit, here: Slice | None, now: datetime) -> tuple[Sliver, ...]:
    """The slice's slivers that are live and not expired, oldest first."""
    if here is None:
        return ()
    return tuple(one for one in unit.slivers(here.key) if not one.expired(now))


def check_single(
    am: Aggregate, selection: Selection, states: Collection[AllocationState] | None = None
) -> None:
    """Where geni_single_allocation is set, refuse a part of what must be named together.

    That is all slivers in `states` (Provision, Cancel), or else, for each state in which a named
    sliver is, all of the slice in that state (AM API v3, GetVersion). Raises Unsupported.
    """
    if not am.single_allocation or selection.whole:
        return
    named = {one.urn for one in selection.slivers}
    kinds = {one.allocation for one in selection.slivers} if states is None else states
    _all_or_none(selection.live, kinds, named)


def check_single_update(am: Aggregate, selection: Selection) -> None:
    """The same for Update, which must name every sliver of the slice here (Change Set C)."""
    if am.single_allocation and not selection.whole:
        _all_or_none(
            selection.live, frozenset(AllocationState), {one.urn for one in selection.slivers}
        )


def _all_or_none(
    live: Iterable[Sliver], states: Collection[AllocationState], named: Collection[Urn]
) -> None:
    left = [one.urn.text for one in live if one.allocation in states and one.urn not in named]
    if left:
        raise Unsupported(
            "geni_single_allocation: name the slice, or also these slivers: " + ", ".join(left)
        )


def _check_kinds(urns: Sequence[Urn]) -> bool:
    """Whether the slice is named rather than slivers; raises BadArgs for anything else."""
    if not urns:
        raise BadArgs("urns is empty: name a slice or slivers")
    kinds = {one.kind for one in urns}
    if kinds == {"sliver"}:
        return False
    if kinds != {"slice"}:
        raise BadArgs("urns must be one slice, or slivers of one slice")
    if len(urns) > 1:
        raise BadArgs("urns names more than one slice")
    return True
