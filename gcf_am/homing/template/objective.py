"""The section optimization, as a constant and a sum of weighted functions.

Sums and products may lie within one another in any way, as long as no product holds two
functions. Source: template guide, Optimizations; version 2020-08-13 for operation_function.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from gcf_am.homing.finding import nearest
from gcf_am.homing.template.cursor import Cursor
from gcf_am.homing.terms import Objective, Term

_GOALS: Final = ("minimize", "maximize")
_BETWEEN: Final = ("distance_between", "latency_between")
_FUNCTIONS: Final = (*_BETWEEN, "cost", "attribute")
_OPERANDS: Final = ("sum", "product", *_FUNCTIONS)


@dataclass(frozen=True, slots=True)
class _Linear:
    """A constant and terms."""

    constant: float = 0.0
    terms: tuple[Term, ...] = ()

    def times(self, factor: float) -> "_Linear":
        scaled = tuple(replace(one, weight=one.weight * factor) for one in self.terms)
        return _Linear(self.constant * factor, scaled)

    def plus(self, other: "_Linear") -> "_Linear":
        return _Linear(self.constant + other.constant, self.terms + other.terms)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Knows the names; answers nothing (0) for what is wrong."""

    demands: Collection[str]
    locations: Collection[str]

    def operand(self, entry: Cursor) -> _Linear:
        if not isinstance(entry.value, dict):
            return _Linear(entry.number() or 0.0)
        fields = entry.fields(_OPERANDS)
        if len(fields) != 1:
            if len(fields) == len(entry.value):
                entry.wrong("it must be a number, or a map with one operator or function")
            return _Linear()
        ((name, one),) = fields.items()
        if name == "sum":
            return self._sum([self.operand(part) for part in _operands(one)])
        if name == "product":
            return self._product(one, [self.operand(part) for part in _operands(one)])
        return self._function(name, one)

    def operation(self, entry: Cursor) -> _Linear:
        """The grammar of 2020-08-13."""
        told = entry.fields(("operator", "operands"), ("operator", "operands"))
        if len(told) < 2:
            return _Linear()
        operator = told["operator"].choice(("sum", "product"))
        parts = [self._weighted(one) for one in _operands(told["operands"])]
        if operator == "product":
            return self._product(told["operands"], parts)
        return self._sum(parts)

    def _weighted(self, entry: Cursor) -> _Linear:
        """1. The function. 2. Its value normalized. 3. Its weight."""
        keys = ("function", "params", "operation_function", "weight", "normalization")
        told = entry.fields(keys)
        # 1.
        if "operation_function" in told:
            found = self.operation(told["operation_function"])
        elif "function" in told and "params" in told:
            name = told["function"].choice(_FUNCTIONS)
            found = self._named(name, told["params"]) if name else _Linear()
        else:
            entry.wrong("it must have a function with params, or an operation_function")
            return _Linear()
        # 2.
        if "normalization" in told:
            ends = told["normalization"].fields(("start", "end"), ("start", "end"))
            start, end = (ends[one].number() if one in ends else None for one in ("start", "end"))
            if start is not None and start == end:
                told["normalization"].wrong("its start and end are the same")
            elif start is not None and end is not None:
                found = found.plus(_Linear(-start)).times(1 / (end - start))
        # 3.
        weight = told["weight"].number() if "weight" in told else 1.0
        return found.times(1.0 if weight is None else weight)

    def _named(self, name: str, params: Cursor) -> _Linear:
        """A function whose arguments have names."""
        wanted = {"cost": ("demand",), "attribute": ("demand", "attribute")}.get(
            name, ("location", "demand")
        )
        told = params.fields(wanted, wanted)
        if len(told) < len(wanted):
            return _Linear()
        names = [text for one in wanted if (text := told[one].text()) is not None]
        return self._term(name, names, [told[one] for one in wanted], params)

    def _function(self, name: str, entry: Cursor) -> _Linear:
        """A function whose arguments are a list."""
        parts = entry.items(single=True)
        names = [text for one in parts if (text := one.text()) is not None]
        wanted = 1 if name == "cost" else 2
        if len(parts) != wanted:
            what = {"cost": "one demand", "attribute": "a demand and an attribute"}
            entry.wrong(f"{name} takes {what.get(name, 'a location and a demand, or two demands')}")
            return _Linear()
        return self._term(name, names, parts, entry)

    def _term(self, name: str, names: list[str], parts: list[Cursor], entry: Cursor) -> _Linear:
        if len(names) < len(parts):
            return _Linear()
        both = name in _BETWEEN
        places = list(self.demands) + (list(self.locations) if both else [])
        for one, text in zip(parts, names, strict=True):
            if (both or one is parts[0]) and text not in places:
                kind = "location or demand" if both else "demand"
                one.wrong(f"there is no {kind} {text[:60]!r}", nearest(text, places))
                return _Linear()
        if both and not set(names) & set(self.demands):
            entry.wrong("one of the two must be a demand")
            return _Linear()
        return _Linear(0.0, (Term(1.0, name, tuple(names), entry.where),))

    def _sum(self, parts: list[_Linear]) -> _Linear:
        found = _Linear()
        for one in parts:
            found = found.plus(one)
        return found

    def _product(self, entry: Cursor, parts: list[_Linear]) -> _Linear:
        found = _Linear(1.0)
        for one in parts:
            if one.terms and found.terms:
                entry.wrong("a product of two functions is not linear", "multiply one by numbers")
                return _Linear()
            found = found.times(one.constant) if not one.terms else one.times(found.constant)
        return found


def _operands(entry: Cursor) -> list[Cursor]:
    found = entry.items(single=isinstance(entry.value, dict))
    if isinstance(entry.value, list) and not found:
        entry.wrong("it has no operands")
    return found


def read_objective(
    section: Cursor, demands: Collection[str], locations: Collection[str]
) -> Objective | None:
    """The objective; None when it is wrong."""
    reader = _Reader(demands, locations)
    told = section.fields((*_GOALS, "goal", "operation_function"))
    if "goal" in told and "operation_function" in told:
        goal = told["goal"].choice((*_GOALS, "min", "max"))
        linear = reader.operation(told["operation_function"])
        if len(told) > 2:
            section.wrong("it has more than one goal")
        return Objective(linear.terms, linear.constant, maximize=(goal or "").startswith("max"))
    goals = [name for name in _GOALS if name in told]
    if len(goals) != 1 or len(told) != 1:
        if isinstance(section.value, dict):
            section.wrong("it must have one goal: minimize or maximize")
        return None
    linear = reader.operand(told[goals[0]])
    return Objective(linear.terms, linear.constant, maximize=goals[0] == "maximize")
