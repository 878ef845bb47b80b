"""Features and desires: the elements fd of the extension emulab/1."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from gcf_am.model.features import Counts, Feature
from gcf_am.rspec.names import EMULAB
from gcf_am.rspec.numbers import number_in

# takes the element at fault and what would have been right
Complain = Callable[[Any, str], None]
_FEATURE: Final = f"{{{EMULAB}}}fd"
_ATTRIBUTES: Final = ("name", "weight", "violatable", "local_operator", "global_operator")
_COUNTS: Final = {one.value: one for one in Counts}
_TRUE: Final = frozenset({"true", "1"})


def read_features(node: etree._Element, complain: Complain) -> tuple[Feature, ...]:
    """The features of a host, or a node's desires, in their order and each name once.

    Real advertisements say some twice: amounts then add up, and of costs the larger counts.
    """
    found: dict[str, Feature] = {}
    for element in node.iterchildren(_FEATURE):
        one = _feature(element, complain)
        if one is None:
            continue
        before = found.get(one.name)
        if before is None:
            found[one.name] = one
        else:
            weights = before.weight, one.weight
            found[one.name] = replace(
                before,
                weight=sum(weights) if before.adds and one.adds else max(weights),
                violatable=before.violatable or one.violatable,
            )
    return tuple(found.values())


def _feature(element: etree._Element, complain: Complain) -> Feature | None:
    if not element.get("name", "").strip():
        complain(element, "its name is missing")
        return None
    try:
        return _read(*(element.get(name, "") for name in _ATTRIBUTES))
    except ValueError as error:
        complain(element, str(error))
        return None


@lru_cache(maxsize=10_000)
def _read(name: str, weight: str, violatable: str, local: str, everywhere: str) -> Feature:
    """Read the attributes once for all nodes of a site that have the same."""
    number = number_in(weight, "weight")
    if number is None:
        raise ValueError("its weight is missing")
    return Feature(
        name=name,
        weight=number,
        violatable=violatable.strip() in _TRUE,
        adds=local == "+",
        counts=_COUNTS.get(everywhere),
    )
