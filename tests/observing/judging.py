"""Observation against declaration: the last of the surface's gates (facts on lifecycle 2.6).

Nothing was answered that is not declared, whichever tests ran. Where the whole suite ran, every
element that is Published was seen: what nobody ever saw is no promise to make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import State
from gcf_am.surface.registry import SURFACE
from tests.observing.record import Sight

# What no test can see here, and why.
_REGISTRY: Final = "the registry's number; nothing in this release ends so"
_BROKEN: Final = "only what is broken ends so; tests below the wire break it"
_MOMENT: Final = "a plan is in it for a moment; who asks at another does not see it"
UNSEEN: Final[Mapping[str, str]] = {
    "code/2": "what no other code tells; nothing in this release ends so",
    "code/5": _BROKEN,
    "code/8": _BROKEN,
    "code/9": _BROKEN,
    "code/10": _REGISTRY,
    "code/11": _REGISTRY,
    "code/15": _REGISTRY,
    "code/16": _REGISTRY,
    "code/24": "so many links are not made over the wire; tests below it use up all tags",
    "code/-32001": _REGISTRY,
    "ch/2/code/DATABASE_ERROR": _BROKEN,
    "ch/2/code/SERVER_ERROR": _BROKEN,
    "ch/2/MA/KEY/KEY_PRIVATE": "it is never kept and never answered",
    "homing/1/create_plan/template_url": "the tests' home does not allow it; tests below do",
    "homing/1/status/template": _MOMENT,
    "homing/1/status/translated": _MOMENT,
    "homing/1/status/solving": _MOMENT,
    "homing/1/status/solved": _MOMENT,
    "homing/1/status/reserving": _MOMENT,
}


def judged(sight: Sight, *, whole: bool, surface: Mapping[str, Element] = SURFACE) -> Iterator[str]:
    """What is wrong, a line for each."""
    yield from sorted(sight.strange)
    if whole:
        published = {key for key, one in surface.items() if one.state is State.PUBLISHED}
        for identity in sorted(published - sight.seen - UNSEEN.keys()):
            yield f"{identity} is published, and no test ever saw it"
