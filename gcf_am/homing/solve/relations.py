"""Constraints on pairs: which options of one demand go with an option of another."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Protocol

from gcf_am.homing.solve.network import Network, Start
from gcf_am.homing.solve.option import Frame, Option
from gcf_am.homing.sphere import Ring, ring
from gcf_am.homing.stock import Stock
from gcf_am.homing.terms import Constraint, DistanceRule, GroupRule, NetworkRule, ZoneRule


class Relation(Protocol):
    """A symmetric relation between options."""

    def row(self, option: Option, frame: Frame, among: int) -> int:
        """The set of those of `among`, options of the frame, that go with this one."""
        ...


@dataclass(frozen=True, slots=True)
class _Near:
    ring: Ring

    def row(self, option: Option, frame: Frame, among: int) -> int:
        return frame.within(option, self.ring, among)


@dataclass(frozen=True, slots=True)
class _Zones:
    same: bool
    category: str

    def row(self, option: Option, frame: Frame, among: int) -> int:
        sets = frame.zones(self.category)
        here = sets.get(option.zones.get(self.category, ""), 0)
        # others without a zone were taken out before: they are neither the same nor different
        return among & here if self.same else among & ~here


@dataclass(frozen=True, slots=True)
class _Groups:
    def row(self, option: Option, frame: Frame, among: int) -> int:
        sets = frame.groups()
        return among & reduce(or_, (sets.get(name, 0) for name in option.groups), 0)


@dataclass(frozen=True, slots=True)
class _Connected:
    network: Network

    def row(self, option: Option, frame: Frame, among: int) -> int:
        start = Start(option.attachment)
        found = 0
        for node, those in frame.attached().items():
            if those & among and self.network.reaches(start, node):
                found |= those
        return found & among


def relation_of(constraint: Constraint, stock: Stock) -> Relation | None:
    """What a constraint demands of each pair of its demands; None when it judges each alone."""
    match constraint.rule:
        case DistanceRule(location=None) as near:
            return _Near(ring(near.distance))
        case NetworkRule(location=None) as network:
            return _Connected(Network(stock.graph, network))
        case ZoneRule() as zone:
            return _Zones(zone.same, zone.category)
        case GroupRule():
            return _Groups()
        case _:
            return None
