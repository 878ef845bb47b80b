"""Aggregates as an inventory: their nodes are clouds, the caller's slivers are services."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gcf_am.errors import GcfAmError
from gcf_am.homing.inventory.network import graph_of
from gcf_am.homing.inventory.nodes import cloud_of, point_of, service_of
from gcf_am.homing.inventory.provider import Context, Unavailable
from gcf_am.homing.inventory.sources import Source
from gcf_am.homing.stock import Candidate, Graph, Point
from gcf_am.homing.terms import InventoryType, Location, LocationKind, Requirement
from gcf_am.rspec.offers import Offer, Offers, read_held, read_offers

_KEPT: Final = 60.0
_AT_ONCE: Final = 16
_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class _Told:
    """What an aggregate told, or why it did not."""

    until: float
    offers: Offers | None
    failure: str = ""


@dataclass(slots=True)
class Aggregates:
    """The inventory `geni`.

    Aggregates are asked at once, each for at most the context's timeout; what they answer is
    kept for `kept` seconds. One that does not answer is missing, and told of. `places` gives
    aggregates whose nodes tell no place one, by their URN; `zones` by category and URN
    overrides what follows from places.
    """

    sources: Sequence[Source]
    kept: float = _KEPT
    name: str = "geni"
    places: Mapping[str, Point] = field(default_factory=dict)
    zones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, _Told] = field(default_factory=dict)
    _asking: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, context: Context) -> list[str]:
        """Ask all aggregates for their advertisements; see Inventory."""
        told = self._told(context)
        failures = [f"{name}: {one.failure}" for name, one in told.items() if one.failure]
        if told and len(failures) == len(told):
            raise Unavailable(f"no aggregate has answered: {'; '.join(failures)}")
        return failures

    def candidates(self, requirement: Requirement, context: Context) -> list[Candidate]:
        """Nodes where a sliver can be made now, or slivers of the slices in `service_id`."""
        if requirement.inventory_type is InventoryType.CLOUD:
            return [
                cloud_of(one, self.name, self.places, self.zones)
                for one in self._nodes(context)
                if one.usable and one.slots != 0
            ]
        if requirement.inventory_type is InventoryType.SERVICE:
            return self._services(requirement, context)
        return []

    def resolve(self, location: Location, context: Context) -> Point | None:
        """A host by the names that its advertisement gives it."""
        if location.kind is not LocationKind.HOST_NAME:
            return None
        wanted = location.words["host_name"]
        for one in self._nodes(context):
            if wanted in {one.host.component_id, one.host.name, one.hostname}:
                point = point_of(one, self.places)
                if point is None:
                    raise ValueError(f"the host {wanted[:80]!r} tells no latitude and longitude")
                return point
        return None

    def network(self, context: Context) -> Graph:
        """All nodes and links of all advertisements."""
        return graph_of(self._answers(context), self.places)

    def groups(self, context: Context) -> Mapping[str, frozenset[str]]:  # noqa: ARG002
        """Aggregates have none."""
        return {}

    def _services(self, requirement: Requirement, context: Context) -> list[Candidate]:
        """The slivers of each slice, at every aggregate that tells of them."""
        nodes = {one.host.component_id: one for one in self._nodes(context)}
        asked = [
            (source, urn)
            for source in self.sources
            for urn in requirement.service_ids or context.slices
        ]
        told = _at_once(asked, lambda one: read_held(one[0].manifest(one[1], context)))
        types = set(requirement.service_types)
        return [
            service_of(held, urn, nodes.get(held.component_id), self.name, self.places, self.zones)
            for (_, urn), answer in zip(asked, told, strict=True)
            if not isinstance(answer, GcfAmError)
            for held in answer
            if not types or types & {held.client_id, held.sliver_type}
        ]

    def _nodes(self, context: Context) -> list[Offer]:
        return [node for one in self._answers(context) for node in one.nodes]

    def _answers(self, context: Context) -> list[Offers]:
        return [one.offers for one in self._told(context).values() if one.offers is not None]

    def _told(self, context: Context) -> dict[str, _Told]:
        """What each aggregate told, by its name, asked now unless that is known."""
        answers = _at_once(self.sources, lambda one: self._ask(one, context))
        return {
            source.name: _Told(0.0, None, str(answer)) if isinstance(answer, GcfAmError) else answer
            for source, answer in zip(self.sources, answers, strict=True)
        }

    def _ask(self, source: Source, context: Context) -> _Told:
        """Ask one aggregate; who wants the same at the same time waits for that answer."""
        key = f"{source.name} {source.audience(context)}"
        with self._lock:
            lock = self._asking.setdefault(key, threading.Lock())
        with lock:
            known = self._known.get(key)
            if known is not None and self.clock() < known.until:
                return known
            # what fails is not kept: it may be back with the next plan
            told = _Told(self.clock() + self.kept, read_offers(source.advertisement(context)))
            self._known[key] = told
            return told


def _at_once(
    values: Iterable[_Asked], do: Callable[[_Asked], _Answer]
) -> list[_Answer | GcfAmError]:
    """Do it for all values at the same time; what fails answers why."""
    told = list(values)
    if not told:
        return []

    def outcome(one: _Asked) -> _Answer | GcfAmError:
        try:
            return do(one)
        except GcfAmError as error:
            return error

    with ThreadPoolExecutor(min(_AT_ONCE, len(told)), "inventory") as pool:
        return list(pool.map(outcome, told))
