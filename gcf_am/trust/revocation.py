"""Certificates that their issuers have revoked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import SignatureAlgorithmOID

from gcf_am.errors import CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.terms import REQUIRED, WARN

_BEGIN: Final = b"-----BEGIN X509 CRL-----"
_SHA1: Final = SignatureAlgorithmOID.RSA_WITH_SHA1
_END: Final = b"-----END X509 CRL-----"


@dataclass(frozen=True, slots=True, eq=False)
class RevocationList:
    """A certificate revocation list, read once; who signed it is found out by `signed_by`."""

    der: bytes = field(repr=False)
    parsed: x509.CertificateRevocationList = field(repr=False)
    serials: frozenset[int] = field(repr=False)
    # what was found out about signers, by their keys: lists are long, and are asked for each call
    _signers: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def issuer(self) -> x509.Name:
        """Whose list it says it is."""
        return self.parsed.issuer

    @property
    def next_update(self) -> datetime | None:
        """When it will be out of date; None when it never says so."""
        return self.parsed.next_update_utc

    def stale(self, now: datetime) -> bool:
        """Whether it is out of date."""
        return self.next_update is not None and self.next_update <= now

    def signed_by(self, issuer: Certificate) -> bool:
        """Whether this issuer's key signed it."""
        if issuer.key not in self._signers:
            self._signers[issuer.key] = _signed_by(self.parsed, issuer)
        return self._signers[issuer.key]

    @classmethod
    def of(cls, parsed: x509.CertificateRevocationList) -> "RevocationList":
        """The list with what is asked of it again and again."""
        serials = frozenset(one.serial_number for one in parsed)
        # the library reads these when they are asked for, where nobody expects an error
        _ = parsed.issuer, parsed.next_update_utc
        return cls(parsed.public_bytes(Encoding.DER), parsed, serials)


def read_lists(data: bytes) -> tuple[RevocationList, ...]:
    """The lists of a file, PEM (one or more) or DER; raises Refusal."""
    try:
        if _BEGIN not in data:
            return (RevocationList.of(x509.load_der_x509_crl(data)),)
        blocks = [_BEGIN + part.partition(_END)[0] + _END for part in data.split(_BEGIN)[1:]]
        return tuple(RevocationList.of(x509.load_pem_x509_crl(one)) for one in blocks)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise Refusal("crl.form", "a revocation list cannot be read") from error


@dataclass(frozen=True, slots=True)
class Revocations:
    """Certificate revocation lists, as their issuers signed them."""

    lists: tuple[RevocationList, ...] = ()

    def check(
        self, certificate: Certificate, issuer: Certificate, now: datetime, wanted: str = WARN
    ) -> None:
        """Raise Refusal when the issuer has revoked the certificate, or that cannot be known.

        A list counts when the issuer's key signed it. One that is out of date counts still for
        what it names: what was revoked stays revoked. Whether that is enough for what it does
        not name is what `wanted` says (terms.Terms.crl).
        """
        lists = [one for one in self._of(issuer) if one.signed_by(issuer)]
        if any(certificate.parsed.serial_number in one.serials for one in lists):
            raise Refusal(
                "certificate.revoked",
                f"the certificate of {certificate.urn} was revoked by its issuer",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )
        if wanted == WARN:
            return
        if not lists and wanted == REQUIRED:
            raise Refusal(
                "crl.missing",
                f"nobody knows here which certificates {issuer.urn} has revoked",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )
        if lists and all(one.stale(now) for one in lists):
            raise Refusal(
                "crl.stale",
                f"the list of certificates that {issuer.urn} has revoked is out of date here",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )

    def changes_after(self, now: datetime) -> datetime | None:
        """When the next of the lists will be out of date; None when none will."""
        times = (one.next_update for one in self.lists)
        return min((time for time in times if time is not None and time > now), default=None)

    def stale(self, now: datetime) -> Iterable[RevocationList]:
        """The lists that are out of date."""
        return (one for one in self.lists if one.stale(now))

    def _of(self, issuer: Certificate) -> Iterable[RevocationList]:
        name = issuer.parsed.subject
        return (one for one in self.lists if one.issuer == name)


def _signed_by(crl: x509.CertificateRevocationList, issuer: Certificate) -> bool:
    key = issuer.public_key
    try:
        if crl.signature_algorithm_oid == _SHA1 and isinstance(key, rsa.RSAPublicKey):
            # old authorities' lists count as well: they only ever take trust away
            key.verify(crl.signature, crl.tbs_certlist_bytes, PKCS1v15(), SHA1())  # noqa: S303
            return True
        return crl.is_signature_valid(key)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
