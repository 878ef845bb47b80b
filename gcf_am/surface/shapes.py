"""The shapes of what is sent: checked before anything leaves.

A shape refuses what was not declared with Undeclared: a fault of ours, never the client's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Undeclared(TypeError):
    """Something would be sent that the surface does not declare; the text says where."""


class Member(Protocol):
    """What a struct knows of one of its members."""

    @property
    def name(self) -> str:
        """Its name on the wire."""
        ...

    @property
    def shape(self) -> "Shape":
        """Its value's shape."""
        ...

    @property
    def optional(self) -> bool:
        """Whether it may be left out."""
        ...

    @property
    def sent(self) -> bool:
        """Whether it may be sent at all."""
        ...


class Shape(Protocol):
    """What a value looks like on the wire."""

    def check(self, value: object, where: str) -> None:
        """Raise Undeclared when the value does not have this shape."""
        ...

    def members(self) -> Iterator[Member]:
        """The members declared in it, at any place but within each other."""
        ...

    def without(self, hidden: "Hidden", value: Any) -> object:
        """A value of this shape that lacks the hidden members."""
        ...

    def __str__(self) -> str: ...


Hidden = Callable[[Member], bool]


def _wrong(where: str, expected: object, value: object) -> Undeclared:
    return Undeclared(f"{where} is declared as {expected}, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Plain:
    """A string, an int or a boolean, exactly: a bool is no int here, as on the wire."""

    python: type
    name: str

    def check(self, value: object, where: str) -> None:
        """Raise Undeclared when the value is of another type."""
        if not isinstance(value, self.python) or (
            isinstance(value, bool) and self.python is not bool
        ):
            raise _wrong(where, self, value)

    def members(self) -> Iterator[Member]:
        """None."""
        return iter(())

    def without(self, hidden: Hidden, value: Any) -> object:  # noqa: ARG002
        """The value: it has no members."""
        return value

    def __str__(self) -> str:
        return self.name


TEXT = Plain(str, "string")
INT = Plain(int, "int")
BOOLEAN = Plain(bool, "boolean")


@dataclass(frozen=True, slots=True)
class Many:
    """An array of values of one shape."""

    of: Shape

    def check(self, value: object, where: str) -> None:
        """Raise Undeclared when it is no array, or an item has another shape."""
        if not isinstance(value, list | tuple):
            raise _wrong(where, self, value)
        for place, item in enumerate(value):
            self.of.check(item, f"{where}[{place}]")

    def members(self) -> Iterator[Member]:
        """Those of its items."""
        return self.of.members()

    def without(self, hidden: Hidden, value: Any) -> object:
        """The array of what remains of each item."""
        return [self.of.without(hidden, one) for one in value]

    def __str__(self) -> str:
        return f"array of {self.of}"


@dataclass(frozen=True, slots=True)
class Table:
    """A struct whose names are data, such as versions with their URLs."""

    of: Shape

    def check(self, value: object, where: str) -> None:
        """Raise Undeclared when it is no struct, or a member has another shape."""
        if not isinstance(value, Mapping):
            raise _wrong(where, self, value)
        for name, item in value.items():
            TEXT.check(name, f"a name in {where}")
            self.of.check(item, f"{where}/{name}")

    def members(self) -> Iterator[Member]:
        """Those of its values."""
        return self.of.members()

    def without(self, hidden: Hidden, value: Any) -> object:
        """The struct of what remains of each value."""
        return {name: self.of.without(hidden, one) for name, one in value.items()}

    def __str__(self) -> str:
        return f"struct of {self.of}"


class Record:
    """A struct with declared members."""

    __slots__ = ("_members",)

    def __init__(self, *members: Member) -> None:
        self._members = {one.name: one for one in members}
        if len(self._members) != len(members):
            raise ValueError("a struct declares a member twice")

    def check(self, value: object, where: str) -> None:
        """Raise Undeclared for a member that is missing, not declared, or of another shape."""
        if not isinstance(value, Mapping):
            raise _wrong(where, self, value)
        for name, item in value.items():
            member = self._members.get(name)
            if member is None or not member.sent:
                raise Undeclared(f"{where}/{name} is not declared")
            member.shape.check(item, f"{where}/{name}")
        for name, member in self._members.items():
            if name not in value and member.sent and not member.optional:
                raise Undeclared(f"{where}/{name} is declared and missing")

    def members(self) -> Iterator[Member]:
        """Its members."""
        return iter(self._members.values())

    def without(self, hidden: Hidden, value: Any) -> object:
        """The struct without the hidden ones, and what remains of each other."""
        kept = {name: one for name, one in self._members.items() if not hidden(one)}
        return {
            name: kept[name].shape.without(hidden, one)
            for name, one in value.items()
            if name in kept
        }

    def __str__(self) -> str:
        return "struct"
