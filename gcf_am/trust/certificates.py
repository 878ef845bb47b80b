"""X.509 certificates as GENI uses them: read once, with the identity they carry.

Source: GENI certificates (geni-docs): X.509 v3, subjectAltName holds the URN, the UUID and the
e-mail address.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import SignatureAlgorithmOID

from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn

# FED 4.4: odd and huge certificates are refused before anything is computed on them
MOST_CERTIFICATES: Final = 10
_MOST_BYTES: Final = 16 * 1024
# The field's keys have the exponent 65537. With one as long as the key each signature costs a
# hundred times as much, and strangers make us judge hundreds of them in one call.
_MOST_BITS: Final = 8192
_MOST_EXPONENT: Final = 2**32
_PEM: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----", re.ASCII
)
_SHA1: Final = SignatureAlgorithmOID.RSA_WITH_SHA1

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and what it says; equal when it is the same certificate.

    `urn` is the one `urn:publicid` name in its subjectAltName, None when it has none;
    `key` identifies its public key (SHA-256 of the SubjectPublicKeyInfo, hexadecimal);
    `authority` tells that basicConstraints make it a CA.
    """

    der: bytes
    parsed: x509.Certificate = field(compare=False, repr=False)
    public_key: PublicKey = field(compare=False, repr=False)
    key: str = field(compare=False)
    urn: Urn | None = field(compare=False)
    uuid: str | None = field(compare=False)
    email: str | None = field(compare=False)
    authority: bool = field(compare=False)
    path_length: int | None = field(compare=False)
    signs_certificates: bool = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def key_id(self) -> str:
        """SHA-1 of the public key's bits, hexadecimal: ABAC's name for who holds the key.

        It is what subjectKeyIdentifier holds by RFC 5280, 4.2.1.2 (1), but computed here: an issuer
        may have copied that extension from whoever asked for the certificate.
        """
        return x509.SubjectKeyIdentifier.from_public_key(self.public_key).digest.hex()

    @property
    def identity(self) -> str:
        """What tells two things with the same URN apart: the UUID, else the key.

        Certificates of the v2 era lack the UUID; 240 bits of the key's digest stand for it, as
        many as 64 characters hold. FED 4.4: a slice that was deleted and made again is another.
        """
        return self.uuid or f"key:{self.key[:60]}"

    @property
    def pem(self) -> str:
        """The certificate as PEM."""
        return self.parsed.public_bytes(Encoding.PEM).decode("ascii")

    @property
    def named(self) -> Urn:
        """The URN; raises Refusal when it has none."""
        if self.urn is None:
            raise Refusal("certificate.urn", "a certificate names nobody: it has no URN")
        return self.urn

    def signed_by(self, issuer: "Certificate") -> bool:
        """Whether the issuer's key signed this certificate and the names fit; nothing else."""
        mine, key = self.parsed, issuer.public_key
        try:
            if mine.signature_algorithm_oid != _SHA1 or not isinstance(key, rsa.RSAPublicKey):
                mine.verify_directly_issued_by(issuer.parsed)
            elif mine.issuer != issuer.parsed.subject:
                return False
            else:  # which the library leaves to us; whether it counts is the trust set's matter
                key.verify(mine.signature, mine.tbs_certificate_bytes, PKCS1v15(), SHA1())  # noqa: S303
        except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
            return False
        return True

    @classmethod
    def read(cls, der: bytes) -> "Certificate":
        """Read one certificate; raises Refusal that says what is wrong with it."""
        if len(der) > _MOST_BYTES:
            raise Refusal("certificate.size", f"a certificate has more than {_MOST_BYTES} bytes")
        try:
            parsed = x509.load_der_x509_certificate(der)
            # the library reads these when they are asked for, where nobody expects an error
            _ = parsed.subject, parsed.issuer, parsed.serial_number
            return cls._of(parsed)
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
            raise Refusal("certificate.form", "a certificate cannot be read") from error
        except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
            raise Refusal("certificate.form", "a certificate has odd extensions") from error

    @classmethod
    def _of(cls, certificate: x509.Certificate) -> "Certificate":
        public_key = certificate.public_key()
        if not isinstance(public_key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            raise Refusal("certificate.key", "a certificate's key is neither RSA nor ECDSA")
        if isinstance(public_key, rsa.RSAPublicKey) and (
            public_key.key_size > _MOST_BITS or public_key.public_numbers().e > _MOST_EXPONENT
        ):
            raise Refusal("certificate.key", "a certificate's RSA key or its exponent is too long")
        extensions = certificate.extensions
        uris: list[str] = []
        emails: list[str] = []
        constraints = x509.BasicConstraints(ca=False, path_length=None)
        signs = True
        for extension in extensions:
            match extension.value:
                case x509.SubjectAlternativeName() as names:
                    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
                    emails = names.get_values_for_type(x509.RFC822Name)
                case x509.BasicConstraints() as constraints:
                    pass
                case x509.KeyUsage() as usage:
                    signs = usage.key_cert_sign
        return cls(
            der=certificate.public_bytes(Encoding.DER),
            parsed=certificate,
            public_key=public_key,
            key=key_name(public_key),
            urn=_urn(uris),
            uuid=_uuid(uris),
            email=emails[0] if len(emails) == 1 else None,
            authority=constraints.ca,
            path_length=constraints.path_length,
            signs_certificates=signs,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )


def key_name(key: PublicKey) -> str:
    """What identifies a public key: SHA-256 of its SubjectPublicKeyInfo, hexadecimal."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def load_chain(data: str | bytes) -> tuple[Certificate, ...]:
    """Read certificates from PEM (text around the blocks is skipped), DER or bare base64.

    The order is kept: in GENI files the leaf comes first. ProtoGENI writes certificates into
    credentials as base64 without the BEGIN and END lines. Raises Refusal.
    """
    if isinstance(data, bytes):
        if data[:1] == b"\x30":  # a DER SEQUENCE; no text begins with it that holds PEM
            try:
                return (Certificate.read(data),)
            except Refusal:
                if b"-----BEGIN" not in data:
                    raise
        data = data.decode("latin-1")
    blocks = _PEM.findall(data)
    if not blocks:
        if not data.strip():
            raise Refusal("certificate.form", "a certificate is missing")
        blocks = [data]
    if len(blocks) > MOST_CERTIFICATES:
        raise Refusal("chain.length", f"a chain has more than {MOST_CERTIFICATES} certificates")
    return tuple(Certificate.read(decode_base64(block)) for block in blocks)


def load_bundle(data: bytes) -> Iterator[Certificate | Refusal]:
    """Read a file of however many certificates; each is a certificate, or what is wrong with it.

    Raises Refusal when there is none, or when one is cut off, as in a file half written.
    """
    if data[:1] == b"\x30" or b"-----BEGIN" not in data:
        yield from load_chain(data)
        return
    text = data.decode("latin-1")
    blocks = _PEM.findall(text)
    if not blocks or len(blocks) != text.count("-----BEGIN CERTIFICATE-----"):
        raise Refusal("certificate.form", "a certificate in it is missing, cut off or damaged")
    for block in blocks:
        try:
            yield Certificate.read(decode_base64(block))
        except Refusal as refusal:
            yield refusal


def decode_base64(text: str) -> bytes:
    """The bytes of a certificate's base64, white space allowed; raises Refusal."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("certificate.form", "a certificate is neither PEM nor base64") from error


def write_chain(chain: Iterable[Certificate]) -> str:
    """The certificates as PEM, in the order given."""
    return "".join(certificate.pem for certificate in chain)


def _urn(uris: list[str]) -> Urn | None:
    names = [uri for uri in uris if uri[:13].lower() == "urn:publicid:"]
    if not names:
        return None
    # FED 3.1: two names make no identity, whichever a reader would pick
    if len(names) > 1:
        raise Refusal("certificate.urn", "a certificate has more than one URN")
    try:
        urn = Urn.parse(names[0])
    except ValueError as error:
        raise Refusal("certificate.urn", f"a certificate's URN is malformed: {error}") from error
    if names[0] != names[0].strip():
        raise Refusal("certificate.urn", "a certificate's URN has blanks around it")
    return urn


def _uuid(uris: list[str]) -> str | None:
    found = [uri[9:] for uri in uris if uri[:9].lower() == "urn:uuid:"]
    if len(found) != 1:
        return None
    try:
        return str(UUID(found[0]))
    except ValueError:
        return None
