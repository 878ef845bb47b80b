"""A federation in memory: authorities, users, slices and credentials, one line each.

    pki = Pki()
    alice, s1 = pki.user("alice"), pki.slice("s1")
    argument = pki.argument(pki.slice_credential(alice, s1))
    grant = authorize(caller=pki.caller(alice), credentials=[argument], verifier=pki.verifier(), ...)

RSA keys are slow to make: the keys of an authority are made once for all tests, and every Pki
of that authority takes them in the same order. Pkis with different authorities share no key, and
stand for different federations.
"""

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust import issue, issue_credentials
from gcf_am.trust.caller import Caller
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import Identity
from gcf_am.trust.privileges import Privilege
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.trust.terms import Terms
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn

# Real time, since TLS and the server look at the real clock; whole seconds, as credentials have
NOW = datetime.now(UTC).replace(microsecond=0)
WEEK = timedelta(days=7)


@functools.cache
def key(authority: str, number: int) -> rsa.RSAPrivateKey:
    """An authority's key with this number, the same for every test of the run."""
    return issue.new_key()


@dataclass(frozen=True, slots=True)
class SliceCertificate:
    """A slice: its certificate chain, leaf first."""

    chain: tuple[Certificate, ...]

    @property
    def urn(self) -> Urn:
        return self.chain[0].named

    @property
    def uuid(self) -> str:
        return self.chain[0].identity


class Pki:
    """A root, its SA and MA, and what they sign. `now` is when everything was made."""

    def __init__(self, authority: str = "gcf.local", *, now: datetime = NOW) -> None:
        self.authority = authority
        self.now = now
        self._numbers = itertools.count(1)
        self.root = issue.make_root(authority, now=now, key=self.next_key())
        self.sa = issue.make_authority(self.root, "sa", now=now, key=self.next_key())
        self.ma = issue.make_authority(self.root, "ma", now=now, key=self.next_key())
        self._users: dict[str, Identity] = {}
        self._slices: dict[str, SliceCertificate] = {}

    def next_key(self) -> rsa.RSAPrivateKey:
        return key(self.authority, next(self._numbers))

    def urn(self, kind: str, name: str) -> Urn:
        return Urn.of(self.authority, kind, name)

    def user(self, name: str, *, ma: Identity | None = None) -> Identity:
        """The user of that name; the same one each time, unless another authority signs."""
        if ma is not None:
            return issue.make_user(ma, name, now=self.now, key=self.next_key())
        if name not in self._users:
            self._users[name] = issue.make_user(self.ma, name, now=self.now, key=self.next_key())
        return self._users[name]

    def renewed(self, user: Identity, *, new_key: bool = True) -> Identity:
        """The same user with a new certificate from the same authority."""
        return issue.make_user(
            self.ma,
            user.urn.name,
            now=self.now,
            key=self.next_key() if new_key else user.key,
        )

    def slice(
        self,
        name: str,
        *,
        sa: Identity | None = None,
        until: datetime | None = None,
        uuid: UUID | None = None,
        again: bool = False,
    ) -> SliceCertificate:
        """The slice of that name; `again` makes a new one with the same URN."""
        known = self._slices.get(name)
        if known is not None and not again and sa is None:
            return known
        made = SliceCertificate(
            issue.make_slice(
                sa or self.sa,
                self.urn("slice", name),
                now=self.now,
                until=until or self.now + timedelta(days=30),
                uuid=uuid,
                public_key=key(self.authority, 0).public_key(),
            )
        )
        if sa is None:
            self._slices[name] = made
        return made

    def tool(self, name: str = "portal") -> Identity:
        """A tool that may want to speak for users; not a CA, its key its own."""
        own = self.next_key()
        made = issue.certify(
            self.urn("tool", name),
            own.public_key(),
            signer=self.ma,
            now=self.now,
            until=self.now + timedelta(days=30),
        )
        return Identity(own, (made, *self.ma.chain))

    def server(self, name: str = "am", *, hosts: Iterable[str] = ("127.0.0.1",)) -> Identity:
        """The server certificate of an aggregate or clearinghouse."""
        return issue.make_server(
            self.root,
            self.urn("authority", name),
            now=self.now,
            hosts=hosts,
            key=self.next_key(),
        )

    def slice_credential(
        self,
        owner: Identity,
        slice_: SliceCertificate,
        *,
        privileges: Sequence[str] | None = None,
        delegatable: bool = True,
        expires: datetime | None = None,
        signer: Identity | None = None,
    ) -> str:
        """A credential of the owner over the slice; all usual privileges when none are given."""
        given = issue_credentials.SLICE
        if privileges is not None:
            given = tuple(Privilege(name, delegatable) for name in privileges)
        return issue_credentials.issue_credential(
            signer or self.sa,
            owner=owner.chain,
            target=slice_.chain,
            privileges=given,
            expires=expires or self.now + WEEK,
        )

    def user_credential(self, owner: Identity, *, expires: datetime | None = None) -> str:
        """A user's credential over herself."""
        return issue_credentials.issue_credential(
            self.ma,
            owner=owner.chain,
            target=owner.chain,
            privileges=issue_credentials.USER,
            expires=expires or self.now + WEEK,
        )

    def operator_credential(
        self, owner: Identity, aggregate: Identity, *, signer: Identity | None = None
    ) -> str:
        """A credential over the aggregate itself, signed by the root (R108)."""
        return issue_credentials.issue_credential(
            signer or self.root,
            owner=owner.chain,
            target=aggregate.chain,
            privileges=(Privilege("*"),),
            expires=self.now + WEEK,
        )

    def delegated(
        self,
        credential: str,
        holder: Identity,
        to: Identity,
        *,
        privileges: Sequence[str] = ("*",),
        delegatable: bool = True,
        expires: datetime | None = None,
    ) -> str:
        """What the holder of a credential hands on."""
        return issue_credentials.delegate_credential(
            credential,
            holder,
            owner=to.chain,
            privileges=[Privilege(name, delegatable) for name in privileges],
            expires=expires or self.now + WEEK,
        )

    @staticmethod
    def argument(text: str, kind: str = "geni_sfa", version: str = "3") -> CredentialArgument:
        """The credential as an item of the `credentials` argument."""
        return CredentialArgument(kind, version, text)

    @staticmethod
    def struct(text: str, kind: str = "geni_sfa", version: str = "3") -> dict[str, str]:
        """The credential as it goes over the wire."""
        return {"geni_type": kind, "geni_version": version, "geni_value": text}

    def trust(self, *others: "Pki", sha1: bool = False) -> TrustSet:
        """Trust in this federation's root, and in others'."""
        return TrustSet(
            tuple(
                Root(pki.root.certificate, f"{pki.authority}.pem", Terms(sha1=sha1))
                for pki in (self, *others)
            )
        )

    def caller(self, who: Identity, *, trust: TrustSet | None = None) -> Caller:
        """Who calls over TLS with this identity."""
        ders = [certificate.der for certificate in who.chain]
        return Caller.of(ders, trust or self.trust(), self.now)

    def write_roots(self, directory: Path, *others: "Pki") -> Path:
        """Fill a directory of trusted roots; returns it."""
        directory.mkdir(parents=True, exist_ok=True)
        for pki in (self, *others):
            file = directory / f"{pki.authority.replace(':', '.')}.pem"
            file.write_text(pki.root.certificate.pem)
        return directory

    def verifier(self, directory: Path, *others: "Pki") -> Verifier:
        """A verifier that trusts this federation and others; `directory` is made for it."""
        return Verifier(TrustStore(self.write_roots(directory, *others)))


def crl(
    issuer: Identity,
    *revoked: Identity,
    signer: Identity | None = None,
    until: datetime = NOW - timedelta(days=2),
) -> x509.CertificateRevocationList:
    """A list of the issuer's that revokes these and, unless told otherwise, is out of date."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.parsed.subject)
        .last_update(NOW - timedelta(days=3))
        .next_update(until)
    )
    for each in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(each.certificate.parsed.serial_number)
            .revocation_date(NOW - timedelta(days=3))
            .build()
        )
    return builder.sign((signer or issuer).key, SHA256())


def crl_pem(one: x509.CertificateRevocationList) -> bytes:
    return one.public_bytes(Encoding.PEM)


def write_identity(who: Identity, directory: Path, name: str) -> tuple[Path, Path]:
    """Files for TLS: (certificate chain, private key)."""
    directory.mkdir(parents=True, exist_ok=True)
    chain, private = directory / f"{name}-cert.pem", directory / f"{name}-key.pem"
    chain.write_text(who.chain_pem)
    private.write_text(who.key_pem)
    private.chmod(0o600)
    return chain, private
