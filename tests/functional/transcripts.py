"""What pages of doc/ show being typed, and read then; and a place where it is done.

A page's blocks of the language `console` are transcripts: a line behind `$ ` is typed, what
follows is read, `...` stands for any lines. Blocks with a caption are files of that name. What
differs from day to day (times, the numbers of slivers, ports, sums) and how wide columns are is not
compared. Progress, on standard error, is not shown; a refusal there is.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.functional.running import BIN, PATIENCE, Running, launched

_FENCE: Final = re.compile(
    r"^```(?:\{code-block\} )?(\w+)\n((?::[^\n]*\n)*)(.*?)^```$", re.MULTILINE | re.DOTALL
)
_CAPTION: Final = re.compile(r"^:caption: (\S+)$", re.MULTILINE)
_REFUSED: Final = re.compile(r"^(gcf-\w+|Error): ", re.MULTILINE)
_CHANGING: Final = (
    (re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( UTC|Z)"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SUM"),
    (re.compile(r"(\+sliver\+)\d+"), r"\1NUMBER"),
    (re.compile(r"(127\.0\.0\.1:|localhost:)\d+"), r"\1PORT"),
    (re.compile(r"─+"), "─"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page shows."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A command and what the page shows of its answer; `line` counts from 1."""

    command: str
    shown: tuple[str, ...]
    line: int


def steps(page: Path) -> Iterator[File | Typed]:
    """What to do, in the page's order."""
    text = page.read_text("utf-8")
    for block in _FENCE.finditer(text):
        language, options, body = block.groups()
        if caption := _CAPTION.search(options):
            yield File(caption[1], body)
        elif language == "console":
            first = text.count("\n", 0, block.start(3)) + 1
            yield from _typed(body, first)


def _typed(body: str, first: int) -> Iterator[Typed]:
    assert body.startswith("$ "), f"line {first}: a transcript begins with what is typed"
    at = first
    for part in re.split(r"(?m)^\$ ", body)[1:]:
        command, *shown = part.splitlines()
        yield Typed(command, tuple(one for one in shown if one.strip()), at)
        at += part.count("\n")


def agree(shown: tuple[str, ...], read: tuple[str, ...]) -> bool:
    """Whether what was read is what is shown, `...` being any lines."""
    if not shown:
        return not read
    if shown[0].strip() == "...":
        return any(agree(shown[1:], read[at:]) for at in range(len(read) + 1))
    return bool(read) and _same(shown[0]) == _same(read[0]) and agree(shown[1:], read[1:])


def _same(line: str) -> str:
    for what, instead in _CHANGING:
        line = what.sub(instead, line)
    return line.strip()


@dataclass
class Terminal:
    """A directory in which the commands of a page are typed; servers that they start go on."""

    at: Path
    ports: dict[str, str] = field(default_factory=dict)
    servers: list[Running] = field(default_factory=list)

    def knows(self, server: Running) -> None:
        """Let the addresses in the page's files mean this server."""
        self.ports = {
            "https://127.0.0.1:8000/": server.ch_url,
            "https://127.0.0.1:8001/": server.am_url,
        }

    def does(self, step: File | Typed) -> None:
        """Do one step and hold what is read against what is shown."""
        if isinstance(step, File):
            text = step.text
            for written, here in self.ports.items():
                text = text.replace(written, here)
            (self.at / step.name).write_text(text, "utf-8")
            return
        told = self._serves(step) if step.command.startswith("gcf-am up ") else self._runs(step)
        read = tuple(one for one in told.splitlines() if one.strip())
        shown = "\n".join(step.shown)
        assert agree(step.shown, read), f"line {step.line}: {step.command}\n{shown}\nbut:\n{told}"

    def _serves(self, step: Typed) -> str:
        words = [str(self.at / one) if one == "var" else one for one in step.command.split()]
        command: list[str | Path] = [BIN / words[0], *words[1:], "--port", "0", "--ch-port", "0"]
        server = launched(self.at, command)
        self.servers.append(server)
        self.knows(server)
        return f"{server.told}ready: {server.ch_url} {server.am_url}"

    def _runs(self, step: Typed) -> str:
        ended = subprocess.run(
            ["bash", "-c", step.command],
            cwd=self.at,
            env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(self.at)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        refused = bool(_REFUSED.search("\n".join(step.shown)))
        assert (ended.returncode != 0) is refused, f"line {step.line}: {ended}"
        return ended.stdout + (ended.stderr if refused else "")
