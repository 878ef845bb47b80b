"""Check the design specs and the references: `make check`.

1. Specs are named NNNN-some-words.rst, each number once, and lie in `approved` or `implemented`
   of a release, or in `approved` of the backlog; `approved` of a release that is not out.
2. Their text is reST without warnings and 79 columns wide (addresses and literal blocks
   excepted), without carriage returns, trailing blanks and invisible characters.
3. Sections and subsections are those of the template, in its order.
4. No section is empty, and where the template has text of its own a spec has too.
5. No paragraph of the template is left in a spec.
6. The API impact is a table of element, change, why and instead, or words. In `implemented` each
   row is a record of the surface; each record by which something became a prototype, changed or
   was removed is a row of some spec.
7. Every clause that is cited by a key in code, tests and scripts is explained in
   doc/references.rst, and so is every document that the surface names as its source.

Prints file:line: reason for each problem; the exit status tells whether there was any.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docutils import nodes
from docutils.core import publish_doctree

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import Change
from gcf_am.surface.registry import SURFACE
from gcf_am.surface.releases import RELEASES, Release

COLUMNS: Final = 79
HEADER: Final = ("Element", "Change", "Why", "Instead")

_NAME: Final = re.compile(r"(\d{4})(-[a-z0-9]+)+\.rst", re.ASCII)
_FOLDER: Final = re.compile(r"\d+\.\d+/(approved|implemented)|backlog/approved", re.ASCII)
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_ADDRESS: Final = re.compile(r"https?://\S+")
_NUMBERS: Final = r"\d+(?:\.\d+)*(?:(?:, and |, | and | to )\d+(?:\.\d+)*)*"
# kind of key: how it is cited; what the group matches is one key or several
_CITED: Final[Mapping[str, re.Pattern[str]]] = {
    "decision ": re.compile(rf"\bdecisions? ({_NUMBERS})", re.IGNORECASE),
    "Change Set ": re.compile(
        r"\bchange sets? ([A-Z]\d?(?:(?:, | and )[A-Z]\d)*)\b", re.IGNORECASE
    ),
    "FED ": re.compile(rf"\bFED ({_NUMBERS})"),
    "AM API facts ": re.compile(rf"\bAM API facts ({_NUMBERS})"),
    "RFC ": re.compile(r"\bRFC ?(\d{3,5})\b"),
    "R": re.compile(r"\bR(\d{3}(?: to R\d{3})?)\b"),
}
_DESIGNED: Final = frozenset({Change.PROTOTYPE, Change.CHANGE, Change.REMOVE})

Outline = tuple[tuple[str, ...], ...]
Row = tuple[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in a file, and in which line of it; lines count from 1."""

    file: Path
    line: int
    reason: str

    def told(self, root: Path) -> str:
        """The problem as an editor reads it, the file below `root`."""
        return f"{self.file.relative_to(root)}:{self.line}: {self.reason}"


class Document:
    """A reST file, read and parsed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        # as bytes first: reading text would turn carriage returns into line ends
        self.text = file.read_bytes().decode("utf-8", "replace")
        settings = {"report_level": 2, "warning_stream": False, "file_insertion_enabled": False}
        self.tree = publish_doctree(self.text, str(file), settings_overrides=settings)

    def problem(self, node: nodes.Node | None, reason: str) -> Problem:
        """A problem at a node, or at the beginning of the file."""
        line = node.line if node is not None else None
        return Problem(self.file, line or 1, reason)

    def sections(self) -> Iterator[tuple[tuple[str, ...], nodes.section]]:
        """Every section with its titles from the outermost on."""
        for section in self.tree.findall(nodes.section):
            path: list[str] = []
            at: nodes.Node | None = section
            while isinstance(at, nodes.section):
                path.insert(0, at[0].astext())
                at = at.parent
            yield tuple(path), section

    def paragraphs(self) -> Iterator[nodes.paragraph]:
        """Every paragraph but the headers of tables."""
        for one in self.tree.findall(nodes.paragraph):
            if not _within(one, nodes.thead):
                yield one


def _within(node: nodes.Node, kind: type[nodes.Node]) -> bool:
    at = node.parent
    while at is not None and not isinstance(at, kind):
        at = at.parent
    return at is not None


def check_place(file: Path, specs: Path, releases: Iterable[Release]) -> Iterator[Problem]:
    """Rule 1, for one file."""
    folder = file.parent.relative_to(specs).as_posix()
    if not _FOLDER.fullmatch(folder):
        yield Problem(file, 1, f"{folder} is no folder for specs: RELEASE/approved or implemented")
    release, _, state = folder.partition("/")
    out = {one.number for one in releases if one.dated is not None}
    if state == "approved" and release in out:
        yield Problem(file, 1, f"{release} is out: what is in it is implemented, the rest waits")
    if not _NAME.fullmatch(file.name):
        yield Problem(file, 1, "the name is not of the form NNNN-some-words.rst")


def check_numbers(files: Iterable[Path]) -> Iterator[Problem]:
    """Rule 1: no number twice."""
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(file.name[:4], file)
        if other is not file:
            yield Problem(file, 1, f"{other.name} has the number {file.name[:4]} too")


def check_text(document: Document) -> Iterator[Problem]:
    """Rule 2."""
    literal = _literal_lines(document)
    for number, line in enumerate(document.text.split("\n"), 1):
        if "\r" in line:
            yield Problem(document.file, number, "a carriage return")
        elif line != line.rstrip():
            yield Problem(document.file, number, "blanks at the end")
        if _INVISIBLE.search(line):
            yield Problem(document.file, number, "an invisible character")
        if len(line) > COLUMNS and not _ADDRESS.search(line) and line.strip() not in literal:
            yield Problem(document.file, number, f"more than {COLUMNS} columns")
    for message in (
        *document.tree.findall(nodes.system_message),
        *document.tree.transform_messages,
    ):
        if isinstance(message, nodes.system_message):
            yield Problem(document.file, message.get("line", 1), message[0].astext())


def _literal_lines(document: Document) -> set[str]:
    blocks = document.tree.findall(nodes.literal_block)
    return {line.strip() for block in blocks for line in block.astext().splitlines()}


def check_sections(document: Document, template: Document) -> Iterator[Problem]:
    """Rules 3 and 4."""
    wanted = [path for path, _ in template.sections()]
    found = dict(document.sections())
    for path, section in found.items():
        if path not in wanted:
            yield document.problem(section, f"section {' / '.join(path)!r} is not in the template")
    for path, told in template.sections():
        mine = found.get(path)
        if mine is None:
            yield document.problem(None, f"section {' / '.join(path)!r} is missing")
        elif _own(told) and not _own(mine):
            yield document.problem(mine, f"section {' / '.join(path)!r} is empty")
    order = [path for path in found if path in wanted]
    if order != [path for path in wanted if path in found]:
        yield document.problem(None, "the sections are not in the template's order")


def _own(section: nodes.section) -> str:
    """The text of a section without its title and subsections."""
    parts = [one for one in section.children[1:] if not isinstance(one, nodes.section)]
    return " ".join(one.astext() for one in parts if not isinstance(one, nodes.comment)).strip()


def check_leftovers(document: Document, template: Document) -> Iterator[Problem]:
    """Rule 5."""
    told = {_normal(one) for one in template.paragraphs()}
    for one in document.paragraphs():
        if _normal(one) in told:
            yield document.problem(one, f"this is the template's text: {_normal(one)[:50]!r}")
    if document.tree.get("title") == template.tree.get("title"):
        yield document.problem(None, "this is the template's title")


def _normal(node: nodes.Node) -> str:
    return " ".join(node.astext().split())


def impact(document: Document) -> tuple[list[tuple[Row, nodes.Node]], list[Problem]]:
    """The rows (element, change) of the table under API impact, and what is wrong with it."""
    rows: list[tuple[Row, nodes.Node]] = []
    problems: list[Problem] = []
    for path, section in document.sections():
        if path[-1] != "API impact":
            continue
        for table in section.findall(nodes.table):
            header, *body = [
                [_normal(cell) for cell in row.findall(nodes.entry)]
                for row in table.findall(nodes.row)
            ]
            lines = [next(row.findall(nodes.paragraph), None) for row in table.findall(nodes.row)]
            if tuple(header) != HEADER:
                problems.append(document.problem(section, f"the columns are not {HEADER}"))
                continue
            for line, (element, change, why, instead) in zip(lines[1:], body, strict=True):
                if change not in set(Change):
                    problems.append(document.problem(line, f"{change!r} is no change"))
                elif not why or (change in {"changed", "deprecated", "removed"} and not instead):
                    problems.append(document.problem(line, f"{element} gives no reason or advice"))
                else:
                    rows.append(((element, change), line or section))
    return rows, problems


def check_surface(
    documents: Iterable[Document], surface: Mapping[str, Element], specs: Path
) -> Iterator[Problem]:
    """Rule 6."""
    named: set[Row] = set()
    records: set[tuple[str, str, str]] = {
        (identity, one.change.value, one.release.number)
        for identity, element in surface.items()
        for one in element.life.transitions
    }
    for document in documents:
        rows, problems = impact(document)
        yield from problems
        named.update(row for row, _ in rows)
        release, state = document.file.parent.parent.name, document.file.parent.name
        for (element, change), line in rows if state == "implemented" else ():
            if (element, change, release) not in records:
                reason = f"the surface has no record that {element} was {change} in {release}"
                yield document.problem(line, reason)
    for identity, change, release in sorted(records):
        if change in _DESIGNED and (identity, change) not in named:
            yield Problem(specs, 1, f"no spec says that {identity} is {change} in {release}")


def check_references(
    references: Document, sources: Iterable[Path], surface: Mapping[str, Element]
) -> Iterator[Problem]:
    """Rule 7."""
    terms = {one.astext() for one in references.tree.findall(nodes.term)}
    for file in sources:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            for key in cited(line):
                if key not in terms:
                    yield Problem(file, number, f"{key} is not explained in doc/references.rst")
    for identity, element in surface.items():
        if not any(element.spec == one or element.spec.startswith(f"{one},") for one in terms):
            reason = f"{identity} has the source {element.spec!r}, which is not explained here"
            yield Problem(references.file, 1, reason)


def cited(line: str) -> Iterator[str]:
    """The keys that a line of code or text cites; `R153 to R155` are three."""
    for kind, pattern in _CITED.items():
        for match in pattern.finditer(line):
            first, *rest = re.split(r"(, and |, | and | to R?)", match[1])
            yield kind + first
            for between, key in zip(rest[::2], rest[1::2], strict=True):
                if "to" in between and first.isdigit():
                    width = len(key)
                    yield from (f"{kind}{n:0{width}}" for n in range(int(first) + 1, int(key)))
                yield kind + key
                first = key


def check(
    root: Path,
    surface: Mapping[str, Element] = SURFACE,
    releases: Iterable[Release] = RELEASES,
) -> list[Problem]:
    """All problems of a repository, in the order of files and lines."""
    specs = root / "doc" / "specs"
    template = Document(specs / "template.rst")
    files = sorted(one for one in specs.glob("**/*.rst") if one != template.file)
    documents = [Document(one) for one in files]
    problems = [*check_text(template), *check_numbers(files)]
    for document in documents:
        problems += check_place(document.file, specs, releases)
        problems += check_text(document)
        problems += check_sections(document, template)
        problems += check_leftovers(document, template)
    problems += check_surface(documents, surface, specs)
    references = Document(root / "doc" / "references.rst")
    problems += check_text(references)
    problems += check_references(references, _sources(root), surface)
    return sorted(set(problems))


def _sources(root: Path) -> Iterator[Path]:
    for folder in ("gcf_am", "tests", "scripts"):
        for one in sorted((root / folder).glob("**/*")):
            if one.suffix == ".py" or (folder == "scripts" and one.is_file() and not one.suffix):
                yield one


def main() -> int:
    """Check this repository."""
    root = Path(__file__).resolve().parent.parent
    problems = check(root)
    for one in problems:
        print(one.told(root))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
