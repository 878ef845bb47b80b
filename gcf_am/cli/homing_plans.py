"""`gcf-homing`'s commands for plans: at a service, as an experimenter of an Omni configuration."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
from rich.console import Group, RenderableType
from rich.text import Text

from gcf_am.cli.homing_files import included, text_of
from gcf_am.cli.omni_options import Settings, with_options
from gcf_am.cli.omni_output import emit, tell
from gcf_am.cli.omni_session import Session, open_session
from gcf_am.cli.tables import heading, make_console, table
from gcf_am.client.credential_file import Credential
from gcf_am.client.homing import HomingClient, HomingRefused
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.urn import Urn

_URL: Final = "https://127.0.0.1:8091/"
# What a plan may take: the search, and reservation after it.
_RESERVING: Final = 300.0
# States of reservations whose slivers are there.
_THERE: Final = frozenset({"held", "provisioned"})
_LONGEST: Final = timedelta(hours=2)
_SERVICE: Final = click.option(
    "--url", default=_URL, show_default=True, envvar="GCF_HOMING", help="Where the service answers."
)


class NotDone(GcfAmError):
    """A plan has not come to a good end."""


@click.command()
@_SERVICE
@click.argument("template", type=click.Path(allow_dash=True))
@click.option("--name", help="The plan's name; else one is made.")
@click.option("--limit", type=click.IntRange(1, 100), default=1, help="How many recommendations.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Minutes to search.")
@click.option("--wait", is_flag=True, help="Wait until the plan has ended.")
@click.option("--reserve", is_flag=True, help="Have all demands reserved in your slice.")
@click.option("--slice", "slice_name", help="That slice, by name or URN.")
@click.option("--files-anywhere", is_flag=True, help="Files may lie outside TEMPLATE's folder.")
@with_options()
def plan(
    settings: Settings,
    url: str,
    template: str,
    name: str | None,
    limit: int,
    timeout: float | None,
    slice_name: str | None,
    *,
    wait: bool,
    reserve: bool,
    files_anywhere: bool,
) -> None:
    """Ask for homes for the demands of TEMPLATE.

    Files that it names with get_file are sent along. With --slice your rights in it are
    delegated to the service for two hours, which reserves what the template says, or with
    --reserve everything.
    """
    session = open_session(settings)
    client = HomingClient(url, session.identity)
    if reserve and slice_name is None:
        raise ConfigError("--reserve needs a slice: name it with --slice")
    text = text_of(template)
    asked: dict[str, object] = {
        "template": text,
        "limit": limit,
        "files": included(text, template, anywhere=files_anywhere),
    }
    if name is not None:
        asked["name"] = name
    if timeout is not None:
        asked["timeout"] = timeout
    if slice_name is not None:
        asked["reserve"] = reserve
        asked["credentials"] = [_delegated(session, client, slice_name).argument()]
    try:
        made = client.create(asked)
    except HomingRefused as refused:
        _complain(template, refused)
        raise
    if wait:
        made = client.awaited(made, (timeout or 1) * 60 + _RESERVING)
    _show(settings, made)
    if wait and made["status"] not in {"done", "solved"}:
        raise NotDone(f"the plan ended as {made['status']}: {made['message']}")


@click.command()
@_SERVICE
@click.argument("plan_id")
@with_options()
def show(settings: Settings, url: str, plan_id: str) -> None:
    """A plan: its recommendations, and what is reserved."""
    _show(settings, HomingClient(url, open_session(settings).identity).show(plan_id))


@click.command("list")
@_SERVICE
@with_options()
def list_(settings: Settings, url: str) -> None:
    """Your plans."""
    plans = HomingClient(url, open_session(settings).identity).list()
    if settings.json:
        emit(plans)
        return
    rows = [(one["name"], one["status"], one["id"]) for one in plans]
    make_console().print(table(("name", "status", "id"), rows) if rows else "no plans")


@click.command()
@_SERVICE
@click.argument("plan_id")
@click.option("--release", is_flag=True, help="Give back provisioned slivers, too.")
@with_options()
def delete(settings: Settings, url: str, plan_id: str, *, release: bool) -> None:
    """Delete a plan; slivers that it holds and that are not provisioned are given back."""
    HomingClient(url, open_session(settings).identity).delete(plan_id, release=release)
    tell(f"deleted {plan_id}")


COMMANDS: Final[dict[str, click.Command]] = {
    "plan": plan,
    "show": show,
    "list": list_,
    "delete": delete,
}


def _delegated(session: Session, client: HomingClient, name: str) -> Credential:
    """Our rights in the slice, handed on to the service for a while."""
    from gcf_am.clearinghouse.key_files import load_identity
    from gcf_am.client.credential_file import read_credential
    from gcf_am.trust.certificates import Certificate
    from gcf_am.trust.issue_credentials import SLICE, delegate_credential

    mine = session.slice_credential(session.slice_urn(name))
    text = delegate_credential(
        mine.text,
        load_identity(session.identity.certificate, session.identity.key),
        owner=[Certificate.read(client.certificate())],
        privileges=SLICE,
        expires=min(mine.expires, datetime.now(UTC) + _LONGEST),
    )
    return read_credential(text)


def _complain(template: str, refused: HomingRefused) -> None:
    """Each mistake in a line of its own, as compilers tell them."""
    for one in refused.errors:
        place = f"{template}:{one.get('line')}:{one.get('column')}"
        hint = f" ({one['hint']})" if one.get("hint") else ""
        tell(f"{place}: {one.get('path')}: {one.get('message')}{hint}")


def _show(settings: Settings, plan_: Mapping[str, Any]) -> None:
    if settings.json:
        emit(plan_)
    else:
        make_console().print(plan_tables(plan_))


def plan_tables(plan_: Mapping[str, Any]) -> RenderableType:
    """A plan for people."""
    parts: list[RenderableType] = [
        table(
            ("plan", "status", "id"),
            [(plan_["name"], plan_["status"], plan_["id"])],
        ),
    ]
    if plan_["message"]:
        parts += [Text(), heading(plan_["message"])]
    for number, one in enumerate(plan_["recommendations"], 1):
        rows = [_row(demand, choice) for demand, choice in one.items()]
        head = ("demand", "on", "at")
        parts += [Text(), heading(f"recommendation {number}"), table(head, rows)]
    slivers = [
        (name, urn)
        for booking in plan_.get("reservations", [])
        if booking.get("state") in _THERE
        for name, urn in booking.get("slivers", {}).items()
    ]
    if slivers:
        parts += [Text(), table(("sliver", "URN"), slivers)]
    return Group(*parts)


def _row(demand: str, choice: Mapping[str, Any]) -> tuple[str, str, str]:
    """Node and aggregate by the names in their URNs; `--json` tells the URNs."""
    candidate = choice.get("candidate", {})
    node, manager = (str(candidate.get(name, "")) for name in ("candidate_id", "location_id"))
    return demand, node.rpartition("+")[2], _authority(manager)


def _authority(manager: str) -> str:
    try:
        return Urn.parse(manager).authority
    except ValueError:  # of another kind of inventory
        return manager
