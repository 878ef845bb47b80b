"""Certificates that no federation issued: the same names, other keys.

The aggregate trusts none of them. That they look like the genuine ones in all else makes sure that
it is the trust that they fail for.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from gcf_am.conformance.forging.identity import Identity, PrivateKey, PublicKey, urn_of

_BITS: Final = 2048
_DAY: Final = timedelta(days=1)
# told anew by whoever signs
_OF_KEYS: Final = (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)


def new_key() -> rsa.RSAPrivateKey:
    """A fresh RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def imitate(genuine: Identity, *, own_key: bool = False, expired: bool = False) -> Identity:
    """A throw-away federation's copy of an identity: each name as it was, each signer's key new.

    With `own_key` the copied leaf is for the genuine key, so that only who signed it is wrong;
    when it has `expired` its time is over, too. The copy has a root of its own on top.
    """
    key, *others = [new_key() for _ in (*genuine.chain, None)]
    leaf_key = genuine.key if own_key else key
    keys: list[PrivateKey] = [leaf_key, *others]
    copied: list[x509.Certificate] = []
    for height, one in enumerate(genuine.chain):
        end = datetime.now(UTC) + (-_DAY if expired and height == 0 else _DAY)
        copied.append(
            _copy(
                one, keys[height].public_key(), issuer=one.issuer, signer=keys[height + 1], end=end
            )
        )
    top = genuine.chain[-1]
    if top.issuer != top.subject:
        copied.append(_root(top, keys[-1]))
    return Identity(leaf_key, tuple(copied))


def self_signed(genuine: Identity) -> Identity:
    """A certificate with all of the genuine one's names that its own, new, key signed."""
    key = new_key()
    made = genuine.certificate
    end = datetime.now(UTC) + _DAY
    copy = _copy(made, key.public_key(), issuer=made.subject, signer=key, end=end)
    return Identity(key, (copy,))


def issued_by(user: Identity) -> Identity:
    """A certificate with the user's own names, for her own key, that she signed: no authority.

    Everything above it is genuine.
    """
    end = min(datetime.now(UTC) + _DAY, user.certificate.not_valid_after_utc)
    genuine = user.certificate
    own = user.key.public_key()
    copy = _copy(
        genuine,
        own,
        issuer=genuine.subject,
        signer=user.key,
        end=end,
        subject=_named("issued by a user"),
    )
    return Identity(user.key, (copy, *user.chain))


def certify(
    urn: str | None,
    issuer: Identity,
    *,
    key: PrivateKey | None = None,
    uuid: UUID | None = None,
    authority: bool = False,
    expired: bool = False,
) -> Identity:
    """What an authority signs whose key is at hand: a certificate with these names, or without.

    `authority` makes it a CA, whatever its name.
    """
    own = key or new_key()
    end = datetime.now(UTC) + (-timedelta(hours=1) if expired else _DAY)
    uris = [*([urn] if urn else []), *([uuid.urn] if uuid else [])]
    # no two names alike, else a reader takes a certificate for its own signer
    name = _named((urn or "nameless").rpartition("IDN+")[2])
    builder = _begin(name, issuer.certificate.subject, own.public_key(), end).add_extension(
        x509.BasicConstraints(ca=authority, path_length=None), critical=True
    )
    if uris:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(one) for one in uris]),
            critical=False,
        )
    return Identity(own, (builder.sign(issuer.key, SHA256()), *issuer.chain))


def _copy(
    one: x509.Certificate,
    key: PublicKey,
    *,
    issuer: x509.Name,
    signer: PrivateKey,
    end: datetime,
    subject: x509.Name | None = None,
) -> x509.Certificate:
    builder = _begin(subject or one.subject, issuer, key, end)
    for extension in one.extensions:
        if not isinstance(extension.value, _OF_KEYS):
            builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(signer, SHA256())


def _root(below: x509.Certificate, key: PrivateKey) -> x509.Certificate:
    """A self-signed root above this one: its namespace's `authority+ca`."""
    name = below.issuer
    urn = "+".join((*urn_of(below).split("+")[:2], "authority", "ca"))
    builder = _begin(name, name, key.public_key(), datetime.now(UTC) + _DAY)
    for value in (
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(urn)]),
    ):
        builder = builder.add_extension(value, isinstance(value, x509.BasicConstraints))
    return builder.sign(key, SHA256())


def _named(common: str) -> x509.Name:
    """For people only; X.520 allows 64 characters."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _begin(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - 3 * _DAY)
        .not_valid_after(end)
    )
