"""Faults on demand, so that operators and tool writers can rehearse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from gcf_am.drivers.world import Room
from gcf_am.errors import ConfigError
from gcf_am.manager.ports import Order

METHODS: Final = (
    "prepare",
    "start",
    "stop",
    "restart",
    "reload",
    "run_services",
    "update_users",
    "freeze",
    "thaw",
    "destroy",
    "observe",
)


class Kind(StrEnum):
    """How a method goes wrong."""

    FAILS = "fails"
    """It does nothing and says so."""
    HANGS = "hangs"
    """It does not answer until the driver's timeout; then it says so."""
    LIES = "lies"
    """It does nothing and says that it did; `observe` does not see what is there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault: which method, which slivers, what happens, how often.

    `match` is a glob for the client_id or the sliver URN; `times` counts over restarts and over
    processes, 0 is for ever; a rule that is written differently counts from the beginning.
    `text` is what the experimenter reads in geni_error; a `lasting` failure is not tried again.
    """

    method: str
    match: str = "*"
    kind: Kind = Kind.FAILS
    times: int = 0
    text: str = ""
    lasting: bool = False

    def meets(self, method: str, order: Order) -> bool:
        """Whether the rule is about this."""
        names = (order.contents.resource.client_id, order.sliver.text)
        return self.method in {method, "*"} and any(fnmatchcase(one, self.match) for one in names)


@dataclass(frozen=True, slots=True)
class Faults:
    """All rules; the first that applies, and is not used up, counts."""

    rules: tuple[Rule, ...] = ()

    def meet(self, method: str, order: Order, room: Room) -> Rule | None:
        """The fault that this call of the method meets, which is thereby counted."""
        for rule in self.rules:
            if rule.meets(method, order) and (
                not rule.times or room.count(repr(rule)) <= rule.times
            ):
                return rule
        return None


def read_faults(setting: object) -> Faults:
    """The rules in the setting `faults`, a list of tables; raises ConfigError naming the key."""
    if not isinstance(setting, Sequence) or isinstance(setting, str):
        raise ConfigError("driver.settings.faults: a list of tables is expected")
    return Faults(
        tuple(_rule(f"driver.settings.faults[{n}]", one) for n, one in enumerate(setting))
    )


def _rule(key: str, table: object) -> Rule:
    if not isinstance(table, Mapping):
        raise ConfigError(f"{key}: a table is expected")
    known = [one.name for one in fields(Rule)]
    for name in table:
        if name not in known:
            raise ConfigError(f"{key}.{name}: no such key; there are {', '.join(known)}")
    method, kind, times = table.get("method"), table.get("kind", "fails"), table.get("times", 0)
    if method not in {*METHODS, "*"}:
        raise ConfigError(f"{key}.method: one of {', '.join(METHODS)} or * is expected")
    if kind not in list(Kind):
        raise ConfigError(f"{key}.kind: one of {', '.join(Kind)} is expected")
    if type(times) is not int or times < 0:
        raise ConfigError(f"{key}.times: a number from 0 is expected; 0 is for ever")
    match, text, lasting = (
        table.get("match", "*"),
        table.get("text", ""),
        table.get("lasting", False),
    )
    if not isinstance(match, str) or not isinstance(text, str):
        raise ConfigError(f"{key}: match and text are texts")
    if type(lasting) is not bool:
        raise ConfigError(f"{key}.lasting: true or false is expected")
    return Rule(method, match, Kind(kind), times, text, lasting)
