"""Commands, options and files that documents name are there."""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import click
import pytest

from gcf_am.cli import am, ch, conform, homing, omni

ROOT: Final = Path(__file__).parents[3]
PAGES: Final = sorted(
    one
    for pattern in ("*.md", "certs/*.md", "deploy/*.md", "doc/**/*.md", "doc/**/*.rst")
    for one in ROOT.glob(pattern)
)
PROGRAMS: Final[dict[str, click.Command]] = {
    "gcf-am": am.main,
    "gcf-ch": ch.ch,
    "gcf-conform": conform.conform,
    "gcf-homing": homing.homing,
    "gcf-omni": omni.omni,
}
# Programs of others, with options of theirs that pages show by themselves
THEIRS: Final = {"--pip-args", "--real-nodes"}

FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN: Final = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
# not where another program has it as the value of an option
CALL: Final = re.compile(r"(?<!-u )(?:^|(?<=[\s/\"(=]))(gcf-[a-z]+) (.*)")
OPTION: Final = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
# a file or a directory of the repository, not an example of one
NAMED: Final = re.compile(
    r"(?:gcf_am|doc|tests|scripts|rspecs|schemas|deploy|bench)/[\w./-]+", re.ASCII
)
# names that stand for others, and where specs lie that nobody works on
EXAMPLE: Final = re.compile(r"/[A-Z]+\.(?!md)|backlog", re.ASCII)


def code(text: str) -> Iterator[str]:
    """Everything on a page that is code: lines of blocks, and spans in the text."""
    for block in FENCE.findall(text):
        yield from block.replace("\\\n", " ").split("\n")[1:-1]
    rest = FENCE.sub("", text)
    for span in SPAN.finditer(rest):
        yield " ".join(span[2].split())
    yield from (line for line in rest.replace("\\\n", " ").split("\n") if line.startswith("    "))


def problems(line: str) -> Iterator[str]:
    """What a line calls, and is not there."""
    for call in CALL.finditer(line):
        if call[1] not in PROGRAMS:
            yield f"there is no {call[1]}"
        else:
            yield from _lacking(call[1], PROGRAMS[call[1]], call[2])


def _lacking(name: str, program: click.Command, words: str) -> Iterator[str]:
    words = re.split(r"(?<! )[;)#]| [#;&<>]| -- ", words)[0]
    first, *others = words.split(" | ")
    told = first.split()
    if len(told) > 1:
        # a pipeline of a shell, no list of commands like `init | serve`
        others = []
    at, options = program, _options(program)
    place = 0
    while place < len(told):
        word = told[place].strip("[].,:")
        place += 1
        if word.startswith("-"):
            option = re.split("=", word)[0]
            if option not in options:
                yield f"{name} has no option {option}"
            elif not options[option] and "=" not in word:
                place += 1  # its value
        elif isinstance(at, click.Group):
            if not re.fullmatch(r"[a-z][\w-]*", word, re.ASCII):
                return
            found = _command(at, word)
            if found is None:
                yield f"{name} has no command {word}"
                return
            at, name = found, f"{name} {word}"
            options |= _options(at)
    for other in others:
        if isinstance(program, click.Group) and _command(program, other.split()[0]) is None:
            yield f"{name} has no command {other.split()[0]}"


def _command(group: click.Group, name: str) -> click.Command | None:
    return group.get_command(click.Context(group), name)


def _options(command: click.Command) -> dict[str, bool]:
    """Options of a command, and whether each is a flag."""
    found = {"--help": True}
    for one in command.get_params(click.Context(command)):
        if isinstance(one, click.Option):
            flag = one.is_flag or one.count
            found |= dict.fromkeys((*one.opts, *one.secondary_opts), flag)
    return found


def _every_option(command: click.Command) -> set[str]:
    found = set(_options(command))
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = _command(command, name)
            found |= _every_option(inner) if inner else set()
    return found


def test_the_programs_are_those_that_are_installed() -> None:
    installed = {
        one.name for one in entry_points(group="console_scripts") if one.value.startswith("gcf_am.")
    }
    assert installed == set(PROGRAMS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_there(page: Path) -> None:
    lines = list(code(page.read_text("utf-8")))
    assert [(line, one) for line in lines for one in problems(line)] == []


def test_options_that_stand_alone_are_some_programs() -> None:
    known = THEIRS.union(*map(_every_option, PROGRAMS.values()))
    for file in (*(ROOT / "scripts").iterdir(), ROOT / "tests/contract/driver/conftest.py"):
        if file.is_file():
            known |= set(OPTION.findall(file.read_text("utf-8")))
    lacking = {
        (str(page.relative_to(ROOT)), option)
        for page in PAGES
        for span in code(page.read_text("utf-8"))
        if span.startswith("--")
        for option in OPTION.findall(span)
        if option not in known
    }
    assert lacking == set()


def test_files_are_there() -> None:
    lacking = {
        (str(page.relative_to(ROOT)), span)
        for page in PAGES
        # a spec may tell of what is still to be built
        if page.parent.name != "approved"
        for span in code(page.read_text("utf-8"))
        if NAMED.fullmatch(span) and not EXAMPLE.search(span) and not (ROOT / span).exists()
    }
    assert lacking == set()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("gcf-am up --home DIR   what it does", []),
        ("gcf-am --verbose serve --no-reconciler", []),
        ("gcf-am trust list --home var | head", []),
        ("gcf-omni -c var/omni_config -V 3 status slice --wait=ready", []),
        (".venv/bin/gcf-am site show --svg FILE", []),
        ("gcf-ch init | serve | backup", []),
        ("gcf-ch init | swerve", ["gcf-ch init has no command swerve"]),
        ("gcf-am upp", ["gcf-am has no command upp"]),
        ("gcf-am site shoe", ["gcf-am site has no command shoe"]),
        ("gcf-am up --hoem x", ["gcf-am up has no option --hoem"]),
        ("gcf-amx up", ["there is no gcf-amx"]),
    ],
)
def test_what_is_not_there_is_found(line: str, wrong: Sequence[str]) -> None:
    assert list(problems(line)) == wrong
