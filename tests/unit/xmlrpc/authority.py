"""A tiny certificate authority for TLS tests; what GENI asks of certificates is trust's matter."""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gcf_am.xmlrpc.server import TlsMaterial

# nobody's: RFC 3061, UUIDs
_OURS = x509.ObjectIdentifier("2.25.311917318472461")


@dataclass(frozen=True)
class Holder:
    """A certificate, its key, and the certificates above it but the root."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        return b"".join(one.public_bytes(Encoding.PEM) for one in (self.certificate, *self.chain))

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def issue(
    name: str,
    issuer: Holder | None = None,
    *,
    ca: bool = False,
    days: tuple[int, int] = (-1, 30),
    filler: bytes = b"",
) -> Holder:
    """A certificate for `name`, valid between the two days from now; `filler` makes it large."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    if filler:
        extension = x509.UnrecognizedExtension(_OURS, filler)
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    above: tuple[x509.Certificate, ...] = ()
    if issuer is not None and issuer.certificate.issuer != issuer.certificate.subject:
        above = (issuer.certificate, *issuer.chain)
    return Holder(certificate, key, above)


def material(server: Holder, *roots: Holder) -> TlsMaterial:
    """What a server with this certificate needs to trust these roots."""
    return TlsMaterial(server.pem, server.key_pem, tuple(root.der for root in roots))


def client_context(folder: Path, holder: Holder | None, **settings: object) -> ssl.SSLContext:
    """How a client connects, showing the holder's certificate and chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if holder is not None:
        # a file of its own: tests make contexts in several threads at once
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(holder.pem + holder.key_pem)
            file.flush()
            context.load_cert_chain(file.name)
    for name, value in settings.items():
        setattr(context, name, value)
    return context
