"""gcf-omni's options: each may stand before or after the command, as with Omni."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from gcf_am.client.waiting import Goal
from gcf_am.clock import parse_time

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def moment(text: str) -> datetime:
    """A date, or a date with a time; without a zone it is UTC."""
    try:
        return parse_time(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options of one command line say."""

    configfile: Path | None = None
    framework: str | None = None
    aggregate: tuple[str, ...] = ()
    api_version: str | None = None
    rspectype: tuple[str, str] | None = None
    no_compress: bool = False
    ssltimeout: float | None = None
    slicecredfile: Path | None = None
    usercredfile: Path | None = None
    sliver_urn: tuple[str, ...] = ()
    end_time: datetime | None = None
    best_effort: bool = False
    alap: bool = False
    available: bool = False
    cancelled: bool = False
    operator: bool = False
    wait: str | None = None
    wait_seconds: float | None = None
    output: bool = False
    outputfile: str | None = None
    prefix: str | None = None
    tostdout: bool = False
    no_check: bool = False
    json: bool = False

    def over(self, outer: "Settings") -> "Settings":
        """These, and what stood before the command where nothing is said here."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(outer, **{name: value for name, value in said.items() if value})


_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_OPTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "configfile": click.option(
        "-c",
        "--configfile",
        type=_FILE,
        help="Omni configuration; else ./omni_config, then ~/.gcf/omni_config.",
    ),
    "framework": click.option(
        "-f", "--framework", metavar="NAME", help="The section to use instead of default_cf."
    ),
    "aggregate": click.option(
        "-a",
        "--aggregate",
        multiple=True,
        metavar="URL",
        help="URL or nickname of an aggregate; may be repeated.",
    ),
    "api_version": click.option(
        "-V", "--api-version", type=click.Choice(["3"]), help="The AM API to speak."
    ),
    "rspectype": click.option(
        "-t",
        "--rspectype",
        type=(str, str),
        metavar="TYPE VERSION",
        help="The RSpec format to ask for (GENI 3).",
    ),
    "no_compress": click.option(
        "--no-compress", is_flag=True, help="Do not ask for compressed documents."
    ),
    "ssltimeout": click.option(
        "--ssltimeout",
        type=click.FloatRange(min=1),
        metavar="SECONDS",
        help="How long one call may take (360).",
    ),
    "slicecredfile": click.option(
        "--slicecredfile", type=_FILE, help="Use this slice credential, ask for none."
    ),
    "usercredfile": click.option(
        "--usercredfile", type=_FILE, help="Use this user credential, ask for none."
    ),
    "sliver_urn": click.option(
        "-u",
        "--sliver-urn",
        multiple=True,
        metavar="URN",
        help="Only this sliver of the slice; may be repeated.",
    ),
    "end_time": click.option(
        "--end-time", type=moment, metavar="TIME", help="Until when slivers are wanted (UTC)."
    ),
    "best_effort": click.option(
        "--best-effort", is_flag=True, help="Do what can be done, instead of all or nothing."
    ),
    "alap": click.option(
        "--alap", is_flag=True, help="As late as the aggregate allows, instead of failing."
    ),
    "available": click.option("--available", is_flag=True, help="Only what can be had now."),
    "cancelled": click.option("--cancelled", is_flag=True, help="As it would be after Cancel."),
    "operator": click.option(
        "--operator",
        is_flag=True,
        help="Act on somebody else's slice as its aggregate's operator.",
    ),
    "wait": click.option(
        "--wait",
        type=click.Choice([one.value for one in Goal]),
        help="Ask for the status until all slivers are there.",
    ),
    "wait_seconds": click.option(
        "--wait-seconds",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="How long --wait waits at most (600).",
    ),
    "output": click.option(
        "-o", "--output", is_flag=True, help="Write the result to a file with a telling name."
    ),
    "outputfile": click.option(
        "--outputfile",
        metavar="NAME",
        help="Write it to this file; %a is the aggregate, %s the slice.",
    ),
    "prefix": click.option(
        "-p", "--prefix", metavar="TEXT", help="What names that -o makes begin with."
    ),
    "tostdout": click.option(
        "--tostdout", is_flag=True, help="Print the document itself, not a table."
    ),
    "no_check": click.option(
        "--no-check", is_flag=True, help="Send an RSpec without judging it first."
    ),
    "json": click.option("--json", is_flag=True, help="Print JSON for programs."),
}
EVERYWHERE: Final = (
    "configfile",
    "framework",
    "ssltimeout",
    "json",
)
AGGREGATE: Final = ("aggregate", "api_version")
FILES: Final = ("output", "outputfile", "prefix", "tostdout")


def with_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options and those that every command has.

    The command gets them as one Settings, before its arguments, joined with what stood before
    its name. Other attributes of the group are allowed there too and do not concern it.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.pass_context
        def with_settings(context: click.Context, /, **given: Any) -> None:
            said = {name: given.pop(name) for name in chosen}
            outer = context.obj if isinstance(context.obj, Settings) else Settings()
            command(Settings(**said).over(outer), **given)

        with_settings.__doc__ = command.__doc__
        with_settings.__name__ = command.__name__
        params = getattr(command, "__click_params__", [])
        wrapped: Any = with_settings
        wrapped.__click_params__ = list(params)
        for name in reversed(chosen):
            wrapped = _OPTIONS[name](wrapped)
        return wrapped  # type: ignore[no-any-return]

    chosen = (*names, *EVERYWHERE)
    return decorate


def all_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Every option there is, for the group itself."""
    for option in reversed(_OPTIONS.values()):
        command = option(command)
    return command
