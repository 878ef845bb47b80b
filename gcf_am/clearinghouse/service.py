"""The seven methods of the framework `gcf`, with an owner's check on each, and the trust roots.

Source: FED 2.3. What the reference leaves out stands here: the credential of a slice goes to its
owner only, nobody renews or ends another's slice, and no certificate but the caller's own gets a
user credential.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.register import Deed, LivingSlice, Member, Register
from gcf_am.clock import Clock, whole_seconds
from gcf_am.errors import AlreadyExists, BadArgs, Forbidden
from gcf_am.trust.caller import Caller
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Visit:
    """One call: the moment, its id, and the peer's verified chain (DER, leaf first)."""

    now: datetime
    request_id: str
    chain: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Service:
    """What callers may do. Methods raise Forbidden or BadArgs; both become faults."""

    register: Register
    authority: Authority
    trust: TrustSet
    roots: tuple[str, ...]
    clock: Clock

    def get_version(self, _visit: Visit) -> dict[str, object]:
        """GetVersion: what Omni's get_ch_version shows."""
        return {"gcf-ch_api": 1}

    def list_aggregates(self, _visit: Visit) -> list[list[str]]:
        """ListAggregates: pairs of URN and URL; for everybody."""
        return [[urn, url] for urn, url in self.register.aggregates()]

    def get_trust_roots(self, _visit: Visit) -> list[str]:
        """get_trust_roots: root, SA and MA as PEM; for everybody."""
        return list(self.roots)

    def create_user_credential(self, visit: Visit, certificate: str) -> str:
        """CreateUserCredential: only for the certificate that the caller shows in TLS."""
        member = self._member(visit)
        try:
            named = load_chain(certificate)[0]
        except Refusal as error:
            raise BadArgs(f"the certificate: {error}") from None
        if named.key != member.chain[0].key:
            raise Forbidden("a user credential is made only for your own certificate")
        return self.authority.user_credential(member)

    def create_slice(self, visit: Visit, urn: Urn) -> str:
        """CreateSlice: the credential of the caller's slice, which is made where it is not."""
        member = self._member(visit)
        self._check_name(urn)
        one = self.register.slice(urn, visit.now) or self._new_slice(visit, urn, member)
        if one.owner != member.key:
            raise Forbidden(f"the slice {urn} belongs to somebody else")
        return self.authority.slice_credential(one, member)

    def renew_slice(self, visit: Visit, urn: Urn, until: datetime) -> bool:
        """RenewSlice: True when the caller's slice lives until then; it is never shortened."""
        member = self._member(visit)
        one = self._own(visit, urn, member)
        until = whole_seconds(until)
        if one is None or not one.expires <= until <= self.authority.last_end(member, visit.now):
            return False
        chain = self.authority.renewed_slice(one, visit.now, until)
        return self.register.renew_slice(
            one, chain, until, self._deed(visit, member, "RenewSlice", urn)
        )

    def delete_slice(self, visit: Visit, urn: Urn) -> bool:
        """DeleteSlice: True when the caller's slice has ended by this."""
        member = self._member(visit)
        one = self._own(visit, urn, member)
        return one is not None and self.register.end_slice(
            one, self._deed(visit, member, "DeleteSlice", urn)
        )

    def list_my_slices(self, visit: Visit, user: Urn) -> list[str]:
        """ListMySlices: URNs of the caller's living slices; operators may ask for others'."""
        member = self._member(visit)
        if user != member.urn and not member.operator:
            raise Forbidden("only operators see the slices of others")
        owner = member if user == member.urn else self.register.member(user)
        if owner is None:
            return []
        return [one.urn.text for one in self.register.slices_of(owner, visit.now)]

    def _member(self, visit: Visit) -> Member:
        """The registered member that calls; raises Forbidden."""
        if not visit.chain:
            raise Forbidden("this call needs a client certificate; none was shown")
        try:
            caller = Caller.of(visit.chain, self.trust, visit.now)
        except Refusal as error:
            raise Forbidden(str(error)) from None
        member = self.register.member(caller.urn)
        if member is None:
            raise Forbidden(f"{caller.urn} is not registered here")
        # decision 26: by key, never by URN alone
        if caller.leaf.key != member.chain[0].key:
            raise Forbidden(f"this certificate of {caller.urn} is not the one registered here")
        return member

    def _check_name(self, urn: Urn) -> None:
        authority = self.authority.sa.urn.authority
        if urn.kind != "slice" or urn.authority.lower() != authority.lower():
            raise BadArgs(f"slices here are named urn:publicid:IDN+{authority}+slice+NAME")
        if not urn.well_named:
            raise BadArgs(
                "a slice's name has 1 to 19 letters, digits or hyphens and begins with no hyphen"
            )

    def _own(self, visit: Visit, urn: Urn, member: Member) -> LivingSlice | None:
        one = self.register.slice(urn, visit.now)
        return one if one is not None and one.owner == member.key else None

    def _new_slice(self, visit: Visit, urn: Urn, member: Member) -> LivingSlice:
        """Make it; of two who try at once, one makes it and both get the same."""
        until = self.authority.first_end(member, visit.now)
        chain = self.authority.new_slice(urn, member, visit.now, until)
        try:
            return self.register.add_slice(
                member, chain, until, self._deed(visit, member, "CreateSlice", urn)
            )
        except AlreadyExists:
            found = self.register.slice(urn, visit.now)
            if found is None:
                raise
            return found

    def _deed(self, visit: Visit, member: Member, verb: str, urn: Urn) -> Deed:
        return Deed(visit.now, visit.request_id, member.urn.text, verb, urn.text)
