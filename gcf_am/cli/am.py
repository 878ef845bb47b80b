"""`gcf-am`: the operator's commands."""

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from gcf_am import __version__
from gcf_am.app.logs import write_logs
from gcf_am.cli import am_audit, am_credential, am_images, am_nodes, am_policy, am_stats, am_trust
from gcf_am.cli.am_options import HOME, chosen, new_home_options, plain_errors
from gcf_am.cli.am_output import show
from gcf_am.cli.printable import cell


def _with_site(
    home: Path, site: Path | None, given: dict[tuple[str, str], object]
) -> dict[tuple[str, str], object]:
    """The options with the inventory that --site means, imported if it has to be."""
    if site is None:
        return given
    from gcf_am.cli.site import adopt, report

    inventory, made = adopt(site, home, given)
    if made is not None:
        show(report(made))
    return {**given, ("site", "inventory"): inventory}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gcf-am")
@click.option("--verbose", is_flag=True, help="Log more.")
def main(*, verbose: bool) -> None:
    """Run a GENI aggregate manager."""
    write_logs(verbose=verbose)


@main.command()
@HOME
@new_home_options
@plain_errors
def init(home: Path, site: Path | None, **given: Any) -> None:
    """Make a home: configuration, certificates, inventory and database. Keeps what is there."""
    from gcf_am.cli.home import check_kept, make_home

    values = _with_site(home, site, chosen(**given))
    config = make_home(home, values)
    check_kept(config, values)
    click.echo(f"{home} is ready for `gcf-am up --home {home}`; authority "
               f"{config.aggregate.authority}")  # fmt: skip


@main.command()
@HOME
@new_home_options
@click.option("--homing", is_flag=True, help="Serve Homing beside them: doc/homing.md.")
@click.option("--homing-port", type=click.IntRange(0, 65535), help="Its port.")
@plain_errors
def up(
    home: Path, site: Path | None, *, homing: bool, homing_port: int | None, **given: Any
) -> None:
    """Serve the clearinghouse and the aggregate together, making the home first if need be."""
    from gcf_am.cli.serving import serve_both

    values = _with_site(home, site, chosen(**given))
    if homing_port is not None:
        values[("homing", "port")] = homing_port
    serve_both(home, values, homing=homing)


@main.command()
@HOME
@click.option("--host", help="The address to bind.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port.")
@click.option("--driver", help="host, simulated, auto, or another installed one's name.")
@click.option(
    "--reconciler/--no-reconciler",
    "reconciles",
    default=True,
    help="Whether slivers are worked on here, too, or only by others on the same database.",
)
@plain_errors
def serve(
    home: Path, host: str | None, port: int | None, driver: str | None, *, reconciles: bool
) -> None:
    """Serve the aggregate alone, from a home that is there; any number of them side by side.

    A socket that systemd gives (LISTEN_FDS) takes the place of host and port.
    """
    from gcf_am.cli.serving import serve_aggregate

    serve_aggregate(home, chosen(None, None, driver, host, port, None), reconciles=reconciles)


@main.command()
@HOME
@click.option("--driver", help="host, simulated, auto, or another installed one's name.")
@click.option("--move", is_flag=True, help="Even if the slivers stand elsewhere; they are lost.")
@plain_errors
def reconcile(home: Path, driver: str | None, *, move: bool) -> None:
    """Work on slivers and serve no calls; any number of them side by side."""
    from gcf_am.cli.serving import reconcile

    reconcile(home, chosen(None, None, driver, None, None, None), move=move)


@main.command("check-config")
@HOME
@plain_errors
def check_config(home: Path) -> None:
    """Judge the configuration and every file it names."""
    from gcf_am.cli.checks import findings

    bad = False
    for what, trouble in findings(home):
        click.echo(f"{'wrong' if trouble else 'ok':6} {what}{': ' + trouble if trouble else ''}")
        bad = bad or bool(trouble)
    if bad:
        raise click.exceptions.Exit(1)


@main.command("check-rspec")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "--kind",
    type=click.Choice(["request", "manifest", "ad"]),
    help="What each must be; else each is judged as what it says it is.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def check_rspec(files: tuple[str, ...], kind: str | None, *, as_json: bool) -> None:
    """Judge RSpecs of version 3: schemas, extensions, and rules that no schema tells.

    Each finding names line, element, what is expected, and the clause that expects it. The exit
    status is 1 when any file is not valid; warnings alone leave it 0.
    """
    from gcf_am.cli.check_rspec import verdict_for_programs, verdict_lines, verdict_on

    verdicts = [(file, verdict_on(file, kind)) for file in files]
    if as_json:
        click.echo(json.dumps([verdict_for_programs(*one) for one in verdicts], indent=1))
    else:
        for file, verdict in verdicts:
            click.echo("\n".join(verdict_lines(file, verdict)))
    if not all(verdict.valid for _, verdict in verdicts):
        raise click.exceptions.Exit(1)


@main.command("show-surface")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show_surface(*, as_json: bool) -> None:
    """Everything a client may call or meet, with its lifecycle state."""
    from gcf_am.surface.registry import SURFACE

    rows = [(id_, one.state.name.lower(), one.doc) for id_, one in SURFACE.items()]
    if as_json:
        keys = ("id", "state", "doc")
        click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("element", "state", "meaning"):
        table.add_column(name, overflow="fold")  # an id is folded, never cut
    for row in rows:
        table.add_row(*map(Text, row))
    show(table)


@main.command()
@HOME
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def slivers(home: Path, *, as_json: bool) -> None:
    """What is held: slivers with their slice, states, place and expiry."""
    from gcf_am.cli.held import held_slivers

    rows = held_slivers(home)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    if not rows:
        click.echo("no slivers")
        return
    for slice_urn in dict.fromkeys(row["slice"] for row in rows):
        mine = [row for row in rows if row["slice"] == slice_urn]
        click.echo(f"{slice_urn}{'  (shut down)' if mine[0]['shut_down'] else ''}")
        table = Table("name", "sliver", "on", "states", "until", box=None, pad_edge=False)
        for row in mine:
            states = f"{row['allocation']}\n{row['operational']}".replace("geni_", "")
            table.add_row(
                *(cell(row[key]) for key in ("client_id", "sliver", "component")),
                Text(states),
                Text(row["expires"]),
            )
        show(table, whole=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@plain_errors
def probe(*, as_json: bool) -> None:
    """What this machine can do for the host driver, and by what it is done.

    The exit status is 1 when nodes cannot be made here at all.
    """
    from gcf_am.drivers.host.survey import survey

    found = survey()
    if as_json:
        rows = [{"feature": one.feature, "how": one.how, "needed": one.needed} for one in found]
        click.echo(json.dumps(rows, indent=1))
    else:
        for one in found:
            without = "nodes need it" if one.needed else "asking for it is refused"
            click.echo(f"{'yes' if one.how else 'no':4} {one.feature:14} {one.how or without}")
    if any(one.needed and not one.how for one in found):
        raise click.exceptions.Exit(1)


@main.command()
@HOME
@click.argument("slice_urn")
@plain_errors
def shutdown(home: Path, slice_urn: str) -> None:
    """Emergency stop: freeze all that a slice has here, and let nobody use it.

    Nodes stand still with disk and memory, their logins and links are cut, and nothing of it
    expires, until `release` or `purge`. Works while the aggregate runs.
    """
    from gcf_am.cli.stopping import shut

    click.echo(shut(home, slice_urn))


@main.command()
@HOME
@click.argument("slice_urn")
@plain_errors
def release(home: Path, slice_urn: str) -> None:
    """Undo a Shutdown: the slice's nodes go on, its experimenters may act on it again."""
    from gcf_am.cli.stopping import release

    click.echo(release(home, slice_urn))


@main.command()
@HOME
@click.argument("slice_urn")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plain_errors
def purge(home: Path, slice_urn: str, *, yes: bool) -> None:
    """Remove all that a slice which was shut down has here; then it may be used again."""
    from gcf_am.cli.stopping import purge, stake

    if not yes:
        click.confirm(f"End {stake(home, slice_urn)} for good, disks and all?", abort=True)
    click.echo(purge(home, slice_urn))


@main.command("upgrade-db")
@HOME
@plain_errors
def upgrade_db(home: Path) -> None:
    """Bring the database to this version's tables. Stop the servers first."""
    from gcf_am.cli.served import only_one
    from gcf_am.config import read_config
    from gcf_am.store.upgrade import upgrade

    config = read_config(home)
    with only_one(home):
        upgrade(config.database_url)
    click.echo("the database is up to date")


@main.group()
def site() -> None:
    """The inventory: make one of another aggregate's advertisement, or look at it."""


@site.command("import")
@HOME
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(allow_dash=True, dir_okay=False),
    help="Where the inventory goes, - for standard output; else the home's inventory.",
)
@click.option("--authority", help="Whose components they become; else the home's authority.")
@click.option("--sliver-type", help="What nodes get that name no sliver type; else as configured.")
@click.option("--json", "as_json", is_flag=True, help="Tell what was repaired for programs.")
@plain_errors
def site_import(
    home: Path,
    file: str,
    output: str | None,
    authority: str | None,
    sliver_type: str | None,
    *,
    as_json: bool,
) -> None:
    """Make an inventory of FILE, any aggregate's advertisement RSpec (version 3 or 2).

    Its components become this aggregate's and keep their former names as aliases. What the
    schema refuses is repaired, what was reserved there is free here; all of it is told.
    """
    from gcf_am.cli.site import Origin, details, import_file, inventory_of, report, write_inventory

    origin = Origin.of(home, {("aggregate", "authority"): authority} if authority else {})
    made = import_file(file, origin.with_sliver_type(sliver_type))
    if output == "-":
        click.echo(made.xml, nl=False)
        click.echo("\n".join(one.what for one in made.repairs), err=True)
        return
    place = Path(output) if output else inventory_of(home)
    kept = write_inventory(made.xml, place)
    if as_json:
        click.echo(json.dumps(details(made), indent=1))
        return
    show(report(made))
    click.echo(f"written to {place}{f'; the one before is {kept}' if kept else ''}")


@site.command("show")
@HOME
@click.argument("file", type=click.Path(allow_dash=True), required=False)
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw it here, too.")
@plain_errors
def site_show(home: Path, file: str | None, svg: Path | None) -> None:
    """The home's inventory, or FILE's: hosts, switches, links, and what is free of them."""
    from gcf_am.cli.site import site_of
    from gcf_am.cli.site_drawing import draw
    from gcf_am.cli.site_tables import site_tables

    found, held = site_of(file, home)
    show(site_tables(found, held))
    if svg is not None:
        try:
            svg.write_text(draw(found, held), "utf-8")
        except OSError as error:
            raise click.ClickException(f"{svg} cannot be written: {error.strerror}") from error
        click.echo(f"drawn in {svg}")


for _command in (
    *am_nodes.COMMANDS,
    am_audit.audit,
    am_policy.policy,
    am_images.image,
    am_stats.stats,
    am_trust.trust,
    am_credential.credential,
):
    main.add_command(_command)
