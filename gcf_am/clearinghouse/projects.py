"""The slice authority's projects. Source: Federation API v2, PROJECT; FED 1.6."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.handlers import SA, spelled, urn
from gcf_am.clearinghouse.living import find, free_name, has_ended, lives
from gcf_am.clearinghouse.matching import matching
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.roles import set_roles
from gcf_am.clearinghouse.tables import MemberRow, ProjectRow, SliceRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.clock import format_time, whole_seconds
from gcf_am.errors import AlreadyExists, BadArgs
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation, Role
from gcf_am.urn import Urn

# A project's name is a part of its slices' authority, so it holds nothing that ends one.
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{1,31}", re.ASCII)


@SA.serves("create/PROJECT")
def create(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """Make a project that the caller leads."""
    turn.permit(operation, "projects")
    fields: Mapping[str, Any] = asked.fields
    until = fields.get("PROJECT_EXPIRATION")
    if until is not None and until <= turn.now:
        raise BadArgs(f"PROJECT_EXPIRATION {format_time(until)} is past")
    row = add(
        turn.session,
        Urn.of(turn.desk.authority.name, "project", fields["PROJECT_NAME"]),
        turn.member,
        now=turn.now,
        until=until,
        description=fields.get("PROJECT_DESCRIPTION", ""),
    )
    turn.forget_roles()
    turn.record("create PROJECT", row.urn)
    return told(turn, row)


def add(
    session: Session,
    one: Urn,
    lead: MemberRow,
    *,
    now: datetime,
    until: datetime | None = None,
    description: str = "",
) -> ProjectRow:
    """Make a project that a member leads; raises BadArgs for a name that is none, AlreadyExists."""
    if not _NAME.fullmatch(one.name):
        raise BadArgs(
            f"{one.name[:40]!r} names no project: "
            "a letter, then 1 to 31 letters, digits, hyphens or underscores"
        )
    key = key_of(one)
    free_name(session, ProjectRow, key, now)
    if session.scalar(select(ProjectRow.id).where(ProjectRow.live_key == key)):
        raise AlreadyExists(f"There already exists a project named {one.name}")
    row = ProjectRow(
        urn=one.text,
        urn_key=key,
        live_key=key,
        uuid=str(uuid4()),
        name=one.name,
        description=description,
        created=now,
        expires=None if until is None else whole_seconds(until),
    )
    session.add(row)
    session.flush()
    set_roles(session, row, {lead.id: Role.LEAD})
    return row


@SA.serves("lookup/PROJECT")
def lookup(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """The projects that match."""
    turn.permit(operation, "projects")
    query = matching(select(ProjectRow), asked.match, turn.now).order_by(ProjectRow.id)
    found: dict[str, ProjectRow] = {}
    for row in turn.session.scalars(query):
        if row.urn_key not in found or has_ended(found[row.urn_key], turn.now):
            found[row.urn_key] = row
    name = spelled(asked, "PROJECT_URN")
    return {name(Urn.parse(row.urn)): told(turn, row) for row in found.values()}


@SA.serves("update/PROJECT")
def update(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Another end or description; a project does not end before its slices."""
    row = living(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_project(row.id))
    fields: Mapping[str, Any] = asked.fields
    if "PROJECT_DESCRIPTION" in fields:
        row.description = fields["PROJECT_DESCRIPTION"]
    if "PROJECT_EXPIRATION" in fields:
        until = whole_seconds(fields["PROJECT_EXPIRATION"])
        latest = turn.session.scalar(
            select(func.max(SliceRow.expires)).where(
                SliceRow.project_id == row.id, lives(SliceRow, turn.now)
            )
        )
        if until <= turn.now or (latest is not None and until < latest):
            least = format_time(latest or turn.now)
            raise BadArgs(f"{row.urn} must not end before {least}: it has slices until then")
        row.expires = until
    turn.record("update PROJECT", row.urn)
    return True


@SA.serves("delete/PROJECT")
def delete(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """End a project in which no slice lives."""
    row = living(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_project(row.id))
    alive = turn.session.scalar(
        select(func.count())
        .select_from(SliceRow)
        .where(SliceRow.project_id == row.id, lives(SliceRow, turn.now))
    )
    if alive:
        raise BadArgs(f"{row.urn} has {alive} living slices; a project ends after its slices")
    row.live_key, row.expires = None, turn.now
    turn.record("delete PROJECT", row.urn)
    return True


def living(turn: Turn, about: Urn) -> ProjectRow:
    """The living project of this name; raises BadArgs."""
    row = known(turn, about)
    if has_ended(row, turn.now):
        raise BadArgs(f"the project {row.urn} has expired")
    return row


def known(turn: Turn, about: Urn) -> ProjectRow:
    """The project of this name that lives, or lived last; raises BadArgs."""
    authority = turn.desk.authority.name
    if about.key[0] != authority.lower():
        raise BadArgs(
            f"{about} is a project of another authority; ours are named "
            f"urn:publicid:IDN+{authority}+project+NAME"
        )
    row = find(turn.session, ProjectRow, key_of(about), turn.now)
    if row is None:
        raise BadArgs(f"Unknown project {about}")
    return row


def told(turn: Turn, row: ProjectRow) -> dict[str, object]:
    """A project's fields; an end it has not is empty."""
    return {
        "PROJECT_URN": row.urn,
        "PROJECT_UID": row.uuid,
        "PROJECT_CREATION": format_time(row.created),
        "PROJECT_EXPIRATION": "" if row.expires is None else format_time(row.expires),
        "PROJECT_EXPIRED": has_ended(row, turn.now),
        "PROJECT_NAME": row.name,
        "PROJECT_DESCRIPTION": row.description,
    }
