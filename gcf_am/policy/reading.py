"""Reads rules from the text of a policy file (TOML)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gcf_am.config import read_table
from gcf_am.errors import ConfigError
from gcf_am.policy.rules import Lifetimes, Quota, Restriction, Rules

_KINDS: Final[Mapping[str, type]] = {
    "quota": Quota,
    "restriction": Restriction,
    "lifetimes": Lifetimes,
}
_CORES: Final = "cores"
_MOST_CORES: Final = 10**6


def read_rules(data: bytes) -> Rules:
    """The rules that a file holds; raises ConfigError naming line, table, key and remedy."""
    try:
        text = data.decode("utf-8")
        tables = tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"it is no TOML: {error}") from None
    if odd := sorted(tables.keys() - {_CORES, *_KINDS}):
        known = ", ".join(f"[[{one}]]" for one in _KINDS)
        raise ConfigError(f"there is no table {odd[0]!r}; there are [{_CORES}], {known}")
    found = {kind: _read(kind, tables.get(kind, []), text) for kind in _KINDS}
    return Rules(
        _cores(tables.get(_CORES, {})),
        tuple(found["quota"]),
        tuple(found["restriction"]),
        tuple(found["lifetimes"]),
    )


def _read(kind: str, tables: object, text: str) -> list[Any]:
    if not isinstance(tables, list):
        raise ConfigError(f"{kind} must be written [[{kind}]], one for each rule")
    lines = _headers(kind, text)
    found: list[Any] = []
    for number, table in enumerate(tables):
        where = f"line {lines[number]}: " if len(lines) == len(tables) else ""
        try:
            made = read_table(f"[{kind}]", _KINDS[kind], table)
            _check_alone(made, found)
        except ConfigError as error:
            named = f" ({table['name']})" if isinstance(table, dict) and "name" in table else ""
            raise ConfigError(f"{where}{error}{named}") from None
        found.append(made)
    return found


def _check_alone(rule: Any, others: Sequence[Any]) -> None:
    """Raise ConfigError where two rules are one by name and authority, or differ in kind."""
    if isinstance(rule, Lifetimes):
        _check_lifetimes(rule)
    name = getattr(rule, "name", "")
    for one in others:
        if getattr(one, "name", "") != name:
            continue
        if one.authority.lower() == rule.authority.lower():
            whom = rule.authority or "everybody"
            raise ConfigError(f"another one{f' named {name}' if name else ''} is for {whom}, too")
        if isinstance(rule, Quota) and (one.of, one.per, one.window) != (
            rule.of,
            rule.per,
            rule.window,
        ):
            raise ConfigError(
                f"another one named {name} is of {one.of} per {one.per}: what has one name"
                " replaces it for another authority, and must count the same"
            )


def _check_lifetimes(said: Lifetimes) -> None:
    for first, most in (
        ("allocated_minutes", "allocated_most_minutes"),
        ("provisioned_hours", "provisioned_most_hours"),
    ):
        if getattr(said, first) > getattr(said, most) > 0:
            raise ConfigError(f"{first} exceeds {most}")


def _headers(kind: str, text: str) -> list[int]:
    """The lines on which tables of this kind begin."""
    header = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
    return [number for number, line in enumerate(text.splitlines(), start=1) if header.match(line)]


def _cores(table: object) -> dict[str, int]:
    if not isinstance(table, dict):
        raise ConfigError(f"{_CORES} must be a table [{_CORES}]")
    for name, count in table.items():
        if type(count) is not int or not 0 <= count <= _MOST_CORES:
            raise ConfigError(
                f"{name} in [{_CORES}] must be a whole number from 0 to {_MOST_CORES}, not {count}"
            )
    return table
