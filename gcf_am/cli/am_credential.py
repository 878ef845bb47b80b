"""`gcf-am credential`: what a credential says, and why it is or is not accepted here."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.printable import printable
from gcf_am.cli.reading import read_file
from gcf_am.errors import ConfigError

_MARKS: Final = {"ok": "ok", "refused": "REFUSED", "not reached": "-", "does not apply": "-"}


@click.group()
def credential() -> None:
    """Credentials: what one says, and why it is or is not accepted here."""


@credential.command()
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def inspect(file: str, *, as_json: bool) -> None:
    """What the credential in FILE says of itself. Nothing of it is verified; no key is shown."""
    from gcf_am.trust.describe import describe

    told = describe(_argument(file)[0])
    click.echo(json.dumps(told, indent=1) if as_json else "\n".join(_lines(told)))


@credential.command()
@HOME
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "--caller",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The caller's certificate with its chain (PEM): judge for this caller, too.",
)
@click.option("--slice", "slice_urn", help="Judge for a call on this slice.")
@click.option("--method", default="Allocate", show_default=True, help="The call, of version 3.")
@click.option("--speaking-for", help="The user for whom the caller wants to speak by it.")
@click.option("--at", help="Judge as of this time (RFC 3339) instead of now.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def verify(
    home: Path,
    file: str,
    caller: Path | None,
    slice_urn: str | None,
    method: str,
    speaking_for: str | None,
    at: str | None,
    *,
    as_json: bool,
) -> None:
    """Why the credential in FILE is or is not accepted here, step by numbered step.

    It is judged by the home's trust roots as the aggregate judges it: alone, or with --caller for
    one who calls. The exit status is 1 when it is refused.
    """
    from gcf_am.cli.explaining import Question, ask

    text, kind, version = _argument(file)
    question = Question(
        text, kind, version, _bytes(caller), slice_urn, method, speaking_for, _moment(at)
    )
    found = ask(home, question)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in found.rows], indent=1))
    else:
        for row in found.rows:
            about = f" ({printable(row.about)})" if row.about else ""
            click.echo(f"{_MARKS[row.outcome]:8} {row.step:>6}  {row.rule}{about}")
            for line in row.found:
                click.echo(f"{'':17}{printable(line)}")
        click.echo("refused" if found.refusal else "accepted")
    if found.refusal is not None:
        raise click.exceptions.Exit(1)


def _argument(file: str) -> tuple[str, str, str]:
    """Text, type and version of a credential; Omni also keeps all three as JSON."""
    text = read_file(file).decode("utf-8", "replace")
    if not text.lstrip().startswith("{"):
        return text, "", ""
    try:
        kept = json.loads(text)
        return str(kept["geni_value"]), str(kept["geni_type"]), str(kept["geni_version"])
    except (ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"{file} is JSON, but no credential with geni_value") from error


def _bytes(file: Path | None) -> bytes | None:
    return None if file is None else read_file(str(file))


def _moment(text: str | None) -> datetime | None:
    from gcf_am.clock import parse_time

    try:
        return None if text is None else parse_time(text)
    except ValueError as error:
        raise ConfigError(f"--at: {error}") from None


def _lines(told: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for label, value in told.items():
        if isinstance(value, Mapping):
            yield f"{indent}{label}:"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if all(isinstance(one, str) for one in value):
                yield f"{indent}{label}: {printable(', '.join(value))}"
                continue
            for number, one in enumerate(value, 1):
                yield f"{indent}{label}{f' {number}' if len(value) > 1 else ''}:"
                yield from _lines(one, indent + "  ")
        elif value:
            yield f"{indent}{label}: {printable(str(value))}"
