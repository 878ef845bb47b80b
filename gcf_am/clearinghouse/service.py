"""The seven methods of the framework `gcf`, with an owner's check on each, and the trust roots.

Source: FED 2.3. What the reference leaves out stands here: the credential of a slice goes to its
members only, nobody renews or ends another's slice, and no certificate but the caller's own gets a
user credential. Whose a slice is follows from its roles, which the Federation API changes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gcf_am.clearinghouse.actor import Visit
from gcf_am.clearinghouse.living import find, has_ended, lives
from gcf_am.clearinghouse.members import chain_of, find_member
from gcf_am.clearinghouse.projects import living as living_project
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.slices import credential, last_end, make, may_make, renew, slice_key
from gcf_am.clearinghouse.tables import AggregateRow, SliceMemberRow, SliceRow
from gcf_am.clearinghouse.turn import Desk, Turn
from gcf_am.clock import whole_seconds
from gcf_am.errors import BadArgs, Forbidden
from gcf_am.surface.ch_elements import Who
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn

_USE = frozenset({Who.SLICE_LEAD, Who.SLICE_ADMIN, Who.SLICE_MEMBER})
_RUN = frozenset({Who.SLICE_LEAD, Who.SLICE_ADMIN})
_END = frozenset({Who.SLICE_LEAD})


@dataclass(frozen=True, slots=True)
class Service:
    """What callers may do. Methods raise Forbidden or BadArgs; both become faults."""

    desk: Desk

    def get_version(self, _visit: Visit) -> dict[str, object]:
        """GetVersion: what Omni's get_ch_version shows."""
        return {"gcf-ch_api": 1}

    def list_aggregates(self, visit: Visit) -> list[list[str]]:
        """ListAggregates: pairs of URN and URL; for everybody."""
        with self.desk.turn(visit, anybody=True) as turn:
            rows = turn.session.scalars(select(AggregateRow).order_by(AggregateRow.id))
            return [[row.urn, row.url] for row in rows]

    def get_trust_roots(self, _visit: Visit) -> list[str]:
        """get_trust_roots: root, SA and MA as PEM; for everybody."""
        return list(self.desk.roots)

    def create_user_credential(self, visit: Visit, certificate: str) -> str:
        """CreateUserCredential: only for the certificate that the caller shows in TLS."""
        with self.desk.turn(visit) as turn:
            chain = chain_of(turn.member)
        try:
            named = load_chain(certificate)[0]
        except Refusal as error:
            raise BadArgs(f"the certificate: {error}") from None
        if named.key != chain[0].key:
            raise Forbidden("a user credential is made only for your own certificate")
        return self.desk.authority.user_credential(chain)

    def create_slice(self, visit: Visit, urn: Urn) -> str:
        """CreateSlice: the credential of the caller's slice, which is made where it is not.

        Of two who make it at once, one does, and a member of it gets the same.
        """
        for spare in (None, slice_key):
            # the key is made while nobody waits for the database
            key = spare() if spare is not None else None
            with self.desk.turn(visit) as turn:
                turn.spare = key
                one = self._slice(turn, urn)
                if one is None and key is not None:
                    one = self._new(turn, urn)
                if one is not None:
                    self._check(turn, one)
                    return credential(turn, one)
        raise AssertionError("a slice is found or made")

    def renew_slice(self, visit: Visit, urn: Urn, until: datetime) -> bool:
        """RenewSlice: True when the caller's slice lives until then; it is never shortened."""
        with self.desk.turn(visit) as turn:
            until = whole_seconds(until)
            one = self._mine(turn, urn, _RUN)
            if one is None or not one.expires <= until <= last_end(turn, one):
                return False
            renew(turn, one, until)
            turn.record("RenewSlice", one.urn)
            return True

    def delete_slice(self, visit: Visit, urn: Urn) -> bool:
        """DeleteSlice: True when the slice, which the caller leads, has ended by this."""
        with self.desk.turn(visit) as turn:
            one = self._mine(turn, urn, _END)
            if one is None:
                return False
            one.live_key, one.expires = None, turn.now
            turn.record("DeleteSlice", one.urn)
            return True

    def list_my_slices(self, visit: Visit, user: Urn) -> list[str]:
        """ListMySlices: URNs of the caller's living slices; operators may ask for others'."""
        with self.desk.turn(visit) as turn:
            member = turn.member
            if user != turn.actor.urn:
                if Who.OPERATOR not in turn.actor.standings:
                    raise Forbidden("only operators see the slices of others")
                found = find_member(turn.session, user)
                if found is None:
                    return []
                member = found
            mine = select(SliceMemberRow.slice_id).where(SliceMemberRow.member_id == member.id)
            query = select(SliceRow.urn).where(SliceRow.id.in_(mine), lives(SliceRow, turn.now))
            return list(turn.session.scalars(query.order_by(SliceRow.id)))

    def _slice(self, turn: Turn, urn: Urn) -> SliceRow | None:
        """The living slice, once its name is one of ours."""
        _ = turn.member
        authority = self.desk.authority.name
        if urn.kind != "slice" or urn.namespace[:1] != (authority.lower(),):
            raise BadArgs(f"slices here are named urn:publicid:IDN+{authority}+slice+NAME")
        if not urn.well_named:
            raise BadArgs(
                "a slice's name has 1 to 19 letters, digits or hyphens and begins with no hyphen"
            )
        one = find(turn.session, SliceRow, key_of(urn), turn.now)
        return None if one is None or has_ended(one, turn.now) else one

    def _new(self, turn: Turn, urn: Urn) -> SliceRow:
        """Make it, in the project that the URN names, if the caller may."""
        authority, _, name = urn.authority.partition(":")
        project = None
        if name:
            project = living_project(turn, Urn.of(authority, "project", name))
        may_make(turn, project)
        return make(turn, urn.name, project, None)

    def _check(self, turn: Turn, one: SliceRow) -> None:
        if turn.in_slice(one).isdisjoint(_USE):
            raise Forbidden(f"the slice {one.urn} belongs to somebody else")

    def _mine(self, turn: Turn, urn: Urn, wanted: frozenset[Who]) -> SliceRow | None:
        one = self._slice(turn, urn)
        return one if one is not None and not turn.in_slice(one).isdisjoint(wanted) else None
