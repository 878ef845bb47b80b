"""The slice authority's slices: making, finding, renewing, credentials.

Source: Federation API v2, SLICE; FED 1.6.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gcf_am.clearinghouse.handlers import SA, spelled, urn
from gcf_am.clearinghouse.living import find, free_name, has_ended, lives
from gcf_am.clearinghouse.matching import matching
from gcf_am.clearinghouse.members import chain_of
from gcf_am.clearinghouse.projects import living as living_project
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.roles import lead_of, roles_in, set_roles
from gcf_am.clearinghouse.tables import ProjectRow, SliceRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.clock import format_time, whole_seconds
from gcf_am.errors import AlreadyExists, BadArgs, Forbidden, Unsupported
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation, Role, Who
from gcf_am.surface.ch_v2 import SLICE_AUTHORITY
from gcf_am.trust.certificates import PublicKey, load_chain, write_chain
from gcf_am.trust.issue import new_key
from gcf_am.urn import Urn

CREATE: Final = next(one for one in SLICE_AUTHORITY.operations if one.name == "create/SLICE")


def slice_key() -> PublicKey:
    """The public key of a new slice; nobody keeps the private one."""
    return new_key().public_key()


@SA.serves("create/SLICE", spare=slice_key)
def create(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """Make a slice."""
    fields: Mapping[str, Any] = asked.fields
    about = fields.get("SLICE_PROJECT_URN")
    project = None if about is None else living_project(turn, about)
    may_make(turn, project, operation)
    made = make(turn, fields["SLICE_NAME"], project, fields.get("SLICE_EXPIRATION"))
    made.description = fields.get("SLICE_DESCRIPTION", "")
    return told(turn, made)


def may_make(turn: Turn, project: ProjectRow | None, operation: Operation = CREATE) -> None:
    """Whether the actor may make a slice, in a project or in none; raises Forbidden or BadArgs."""
    if project is None and turn.desk.projects:
        raise BadArgs("SLICE_PROJECT_URN is missing: every slice here belongs to a project")
    if project is not None:
        standings = turn.in_project(project.id)
    else:
        standings = frozenset({Who.MEMBER} if turn.actor.member else ())
    where = project.urn if project else "the authority's slices"
    turn.permit(operation, where, standings)
    # who only watches a project leads no slice of it (FED 1.6), operator or not
    if Who.PROJECT_AUDITOR in standings:
        raise Forbidden(f"{turn.actor.urn} is an auditor of {where}, who leads no slice of it")


def make(turn: Turn, name: str, project: ProjectRow | None, until: datetime | None) -> SliceRow:
    """Make a slice that the acting member leads; whether they may is decided.

    Raises BadArgs for a name or time that is none, AlreadyExists when one of that name lives.
    """
    desk, owner, now = turn.desk, turn.member, turn.now
    authority = desk.authority.name
    within = f"{authority}:{project.name}" if project else authority
    one = Urn.of(within, "slice", name)
    if not one.well_named:
        raise BadArgs(
            f"{name[:40]!r} names no slice: 1 to 19 letters, digits or hyphens, the first no hyphen"
        )
    chain = chain_of(owner)
    end = desk.authority.first_end(chain, now)
    if until is not None:
        if until <= now:
            raise BadArgs(f"SLICE_EXPIRATION {format_time(until)} is past")
        end = whole_seconds(min(until, desk.authority.last_end(chain, now)))
    if project and project.expires:
        end = min(end, project.expires)
    free_name(turn.session, SliceRow, key_of(one), now)
    if turn.session.scalar(select(SliceRow.id).where(SliceRow.live_key == key_of(one))):
        place = f"project {project.name}" if project else f"authority {authority}"
        raise AlreadyExists(f"There already exists a slice named {name} in {place}")
    key = turn.spare or slice_key()
    certificates = desk.authority.new_slice(one, chain, now, end, key)
    row = SliceRow(
        urn=one.text,
        urn_key=key_of(one),
        live_key=key_of(one),
        uuid=certificates[0].uuid,
        owner_id=owner.id,
        certificate=write_chain(certificates),
        created=now,
        expires=end,
        project=project,
    )
    turn.session.add(row)
    turn.session.flush()
    set_roles(turn.session, row, _first_roles(turn, project))
    turn.forget_roles()
    turn.record("create SLICE", one.text)
    return row


@SA.serves("lookup/SLICE")
def lookup(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """The slices that match and that the caller may see."""
    match = asked.match or {}
    for one in match.get("SLICE_PROJECT_URN", ()):
        project = find(turn.session, ProjectRow, key_of(urn(one)), turn.now)
        if project is not None:
            turn.permit(operation, project.urn, turn.in_project(project.id))
    named = not match.keys().isdisjoint({"SLICE_URN", "SLICE_UID"})
    query = select(SliceRow).outerjoin(SliceRow.project)
    if not named and not turn.permits(operation):
        query = query.where(turn.mine())
    rows = list(turn.session.scalars(matching(query, asked.match, turn.now).order_by(SliceRow.id)))
    found: dict[str, SliceRow] = {}
    for row in rows:
        # the last of a name that the caller may see, unless an earlier one lives
        if turn.permits(operation, turn.in_slice(row)) and (
            row.urn_key not in found or has_ended(found[row.urn_key], turn.now)
        ):
            found[row.urn_key] = row
    if named:
        for row in rows:
            if row.urn_key not in found:
                turn.permit(operation, row.urn, turn.in_slice(row))
    name = spelled(asked, "SLICE_URN")
    return {name(Urn.parse(row.urn)): told(turn, row) for row in found.values()}


@SA.serves("update/SLICE")
def update(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Renew or describe a slice."""
    row = living(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_slice(row))
    fields: Mapping[str, Any] = asked.fields
    if "SLICE_DESCRIPTION" in fields:
        row.description = fields["SLICE_DESCRIPTION"]
    if "SLICE_EXPIRATION" in fields:
        renew(turn, row, whole_seconds(fields["SLICE_EXPIRATION"]))
    turn.record("update SLICE", row.urn)
    return True


def renew(turn: Turn, row: SliceRow, until: datetime) -> None:
    """Let a slice live until then, or as long as it may; raises BadArgs where it would be less."""
    if until < row.expires:
        raise BadArgs(
            f"{row.urn} lives until {format_time(row.expires)}; a slice's life is never shortened"
        )
    until = max(row.expires, min(until, last_end(turn, row)))
    chain = turn.desk.authority.renewed_slice(load_chain(row.certificate), turn.now, until)
    row.certificate, row.expires = write_chain(chain), until


def last_end(turn: Turn, row: SliceRow) -> datetime:
    """The latest end the slice may get: as its lead, its project and the limit allow."""
    lead = lead_of(turn.session, row)
    end = turn.desk.authority.last_end(chain_of(lead), turn.now)
    return min(end, row.project.expires) if row.project and row.project.expires else end


@SA.serves("get_credentials")
def get_credentials(turn: Turn, asked: Asked, operation: Operation) -> list[dict[str, str]]:
    """The caller's credential over a slice."""
    about = urn(asked.about)
    if about.kind == "project":
        raise Unsupported("credentials over projects are not offered here; roles count without")
    row = living(turn, about)
    turn.permit(operation, row.urn, turn.in_slice(row))
    return [geni_sfa(credential(turn, row))]


def credential(turn: Turn, row: SliceRow) -> str:
    """The acting member's rights over a slice (FED 63: in the name of who calls)."""
    owner, target = chain_of(turn.member), load_chain(row.certificate)
    return turn.desk.authority.slice_credential(owner, target, row.expires)


def geni_sfa(text: str) -> dict[str, str]:
    """A credential as structs of credentials have it."""
    return {"geni_type": "geni_sfa", "geni_version": "3", "geni_value": text}


def living(turn: Turn, about: Urn) -> SliceRow:
    """The living slice of this name; raises BadArgs."""
    row = known(turn, about)
    if has_ended(row, turn.now):
        raise BadArgs(f"{row.urn} has expired")
    return row


def known(turn: Turn, about: Urn) -> SliceRow:
    """The slice of this name that lives, or lived last; raises BadArgs."""
    if about.kind != "slice":
        raise BadArgs(f"{about} names a {about.kind}; urn:publicid:IDN+authority+slice+name would")
    row = find(turn.session, SliceRow, key_of(about), turn.now)
    if row is None:
        raise BadArgs(f"Unknown slice urn: {about}")
    return row


def told(turn: Turn, row: SliceRow) -> dict[str, object]:
    """A slice's fields."""
    return {
        "SLICE_URN": row.urn,
        "SLICE_UID": row.uuid,
        "SLICE_CREATION": format_time(row.created),
        "SLICE_EXPIRATION": format_time(row.expires),
        "SLICE_EXPIRED": has_ended(row, turn.now),
        "SLICE_NAME": Urn.parse(row.urn).name,
        "SLICE_DESCRIPTION": row.description,
        **({"SLICE_PROJECT_URN": row.project.urn} if row.project else {}),
    }


def living_of(turn: Turn, project: ProjectRow) -> list[SliceRow]:
    """The project's living slices."""
    query = select(SliceRow).where(SliceRow.project_id == project.id)
    return list(turn.session.scalars(query.where(lives(SliceRow, turn.now))))


def _first_roles(turn: Turn, project: ProjectRow | None) -> dict[int, Role]:
    """Who makes a slice leads it; lead and admins of its project administer it (FED 1.6)."""
    people = roles_in(turn.session, project).items() if project else ()
    admins = {member: Role.ADMIN for member, role in people if role in {Role.LEAD, Role.ADMIN}}
    return {**admins, turn.member.id: Role.LEAD}
