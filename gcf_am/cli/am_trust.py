"""`gcf-am trust`: who is trusted here, on what terms, and who no longer is."""

import json
from pathlib import Path

import click
from rich.table import Table

from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.am_output import show
from gcf_am.cli.printable import cell, printable


@click.group()
def trust() -> None:
    """Trust roots: list them, fetch those of other clearinghouses, deny in an emergency."""


@trust.command("list")
@HOME
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def list_roots(home: Path, *, as_json: bool) -> None:
    """Who is trusted: namespaces, file or source, end, terms; then lists and denials."""
    from gcf_am.cli.trusting import told

    found = told(home)
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    table = Table("root", "namespaces", "from", "until", "terms", "SHA-256",
                  box=None, pad_edge=False)  # fmt: skip
    for row in found["roots"]:
        table.add_row(*(cell(str(value)) for value in row.values()))
    show(table, whole=True)
    for row in found["lists"]:
        stale = ", out of date" if row["stale"] else ""
        click.echo(printable(f"CRL of {row['issuer']}: {row['revoked']} revoked, next "
                             f"{row['next_update']}{stale}"))  # fmt: skip
    for item in found["denied"]:
        click.echo(printable(f"denied: {item}"))
    for problem in found["problems"]:
        click.echo(printable(f"wrong: {problem}"))


@trust.command()
@HOME
@click.argument("item", nargs=-1, required=True)
@click.option("--because", default="", help="A remark for whoever reads the file.")
@plain_errors
def deny(home: Path, item: tuple[str, ...], because: str) -> None:
    """Refuse ITEM from now on, whoever signed it; a server that runs need not start again.

    ITEM is a URN (of a user, slice, tool or authority), the SHA-256 sum of a certificate or a
    credential, or `serial NUMBER [URN of the issuer]`. To undo it take its line out of the file
    `denied` among the trust roots.
    """
    from gcf_am.cli.trusting import add_denial

    click.echo(f"denied, in {add_denial(home, ' '.join(item), because)}")


@trust.command()
@HOME
@click.argument("names", nargs=-1)
@plain_errors
def fetch(home: Path, names: tuple[str, ...]) -> None:
    """Fetch the trust roots of the sources in roots.toml now, of all or of those NAMED."""
    from gcf_am.cli.trusting import fetch_now

    bad = False
    for name, trouble in fetch_now(home, names):
        click.echo(printable(f"{name}: {trouble or 'fetched'}"))
        bad = bad or bool(trouble)
    if bad:
        raise click.exceptions.Exit(1)
