"""Provision, Cancel, Delete, Renew and actions: what they may answer, and what follows.

AM API v3; seed 002, Change Set C; decisions 8, 9, 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tests.properties.verbs.documents import Shown
from tests.properties.verbs.faults import BADARGS, BUSY, OUTOFRANGE, REFUSED, UNSUPPORTED, Faults
from tests.properties.verbs.model import Chosen, Model, parted
from tests.properties.verbs.slivers import (
    ACTIONS,
    ALLOCATED,
    CONFIGURING,
    NOTREADY,
    PENDING,
    PROVISIONED,
    READY,
    UPDATING,
    UPDATING_USERS,
    Sliver,
    Told,
)
from tests.properties.verbs.wishes import Contents, Link

# How far ahead Renew may ask: always granted; more than an allocated sliver gets; never granted.
SOON, LATER, TOO_LATE, PAST = "soon", "later", "too late", "past"


def uncommitted(chosen: Chosen) -> list[Sliver]:
    """What Provision and Cancel work on; they ignore the others."""
    return [one for one in chosen.slivers if one.state != PROVISIONED]


def provision_faults(model: Model, chosen: Chosen, *, best_effort: bool) -> Faults:
    faults = chosen.faults(best_effort=best_effort)
    named = {one.urn for one in uncommitted(chosen)}
    after = []
    for one in model.of(chosen.slice):
        if one.urn not in named:
            after.append(one)
        elif one.future is not None:
            after.append(replace(one, state=PROVISIONED, now=one.future, then=None))
    _judge_whole(after, [one.now for one in after if one.state != ALLOCATED], faults)
    return faults


def cancel_faults(model: Model, chosen: Chosen, *, best_effort: bool) -> Faults:
    faults = chosen.faults(best_effort=best_effort)
    named = {one.urn for one in uncommitted(chosen)}
    after = []
    for one in model.of(chosen.slice):
        if one.urn not in named:
            after.append(one)
        elif one.state == UPDATING:
            after.append(replace(one, state=PROVISIONED, then=None))
    _judge_whole(after, [one.future for one in after], faults)
    return faults


def _judge_whole(
    after: Sequence[Sliver], contents: Iterable[Contents | None], faults: Faults
) -> None:
    """Whether half of an Update would leave links on each other's, or off their, interfaces.

    The papers say nothing of it; then it may be refused.
    """
    links = [one for one in contents if one is not None and isinstance(one.wish, Link)]
    ends = [end for one in links for end in one.interfaces]
    if len(ends) > len(set(ends)) or parted(after):
        faults.perhaps(REFUSED)


def provisioned(
    model: Model,
    chosen: Chosen,
    told: Iterable[Told],
    shown: Mapping[str, Shown],
    *,
    strict: bool,
    users: bool,
) -> None:
    entries = chosen.entries(told)
    asked = uncommitted(chosen)
    assert set(entries) == {one.urn for one in asked}
    done = []
    for sliver in asked:
        entry = entries[sliver.urn]
        if entry.error:
            assert not strict, entry
            model.put(sliver.told(entry))
        elif sliver.state == ALLOCATED:
            model.allow(sliver.slice, entry.expires)
            assert entry.expires > sliver.expires
            ready = replace(
                sliver, state=PROVISIONED, expires=entry.expires, way=(PENDING, NOTREADY)
            )
            model.put(ready.told(entry))
            done.append(sliver.urn)
        elif sliver.then is None:
            model.end(sliver, entry)
        else:
            model.put(_rebuilt(sliver, entry, users=users))
            model.fading = True
            done.append(sliver.urn)
    model.drop_ends(chosen.slice)
    assert set(shown) == set(done)
    for urn in done:
        shown[urn].check(model.slivers[urn].now)


def _rebuilt(sliver: Sliver, entry: Told, *, users: bool) -> Sliver:
    """An updating sliver with its new contents: it comes to rest where it was."""
    assert sliver.then is not None
    rest = sliver.way[-1]
    kept = set(sliver.way)
    if users and not sliver.is_link and READY in kept:
        kept.add(UPDATING_USERS)
    redone = {CONFIGURING if rest == READY else PENDING}
    if sliver.guarantee == "geni_no_disruption":
        assert entry.operational in kept, (entry, sliver)
    assert entry.operational in kept | redone
    way = (rest,) if entry.operational == rest else (entry.operational, rest)
    same = sliver.now.interfaces == sliver.then.interfaces
    after = replace(
        sliver,
        state=PROVISIONED,
        now=sliver.then,
        then=None,
        guarantee=None,
        way=way,
        could=same and sliver.could,
    )
    return after.told(entry)


def cancelled(
    model: Model,
    chosen: Chosen,
    told: Iterable[Told],
    shown: Mapping[str, Shown],
    *,
    strict: bool,
) -> None:
    entries = chosen.entries(told)
    asked = uncommitted(chosen)
    assert set(entries) == {one.urn for one in asked}
    back = []
    for sliver in asked:
        entry = entries[sliver.urn]
        if entry.error:
            assert not strict, entry
            model.put(sliver.told(entry))
        elif sliver.state == ALLOCATED:
            model.end(sliver, entry)
        else:
            before = replace(sliver, state=PROVISIONED, then=None, guarantee=None)
            model.put(before.told(entry))
            back.append(sliver.urn)
    model.drop_ends(chosen.slice)
    assert set(shown) == set(back)
    for urn in back:
        shown[urn].check(model.slivers[urn].now)


def deleted(model: Model, chosen: Chosen, told: Iterable[Told]) -> None:
    entries = chosen.entries(told)
    assert set(entries) == {one.urn for one in chosen.slivers}
    for sliver in chosen.slivers:
        model.end(sliver, entries[sliver.urn])
    model.drop_ends(chosen.slice)


def renew_faults(chosen: Chosen, when: str, *, best_effort: bool, alap: bool) -> Faults:
    faults = chosen.faults(best_effort=best_effort)
    if when == PAST:
        faults.sure(OUTOFRANGE, BADARGS)
    elif not alap and any(not _granted(one, when) for one in chosen.slivers):
        faults.sure(OUTOFRANGE)
    return faults.lenient() if best_effort else faults


def _granted(sliver: Sliver, when: str) -> bool:
    return when == SOON or (when == LATER and sliver.state != ALLOCATED)


def renewed(
    model: Model, chosen: Chosen, told: Iterable[Told], when: str, wish: str, *, alap: bool
) -> None:
    entries = chosen.entries(told)
    assert set(entries) == {one.urn for one in chosen.slivers}
    for sliver in chosen.slivers:
        entry = entries[sliver.urn]
        granted = _granted(sliver, when)
        if entry.error:
            assert when == PAST or not (granted or alap)
            model.put(sliver.told(entry))
            continue
        assert when != PAST
        assert entry.expires == wish if granted else (alap and entry.expires < wish)
        model.allow(sliver.slice, entry.expires)
        model.put(replace(sliver, expires=entry.expires).told(entry))


def action_faults(chosen: Chosen, action: str, *, best_effort: bool) -> Faults:
    """Strict for slivers; the slice's URN means those that can, one at least (decision 9)."""
    faults = chosen.faults(best_effort=best_effort)
    if not chosen.slivers:
        return faults
    states = [_able(one, action) for one in chosen.slivers]
    if chosen.whole:
        codes = {code for one in chosen.slivers for code in _why_not(one, action)}
        if any(one.state == UPDATING for one in chosen.slivers) or not {True, None} & {*states}:
            faults.sure(*codes)
        elif True not in states:
            faults.perhaps(*codes)
    else:
        for one, able in zip(chosen.slivers, states, strict=True):
            if able is False:
                faults.sure(*_why_not(one, action))
            elif able is None:
                faults.perhaps(*_why_not(one, action))
    return faults.lenient() if best_effort else faults


def _able(sliver: Sliver, action: str) -> bool | None:
    """Whether the action is defined where the sliver is; None when nobody knows where that is."""
    of_nodes = {"geni_update_users", "geni_reload"}
    if sliver.state != PROVISIONED or (sliver.is_link and action in of_nodes):
        return False
    defined = ACTIONS[action][0]
    may = {state in defined for state in sliver.possible}
    return may.pop() if len(may) == 1 else None


def _why_not(sliver: Sliver, action: str) -> set[int]:
    if sliver.state == UPDATING:
        return {BUSY}
    if action == "geni_update_users":
        return {REFUSED, UNSUPPORTED}
    # an action that meets another that is under way may be told to wait
    return {UNSUPPORTED} if sliver.state == ALLOCATED else {UNSUPPORTED, BUSY}


def acted(model: Model, chosen: Chosen, told: Iterable[Told], action: str) -> None:
    entries = chosen.entries(told)
    assert set(entries) == {one.urn for one in chosen.slivers}
    _, first, rest = ACTIONS[action]
    for sliver in chosen.slivers:
        entry = entries[sliver.urn]
        able = _able(sliver, action)
        moved = entry.operational == first and able is not False
        if entry.error or not moved:
            assert able is not True, (entry, sliver)
            assert entry.error or chosen.whole, (entry, sliver)
            model.put(sliver.told(entry))
            continue
        # a link that is on its way already may or may not have been begun anew
        could = sliver.could and first in sliver.way
        model.put(replace(sliver, way=(first, rest), could=could).told(entry))
