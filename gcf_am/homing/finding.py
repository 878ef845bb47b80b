"""What is wrong with a template, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gcf_am.errors import GcfAmError, did_you_mean


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a template: `path` like `constraints.c1.properties.distance`, and where in the
    text it begins (line and column from 1; 0 where the text is not known).
    """

    path: str
    line: int = 0
    column: int = 0

    def below(self, name: object) -> "Where":
        """A place within this one whose own position is not known."""
        return Where(f"{self.path}.{name}" if self.path else str(name), self.line, self.column)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake, or something to look at, in a template.

    `hint` says what would have been right, or is empty.
    """

    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    @classmethod
    def at(cls, where: Where, message: str, hint: str = "") -> "Finding":
        """A finding there."""
        return cls(where.line, where.column, where.path, message, hint)

    def __str__(self) -> str:
        """`line 7, column 5: constraints.c1.type: ... (hint)`."""
        where = f"line {self.line}, column {self.column}: " if self.line else ""
        path = f"{self.path}: " if self.path else ""
        return f"{where}{path}{self.message}{f' ({self.hint})' if self.hint else ''}"

    def to_json(self) -> dict[str, object]:
        """As an error document lists it."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "hint": self.hint,
        }


class TemplateErrors(GcfAmError):
    """A template cannot be used: everything that is wrong with it, in the order of the text."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        more = f"; and {len(self.findings) - 1} more" if len(self.findings) > 1 else ""
        super().__init__(f"{self.findings[0]}{more}")


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint: `did you mean 'x'?`, or the few there are."""
    known = list(names)
    if advice := did_you_mean(name, known, "'{}'"):
        return advice
    if not known:
        return "there are none"
    return f"use one of {', '.join(known[:12])}{', ...' if len(known) > 12 else ''}"
