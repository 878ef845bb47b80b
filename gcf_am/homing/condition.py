"""Conditions on attributes: a value, or operators on one.

Source: template guide, Attribute, Proposal: Evaluation Operators.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gcf_am.homing.pattern import read_pattern
from gcf_am.homing.stock import Scalar, Value

OPERATORS: Final = ("eq", "ne", "lt", "gt", "lte", "gte", "any", "all", "regex")
_LONGEST_VALUE: Final = 256


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator and its operands (`any` and `all` take several).

    Numbers are compared as numbers, also where one is written as text; of an attribute with
    several values one must meet it (`all` and `ne`: see `holds`).
    """

    operator: str
    operands: tuple[Scalar, ...]

    def holds(self, value: Value) -> bool:
        """Whether an attribute's value meets it.

        `any`: one of the values is an operand; `all`: every operand is one of the values;
        `ne`: none of the values is the operand. A value of more than 256 characters never meets
        a regex.
        """
        values = value if isinstance(value, tuple) else (value,)
        match self.operator:
            case "eq" | "any":
                return any(_same(one, other) for one in values for other in self.operands)
            case "ne":
                return not any(_same(one, self.operands[0]) for one in values)
            case "all":
                return all(any(_same(one, other) for one in values) for other in self.operands)
            case "regex":
                pattern = _pattern(self.operands[0])
                return any(_matches(pattern, one) for one in values)
            case _:
                return any(self._compares(one) for one in values)

    def _compares(self, value: Scalar) -> bool:
        number, bound = _number(value), _number(self.operands[0])
        if number is None or bound is None:
            return False
        match self.operator:
            case "lt":
                return number < bound
            case "gt":
                return number > bound
            case "lte":
                return number <= bound
            case _:
                return number >= bound

    def __str__(self) -> str:
        told = ", ".join(str(one) for one in self.operands)
        if self.operator == "eq":
            return told
        return f"{self.operator} {f'[{told}]' if self.operator in {'any', 'all'} else told}"


def read_conditions(value: object) -> list[Condition]:
    """Read a value (`eq`), a list (`any`), or a map of operators, which must all hold.

    Raises ValueError, whose text says what would have been right.
    """
    if isinstance(value, dict):
        if not value:
            raise ValueError(f"it is empty; give a value, or one of {', '.join(OPERATORS)}")
        return [_condition(str(name), operand) for name, operand in value.items()]
    if isinstance(value, list):
        return [_condition("any", value)]
    return [_condition("eq", value)]


def _condition(name: str, operand: object) -> Condition:
    if name not in OPERATORS:
        raise ValueError(f"{name!r} is no operator; use one of {', '.join(OPERATORS)}")
    if name in {"any", "all"}:
        operands = tuple(_scalars(operand if isinstance(operand, list) else [operand], name))
        if not operands:
            raise ValueError(f"{name} wants a list with at least one value")
        return Condition(name, operands)
    (scalar,) = _scalars([operand], name)
    if name == "regex":
        read_pattern(scalar)
    elif name not in {"eq", "ne"} and _number(scalar) is None:
        raise ValueError(f"{name} wants a number, not {str(scalar)[:40]!r}")
    return Condition(name, (scalar,))


def _scalars(values: Iterable[object], name: str) -> Iterable[Scalar]:
    for one in values:
        if not isinstance(one, str | int | float | bool):
            raise ValueError(  # noqa: TRY004  (what a template says, not what we do)
                f"{name} wants strings, numbers or booleans"
            )
        yield one


def _same(one: Scalar, other: Scalar) -> bool:
    """Equal as numbers, else as text; true and false in any letter case."""
    first, second = _number(one), _number(other)
    if first is not None and second is not None:
        return first == second
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).lower() == str(other).lower()
    return str(one) == str(other)


def _number(value: Scalar) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


_pattern: Final = lru_cache(read_pattern)


def _matches(pattern: re.Pattern[str], value: Scalar) -> bool:
    text = str(value)
    return len(text) <= _LONGEST_VALUE and pattern.search(text) is not None
