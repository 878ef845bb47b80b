"""The reports of a run: which are wanted, what stands at their heads, and writing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gcf_am import __version__
from gcf_am.cli.conform_target import Asked
from gcf_am.conformance.abilities import read_abilities
from gcf_am.conformance.answer import read
from gcf_am.conformance.report.header import Header
from gcf_am.conformance.report.kinds import KINDS
from gcf_am.conformance.run import Outcome
from gcf_am.conformance.target import Target


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report of this kind, to be written to this file."""

    kind: str
    file: Path


def wanted(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Read `KIND=FILE`; that a file can be written is tried now, not when the run is over."""
    return tuple(map(_wanted, values))


def _wanted(value: str) -> Wanted:
    kind, _, file = value.partition("=")
    if kind not in KINDS or not file:
        raise click.BadParameter(f"{value!r} is not KIND=FILE, where KIND is {', '.join(KINDS)}")
    try:
        Path(file).open("a", encoding="utf-8").close()
    except OSError as error:
        raise click.BadParameter(f"{file} cannot be written: {error.strerror}") from None
    return Wanted(kind, Path(file))


def told_options(asked: Asked, outcome: Outcome) -> list[str]:
    """What else the run was told, and whether it came to its end."""
    options = {
        "reserving nothing": asked.readonly,
        "several checks at once": asked.parallel,
        "requests name their components": asked.bound,
        "a request of one's own": asked.request is not None,
        "stopped before its end": outcome.stopped,
    }
    return [words for words, so in options.items() if so]


def header(
    target: Target,
    run: Mapping[str, Any],
    *,
    replayed: bool = False,
) -> Header:
    """What a report says of a run as a whole; `run` is what its cassette tells of it."""
    said = _said(target)
    return Header(
        url=target.url,
        urn=read_abilities(said).urn,
        started=datetime.fromisoformat(run["started"]),
        version=__version__,
        profile=f"profile {run['profile']}",
        abilities=_abilities(said),
        options=tuple(run["options"]),
        seconds=run["seconds"],
        replayed=replayed,
    )


def write(reports: tuple[Wanted, ...], head: Header, outcome: Outcome) -> None:
    """Write the reports."""
    for one in reports:
        one.file.write_text(KINDS[one.kind](head, outcome.results), "utf-8")


def _said(target: Target) -> Mapping[str, Any]:
    """GetVersion's value as the run heard it; empty when nothing of use came."""
    heard = target.shared.get("GetVersion")
    value = None if heard is None else read("GetVersion", heard).value
    return value if isinstance(value, Mapping) else {}


def _abilities(said: Mapping[str, Any]) -> dict[str, str]:
    """What decides which checks apply, and which aggregate this is."""
    told = read_abilities(said)
    urls = ", ".join(sorted(told.urls))
    types = ", ".join(" ".join(one) for one in sorted(told.credential_types))
    found = {
        "software": _words(said.get("geni_am_type")),
        "API versions": urls,
        "geni_allocate": told.allocate if said else "",
        "geni_single_allocation": str(int(told.single_allocation)) if said else "",
        "credentials": types,
        "request extensions": ", ".join(sorted(told.extensions)),
    }
    return {name: value for name, value in found.items() if value}


def _words(value: object) -> str:
    """A text, or the texts of a list."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
