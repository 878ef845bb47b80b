"""Certificates and credentials that no longer count, whoever signed them."""

from dataclasses import dataclass, field
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
from gcf_am.urn import Urn

_BEGIN: Final = b"-----BEGIN X509 CRL-----"
_SHA1: Final = SignatureAlgorithmOID.RSA_WITH_SHA1
_END: Final = b"-----END X509 CRL-----"


@dataclass(frozen=True, slots=True)
class Revocations:
    """Certificate revocation lists, as their issuers signed them."""

    lists: tuple[x509.CertificateRevocationList, ...] = ()

    @property
    def ders(self) -> tuple[bytes, ...]:
        """The lists' bytes, in a fixed order."""
        return tuple(sorted(one.public_bytes(Encoding.DER) for one in self.lists))

    def plus(self, data: bytes) -> "Revocations":
        """With the lists of another file, PEM (one or more) or DER; raises Refusal."""
        try:
            if _BEGIN not in data:
                return Revocations((*self.lists, x509.load_der_x509_crl(data)))
            blocks = [_BEGIN + part.partition(_END)[0] + _END for part in data.split(_BEGIN)[1:]]
            return Revocations((*self.lists, *map(x509.load_pem_x509_crl, blocks)))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Refusal("crl.form", "a revocation list cannot be read") from error

    def check(self, certificate: Certificate, issuer: Certificate) -> None:
        """Raise Refusal when the issuer has revoked the certificate.

        A list counts when the issuer's key signed it. One that is past its next update counts
        still: what was revoked stays revoked.
        """
        for one in self.lists:
            if (
                one.issuer == issuer.parsed.subject
                and one.get_revoked_certificate_by_serial_number(certificate.parsed.serial_number)
                and _signed_by(one, issuer)
            ):
                raise Refusal(
                    "certificate.revoked",
                    f"the certificate of {certificate.urn} was revoked by its issuer",
                    CREDENTIAL_SIGNER_UNTRUSTED,
                )


@dataclass(frozen=True, slots=True)
class Denied:
    """What the operator refuses: URNs, and SHA-256 sums of certificates and credentials."""

    items: frozenset[str] = field(default=frozenset())
    urns: frozenset[Urn] = field(default=frozenset())

    @classmethod
    def read(cls, data: bytes) -> "Denied":
        """Read the file `denied`: an item a line, `#` begins a comment. Raises Refusal."""
        items: set[str] = set()
        urns: set[Urn] = set()
        for line in data.decode("utf-8", "replace").splitlines():
            item = line.partition("#")[0].strip()
            if item[:4].lower() == "urn:":
                try:
                    urns.add(Urn.parse(item))
                except ValueError as error:
                    raise Refusal("denied.form", str(error)) from error
            elif len(sum_ := item.replace(":", "").lower()) == 64:
                item = sum_
            elif item:
                raise Refusal("denied.form", f"{item[:40]!r} is neither a URN nor a SHA-256 sum")
            if item:
                items.add(item)
        return cls(frozenset(items), frozenset(urns))

    def check(self, certificate: Certificate) -> None:
        """Raise Refusal when the certificate or whom it names is denied."""
        if certificate.urn in self.urns or certificate.fingerprint in self.items:
            raise Refusal(
                "certificate.denied",
                f"{certificate.urn} is refused at this aggregate",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )


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
