"""A value of a template, where it stands, and what is wrong with it.

Readers go down from cursor to cursor. None stops at a mistake: it is noted, and what stands
beside it is read.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from gcf_am.homing.condition import Condition, read_conditions
from gcf_am.homing.finding import Finding, Where, nearest
from gcf_am.homing.template.document import Document, Path
from gcf_am.homing.template.intrinsics import UNRESOLVED
from gcf_am.homing.threshold import Dimension, Threshold, read_threshold

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Cursor:
    """One value. Methods answer None, or nothing, for what is not as it must be; it is told then.

    What get_param could not find has been told before.
    """

    document: Document
    findings: list[Finding]
    warnings: list[Finding]
    value: object
    path: Path = ()

    @property
    def where(self) -> Where:
        """Where it stands."""
        return self.document.where(self.path)

    @property
    def name(self) -> str:
        """Its key."""
        return str(self.path[-1]) if self.path else ""

    def wrong(self, message: str, hint: str = "") -> None:
        """Note a mistake here."""
        self.findings.append(Finding.at(self.where, message, hint))

    def warn(self, message: str, hint: str = "") -> None:
        """Note something that is understood in a way its author may not expect."""
        self.warnings.append(Finding.at(self.where, message, hint))

    def at(self, name: str | int, value: object) -> "Cursor":
        """A value below this one."""
        return Cursor(self.document, self.findings, self.warnings, value, (*self.path, name))

    def entries(self, what: str) -> Iterator["Cursor"]:
        """The values of a map of names that its author chose."""
        if isinstance(self.value, dict):
            for name, value in self.value.items():
                yield self.at(name, value)
        elif self.value is not UNRESOLVED:
            self.wrong(f"it must be a map of {what}")

    def fields(self, known: Collection[str], required: Collection[str] = ()) -> dict[str, "Cursor"]:
        """The values of a map whose keys are known; null counts as left out."""
        if not isinstance(self.value, dict):
            if self.value is not UNRESOLVED:
                self.wrong(f"it must be a map with {', '.join(required or known)}")
            return {}
        found: dict[str, Cursor] = {}
        for name, value in self.value.items():
            one = self.at(name, value)
            if name not in known:
                one.wrong(f"{name[:_SHOWN]!r} has no meaning here", nearest(name, known))
            elif value is not None:
                found[name] = one
        for name in required:
            if name not in found:
                self.wrong(f"it has no {name}")
        return found

    def items(self, *, single: bool = False) -> list["Cursor"]:
        """The values of a list; with `single` anything else counts as a list of itself."""
        if isinstance(self.value, list):
            return [self.at(number, one) for number, one in enumerate(self.value)]
        if self.value is UNRESOLVED:
            return []
        if single and self.value is not None:
            return [self]
        self.wrong("it must be a list")
        return []

    def text(self) -> str | None:
        """A text that is not empty; a number counts as written."""
        if isinstance(self.value, str | int | float) and not isinstance(self.value, bool):
            text = str(self.value).strip()
            if text:
                return text
        if self.value is not UNRESOLVED:
            self.wrong("it must be a text that is not empty")
        return None

    def texts(self) -> tuple[str, ...]:
        """One text, or a list of them."""
        return tuple(text for one in self.items(single=True) if (text := one.text()) is not None)

    def choice(self, known: Collection[str]) -> str | None:
        """One of these words."""
        text = self.text()
        if text is None or text in known:
            return text
        self.wrong(f"{text[:_SHOWN]!r} is not known", nearest(text, known))
        return None

    def number(self, low: float = -1e15, high: float = 1e15) -> float | None:
        """A number, also one written as text."""
        if isinstance(self.value, str | int | float) and not isinstance(self.value, bool):
            try:
                number = float(self.value)
            except ValueError:
                number = float("nan")
            if low <= number <= high:
                return number
        if self.value is not UNRESOLVED:
            self.wrong(f"it must be a number from {low:g} to {high:g}")
        return None

    def flag(self) -> bool | None:
        """A truth value, also one written as text."""
        if isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, str) and self.value.lower() in {"true", "false"}:
            return self.value.lower() == "true"
        if self.value is not UNRESOLVED:
            self.wrong("it must be true or false")
        return None

    def threshold(self, dimension: Dimension) -> Threshold | None:
        """A threshold of this dimension."""
        if self.value is UNRESOLVED:
            return None
        try:
            found = read_threshold(self.value, dimension)
        except ValueError as error:
            self.wrong(str(error))
            return None
        if found.operator == "=":
            self.warn(f"only exactly {found.low:g} meets it", "did you mean <=?")
        return found

    def conditions(self) -> list[Condition]:
        """A value, a list, or a map of operators."""
        if self.value is UNRESOLVED:
            return []
        try:
            return read_conditions(self.value)
        except ValueError as error:
            self.wrong(str(error))
            return []
