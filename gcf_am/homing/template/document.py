"""A template's text to plain values, each with its place in the text.

YAML is read event by event, so that depth and aliases are bounded by us. Values are what a
template's author sees: no dates, no `NO` for false, no numbers to base 8 or 60.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from gcf_am.homing.finding import Finding, TemplateErrors, Where

LIMIT: Final = 1024 * 1024
_MOST_VALUES: Final = 50_000
_DEEPEST: Final = 40
_MOST_REPAIRS: Final = 200
_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})", re.ASCII)
_FLOAT: Final = re.compile(
    r"[-+]?(?:\d{1,40}\.\d{0,40}|\.\d{1,40}|\d{1,40}(?=[eE]))(?:[eE][-+]?\d{1,3})?", re.ASCII
)
_TRUTHS: Final = {"true": True, "True": True, "TRUE": True} | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
# `>` would begin a block of text
_GREATER: Final = re.compile(
    r"(:\s+)(>=?\s*-?\d[\d.eE+-]*\s*[A-Za-z]*)(?=\s*(?:[,}#]|$))", re.ASCII
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# JSON writes a character beyond the first 65536 as two escapes, which YAML does not know
_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}", re.ASCII)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Maps, lists and scalars; `places` are (line, column) by path, both from 1."""

    value: object
    places: Mapping[Path, tuple[int, int]]
    warnings: tuple[Finding, ...] = ()

    def where(self, path: Path) -> Where:
        """Where it stands, or the nearest thing around it that stands in the text."""
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return Where(shown(path), *place)
        return Where(shown(path))


def shown(path: Path) -> str:
    """`demands.vG[0].attributes`."""
    told = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)
    return told.removeprefix(".")[:300]


def read_document(text: str) -> Document:
    """Read YAML or JSON.

    `key: >= 5 km` is taken as if it were quoted, with a warning. Raises TemplateErrors, also for
    keys that stand twice.
    """
    if len(text) > LIMIT:
        raise TemplateErrors([Finding(0, 0, "", f"a template has at most {LIMIT} characters")])
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        # JSON may be indented with tabs and holds none elsewhere
        text = _PAIR.sub(lambda pair: str(json.loads(f'"{pair[0]}"')), text.replace("\t", " "))
    if _SURROGATE.search(text):
        raise TemplateErrors([Finding(0, 0, "", "it holds half a surrogate pair")])
    lines = text.split("\n")
    warnings: list[Finding] = []
    while True:
        try:
            builder = _Builder()
            for event in yaml.parse("\n".join(lines), Loader=yaml.CSafeLoader):
                builder.take(event)
        except yaml.YAMLError as error:
            warning = _quote(lines, error) if len(warnings) < _MOST_REPAIRS else None
            if warning is None:
                raise TemplateErrors(_syntax(lines, error)) from None
            warnings.append(warning)
            continue
        if builder.findings:
            raise TemplateErrors(builder.findings)
        return Document(builder.root, builder.places, tuple(warnings))


def _quote(lines: list[str], error: yaml.YAMLError) -> Finding | None:
    """Quote a threshold on the line at fault, in place; None when there is none."""
    mark = getattr(error, "problem_mark", None)
    if mark is None or mark.line >= len(lines):
        return None
    match = _GREATER.search(lines[mark.line])
    if match is None:
        return None
    start, end = match.span(2)
    line = lines[mark.line]
    lines[mark.line] = f"{line[:start]}'{match[2]}'{line[end:]}"
    return Finding(
        mark.line + 1, start + 1, "", f"quoted {match[2]!r}", "YAML reads an unquoted > as a text"
    )


def _syntax(lines: list[str], error: yaml.YAMLError) -> list[Finding]:
    """What the parser complains of, and every line that is indented with a tab."""
    tabs = [
        Finding(
            number,
            len(line) - len(line.lstrip(" ")) + 1,
            "",
            "a tab indents this line",
            "YAML wants spaces",
        )
        for number, line in enumerate(lines, 1)
        if line.lstrip(" ").startswith("\t") and line.strip()
    ]
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    if any(one.line == line for one in tabs):
        return tabs
    problem = (
        getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    )
    hint = ""
    if "expected ':'" in str(problem):
        context = getattr(error, "context_mark", None)
        if context is not None:
            line, column = context.line + 1, context.column + 1
        hint = "a value on a line of its own is indented more than its key"
    return [Finding(line, column, "", f"this is no YAML: {problem}", hint), *tabs]


@dataclass(slots=True)
class _Open:
    """A map or list that has not ended."""

    value: dict[str, object] | list[object]
    path: Path
    anchor: str | None
    size: int = 1
    key: str | None = None
    key_place: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class _Builder:
    """Puts events together; what is wrong with them is kept in `findings`."""

    root: object = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _anchors: dict[str, tuple[object, int]] = field(default_factory=dict)
    _documents: int = 0
    _size: int = 0

    def take(self, event: Any) -> None:
        """Take the next one."""
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(place, "a second document begins; a template is one")
            case yaml.ScalarEvent():
                self._scalar(event, place)
            case yaml.AliasEvent():
                value, size = self._anchors.get(event.anchor or "", (None, 0))
                if not size:
                    self._refuse(place, f"the alias *{event.anchor} names nothing that has ended")
                self._put(value, place, size)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, place)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                ended = self._open.pop()
                if ended.anchor is not None:
                    self._anchors[ended.anchor] = (ended.value, ended.size)
                if self._open:
                    self._open[-1].size += ended.size
            case _:
                pass

    def _begin(self, event: Any, place: tuple[int, int]) -> None:
        if event.tag is not None and not event.implicit:
            self._mistake(place, f"the tag {event.tag[:60]} has no meaning in a template")
        value: dict[str, object] | list[object] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        # a block begins where its key stands: its own first line is its first child's
        around = self._open[-1] if self._open else None
        if around is not None and around.key is not None and not event.flow_style:
            place = around.key_place
        path = self._put(value, place, 0)
        self._open.append(_Open(value, path, event.anchor))
        self._count(1, place)
        if len(self._open) > _DEEPEST:
            self._refuse(place, f"values lie more than {_DEEPEST} deep within one another")

    def _scalar(self, event: Any, place: tuple[int, int]) -> None:
        around = self._open[-1] if self._open else None
        if around is not None and isinstance(around.value, dict) and around.key is None:
            key = event.value
            if key in around.value:
                self._mistake(
                    place,
                    f"has a duplicate key on line {place[0]}: {key[:60]}",
                    path=(*around.path, key),
                )
            around.key, around.key_place = key, place
            return
        if (
            event.tag == _TEXT_TAG
            or (event.tag is None and not event.implicit[0])
            or event.tag == "!"
        ):
            value: object = event.value
        else:
            if event.tag is not None:
                self._mistake(place, f"the tag {event.tag[:60]} has no meaning in a template")
            value = _plain(event.value)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, place, 1)

    def _put(self, value: object, place: tuple[int, int], size: int) -> Path:
        """Put a value where it belongs; answers its path."""
        self._count(size, place)
        if not self._open:
            self.root = value
            self.places[()] = place
            return ()
        around = self._open[-1]
        around.size += size
        if isinstance(around.value, list):
            around.value.append(value)
            path: Path = (*around.path, len(around.value) - 1)
        else:
            if around.key is None:
                self._refuse(place, "a key must be a name, not a list or a map")
            assert around.key is not None
            around.value.setdefault(around.key, value)
            path = (*around.path, around.key)
            around.key = None
        self.places.setdefault(path, place)
        return path

    def _count(self, size: int, place: tuple[int, int]) -> None:
        self._size += size
        if self._size > _MOST_VALUES:
            self._refuse(
                place, f"a template has at most {_MOST_VALUES} values, aliases counted in full"
            )

    def _mistake(self, place: tuple[int, int], message: str, path: Path = ()) -> None:
        self.findings.append(Finding(*place, shown(path), message))

    def _refuse(self, place: tuple[int, int], message: str) -> None:
        """Stop: what follows cannot be judged."""
        self._mistake(place, message)
        raise TemplateErrors(self.findings)


def _plain(text: str) -> object:
    """What an unquoted scalar means."""
    if text in _NOTHING:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
