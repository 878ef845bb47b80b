"""The mapper on small random instances, against CP-SAT and a checker of its own."""

from dataclasses import replace
from typing import Any

import pytest

from gcf_am.errors import AmError, SearchFailed, TooBig, Unsupported
from gcf_am.model.placement import Wish
from gcf_am.model.sliver import Contents, NodePlacement
from tests.properties.mapper.checker import violations
from tests.properties.mapper.instances import Instance, instance
from tests.properties.mapper.oracle import fits
from tests.unit.model.relaxing import relaxed, shortage_of
from tests.unit.model.small import exclusive, link, put, raw, star, urn, way_of

# Instances that need more than a first sketch, and so many others.
HARD = (333, 496, 1171, 1444, 1885)
BLOCK = 60


@pytest.mark.parametrize("block", range(8))
def test_what_fits_is_placed_and_what_is_placed_is_right(block: int) -> None:
    outcomes = [_agrees(instance(seed)) for seed in range(block * BLOCK, (block + 1) * BLOCK)]
    # the instances are near the edge: neither answer is rare
    assert 0.2 < sum(outcomes) / len(outcomes) < 0.9


@pytest.mark.parametrize("seed", HARD)
def test_what_is_hard_to_find_is_found(seed: int) -> None:
    assert _agrees(instance(seed))


def _agrees(one: Instance) -> bool:
    """Whether it was placed; CP-SAT is asked whether that is so, the checker what of it is wrong."""
    answer = _answer(one)
    if isinstance(answer, AmError):
        assert fits(one) is False, answer.message
        # TooBig: not on the empty site either
        never = isinstance(answer, TooBig)
        assert not never or fits(replace(one, held={})) is False, answer.message
        _relaxed(one, answer)
        return False
    assert violations(one.site, one.request, answer, one.held) == []
    assert fits(one) is True
    return True


def _relaxed(one: Instance, refusal: AmError) -> None:
    """Whoever does what the refusal tells gets an answer, and a right one."""
    if isinstance(refusal, Unsupported | SearchFailed):
        return
    told = shortage_of(refusal)
    assert told["relaxation"], refusal.message
    wishes = relaxed([*map(Wish, one.request)], told)
    answer = put(one.site, *wishes, held=one.held)
    assert violations(one.site, [each.resource for each in wishes], answer, one.held) == []


def _answer(one: Instance) -> list[Contents] | AmError:
    try:
        return put(one.site, *one.request, held=one.held)
    except AmError as refusal:
        return refusal


def test_the_checker_sees_what_is_wrong() -> None:
    """An answer to two nodes and a link between their hosts, spoilt in each of its parts."""
    site = star(exclusive("x1"), exclusive("x2"), capacity=5)
    request = (raw("a"), raw("b"), link("l", "a:0", "b:0", capacity=5))
    a, b, way = put(site, *request)
    assert violations(site, request, [a, b, way], {}) == []

    def spoilt(*answer: Contents, **held: int) -> str:
        taken = {(urn("node", name), "slots"): many for name, many in held.items()}
        return "; ".join(violations(site, request, answer, taken))

    assert "in its order" in spoilt(b, a, way)
    assert "slots" in spoilt(a, replace(b, placement=a.placement), way)
    assert "slots" in spoilt(a, b, way, x1=3)
    kind = NodePlacement(urn("node", "x2"), "vm", None, exclusive=True)
    assert "has no vm" in spoilt(a, replace(b, placement=kind), way)
    placed = way_of(way)
    for change, words in (
        ({"wires": placed.wires[:1]}, "do not join"),
        ({"ends": placed.ends[:1]}, "has no port"),
        ({"ends": (placed.ends[0], ("b:0", placed.ends[0][1]))}, "is on x2 and uses"),
        ({"vlan": 7}, "holds"),
    ):
        changed: Any = change
        assert words in spoilt(a, b, replace(way, placement=replace(placed, **changed)))
    wide = replace(way, resource=link("l", "a:0", "b:0", capacity=6))
    assert "bandwidth" in spoilt(a, b, wide)
