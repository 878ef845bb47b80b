"""Who belongs to slices and projects: lookup_members, lookup_for_member, modify_membership.

Source: FED 1.6; what a change in a project means for its slices is geni-ch's rule.
"""

from typing import Any

from sqlalchemy import select

from gcf_am.clearinghouse.handlers import SA, urn
from gcf_am.clearinghouse.living import has_ended
from gcf_am.clearinghouse.matching import matching
from gcf_am.clearinghouse.members import find_member, known_member
from gcf_am.clearinghouse.projects import known as known_project
from gcf_am.clearinghouse.projects import living as living_project
from gcf_am.clearinghouse.roles import Roles, changed, lead_of, roles_in, set_roles
from gcf_am.clearinghouse.slices import known as known_slice
from gcf_am.clearinghouse.slices import living as living_slice
from gcf_am.clearinghouse.slices import living_of
from gcf_am.clearinghouse.tables import (
    MemberRow,
    ProjectMemberRow,
    ProjectRow,
    SliceMemberRow,
    SliceRow,
)
from gcf_am.clearinghouse.turn import Turn
from gcf_am.errors import BadArgs
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation, Role


@SA.serves("lookup_members/SLICE")
def slice_members(turn: Turn, asked: Asked, operation: Operation) -> list[dict[str, object]]:
    """Who is a member of a slice."""
    row = known_slice(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_slice(row))
    return _people(turn, row, "SLICE")


@SA.serves("lookup_members/PROJECT")
def project_members(turn: Turn, asked: Asked, operation: Operation) -> list[dict[str, object]]:
    """Who is a member of a project."""
    row = known_project(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_project(row.id))
    return _people(turn, row, "PROJECT")


@SA.serves("lookup_for_member/SLICE")
def slices_of(turn: Turn, asked: Asked, operation: Operation) -> list[dict[str, object]]:
    """A member's slices; of others' only those that the caller is in, too."""
    who = _asked_for(turn, asked, operation)
    query = (
        select(SliceRow, SliceMemberRow.role)
        .join(SliceMemberRow, SliceMemberRow.slice_id == SliceRow.id)
        .outerjoin(SliceRow.project)
        .where(SliceMemberRow.member_id == who.id)
    )
    rows = turn.session.execute(matching(query, asked.match, turn.now).order_by(SliceRow.id))
    whole = turn.sees_all_of(who.id)
    return [_mine(turn, row, "SLICE", role) for row, role in rows if whole or turn.in_slice(row)]


@SA.serves("lookup_for_member/PROJECT")
def projects_of(turn: Turn, asked: Asked, operation: Operation) -> list[dict[str, object]]:
    """A member's projects, likewise."""
    who = _asked_for(turn, asked, operation)
    query = (
        select(ProjectRow, ProjectMemberRow.role)
        .join(ProjectMemberRow, ProjectMemberRow.project_id == ProjectRow.id)
        .where(ProjectMemberRow.member_id == who.id)
    )
    rows = turn.session.execute(matching(query, asked.match, turn.now).order_by(ProjectRow.id))
    whole = turn.sees_all_of(who.id)
    return [
        _mine(turn, row, "PROJECT", role) for row, role in rows if whole or turn.in_project(row.id)
    ]


@SA.serves("modify_membership/SLICE")
def modify_slice(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Change who is what in a slice: all of it or nothing."""
    row = living_slice(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_slice(row))
    after = _after(turn, asked, row)
    if row.project:
        auditors = {
            member
            for member, role in roles_in(turn.session, row.project).items()
            if role is Role.AUDITOR
        }
        if any(role is Role.LEAD and member in auditors for member, role in after.items()):
            raise BadArgs(f"an auditor of {row.project.urn} cannot lead a slice of it")
    _write(turn, row, after, "SLICE")
    return True


@SA.serves("modify_membership/PROJECT")
def modify_project(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Change who is what in a project, and with it in its slices."""
    row = living_project(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.in_project(row.id))
    before = roles_in(turn.session, row)
    after = _after(turn, asked, row)
    for one in living_of(turn, row):
        leader = lead_of(turn.session, one)
        if after.get(leader.id) is Role.AUDITOR:
            raise BadArgs(f"{leader.urn} leads {one.urn}, which an auditor of {row.urn} cannot")
    _write(turn, row, after, "PROJECT")
    _follow(turn, row, before, after)
    return True


def _follow(turn: Turn, project: ProjectRow, before: Roles, after: Roles) -> None:
    """What the project's new roles mean in its living slices.

    Who left the project leaves its slices; those they led, the project's lead leads. Who has come
    to lead or administer the project administers its slices.
    """
    lead = lead_of(turn.session, project).id
    gone = before.keys() - after.keys()
    raised = {
        member
        for member, role in after.items()
        if role in {Role.LEAD, Role.ADMIN} and before.get(member) not in {Role.LEAD, Role.ADMIN}
    }
    for row in living_of(turn, project):
        roles = roles_in(turn.session, row)
        new = {member: role for member, role in roles.items() if member not in gone}
        new |= {member: Role.ADMIN for member in raised if new.get(member) is not Role.LEAD}
        if Role.LEAD not in new.values():
            new[lead] = Role.LEAD
        if new != roles:
            _write(turn, row, new, "SLICE")


def _after(turn: Turn, asked: Asked, row: SliceRow | ProjectRow) -> dict[int, Role]:
    changes = asked.changes
    add = {known_member(turn, who): role for who, role in changes.add.items()}
    for member in add:
        if not member.enabled:
            raise BadArgs(f"{member.urn} is disabled here")
    return changed(
        roles_in(turn.session, row),
        {member.id: role for member, role in add.items()},
        {known_member(turn, who).id: role for who, role in changes.change.items()},
        {known_member(turn, who).id for who in changes.remove},
    )


def _write(turn: Turn, row: SliceRow | ProjectRow, after: Roles, kind: str) -> None:
    set_roles(turn.session, row, after)
    turn.forget_roles()
    turn.record(f"modify_membership {kind}", row.urn)


def _asked_for(turn: Turn, asked: Asked, operation: Operation) -> MemberRow:
    """The member whose slices or projects are asked for, if the caller may."""
    about = urn(asked.about)
    who = find_member(turn.session, about)
    turn.permit(operation, about.text, turn.towards(who.id) if who else ())
    if who is None:
        raise BadArgs(f"{about} is no member here")
    return who


def _people(turn: Turn, row: SliceRow | ProjectRow, kind: str) -> list[dict[str, object]]:
    roles = roles_in(turn.session, row)
    members = turn.session.scalars(select(MemberRow).where(MemberRow.id.in_(roles)))
    return [
        {
            f"{kind}_MEMBER": one.urn,
            f"{kind}_ROLE": roles[one.id].value,
            f"{kind}_MEMBER_UID": one.uuid,
        }
        for one in members
    ]


def _mine(turn: Turn, row: Any, kind: str, role: str) -> dict[str, object]:
    ended = has_ended(row, turn.now)
    return {
        f"{kind}_URN": row.urn,
        f"{kind}_ROLE": role,
        f"{kind}_UID": row.uuid,
        f"{kind}_EXPIRED": ended,
        "EXPIRED": ended,
    }
