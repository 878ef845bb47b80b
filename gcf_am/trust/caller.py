"""Who is calling: the TLS peer, judged by our own rules before it has a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gcf_am.trust.certificates import Certificate
from gcf_am.trust.chains import Chain, verify_chain
from gcf_am.trust.roots import TrustSet
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Caller:
    """The peer of a TLS connection, with the chain that proves its name."""

    chain: Chain

    @property
    def urn(self) -> Urn:
        """The caller's name."""
        return self.chain.urn

    @property
    def leaf(self) -> Certificate:
        """The certificate whose key the peer has proved to hold."""
        return self.chain.leaf

    @property
    def until(self) -> datetime:
        """When the first certificate of the chain ends."""
        return self.chain.until

    @classmethod
    def of(cls, ders: Sequence[bytes], trust: TrustSet, now: datetime) -> "Caller":
        """The caller behind a peer's verified chain, leaf first, each certificate as DER.

        TLS has checked signatures and dates; that the issuer may speak for the name is checked
        only here, so that one federated authority cannot mint another's users (decision 25).
        Raises Refusal.
        """
        return cls(verify_chain([Certificate.read(der) for der in ders], trust, now))
