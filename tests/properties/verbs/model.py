"""What every slice has here, as seed 002 and the decisions on it have it.

Written from the papers; shares nothing with the server. What verbs do to it stands in `asking`
(Allocate and Update) and `doing` (the others).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.properties.verbs.documents import Shown
from tests.properties.verbs.faults import SEARCHFAILED, Faults
from tests.properties.verbs.slivers import (
    ALLOCATED,
    CONFIGURING,
    PROVISIONED,
    READY,
    UNALLOCATED,
    Sliver,
    Told,
)
from tests.properties.verbs.wishes import HOST_OF_PORT, SITE, Contents, most


@dataclass(frozen=True)
class Chosen:
    """What a call names: the slice, or slivers of which some are not (or no longer) here."""

    slice: str
    whole: bool
    slivers: tuple[Sliver, ...]
    unknown: tuple[str, ...] = ()

    @property
    def urns(self) -> list[str]:
        if self.whole:
            return [self.slice]
        return [*(one.urn for one in self.slivers), *self.unknown]

    def faults(self, *, best_effort: bool) -> Faults:
        """What is wrong with the choice itself, for all verbs but Describe and Update."""
        faults = Faults()
        if (not self.slivers and not self.unknown) or (self.unknown and not best_effort):
            faults.sure(SEARCHFAILED)
        elif not self.slivers:
            faults.perhaps(SEARCHFAILED)
        return faults

    def entries(self, told: Iterable[Told]) -> dict[str, Told]:
        """The entries by URN; those of unknown slivers are as they must be, and left out."""
        found: dict[str, Told] = {}
        for one in told:
            assert one.urn not in found, told
            found[one.urn] = one
        for urn in self.unknown:
            entry = found.pop(urn)
            assert entry.allocation == UNALLOCATED
            assert entry.error
        return found


class Model:
    """The live slivers, oldest first, and the URNs of those that were.

    `until` are the slices with the time when their credentials expire.
    """

    def __init__(self, until: Mapping[str, str]) -> None:
        self.until = until
        self.slivers: dict[str, Sliver] = {}
        self.gone: dict[str, list[str]] = {urn: [] for urn in until}
        # whether a driver may still have, and hold, what is no longer anybody's (decision 2)
        self.fading = False

    def of(self, slice_: str) -> list[Sliver]:
        return [one for one in self.slivers.values() if one.slice == slice_]

    def choose(self, slice_: str, picks: Sequence[int] | None) -> Chosen:
        """The slice itself, or slivers by number; the last number is of one that is not here."""
        live = self.of(slice_)
        if picks is None:
            return Chosen(slice_, whole=True, slivers=tuple(live))
        chosen = {
            one.urn: one for pick in picks if live and pick < 7 for one in [live[pick % len(live)]]
        }
        gone = self.gone[slice_]
        stale = gone[-1] if gone else "urn:publicid:IDN+gcf.local+sliver+never"
        unknown = () if chosen and 7 not in picks else (stale,)
        return Chosen(slice_, whole=False, slivers=tuple(chosen.values()), unknown=unknown)

    def allow(self, slice_: str, expires: str) -> None:
        """A new expiry: never later than the credential's."""
        assert expires <= self.until[slice_]

    def put(self, sliver: Sliver) -> None:
        self.slivers[sliver.urn] = sliver

    def add(self, sliver: Sliver) -> None:
        assert sliver.urn not in self.slivers
        assert not any(sliver.urn in gone for gone in self.gone.values()), "used twice"
        self.put(sliver)

    def end(self, sliver: Sliver, told: Told) -> None:
        """It is gone, and the answer says so, with the expiry it had."""
        assert (told.allocation, told.next) == (UNALLOCATED, ""), told
        assert told.expires == sliver.expires
        assert not told.error
        del self.slivers[sliver.urn]
        self.gone[sliver.slice].append(sliver.urn)
        self.fading |= sliver.state != ALLOCATED

    def drop_ends(self, slice_: str) -> None:
        """Links lose the ends whose nodes, or interfaces, are gone (decision 8)."""
        there = {end for one in self.of(slice_) if not one.is_link for end in one.interfaces}
        for one in self.of(slice_):
            if one.is_link and one.interfaces - there:
                lost = one.interfaces - there
                then = one.then.without(lost) if one.then else None
                self.put(replace(one, now=one.now.without(lost), then=then))

    def look(self, slice_: str, told: Iterable[Told], shown: Mapping[str, Shown]) -> None:
        """Compare the whole slice with what Describe answered."""
        self._notice_ready_ends(slice_)
        entries = list(told)
        assert {one.urn for one in entries} == {one.urn for one in self.of(slice_)}
        for one in entries:
            assert not one.error, one
            self.put(self.slivers[one.urn].told(one))
        kept = {one.urn: one.future for one in self.of(slice_) if one.future is not None}
        assert set(shown) == set(kept)
        for urn, contents in kept.items():
            shown[urn].check(contents)

    def look_cancelled(self, slice_: str, told: Iterable[Told], shown: Mapping[str, Shown]) -> None:
        """Compare with Describe(geni_cancelled): what stays when all that is pending is undone."""
        self._notice_ready_ends(slice_)
        kept = [one for one in self.of(slice_) if one.state != ALLOCATED]
        entries = {one.urn: one for one in told}
        assert set(entries) == set(shown) == {one.urn for one in kept}
        for one in kept:
            seen = replace(one, state=PROVISIONED).told(entries[one.urn])
            self.put(replace(one, way=seen.way))
            shown[one.urn].check(one.now)

    def at_rest(self, slice_: str, told: Iterable[Told]) -> bool:
        """Whether nothing moves any more; links whose ends are not ready wait."""
        states = {one.urn: one.operational for one in told}

        def rests(sliver: Sliver) -> bool:
            state = states[sliver.urn]
            if state == sliver.way[-1]:
                return True
            waits = sliver.is_link and (sliver.way[-1], state) == (READY, CONFIGURING)
            return waits and not all(
                end in node.now.interfaces and states[node.urn] == READY
                for end, node in self._ends(sliver)
            )

        return all(rests(one) for one in self.of(slice_))

    def holds(self) -> dict[tuple[str, str], int]:
        """What all slivers together take of the site."""
        taken: Counter[tuple[str, str]] = Counter()
        for one in self.slivers.values():
            taken.update(most(one.now, one.then))
        return {key: amount for key, amount in taken.items() if amount}

    def check(self) -> None:
        """Capacity is never exceeded; names are unique; links end on nodes, at their ports."""
        for (component, dimension), amount in self.holds().items():
            assert amount <= SITE.get((component, dimension), 1), (component, dimension, amount)
        for slice_ in {one.slice for one in self.slivers.values()}:
            names = Counter(name for one in self.of(slice_) for name in one.names)
            assert max(names.values()) == 1, names
            assert not parted(self.of(slice_)), self.of(slice_)

    def _notice_ready_ends(self, slice_: str) -> None:
        for one in self.of(slice_):
            if one.is_link and all(
                end in node.now.interfaces and READY in node.way for end, node in self._ends(one)
            ):
                self.put(replace(one, could=True))

    def _ends(self, link: Sliver) -> list[tuple[str, Sliver]]:
        return [
            (end, node)
            for end in link.now.interfaces
            for node in self.of(link.slice)
            if not node.is_link and end in node.interfaces
        ]


def parted(slivers: Sequence[Sliver]) -> bool:
    """Whether a link is laid elsewhere than its nodes are: now, or after the next Provision.

    A reservation is what it will be; before it is provisioned, only links that stay as they are
    must meet it.
    """
    links = [one for one in slivers if one.is_link]
    nodes = [one for one in slivers if not one.is_link]
    for link in links:
        will = {end: node.future for node in nodes if node.future for end in node.future.interfaces}
        if link.future is not None and _misses(link.future, will):
            return True
        met = [one for one in nodes if one.state != ALLOCATED or link.state == PROVISIONED]
        now = {end: node.now for node in met for end in node.now.interfaces}
        if link.state != ALLOCATED and _misses(link.now, now):
            return True
    return False


def _misses(link: Contents, nodes: Mapping[str, Contents]) -> bool:
    ports = dict(link.ports)
    ends = [end for end in link.interfaces if end in nodes]
    within = {nodes[end].host for end in ends if end not in ports}
    return len(within) > 1 or any(
        HOST_OF_PORT[ports[end]].name != nodes[end].host for end in ends if end in ports
    )
