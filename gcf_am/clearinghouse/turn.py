"""One call's work: its transaction, who acts, and what they are to a subject.

Here, and only here, is decided whether somebody may do something: what an operation's
declaration names (surface.ch_v2) and what the caller is to its subject must have something in
common.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.actor import Actor, Visit, identify, prove
from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.living import lives
from gcf_am.clearinghouse.register import Deed, Register, record
from gcf_am.clearinghouse.tables import (
    MemberRow,
    ProjectMemberRow,
    ProjectRow,
    SliceMemberRow,
    SliceRow,
    SliverInfoRow,
)
from gcf_am.clock import Clock
from gcf_am.errors import Forbidden
from gcf_am.surface.ch_elements import Operation, Role, Who
from gcf_am.trust.certificates import PublicKey
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the clearinghouse works with; `roots` are PEM, `url` is where it answers.

    With `projects` every slice belongs to a project.
    """

    register: Register
    authority: Authority
    verifier: Verifier
    roots: tuple[str, ...]
    clock: Clock
    url: str = ""
    projects: bool = False

    @contextmanager
    def turn(self, visit: Visit, *, anybody: bool = False) -> Iterator["Turn"]:
        """A transaction for a call; raises Unauthenticated or Forbidden unless for `anybody`."""
        # signatures are verified while nobody waits for the database
        shown = None if anybody else prove(visit, self.verifier)
        with self.register.unit() as session:
            actor = None
            if shown is not None:
                actor = identify(session, shown, self.authority.name)
            yield Turn(self, session, visit, actor)


@dataclass
class Turn:
    """A call at work. `spare` is the key of a slice that may be made in it."""

    desk: Desk
    session: Session
    visit: Visit
    _actor: Actor | None
    spare: PublicKey | None = field(default=None, repr=False)

    @property
    def actor(self) -> Actor:
        """Who acts; raises Forbidden in a call for anybody, which asks for nobody."""
        if self._actor is None:
            raise Forbidden("nobody was identified in this call")
        return self._actor

    @property
    def now(self) -> datetime:
        """The moment of the call."""
        return self.visit.now

    @property
    def member(self) -> MemberRow:
        """The member who acts; raises Forbidden for servers and strangers."""
        if self.actor.member is None:
            raise Forbidden(f"{self.actor.urn} is not registered here")
        return self.actor.member

    def permits(self, operation: Operation, standings: Iterable[Who] = ()) -> bool:
        """Whether the operation is for one who is this to its subject."""
        return not operation.who.isdisjoint(self.actor.standings | set(standings))

    def permit(self, operation: Operation, subject: str, standings: Iterable[Who] = ()) -> None:
        """Raise Forbidden unless it is; `subject` says what it is about, in words."""
        if not self.permits(operation, standings):
            allowed = ", ".join(sorted(operation.who))
            raise Forbidden(f"{self.actor.urn} may not do this to {subject}; allowed is: {allowed}")

    def record(self, verb: str, subject: str) -> None:
        """Remember what is done."""
        actor, visit = self.actor, self.visit
        tool = actor.tool.text if actor.tool is not None else ""
        record(
            self.session,
            Deed(visit.now, visit.request_id, actor.urn.text, verb, subject, tool),
        )

    def in_slice(self, row: SliceRow) -> frozenset[Who]:
        """What the actor is in a slice, and in its project."""
        role = self._slices.get(row.id)
        mine = frozenset() if role is None else frozenset({Who[f"SLICE_{role}"]})
        return mine | self.in_project(row.project_id)

    def in_project(self, project_id: int | None) -> frozenset[Who]:
        """What the actor is in a project."""
        role = None if project_id is None else self._projects.get(project_id)
        return frozenset() if role is None else frozenset({Who[f"PROJECT_{role}"]})

    def at_sliver(self, row: SliverInfoRow) -> frozenset[Who]:
        """What the actor is to a sliver that was told of."""
        mine = self.actor.member
        made = mine is not None and mine.urn_key == row.creator_key
        about = self.at_aggregate(row.aggregate_key) | self.in_slice(row.slice)
        # whatever aggregate others wrote beside it, a sliver is its own one's
        if self.actor.aggregate and Urn.parse(row.urn).namespace == self.actor.urn.namespace:
            about |= {Who.AGGREGATE}
        return about | {Who.CREATOR} if made else about

    def at_aggregate(self, key: str) -> frozenset[Who]:
        """Whether the actor is this registered aggregate."""
        return frozenset({Who.AGGREGATE} if self.actor.aggregate == key else ())

    def towards(self, member_id: int) -> frozenset[Who]:
        """What the actor is to a member."""
        mine = self.actor.member
        return frozenset(
            who
            for who, true in (
                (Who.SELF, mine is not None and mine.id == member_id),
                (Who.SHARES_SLICE, member_id in self._slice_fellows),
                (Who.SHARES_PROJECT, member_id in self._project_fellows),
            )
            if true
        )

    def sees_all_of(self, member_id: int) -> bool:
        """Whether a member's own affairs are the actor's, too: the member's and operators'."""
        return Who.SELF in self.towards(member_id) or Who.OPERATOR in self.actor.standings

    def mine(self) -> ColumnElement[bool]:
        """The condition on slices that the actor has any role in, or in whose project."""
        return or_(SliceRow.id.in_(self._slices), SliceRow.project_id.in_(self._projects))

    @property
    def leads_a_project(self) -> bool:
        """Whether the actor is lead or admin of a living project."""
        query = (
            select(ProjectRow.id)
            .join(ProjectMemberRow, ProjectMemberRow.project_id == ProjectRow.id)
            .where(lives(ProjectRow, self.now), ProjectMemberRow.member_id == self._me)
            .where(ProjectMemberRow.role.in_((Role.LEAD, Role.ADMIN)))
        )
        return self.session.scalar(query.limit(1)) is not None

    def forget_roles(self) -> None:
        """Roles were changed in this transaction: what was read of them is no longer true."""
        for name in ("_slices", "_projects", "_slice_fellows", "_project_fellows"):
            self.__dict__.pop(name, None)

    @cached_property
    def _slices(self) -> dict[int, str]:
        """The actor's roles by slice."""
        mine = select(SliceMemberRow).where(SliceMemberRow.member_id == self._me)
        return {one.slice_id: one.role for one in self.session.scalars(mine)}

    @cached_property
    def _projects(self) -> dict[int, str]:
        """The actor's roles by project."""
        mine = select(ProjectMemberRow).where(ProjectMemberRow.member_id == self._me)
        return {one.project_id: one.role for one in self.session.scalars(mine)}

    @cached_property
    def _slice_fellows(self) -> frozenset[int]:
        """Who is a member of a living slice together with the actor."""
        mine = select(SliceMemberRow.slice_id).where(SliceMemberRow.member_id == self._me)
        living = select(SliceRow.id).where(lives(SliceRow, self.now))
        found = select(SliceMemberRow.member_id).where(
            SliceMemberRow.slice_id.in_(mine), SliceMemberRow.slice_id.in_(living)
        )
        return frozenset(self.session.scalars(found))

    @cached_property
    def _project_fellows(self) -> frozenset[int]:
        """Who is a member of a living project together with the actor."""
        mine = select(ProjectMemberRow.project_id).where(ProjectMemberRow.member_id == self._me)
        living = select(ProjectRow.id).where(lives(ProjectRow, self.now))
        found = select(ProjectMemberRow.member_id).where(
            ProjectMemberRow.project_id.in_(mine), ProjectMemberRow.project_id.in_(living)
        )
        return frozenset(self.session.scalars(found))

    @property
    def _me(self) -> int:
        """The actor's row; none has the number 0."""
        return self.actor.member.id if self.actor.member is not None else 0
