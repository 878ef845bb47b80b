"""Schemas, compiled once in each thread, and what they have against a document."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from gcf_am.errors import ConfigError
from gcf_am.safexml.beginning import beginning
from gcf_am.safexml.wording import schema_reason

# in a checkout a link to schemas/xsd, in a wheel its files
DIRECTORY: Final = Path(__file__).with_name("xsd")
_MOST_PROBLEMS: Final = 20

_compiled = threading.local()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a schema has against an element; `line` is 0 where none is known."""

    line: int
    element: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.element}: {self.reason}" if self.element else where + self.reason


@dataclass(frozen=True, slots=True)
class Schema:
    """One of the files in `schemas/xsd`, by its name without `.xsd`."""

    name: str

    def errors(self, tree: etree._Element) -> list[Problem]:
        """What is wrong with the document whose root this is; empty when it is valid.

        At most 20 problems are told. Safe in threads: each has a compiled schema of its own,
        since one that threads share mixes up their error logs (decision 23).
        """
        judge = self._compiled()
        if judge.validate(beginning(tree, judge, _MOST_PROBLEMS)):
            return []
        log: Iterable[Any] = cast("Iterable[Any]", judge.error_log)
        found = [
            Problem(max(entry.line, 0), *schema_reason(entry.message))
            for entry in islice(log, _MOST_PROBLEMS)
        ]
        # sorted is stable: problems of one line stay in the order in which they were found
        return sorted(found, key=lambda problem: problem.line)

    def valid(self, tree: etree._Element) -> bool:
        """Whether the schema has nothing against the document."""
        return not self.errors(tree)

    def _compiled(self) -> etree.XMLSchema:
        mine: dict[str, etree.XMLSchema] = _compiled.__dict__
        if self.name not in mine:
            mine[self.name] = _compile(self.name)
        return mine[self.name]


def load(name: str) -> Schema:
    """The schema of that name, compiled for this thread.

    Raises ConfigError when the installation lacks it.
    """
    schema = Schema(name)
    schema._compiled()  # noqa: SLF001  (a missing file is told at start, not at the first call)
    return schema


def _compile(name: str) -> etree.XMLSchema:
    file = DIRECTORY / f"{name}.xsd"
    try:
        return etree.XMLSchema(file=str(file))
    except etree.Error as error:
        raise ConfigError(
            f"the schema {name}.xsd cannot be used ({error}); install gcf_am again"
        ) from error
