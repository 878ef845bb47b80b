"""Making certificates: roots, authorities, users, slices, servers.

Source: GENI certificates; FED 3.3 (what ours issue); decision 28. `certs/README.md` has the
profiles in words.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gcf_am.trust.certificates import Certificate, PublicKey, write_chain
from gcf_am.urn import Urn

_BACKDATED: Final = timedelta(minutes=5)
_YEAR: Final = timedelta(days=365)
ROOT_LIFE: Final = 10 * _YEAR
AUTHORITY_LIFE: Final = 5 * _YEAR
USER_LIFE: Final = _YEAR
SERVER_LIFE: Final = _YEAR


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key with its certificate, leaf first, and the signers below the root."""

    key: rsa.RSAPrivateKey
    chain: tuple[Certificate, ...]

    @property
    def certificate(self) -> Certificate:
        """The certificate of the key."""
        return self.chain[0]

    @property
    def urn(self) -> Urn:
        """Whom the certificate names."""
        return self.certificate.named

    @property
    def chain_pem(self) -> str:
        """Certificate and signers as PEM, leaf first."""
        return write_chain(self.chain)

    @property
    def key_pem(self) -> str:
        """The private key as PEM (PKCS #8, not encrypted)."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(
            "ascii"
        )


def new_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A fresh RSA key: what every client and verifier in the field understands."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def make_root(authority: str, *, now: datetime, key: rsa.RSAPrivateKey | None = None) -> Identity:
    """A root: `authority+ca`, which signs SA, MA and servers."""
    key = key or new_key(3072)
    certificate = certify(
        Urn.of(authority, "authority", "ca"),
        key.public_key(),
        signer=None,
        own_key=key,
        now=now,
        until=now + ROOT_LIFE,
        path_length=1,
    )
    return Identity(key, (certificate,))


def make_authority(
    root: Identity,
    name: str,
    *,
    now: datetime,
    key: rsa.RSAPrivateKey | None = None,
    authority: str | None = None,
) -> Identity:
    """An authority below the root: name `sa` signs slices, `ma` users.

    `authority` is its namespace, the root's by default.
    """
    key = key or new_key(3072)
    certificate = certify(
        Urn.of(authority or root.urn.authority, "authority", name),
        key.public_key(),
        signer=root,
        now=now,
        until=now + AUTHORITY_LIFE,
        path_length=0,
    )
    return Identity(key, (certificate,))


def make_user(
    ma: Identity,
    name: str,
    *,
    now: datetime,
    email: str | None = None,
    key: rsa.RSAPrivateKey | None = None,
    uuid: UUID | None = None,
) -> Identity:
    """An experimenter of the member authority's namespace."""
    key = key or new_key()
    certificate = certify_user(ma, name, key.public_key(), now=now, email=email, uuid=uuid)
    return Identity(key, (certificate, *ma.chain))


def certify_user(
    ma: Identity,
    name: str,
    public_key: PublicKey,
    *,
    now: datetime,
    email: str | None = None,
    uuid: UUID | None = None,
) -> Certificate:
    """The certificate of an experimenter who keeps the private key to themselves."""
    authority = ma.urn.authority
    return certify(
        Urn.of(authority, "user", name),
        public_key,
        signer=ma,
        now=now,
        until=now + USER_LIFE,
        uuid=uuid,
        email=email or f"{name}@{authority.replace(':', '.')}",
        usages=(ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION),
    )


def make_slice(
    sa: Identity,
    urn: Urn,
    *,
    now: datetime,
    until: datetime,
    uuid: UUID | None = None,
    email: str | None = None,
    public_key: PublicKey | None = None,
) -> tuple[Certificate, ...]:
    """A slice's certificate with its signers, leaf first.

    Nobody holds a slice's private key: without `public_key` a fresh one is made and its private
    half thrown away. A slice that is renewed keeps key and UUID.
    """
    certificate = certify(
        urn,
        public_key or new_key().public_key(),
        signer=sa,
        now=now,
        until=until,
        uuid=uuid,
        email=email,
    )
    return (certificate, *sa.chain)


def make_server(
    root: Identity,
    urn: Urn,
    *,
    now: datetime,
    hosts: Iterable[str] = ("localhost", "127.0.0.1", "::1"),
    key: rsa.RSAPrivateKey | None = None,
) -> Identity:
    """A server (`authority+am`, `authority+ch`) that answers at these names and addresses."""
    key = key or new_key()
    certificate = certify(
        urn,
        key.public_key(),
        signer=root,
        now=now,
        until=now + SERVER_LIFE,
        hosts=hosts,
        usages=(ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH),
    )
    return Identity(key, (certificate,))


def certify(
    subject: Urn,
    public_key: PublicKey,
    *,
    signer: Identity | None,
    now: datetime,
    until: datetime,
    own_key: rsa.RSAPrivateKey | None = None,
    path_length: int | None = None,
    uuid: UUID | None = None,
    email: str | None = None,
    hosts: Iterable[str] = (),
    usages: Sequence[x509.ObjectIdentifier] = (),
) -> Certificate:
    """Sign a certificate; with `path_length` the subject is a CA.

    Without a signer it signs itself with `own_key`. No certificate outlives its signer.
    """
    signing_key = signer.key if signer is not None else own_key
    if signing_key is None:
        raise ValueError("a root needs its own key")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common_name(subject))])
    issuer = signer.certificate.parsed.subject if signer is not None else name
    if signer is not None:
        until = min(until, signer.certificate.not_after)
    authority = path_length is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
        .add_extension(_key_usage(authority=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
        .add_extension(_names(subject, uuid or uuid4(), email, hosts), critical=False)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return Certificate.read(builder.sign(signing_key, SHA256()).public_bytes(Encoding.DER))


def _common_name(urn: Urn) -> str:
    """For people only, cut at the 64 characters that X.520 allows."""
    return f"{urn.authority}.{urn.kind}.{urn.name}"[:64]


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    # authorities sign credentials too, which is a digital signature
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _names(
    urn: Urn, uuid: UUID, email: str | None, hosts: Iterable[str]
) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(urn.text),
        x509.UniformResourceIdentifier(uuid.urn),
    ]
    if email is not None:
        names.append(x509.RFC822Name(email))
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return x509.SubjectAlternativeName(names)
