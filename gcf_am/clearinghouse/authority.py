"""What the slice and the member authority sign."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gcf_am.clearinghouse.register import LivingSlice, Member
from gcf_am.clock import whole_seconds
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue import Identity, make_slice
from gcf_am.trust.issue_credentials import SLICE, USER, issue_credential
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Authority:
    """SA and MA with their limits: `life` of a new slice, the `longest` from now it can get."""

    sa: Identity
    ma: Identity
    life: timedelta
    longest: timedelta

    def first_end(self, owner: Member, now: datetime) -> datetime:
        """When a slice that is made now ends."""
        return whole_seconds(min(now + self.life, self.last_end(owner, now)))

    def last_end(self, owner: Member, now: datetime) -> datetime:
        """The latest end a slice may have: nobody's slice outlives its owner or its signer."""
        ends = [one.not_after for one in (*owner.chain, *self.sa.chain)]
        return whole_seconds(min(now + self.longest, *ends))

    def new_slice(
        self, urn: Urn, owner: Member, now: datetime, until: datetime
    ) -> tuple[Certificate, ...]:
        """The certificate of a new slice, with its signers."""
        return make_slice(self.sa, urn, now=now, until=until, email=owner.chain[0].email)

    def renewed_slice(
        self, one: LivingSlice, now: datetime, until: datetime
    ) -> tuple[Certificate, ...]:
        """The same slice's certificate with a later end: key and UUID stay (FED 106)."""
        return make_slice(
            self.sa,
            one.urn,
            now=now,
            until=until,
            uuid=UUID(one.uuid),
            email=one.chain[0].email,
            public_key=one.chain[0].public_key,
        )

    def slice_credential(self, one: LivingSlice, owner: Member) -> str:
        """The owner's rights over a slice, as long as it lives; they may be handed on."""
        return issue_credential(
            self.sa, owner=owner.chain, target=one.chain, privileges=SLICE, expires=one.expires
        )

    def user_credential(self, member: Member) -> str:
        """A member's rights over themselves, as long as their certificate is valid."""
        return issue_credential(
            self.ma,
            owner=member.chain,
            target=member.chain,
            privileges=USER,
            expires=min(one.not_after for one in member.chain),
        )
