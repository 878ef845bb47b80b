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
UNSEEN: Final[Mapping[str, str]] = {}


def judged(sight: Sight, *, whole: bool, surface: Mapping[str, Element] = SURFACE) -> Iterator[str]:
    """What is wrong, a line for each."""
    yield from sorted(sight.strange)
    if whole:
        published = {key for key, one in surface.items() if one.state is State.PUBLISHED}
        for identity in sorted(published - sight.seen - UNSEEN.keys()):
            yield f"{identity} is published, and no test ever saw it"
