"""The commands of gcf-omni that ask aggregates."""

from datetime import datetime
from typing import Final

import click

from gcf_am.cli.check_rspec import refuse_invalid
from gcf_am.cli.omni_aggregates import ask
from gcf_am.cli.omni_options import AGGREGATE, FILES, Settings, moment, with_options
from gcf_am.cli.omni_output import deliver, wants_document
from gcf_am.cli.omni_session import open_session
from gcf_am.cli.omni_slices import SLICE
from gcf_am.cli.omni_work import Work, on_slice
from gcf_am.cli.tables import (
    component_table,
    heading,
    make_console,
    version_table,
)
from gcf_am.client.aggregate import Aggregate
from gcf_am.client.answers import Slivers, Version
from gcf_am.client.omni_config import Place
from gcf_am.client.shown import components_of
from gcf_am.errors import ConfigError

_LARGEST: Final = 8 * 1024 * 1024
_WAIT: Final = ("wait", "wait_seconds")
RSPEC = click.argument("rspec", type=click.Path(allow_dash=True), metavar="RSPEC")


def _read(settings: Settings, file: str, *kinds: str) -> str:
    """The text of an RSpec of one of these kinds, judged unless --no-check; `-` is standard input.

    Raises ConfigError for what an aggregate would refuse.
    """
    with click.open_file(file, "rb") as stream:
        data: bytes = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ConfigError(f"{file} has more than {_LARGEST} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8") from None
    if not settings.no_check:
        refuse_invalid(file, text, kinds)
    return text


@click.command()
@with_options(*AGGREGATE, *FILES)
def getversion(settings: Settings) -> None:
    """Which interfaces and formats the aggregates offer."""
    session = open_session(settings)

    def show(place: Place, version: Version) -> None:
        console = make_console()
        console.print(heading(session.config.nickname(place.url)))
        console.print(version_table(version))

    ask(session, lambda aggregate, _: aggregate.get_version(), show)


@click.command()
@with_options(*AGGREGATE, "rspectype", "no_compress", "usercredfile", "available", *FILES)
def listresources(settings: Settings) -> None:
    """What the aggregates have; with -o or --tostdout the advertisement itself."""
    session = open_session(settings)
    credentials = [session.user_credential()]

    def work(aggregate: Aggregate, _: Place) -> str:
        return aggregate.list_resources(credentials, available=settings.available)

    def show(place: Place, advertisement: str) -> None:
        server = session.config.nickname(place.url)
        if wants_document(settings):
            deliver(settings, advertisement, what="rspec.xml", server=server)
            return
        console = make_console()
        console.print(heading(server))
        console.print(component_table(components_of(advertisement)))

    ask(session, work, show)


@click.command()
@SLICE
@RSPEC
@with_options(*AGGREGATE, "slicecredfile", "end_time", "no_check", *FILES)
def allocate(settings: Settings, slice_name: str, rspec: str) -> None:
    """Reserve what the request RSPEC (a file, or -) names."""
    text = _read(settings, rspec, "request")

    def call(work: Work) -> Slivers:
        return work.aggregate.allocate(
            work.slice_urn, work.credentials, text, end_time=settings.end_time
        )

    on_slice(settings, slice_name, call)


@click.command()
@SLICE
@RSPEC
@with_options(
    *AGGREGATE, "slicecredfile", "sliver_urn", "end_time", "best_effort", "no_check", *FILES
)
def update(settings: Settings, slice_name: str, rspec: str) -> None:
    """Reserve the change that makes a slice what RSPEC (request or manifest) says.

    Take the manifest (`describe SLICE --outputfile m.xml`), edit it, and give it here: what stays
    carries its sliver_id, what is new has none, what is left out goes. `provision` then makes the
    change, `cancel` gives it up.
    """
    text = _read(settings, rspec, "request", "manifest")

    def call(work: Work) -> Slivers:
        return work.aggregate.update(
            work.urns,
            work.credentials,
            text,
            best_effort=settings.best_effort,
            end_time=settings.end_time,
        )

    on_slice(settings, slice_name, call, named=True)


@click.command()
@SLICE
@with_options(*AGGREGATE, "slicecredfile", "sliver_urn", "best_effort", *FILES)
def cancel(settings: Settings, slice_name: str) -> None:
    """Give up what was allocated or updated and not provisioned."""

    def call(work: Work) -> Slivers:
        return work.aggregate.cancel(work.urns, work.credentials, best_effort=settings.best_effort)

    on_slice(settings, slice_name, call, named=True)


@click.command()
@SLICE
@with_options(
    *AGGREGATE,
    "rspectype",
    "slicecredfile",
    "sliver_urn",
    "end_time",
    "best_effort",
    *_WAIT,
    *FILES,
)
def provision(settings: Settings, slice_name: str) -> None:
    """Make what was reserved, with logins for the configuration's users."""

    def call(work: Work) -> Slivers:
        return work.aggregate.provision(
            work.urns,
            work.credentials,
            best_effort=settings.best_effort,
            end_time=settings.end_time,
            users=work.session.users(),
        )

    on_slice(settings, slice_name, call)


@click.command()
@SLICE
@click.argument("action")
@with_options(*AGGREGATE, "slicecredfile", "sliver_urn", "best_effort", *_WAIT)
def performoperationalaction(settings: Settings, slice_name: str, action: str) -> None:
    """Perform ACTION: geni_start, geni_stop, geni_restart, geni_reload, geni_update_users, ..."""

    def call(work: Work) -> Slivers:
        return work.aggregate.perform(
            work.urns,
            work.credentials,
            action,
            best_effort=settings.best_effort,
            users=work.session.users() if action == "geni_update_users" else None,
        )

    on_slice(settings, slice_name, call, named=True)


@click.command()
@SLICE
@with_options(
    *AGGREGATE,
    "rspectype",
    "no_compress",
    "slicecredfile",
    "sliver_urn",
    "cancelled",
    "operator",
    *FILES,
)
def describe(settings: Settings, slice_name: str) -> None:
    """What a slice holds, how to log in; with -o or --tostdout the manifest itself."""

    def call(work: Work) -> Slivers:
        return work.aggregate.describe(work.urns, work.credentials, cancelled=settings.cancelled)

    on_slice(settings, slice_name, call)


@click.command()
@SLICE
@with_options(*AGGREGATE, "slicecredfile", "sliver_urn", "best_effort", "operator", *_WAIT)
def status(settings: Settings, slice_name: str) -> None:
    """The state of a slice's slivers."""

    def call(work: Work) -> Slivers:
        return work.aggregate.status(work.urns, work.credentials, best_effort=settings.best_effort)

    on_slice(settings, slice_name, call, named=True)


@click.command()
@SLICE
@click.argument("until", type=moment, metavar="TIME")
@with_options(*AGGREGATE, "slicecredfile", "sliver_urn", "best_effort", "alap")
def renew(settings: Settings, slice_name: str, until: datetime) -> None:
    """Let slivers live until TIME (UTC)."""

    def call(work: Work) -> Slivers:
        return work.aggregate.renew(
            work.urns,
            work.credentials,
            until,
            best_effort=settings.best_effort,
            alap=settings.alap,
        )

    on_slice(settings, slice_name, call, named=True)


@click.command()
@SLICE
@with_options(*AGGREGATE, "slicecredfile", "sliver_urn", "best_effort", "operator")
def delete(settings: Settings, slice_name: str) -> None:
    """Give slivers back for good."""

    def call(work: Work) -> Slivers:
        return work.aggregate.delete(work.urns, work.credentials, best_effort=settings.best_effort)

    on_slice(settings, slice_name, call, named=True)


@click.command()
@SLICE
@with_options(*AGGREGATE, "slicecredfile", "usercredfile")
def shutdown(settings: Settings, slice_name: str) -> None:
    """Stop a slice at once; for operators, only they can undo it.

    The user credential is shown, and the slice's where --slicecredfile names it.
    """
    session = open_session(settings)
    slice_urn = session.slice_urn(slice_name)
    credentials = [session.user_credential()]
    if settings.slicecredfile is not None:
        credentials.append(session.slice_credential(slice_urn))

    def show(place: Place, _: object) -> None:
        where = session.config.nickname(place.url)
        make_console().print(heading(f"{slice_urn} is shut down at {where}"), soft_wrap=True)

    ask(session, lambda aggregate, _: aggregate.shutdown(slice_urn, credentials), show)


COMMANDS: dict[str, click.Command] = {
    "getversion": getversion,
    "listresources": listresources,
    "allocate": allocate,
    "update": update,
    "cancel": cancel,
    "provision": provision,
    "performoperationalaction": performoperationalaction,
    "describe": describe,
    "status": status,
    "renew": renew,
    "delete": delete,
    "shutdown": shutdown,
}
