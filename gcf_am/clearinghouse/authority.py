"""What the slice and the member authority sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gcf_am.clock import whole_seconds
from gcf_am.trust.certificates import Certificate, PublicKey
from gcf_am.trust.issue import Identity, certify_user, make_slice
from gcf_am.trust.issue_credentials import SLICE, USER, issue_credential
from gcf_am.urn import Urn

Chain = Sequence[Certificate]


@dataclass(frozen=True, slots=True)
class Authority:
    """SA and MA with their limits: `life` of a new slice, the `longest` from now it can get.

    A chain begins with its leaf; of a member it is the one that is registered.
    """

    sa: Identity
    ma: Identity
    life: timedelta
    longest: timedelta

    @property
    def name(self) -> str:
        """The authority in all URNs made here."""
        return self.sa.urn.authority

    def first_end(self, owner: Chain, now: datetime) -> datetime:
        """When a slice that is made now ends."""
        return whole_seconds(min(now + self.life, self.last_end(owner, now)))

    def last_end(self, owner: Chain, now: datetime) -> datetime:
        """The latest end a slice may have: nobody's slice outlives its lead or its signer."""
        ends = [one.not_after for one in (*owner, *self.sa.chain)]
        return whole_seconds(min(now + self.longest, *ends))

    def new_slice(
        self, urn: Urn, owner: Chain, now: datetime, until: datetime, key: PublicKey
    ) -> tuple[Certificate, ...]:
        """The certificate of a new slice, with its signers."""
        email = owner[0].email
        return make_slice(self.sa, urn, now=now, until=until, email=email, public_key=key)

    def renewed_slice(
        self, chain: Chain, now: datetime, until: datetime
    ) -> tuple[Certificate, ...]:
        """The same slice's certificate with a later end: key and UUID stay (FED 106)."""
        leaf = chain[0]
        return make_slice(
            self.sa,
            leaf.named,
            now=now,
            until=until,
            uuid=UUID(leaf.uuid),
            email=leaf.email,
            public_key=leaf.public_key,
        )

    def slice_credential(self, owner: Chain, target: Chain, expires: datetime) -> str:
        """An owner's rights over a slice, as long as it lives; they may be handed on."""
        return issue_credential(
            self.sa, owner=owner, target=target, privileges=SLICE, expires=expires
        )

    def user_credential(self, owner: Chain) -> str:
        """A member's rights over themselves, as long as their certificate is valid."""
        return issue_credential(
            self.ma,
            owner=owner,
            target=owner,
            privileges=USER,
            expires=min(one.not_after for one in owner),
        )

    def user_certificate(
        self, name: str, key: PublicKey, now: datetime, *, uuid: str, email: str
    ) -> tuple[Certificate, ...]:
        """A certificate for a member's key, with its signers."""
        leaf = certify_user(
            self.ma, name, key, now=now, email=email or None, uuid=UUID(uuid) if uuid else None
        )
        return (leaf, *self.ma.chain)
