"""Making certificate revocation lists. Source: RFC 5280, 5; FED 3.6."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.trust.issue import Identity

# How long a list counts as fresh; whoever makes them makes new ones sooner.
LIFE: Final = timedelta(days=7)
REASONS: Final = {
    "key_compromise": x509.ReasonFlags.key_compromise,
    "affiliation_changed": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded,
    "cessation_of_operation": x509.ReasonFlags.cessation_of_operation,
    "unspecified": None,
}


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A certificate that is revoked; `reason` is one of REASONS."""

    serial: int
    at: datetime
    reason: str


def make_list(
    signer: Identity, revoked: Iterable[Withdrawn], *, now: datetime, life: timedelta = LIFE
) -> str:
    """The signer's list as PEM, numbered by the second it was made."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.certificate.parsed.subject)
        .last_update(now)
        .next_update(now + life)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()),
            critical=False,
        )
    )
    for one in revoked:
        builder = builder.add_revoked_certificate(_entry(one))
    return builder.sign(signer.key, SHA256()).public_bytes(Encoding.PEM).decode("ascii")


def _entry(one: Withdrawn) -> x509.RevokedCertificate:
    entry = x509.RevokedCertificateBuilder().serial_number(one.serial).revocation_date(one.at)
    reason = REASONS.get(one.reason)
    # RFC 5280, 5.3.1: what is unspecified is left out
    return (
        entry.add_extension(x509.CRLReason(reason), critical=False) if reason else entry
    ).build()
