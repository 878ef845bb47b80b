"""A private key with its certificates: the experimenter's, or one that the kit made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_URN: Final = "urn:publicid:IDN+"


@dataclass(frozen=True, slots=True)
class Identity:
    """A key and its certificate, leaf first, with those of its signers that are known."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key."""
        return self.chain[0]

    @property
    def urn(self) -> str:
        """Whom the certificate names; raises ValueError when it names nobody."""
        return urn_of(self.certificate)

    @property
    def key_pem(self) -> bytes:
        """The private key as PEM (PKCS #8, not encrypted)."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def gid(self) -> str:
        """The certificates as PEM, leaf first, as they stand in a credential."""
        return write_chain(self.chain)

    def with_signers(self, gid: str) -> "Identity":
        """The same with the signers that stand in a credential's owner_gid, when it is hers."""
        chain = read_chain(gid)
        return Identity(self.key, chain) if chain[:1] == self.chain[:1] else self

    def write(self, directory: Path, name: str) -> tuple[Path, Path]:
        """Files for TLS, readable for their owner only: certificates, private key."""
        files = directory / f"{name}.pem", directory / f"{name}.key"
        for file, data in zip(files, (self.gid.encode(), self.key_pem), strict=True):
            file.touch(mode=0o600)
            file.write_bytes(data)
        return files


def load_identity(certificate: Path, key: Path) -> Identity:
    """Read the experimenter's own files; raises OSError, and ValueError when they are no such."""
    private = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private, PrivateKey):
        raise ValueError(f"{key.name} is neither an RSA nor an ECDSA key")  # noqa: TRY004 its text
    chain = tuple(x509.load_pem_x509_certificates(certificate.read_bytes()))
    return Identity(private, chain)


def read_chain(gid: str) -> tuple[x509.Certificate, ...]:
    """The certificates of a gid, leaf first; none where it is not PEM."""
    try:
        return tuple(x509.load_pem_x509_certificates(gid.encode()))
    except ValueError:
        return ()


def write_chain(chain: Sequence[x509.Certificate]) -> str:
    """Certificates as PEM, in the order given."""
    return "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in chain)


def urn_of(certificate: x509.Certificate) -> str:
    """The URN in subjectAltName; raises ValueError when there is none."""
    for uri in _uris(certificate):
        if uri.startswith(_URN):
            return uri
    raise ValueError("the certificate has no URN in subjectAltName")


def uuid_of(certificate: x509.Certificate) -> UUID | None:
    """The UUID in subjectAltName; None when there is none."""
    return next((UUID(uri) for uri in _uris(certificate) if uri.startswith("urn:uuid:")), None)


def _uris(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def key_id(certificate: x509.Certificate) -> str:
    """ABAC's name for who holds the key: SHA-1 of the public key's bits, hexadecimal."""
    return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest.hex()
