"""Allocate and Update: what they may answer, and what follows.

AM API v3, Allocate; seed 002, Change Set C, Update(); decisions 3, 8, 10, 11, 13, 14.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.properties.verbs.documents import Item, Shown
from tests.properties.verbs.faults import BADARGS, NO_ROOM, SEARCHFAILED, UNSUPPORTED, Faults
from tests.properties.verbs.model import Chosen, Model
from tests.properties.verbs.room import Wanted, fits, hosts_for
from tests.properties.verbs.slivers import ALLOCATED, UNALLOCATED, UPDATING, Sliver, Told
from tests.properties.verbs.wishes import HOSTS, Contents, Holds, Link, Node, Wish, most

# A node that no host could ever have is refused in one of these ways.
NOWHERE = NO_ROOM | {BADARGS, SEARCHFAILED, UNSUPPORTED}
GUARANTEES = (
    None,
    "geni_none",
    "geni_persistent_state",
    "geni_dynamic_state",
    "geni_no_disruption",
)


@dataclass(frozen=True)
class Ask:
    """Wishes with the slivers they change, and the slivers that are to go."""

    wishes: tuple[tuple[Sliver | None, Wish], ...]
    away: tuple[Sliver, ...]
    untouched: tuple[Sliver, ...]

    @property
    def changed(self) -> list[Sliver]:
        return [sliver for sliver, _ in self.wishes if sliver is not None]

    @property
    def beside(self) -> list[Contents]:
        """What the slice's untouched slivers are after the next Provision."""
        return [one.future for one in self.untouched if one.future is not None]

    def interfaces(self) -> set[str]:
        """Those that the wished nodes have."""
        return {end for _, one in self.wishes if isinstance(one, Node) for end in one.interfaces}


def ask_of(model: Model, chosen: Chosen, items: Sequence[Item]) -> Ask:
    """Update's case table: named and in the document, named and not in it, new, neither."""
    named = {one.urn: one for one in chosen.slivers}
    kept = {one.urn for one in items}
    return Ask(
        tuple(
            (named[one.urn] if one.urn else None, one.wish)
            for one in items
            if one.urn is None or one.urn in named
        ),
        tuple(one for one in chosen.slivers if one.urn not in kept),
        tuple(one for one in model.of(chosen.slice) if one.urn not in named),
    )


def ask_anew(model: Model, slice_: str, items: Sequence[Item]) -> Ask:
    """Allocate: every resource is new, and nothing else is touched."""
    return Ask(tuple((None, one.wish) for one in items), (), tuple(model.of(slice_)))


def allocate_faults(model: Model, slice_: str, items: Sequence[Item]) -> Faults:
    faults = Faults()
    if not items:
        faults.sure(BADARGS)
    _judge(model, ask_anew(model, slice_, items), faults)
    return faults


def update_faults(
    model: Model, chosen: Chosen, items: Sequence[Item], *, best_effort: bool
) -> Faults:
    """A slice that has nothing here is allocated to; then sliver_ids do not count.

    With best effort only what is wrong with the call as a whole makes it fail.
    """
    if not model.of(chosen.slice):
        faults = allocate_faults(model, chosen.slice, items)
    else:
        faults = Faults()
        named = {one.urn for one in chosen.slivers}
        strangers = {one.urn for one in items if one.urn is not None} - named
        if strangers & {one.urn for one in model.of(chosen.slice)} or _confused(chosen, items):
            faults.sure(BADARGS)  # decision 11
            return faults
        if strangers:
            faults.sure(SEARCHFAILED)
        _judge(model, ask_of(model, chosen, items), faults)
    if chosen.unknown:
        faults.sure(SEARCHFAILED)
    return faults.lenient() if best_effort else faults


def _confused(chosen: Chosen, items: Sequence[Item]) -> bool:
    """Whether two resources mean one sliver, or one means a sliver of the other kind."""
    kinds = {one.urn: one.is_link for one in chosen.slivers}
    meant = [one for one in items if one.urn in kinds]
    return len(meant) > len({one.urn for one in meant}) or any(
        kinds[one.urn] is not isinstance(one.wish, Link) for one in meant if one.urn is not None
    )


def allocated(
    model: Model,
    slice_: str,
    items: Sequence[Item],
    told: Sequence[Told],
    shown: Mapping[str, Shown],
) -> None:
    """All is there that was asked for, and nothing else is told of."""
    assert len(told) == len(items)
    assert set(shown) == {one.urn for one in told}
    for entry in told:
        _add(model, slice_, [one.wish for one in items], entry, shown[entry.urn])


def updated(
    model: Model,
    chosen: Chosen,
    items: Sequence[Item],
    told: Iterable[Told],
    shown: Mapping[str, Shown],
    *,
    strict: bool,
) -> None:
    """What Update did: all of it when `strict`, else with best effort some (decision 13)."""
    if not model.of(chosen.slice):
        items = [replace(one, urn=None) for one in items]
    ask = ask_of(model, chosen, items)
    stay = strict and not model.fading and _room_for(model, ask, staying=True)
    entries = chosen.entries(told)
    for sliver, wish in ask.wishes:
        if sliver is None:
            continue
        entry = entries.pop(sliver.urn)
        if _failed(model, sliver, entry, strict=strict):
            continue
        contents = shown[sliver.urn].of(wish)
        if sliver.state == ALLOCATED:
            model.allow(sliver.slice, entry.expires)
            model.put(replace(sliver, now=contents, expires=entry.expires).told(entry))
        else:
            if stay and isinstance(wish, Node) and sliver.now.host in hosts_for(wish):
                assert contents.host == sliver.now.host  # decision 3
            guarantee = shown[sliver.urn].guarantee
            assert guarantee in GUARANTEES
            after = replace(sliver, state=UPDATING, then=contents, guarantee=guarantee)
            model.put(after.told(entry))
    for sliver in ask.away:
        entry = entries.pop(sliver.urn)
        if _failed(model, sliver, entry, strict=strict):
            continue
        if sliver.state == ALLOCATED:
            model.end(sliver, entry)
        else:
            model.put(replace(sliver, state=UPDATING, then=None, guarantee=None).told(entry))
    for urn in {one.urn for one in items if one.urn is not None} - set(chosen.urns):
        if not chosen.whole or urn not in {one.urn for one in chosen.slivers}:
            assert entries.pop(urn).error
    wishes = [wish for sliver, wish in ask.wishes if sliver is None]
    assert len(entries) == len(wishes)
    for entry in entries.values():
        if entry.error:
            assert not strict
            assert entry.allocation == UNALLOCATED
            assert entry.urn not in shown
        else:
            _add(model, chosen.slice, wishes, entry, shown[entry.urn])
    model.drop_ends(chosen.slice)


def _failed(model: Model, sliver: Sliver, entry: Told, *, strict: bool) -> bool:
    """Whether it is told that this failed; the sliver then is as it was."""
    if entry.error:
        assert not strict, entry
        model.put(sliver.told(entry))
    return bool(entry.error)


def _add(model: Model, slice_: str, wishes: Iterable[Wish], entry: Told, shown: Shown) -> None:
    wish = next(
        one
        for one in wishes
        if (shown.kind == "link", shown.name) == (isinstance(one, Link), one.name)
        and shown.interfaces == Contents(one).interfaces
    )
    model.allow(slice_, entry.expires)
    model.add(Sliver(entry.urn, slice_, shown.of(wish), entry.expires).told(entry))


def _judge(model: Model, ask: Ask, faults: Faults) -> None:
    _judge_names(ask, faults)
    _judge_ends(ask, faults)
    nowhere = [one for _, one in ask.wishes if isinstance(one, Node) and not hosts_for(one)]
    if nowhere:
        faults.sure(*NOWHERE)
    if faults.any_sure:
        # what is judged first is left open
        faults.perhaps(*NOWHERE)
    elif not _room_for(model, ask):
        if _room_for(model, ask, pinned=False):
            # a node must not leave the host where an untouched link needs it
            faults.perhaps(*NOWHERE)
        else:
            faults.sure(*NO_ROOM, UNSUPPORTED)


def _judge_names(ask: Ask, faults: Faults) -> None:
    # decision 10; what is updated keeps its old names until Provision
    staying = [
        *ask.untouched,
        *(one for one in (*ask.changed, *ask.away) if one.state != ALLOCATED),
    ]
    owners: dict[tuple[str, str], object] = {name: one.urn for one in staying for name in one.names}
    for number, (sliver, wish) in enumerate(ask.wishes):
        me = number if sliver is None else sliver.urn
        if any(owners.setdefault(name, me) != me for name in wish.names):
            faults.sure(BADARGS)


def _judge_ends(ask: Ask, faults: Faults) -> None:
    there = {end for one in ask.beside if isinstance(one.wish, Node) for end in one.interfaces}
    there |= ask.interfaces()
    links = [one for _, one in ask.wishes if isinstance(one, Link)]
    beside = [one for one in ask.beside if isinstance(one.wish, Link)]
    used = Counter(end for one in beside for end in one.interfaces)
    used.update(end for one in links for end in one.ends)
    for link in links:
        if not there.issuperset(link.ends):
            faults.sure(BADARGS)
        if any(used[end] > 1 for end in link.ends):
            # the papers do not say whether an interface carries two links
            faults.perhaps(BADARGS)
    parting = {
        end for one in (*ask.changed, *ask.away) if not one.is_link for end in one.interfaces
    } - ask.interfaces()
    if parting & {end for one in beside for end in one.interfaces}:
        faults.sure(BADARGS)  # decision 8


def _room_for(model: Model, ask: Ask, *, pinned: bool = True, staying: bool = False) -> bool:
    """Whether the site has room for all, with untouched nodes and links where they are."""
    carried = {end for one in ask.beside if isinstance(one.wish, Link) for end in one.interfaces}
    wanted = []
    for sliver, wish in ask.wishes:
        hosts: Iterable[str] = HOSTS
        if isinstance(wish, Node):
            hosts = hosts_for(wish)
            if sliver is not None:
                here = (sliver.future or sliver.now).host
                if pinned and carried.intersection(wish.interfaces):
                    hosts = [one for one in hosts if one == here]
                elif staying and sliver.state != ALLOCATED and sliver.now.host in hosts:
                    hosts = [sliver.now.host]
        wanted.append(Wanted(wish, _kept(sliver), tuple(hosts)))
    changing = {one.urn for one in ask.changed}
    away = {one.urn: one for one in ask.away}
    taken: Counter[tuple[str, str]] = Counter()
    for one in model.slivers.values():
        if one.urn in away:
            taken.update(_kept(one))
        elif one.urn not in changing:
            taken.update(most(one.now, one.then))
    return fits(wanted, taken, ask.beside)


def _kept(sliver: Sliver | None) -> Holds:
    """What a sliver goes on holding until Provision or Cancel; a reservation is redone."""
    return {} if sliver is None or sliver.state == ALLOCATED else most(sliver.now)
