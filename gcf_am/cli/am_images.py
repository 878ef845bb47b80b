"""`gcf-am image`: the disk images of real nodes."""

import json
from pathlib import Path

import click
from rich.table import Table

from gcf_am.cli.am_nodes import age
from gcf_am.cli.am_options import HOME, plain_errors
from gcf_am.cli.am_output import show
from gcf_am.cli.printable import cell, printable

_REPLACE = click.option(
    "--replace",
    is_flag=True,
    help="Take the place of one of this name, for disks begun from now on.",
)


@click.group()
def image() -> None:
    """Disk images of the driver host: add, build, list and remove them while servers run."""


@image.command("list")
@HOME
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def list_images(home: Path, *, as_json: bool) -> None:
    """Images with their system, size, age, and the nodes whose disks are over them."""
    from gcf_am.cli.images import image_rows

    rows = image_rows(home)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    table = Table("image", "system", "size", "age", "nodes", box=None, pad_edge=False)
    for row in rows:
        nodes = f"{len(row['nodes'])}: {', '.join(row['nodes'])}" if row["nodes"] else "-"
        if row["former"]:
            nodes += f" ({row['former']} former kept)"
        table.add_row(
            cell(row["name"]),
            cell(row["system"]),
            "-" if row["bytes"] is None else f"{row['bytes'] / (1 << 20):.0f} MiB",
            "-" if row["age"] is None else age(row["age"]),
            cell(nodes),
        )
    show(table, whole=True)


@image.command()
@click.argument("name")
@click.argument("source")
@HOME
@_REPLACE
@plain_errors
def add(name: str, source: str, home: Path, *, replace: bool) -> None:
    """Add SOURCE as the image NAME: a directory, or a tar file (plain, gz, bz2, xz, zst).

    It must be the root of a system with an sshd and a shell. Owners and modes are kept; device
    files, pipes and SSH host keys are left out.
    """
    from gcf_am.cli.images import add_image

    click.echo(printable(add_image(home, name, source, replace=replace), lines=True))


@image.command()
@click.argument("system", type=click.Choice(["debian12"]))
@HOME
@click.option("--name", help="The image's name; else the system's.")
@click.option("--mirror", help="A Debian mirror's URL; else mmdebstrap's own choice.")
@_REPLACE
@plain_errors
def build(system: str, home: Path, name: str | None, mirror: str | None, *, replace: bool) -> None:
    """Build an image of SYSTEM's packages with mmdebstrap, from a mirror, and add it."""
    from gcf_am.cli.images import build_image

    told = build_image(home, system, name, mirror, replace=replace)
    click.echo(printable(told, lines=True))


@image.command()
@click.argument("name")
@HOME
@plain_errors
def remove(name: str, home: Path) -> None:
    """Remove the image NAME, when no node uses it or was promised it."""
    from gcf_am.cli.images import remove_image

    remove_image(home, name)
    click.echo(f"{name} is removed")
