"""An advertisement as the kit uses it: which nodes can be had, and what can be done with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from gcf_am.client.shown import ShownComponent, components_of, root_of
from gcf_am.conformance.documents.reading import core

_OPSTATE: Final = "{http://www.geni.net/resources/rspec/ext/opstate/1}"


@dataclass(frozen=True, slots=True)
class Machine:
    """The operational states of some sliver types: per state its actions and waits with the state
    after them. Source: RSpec extension opstate/1.
    """

    start: str
    sliver_types: tuple[str, ...]
    actions: Mapping[str, Mapping[str, str]]
    waits: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Ad:
    """An advertisement; reading it raises UnreadableRspec where it is none."""

    text: str

    @cached_property
    def root(self) -> Any:
        """Its root, of lxml."""
        return root_of(self.text)

    @cached_property
    def nodes(self) -> tuple[ShownComponent, ...]:
        """All nodes, in document order."""
        return components_of(self.text)

    @cached_property
    def usable(self) -> tuple[ShownComponent, ...]:
        """Nodes that can be had now, shared ones first."""
        free = [one for one in self.nodes if one.available and one.sliver_types]
        return tuple(sorted(free, key=lambda one: one.exclusive))

    @cached_property
    def has_links(self) -> bool:
        """Whether it advertises links, or interfaces to make some of."""
        tags = (core("link"), f"{core('node')}/{core('interface')}")
        return any(self.root.find(tag) is not None for tag in tags)

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """What it tells of operational states."""
        return tuple(
            Machine(
                start=block.get("start", ""),
                sliver_types=tuple(
                    one.get("name", "") for one in block.iterfind(f"{_OPSTATE}sliver_type")
                ),
                actions=_steps(block, "action", "name"),
                waits=_steps(block, "wait", "type"),
            )
            for block in self.root.iterfind(f"{_OPSTATE}rspec_opstate")
        )

    def machine(self, sliver_type: str) -> Machine | None:
        """The machine of a sliver type; None where it tells none."""
        return next((one for one in self.machines if sliver_type in one.sliver_types), None)


def _steps(block: Any, tag: str, key: str) -> dict[str, dict[str, str]]:
    return {
        state.get("name", ""): {
            one.get(key, ""): one.get("next", "") for one in state.iterfind(_OPSTATE + tag)
        }
        for state in block.iterfind(f"{_OPSTATE}state")
    }
