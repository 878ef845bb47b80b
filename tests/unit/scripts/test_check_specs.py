"""The checker of design specs finds what is wrong, and nothing in what is right."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import Change, Lifecycle, Transition, prototype, published
from gcf_am.surface.releases import Release

ROOT: Final = Path(__file__).resolve().parents[3]
SCRIPT: Final = ROOT / "scripts" / "check_specs.py"
TEMPLATE: Final = ROOT / "doc" / "specs" / "template.rst"
RELEASE: Final = Release(1, "1.0", date(2026, 1, 1))
SPEC: Final = "doc/specs/1.0/approved/0001-some-words.rst"


def _load() -> ModuleType:
    found = importlib.util.spec_from_file_location("check_specs", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["check_specs"] = module
    found.loader.exec_module(module)
    return module


checker = _load()
SECTIONS: Final[list[tuple[str, ...]]] = [path for path, _ in checker.Document(TEMPLATE).sections()]
TABLE: Final = """.. list-table::
   :header-rows: 1

   * - Element
     - Change
     - Why
     - Instead
"""


def row(element: str, change: str, why: str = "Because.", instead: str = "") -> str:
    return (
        f"   * - {element}\n     - {change}\n     - {why}\n     -{' ' * bool(instead)}{instead}\n"
    )


def spec(texts: Mapping[str, str] | None = None, *, without: tuple[str, ...] = ()) -> str:
    """A spec that says something everywhere; `texts` by title of section."""
    parts = ["=====\nTitle\n=====\n\nWhy.\n"]
    for path in SECTIONS:
        if path != without:
            line = ("=", "-")[len(path) - 1] * len(path[-1])
            text = (texts or {}).get(path[-1], "Something.")
            parts.append(f"{path[-1]}\n{line}\n\n{text}\n")
    return "\n".join(parts)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Puts files into a repository that has the template and no references to speak of."""

    def put(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return file

    put("doc/specs/template.rst", TEMPLATE.read_text())
    put("doc/references.rst", "Keys\n====\n\nAM API v3\n    The standard.\n")
    return put


def complaints(root: Path, surface: Mapping[str, Element] | None = None) -> list[str]:
    return [one.told(root) for one in checker.check(root, surface or {}, [])]


def surface(*transitions: Transition) -> dict[str, Element]:
    return {"am/3/X": Element(name="X", doc="It.", life=Lifecycle(*transitions))}


def test_this_repository_is_right() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT], cwd="/", capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_good_spec_passes(write: Write, tmp_path: Path) -> None:
    write(SPEC, spec())
    write("doc/specs/backlog/approved/0002-later.rst", spec({"Alternatives": "None."}))
    assert complaints(tmp_path) == []


@pytest.mark.parametrize("path", SECTIONS, ids="/".join)
def test_no_section_may_be_missing(path: tuple[str, ...], write: Write, tmp_path: Path) -> None:
    write(SPEC, spec(without=path))
    assert f"{SPEC}:1: section {' / '.join(path)!r} is missing" in complaints(tmp_path)


@pytest.mark.parametrize("path", SECTIONS, ids="/".join)
def test_no_section_may_be_empty(path: tuple[str, ...], write: Write, tmp_path: Path) -> None:
    text = spec({path[-1]: ""})
    write(SPEC, text)
    found = complaints(tmp_path)
    if path == ("Implementation",):  # the template's own has subsections only
        assert found == []
    else:
        line = text.split("\n").index(path[-1]) + 2
        assert found == [f"{SPEC}:{line}: section {' / '.join(path)!r} is empty"]


def test_a_comment_is_no_content(write: Write, tmp_path: Path) -> None:
    write(SPEC, spec({"Testing": ".. later"}))
    assert complaints(tmp_path)[0].endswith("section 'Testing' is empty")


def test_no_section_of_its_own(write: Write, tmp_path: Path) -> None:
    write(SPEC, spec({"Testing": "Tests.\n\nMore\n----\n\nWords."}))
    (found,) = complaints(tmp_path)
    assert found.endswith("section 'Testing / More' is not in the template")


def test_the_order_is_the_templates(write: Write, tmp_path: Path) -> None:
    moved = spec(without=("References",)) + "\nReferences\n==========\n\nNone.\n"
    write(SPEC, moved)
    assert complaints(tmp_path) == [f"{SPEC}:1: the sections are not in the template's order"]


def test_text_of_the_template_is_noticed(write: Write, tmp_path: Path) -> None:
    write(SPEC, TEMPLATE.read_text())
    found = complaints(tmp_path)
    assert len(found) > 30
    assert f"{SPEC}:1: this is the template's title" in found
    write(SPEC, spec({"Use Cases": "What is wrong or missing today, told without\nthe solution."}))
    (found_one,) = complaints(tmp_path)
    assert "this is the template's text: 'What is wrong or missing" in found_one


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Blanks. ", "blanks at the end"),
        ("Return.\r", "a carriage return"),
        ("Zero\u200bwidth.", "an invisible character"),
        ("x" * 80, "more than 79 columns"),
        ("*Emphasis", "Inline emphasis start-string without end-string."),
        (".. note:", None),
    ],
)
def test_text(text: str, reason: str | None, write: Write, tmp_path: Path) -> None:
    content = spec({"Dependencies": f"None.\n\n{text}\n\nMore."})
    write(SPEC, content)
    lines = [line.rstrip() for line in content.split("\n")]
    line = lines.index(text.rstrip()) + 1
    assert complaints(tmp_path) == ([f"{SPEC}:{line}: {reason}"] if reason else [])


def test_addresses_and_literal_blocks_may_be_wide(write: Write, tmp_path: Path) -> None:
    address = f"https://example.org/{'x' * 80}"
    write(SPEC, spec({"References": f"{address}\n\nSo::\n\n    {'y' * 90}\n"}))
    assert complaints(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    ["bad_name.rst", "1-too-short.rst", "0001.rst", "0001-Capitals.rst", "0001-word.rst.rst"],
)
def test_names(name: str, write: Write, tmp_path: Path) -> None:
    write(f"doc/specs/1.0/approved/{name}", spec())
    assert [one.rpartition(": ")[2] for one in complaints(tmp_path)] == [
        "the name is not of the form NNNN-some-words.rst"
    ]


@pytest.mark.parametrize("folder", ["1.0", "1.0/rejected", "backlog/implemented", "one/approved"])
def test_folders(folder: str, write: Write, tmp_path: Path) -> None:
    write(f"doc/specs/{folder}/0001-word.rst", spec())
    (found,) = complaints(tmp_path)
    assert f"{folder} is no folder for specs" in found


def test_nothing_waits_in_a_release_that_is_out(write: Write, tmp_path: Path) -> None:
    write(SPEC, spec())
    (found,) = (one.told(tmp_path) for one in checker.check(tmp_path, {}, [RELEASE]))
    assert found == f"{SPEC}:1: 1.0 is out: what is in it is implemented, the rest waits"
    assert checker.check(tmp_path, {}, [Release(1, "1.0")]) == []


def test_numbers_are_used_once(write: Write, tmp_path: Path) -> None:
    write("doc/specs/1.0/approved/0001-a.rst", spec())
    write("doc/specs/backlog/approved/0001-b.rst", spec())
    assert complaints(tmp_path) == [
        "doc/specs/backlog/approved/0001-b.rst:1: 0001-a.rst has the number 0001 too"
    ]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (TABLE.replace("Why", "Reason") + row("am/3/X", "published"), "the columns are not"),
        (TABLE + row("am/3/X", "invented"), "'invented' is no change"),
        (TABLE + row("am/3/X", "changed"), "am/3/X gives no reason or advice"),
        (TABLE + row("am/3/X", "removed", instead="am/3/Y"), None),
    ],
)
def test_the_impact_table(table: str, reason: str | None, write: Write, tmp_path: Path) -> None:
    write(SPEC, spec({"API impact": table}))
    found = complaints(tmp_path)
    assert len(found) == bool(reason)
    assert all(str(reason) in one for one in found)


def test_what_is_implemented_is_in_the_surface(write: Write, tmp_path: Path) -> None:
    rows = row("am/3/X", "published") + row("am/3/Y", "published")
    write(SPEC.replace("approved", "implemented"), spec({"API impact": TABLE + rows}))
    (found,) = complaints(tmp_path, surface(published(RELEASE, "Needed.")))
    assert found.endswith("the surface has no record that am/3/Y was published in 1.0")


def test_what_is_agreed_need_not_be_in_the_surface_yet(write: Write, tmp_path: Path) -> None:
    write(SPEC, spec({"API impact": TABLE + row("am/3/Y", "prototype")}))
    assert complaints(tmp_path) == []


@pytest.mark.parametrize("change", [Change.CHANGE, Change.REMOVE, Change.PROTOTYPE])
def test_what_clients_notice_was_designed(change: Change, write: Write, tmp_path: Path) -> None:
    record = Transition(change, RELEASE, "Because.", ("am/3/Y",))
    history = [record] if change is Change.PROTOTYPE else [prototype(RELEASE, "A trial."), record]
    declared = surface(*history)
    wanted = {one.change for one in history}
    found = complaints(tmp_path, declared)
    assert len(found) == len(wanted)
    assert found[0].startswith("doc/specs:1: no spec says that am/3/X is ")
    rows = "".join(row("am/3/X", one, instead="am/3/Y") for one in wanted)
    write(SPEC, spec({"API impact": TABLE + rows}))
    assert complaints(tmp_path, declared) == []


def test_what_is_cited_is_explained(write: Write, tmp_path: Path) -> None:
    write("gcf_am/x.py", '"""Source: decisions 3 and 4."""\n# R010 to R012\n')
    write("doc/references.rst", "Keys\n====\n\ndecision 3\n    Three.\n\nR011\n    Eleven.\n")
    assert complaints(tmp_path) == [
        "gcf_am/x.py:1: decision 4 is not explained in doc/references.rst",
        "gcf_am/x.py:2: R010 is not explained in doc/references.rst",
        "gcf_am/x.py:2: R012 is not explained in doc/references.rst",
    ]


def test_sources_of_the_surface_are_explained(write: Write, tmp_path: Path) -> None:
    life = Lifecycle(published(RELEASE, "Needed."))
    declared = {
        "a": Element(name="a", doc="It.", life=life, spec="AM API v3, Allocate"),
        "b": Element(name="b", doc="It.", life=life, spec="AM API v39"),
    }
    (found,) = complaints(tmp_path, declared)
    assert "b has the source 'AM API v39', which is not explained here" in found


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("see decision 3.", ["decision 3"]),
        ("Decisions 1, 2 and 30", ["decision 1", "decision 2", "decision 30"]),
        ("decisions 1 to 3;", ["decision 1", "decision 2", "decision 3"]),
        (
            "Change Set C, Update; change sets O1 and O2",
            ["Change Set C", "Change Set O1", "Change Set O2"],
        ),
        ("FED 4.4 and 4.5", ["FED 4.4", "FED 4.5"]),
        ("AM API facts 5.2", ["AM API facts 5.2"]),
        ("RFC 3339 5.6, RFC3151", ["RFC 3339", "RFC 3151"]),
        ("R008 to R011, R153", ["R008", "R009", "R010", "R011", "R153"]),
        ("the decision was made in 2026", []),
    ],
)
def test_citations(line: str, keys: list[str]) -> None:
    assert sorted(checker.cited(line)) == sorted(keys)
