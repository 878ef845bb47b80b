"""Who is what in a slice or project: exactly one leads it, whatever is done.

Source: FED 1.6 (membership).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.tables import (
    MemberRow,
    ProjectMemberRow,
    ProjectRow,
    SliceMemberRow,
    SliceRow,
)
from gcf_am.errors import AlreadyExists, BadArgs
from gcf_am.surface.ch_elements import Role

Roles = Mapping[int, Role]


def roles_in(session: Session, row: SliceRow | ProjectRow) -> dict[int, Role]:
    """Roles by member."""
    table, column = _where(row)
    found = session.execute(select(table.member_id, table.role).where(column == row.id))
    return {member: Role(role) for member, role in found}


def lead_of(session: Session, row: SliceRow | ProjectRow) -> MemberRow:
    """Who leads it."""
    table, column = _where(row)
    leads = select(table.member_id).where(column == row.id, table.role == Role.LEAD)
    return session.scalars(select(MemberRow).where(MemberRow.id.in_(leads))).one()


def changed(before: Roles, add: Roles, change: Roles, remove: set[int]) -> dict[int, Role]:
    """The roles after all of this; raises AlreadyExists or BadArgs where it cannot be done.

    Nobody is added who is there, nobody changed or removed who is not, and exactly one leads.
    """
    if not add.keys().isdisjoint(before):
        raise AlreadyExists("who is to be added is a member already; change the role")
    if missing := (change.keys() | remove) - before.keys():
        raise BadArgs(f"{len(missing)} of those to change or remove are no members")
    kept = {member: role for member, role in before.items() if member not in remove}
    after = {**kept, **add, **change}
    leads = sum(role is Role.LEAD for role in after.values())
    if leads != 1:
        raise BadArgs(f"exactly one member must be LEAD; after this {leads} would be")
    return after


def set_roles(session: Session, row: SliceRow | ProjectRow, after: Roles) -> None:
    """Write the roles in place of those that are there."""
    table, column = _where(row)
    before = roles_in(session, row)
    mine = column == row.id
    gone = before.keys() - after.keys()
    session.execute(delete(table).where(mine, table.member_id.in_(gone)))
    # the database lets nobody lead beside another, not for a moment: who leads comes last
    for member, role in sorted(after.items(), key=lambda one: one[1] is Role.LEAD):
        if member not in before:
            session.execute(
                insert(table).values({column: row.id, table.member_id: member, table.role: role})
            )
        elif before[member] is not role:
            session.execute(
                update(table).where(mine, table.member_id == member).values(role=role.value)
            )


def _where(row: SliceRow | ProjectRow) -> tuple[Any, Any]:
    """The table of its members, and the column there that names it."""
    if isinstance(row, SliceRow):
        return SliceMemberRow, SliceMemberRow.slice_id
    return ProjectMemberRow, ProjectMemberRow.project_id
