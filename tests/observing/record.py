"""What the suite saw on the wire, by the ids of the surface; and what it saw that has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gcf_am.surface.ch_elements import Attribute
from gcf_am.surface.registry import SURFACE, around
from gcf_am.surface.shapes import Many, Record, Shape, Table


@dataclass
class Sight:
    """Ids of elements that were seen, and words on what was answered and is not declared."""

    seen: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)

    def saw(self, identity: str) -> None:
        """An element, and all that hold it."""
        self.seen.update((identity, *around(identity)))

    def sent(self, identity: str) -> None:
        """What we sent: a test may well send what nobody declared, and that proves nothing."""
        if identity in SURFACE:
            self.saw(identity)

    def answered(self, identity: str) -> None:
        """What came back: it has to be declared."""
        if identity in SURFACE:
            self.saw(identity)
        else:
            self.strange.add(f"{identity} was answered and is not declared")

    def value(self, shape: Shape, value: Any, identity: str, objects: str = "") -> None:
        """A value that came back, by its shape; fields of objects stand below `objects`."""
        if isinstance(shape, Many) and isinstance(value, list):
            for one in value:
                self.value(shape.of, one, identity, objects)
        elif isinstance(shape, Table) and isinstance(value, Mapping):
            for one in value.values():
                self.value(shape.of, one, identity, objects)
        elif isinstance(shape, Record) and isinstance(value, Mapping):
            members = {one.name: one for one in shape.members()}
            for name, one in value.items():
                member = members.get(name)
                # an object's fields stand with the object, and so does what is none of them
                own = objects if any(isinstance(x, Attribute) for x in members.values()) else ""
                where = own or identity
                self.answered(f"{where}/{name}")
                if member is not None:
                    self.value(member.shape, one, f"{where}/{name}", objects)


# One for each process of the tests; their workers hand theirs over at the end.
SIGHT: Final = Sight()
