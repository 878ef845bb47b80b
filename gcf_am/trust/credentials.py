"""Credentials that were verified."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from gcf_am.trust.chains import Chain
from gcf_am.trust.privileges import Privilege, operations


@dataclass(frozen=True, slots=True)
class Credential:
    """A verified statement that its owner has privileges over its target.

    `digest` is the SHA-256 of its text, `expires` what it says itself; `parent` is what it was
    delegated from. Only `trust.verifier` makes one that counts.
    """

    digest: str
    owner: Chain
    target: Chain
    signer: Chain
    privileges: tuple[Privilege, ...]
    expires: datetime
    parent: "Credential | None" = None

    @property
    def until(self) -> datetime:
        """The earliest end: its own, its parents', and that of every certificate in it."""
        own = min(self.expires, self.owner.until, self.target.until, self.signer.until)
        return own if self.parent is None else min(own, self.parent.until)

    @property
    def first(self) -> "Credential":
        """The one that an authority signed: itself, or the innermost parent."""
        return self if self.parent is None else self.parent.first

    @property
    def allowed(self) -> frozenset[str]:
        """The operations it allows on its target."""
        return operations(self.privileges, self.target.urn.kind)

    @property
    def delegatable(self) -> frozenset[str]:
        """The operations its owner may hand on."""
        return operations(self.privileges, self.target.urn.kind, delegatable=True)


def digest_of(text: str) -> str:
    """The SHA-256 of a credential's text, by which it is denied and remembered."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
