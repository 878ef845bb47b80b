"""From a certificate to a root we trust.

Source: GENI certificates; FED 3.5 (namespace and signer's kind); decisions 25, 27 and 28.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from gcf_am.errors import CREDENTIAL_EXPIRED, CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust.certificates import MOST_CERTIFICATES, Certificate
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.trust.trail import SILENT, Trail
from gcf_am.urn import Urn

# FED 4.4: clocks differ, but only a beginning is forgiven, never an end
SKEW: Final = timedelta(minutes=5)
_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate with its signers up to a trusted root, all of it checked.

    `certificates` begin with the leaf and end with the root; `until` is the earliest end.
    """

    certificates: tuple[Certificate, ...]
    root: Root
    until: datetime

    @property
    def leaf(self) -> Certificate:
        """The certificate that all of this is about."""
        return self.certificates[0]

    @property
    def urn(self) -> Urn:
        """Whom the leaf names."""
        return self.leaf.named

    @property
    def issuer(self) -> Certificate:
        """Who signed the leaf; for a root, itself."""
        return self.certificates[min(1, len(self.certificates) - 1)]


# What must hold of a chain. The numbers stand again in verify_chain, and in what
# `gcf-am credential verify` tells.
STEPS: Final[Mapping[int, str]] = {
    1: "at most ten certificates came, and the leaf has a URN",
    2: "each is signed by the next, and the last is a trusted root",
    3: "keys and hashes are strong enough for the root in force",
    4: "all are valid now, the root included",
    5: "every signer is a CA that may sign certificates, at most as far up as it says",
    6: "every signer is an authority, and its namespace and the root's terms hold what it signed",
    7: "every signer is of the kind that signs such things",
    8: "none was revoked by its issuer or is denied here, and revocation lists are as fresh as the"
    " root's terms want them",
}


def verify_chain(
    given: Sequence[Certificate], trust: TrustSet, now: datetime, trail: Trail = SILENT
) -> Chain:
    """Judge a leaf, which comes first, with the certificates that came along.

    Raises Refusal unless all of STEPS holds.
    """
    # (1) as many as a chain may have, with a name
    trail.within(1)
    if not 0 < len(given) <= MOST_CERTIFICATES:
        raise Refusal("chain.length", f"a chain must have 1 to {MOST_CERTIFICATES} certificates")
    _ = given[0].named
    # (2) up to a trusted root
    trail.within(2)
    path, root = _path(given, trust, now)
    trail.found(" <- ".join(str(one.urn) for one in path) + f" in {root.file}")
    for height, certificate in enumerate(path):
        # (3) strong
        trail.within(3)
        _check_strength(certificate, root)
        # (4) valid today
        trail.within(4)
        check_validity(certificate, now)
        if height > 0:
            signed = path[height - 1]
            # (5) by a CA
            trail.within(5)
            _check_authority(certificate, height - 1)
            # (6), (7) by an authority above it, of the kind that may
            trail.within(6)
            check_signer(certificate, signed.named, root, trail)
        # (8) not withdrawn
        trail.within(8)
        _check_withdrawn(path, height, root, trust, now)
    trail.within(0)
    return Chain(tuple(path), root, min(certificate.not_after for certificate in path))


def _check_withdrawn(
    path: Sequence[Certificate], height: int, root: Root, trust: TrustSet, now: datetime
) -> None:
    one = path[height]
    if one != root.certificate:
        trust.revocations.check(one, path[height + 1], now, root.terms.crl)
        trust.denied.check(one, path[height + 1])
        return
    # An authority that was put among the roots is still its own authority's to revoke; that
    # nobody says so is no fault of a certificate that is trusted as it is.
    above = [each.certificate for each in trust.named(one.parsed.issuer)]
    for issuer in [each for each in above if one.signed_by(each)] or [one]:
        trust.revocations.check(one, issuer, now)
        trust.denied.check(one, issuer)


def check_validity(certificate: Certificate, now: datetime) -> None:
    """Raise Refusal unless the certificate is valid now, with five minutes' grace before."""
    if now > certificate.not_after:
        raise Refusal(
            "certificate.expired",
            f"the certificate of {certificate.urn} has expired",
            CREDENTIAL_EXPIRED,
        )
    if now + SKEW < certificate.not_before:
        raise Refusal("certificate.early", f"the certificate of {certificate.urn} is not valid yet")


def check_signer(signer: Certificate, subject: Urn, root: Root, trail: Trail = SILENT) -> None:
    """Raise Refusal unless this signer may sign a certificate or credential about the subject.

    A root that is the top of its own hierarchy may sign everything in its namespace.
    """
    urn = signer.named
    if urn.kind != "authority":
        raise Refusal(
            "signer.authority",
            f"{urn} signed for {subject} but is not an authority",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    # compared by parts: `geni:gpo` does not hold `geni:gpo2`
    if not urn.covers(subject):
        raise Refusal(
            "signer.namespace",
            f"{urn} signed for {subject}, which is outside its namespace",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    # FED 3.5: the operator may let a root speak for a part of its namespace only
    if subject.kind != "authority" and not root.holds(subject):
        raise Refusal(
            "signer.terms",
            f"{subject} is outside the namespaces that {root.urn} is trusted for here",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    if root.self_signed and signer == root.certificate:
        return
    trail.within(7)
    name = urn.key[2]
    # authorities also come from their own kind above them
    same = subject.kind == "authority" and name == subject.key[2] and name in {"sa", "ma"}
    if not same and not root.terms.signs(name, subject.kind):
        raise Refusal(
            "signer.kind",
            f"{urn} signed for {subject}, which is not for authorities of its kind",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )


def _path(
    given: Sequence[Certificate], trust: TrustSet, now: datetime
) -> tuple[list[Certificate], Root]:
    """The way up: at each step a trusted root where one signed, else one that came along.

    No way is tried twice, so that odd chains cost at most ten times ten signatures.
    """
    path = [given[0]]
    pool = list(dict.fromkeys(given[1:]))
    while (root := trust.find(path[-1])) is None:
        top = path[-1]
        trusted = [one.certificate for one in trust.named(top.parsed.issuer)]
        for candidates in (trusted, [one for one in pool if one not in path]):
            issuers = [one for one in candidates if top.signed_by(one)]
            if issuers:
                break
        else:
            raise Refusal(
                "chain.untrusted",
                f"the certificate of {path[0].urn} does not lead to a trusted root",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )
        # a renewed authority has two certificates with one key: take the one in force
        path.append(max(issuers, key=lambda one: (one.not_before <= now, one.not_after)))
    return path, root


def _check_strength(certificate: Certificate, root: Root) -> None:
    key = certificate.public_key
    if isinstance(key, rsa.RSAPublicKey):
        weak = key.key_size < (1024 if root.terms.sha1 else 2048)
    else:
        weak = key.key_size < 256
    if weak:
        raise Refusal(
            "certificate.weak_key",
            f"the key of {certificate.urn} is too short ({key.key_size} bits)",
        )
    if certificate == root.certificate:
        return  # trusted as it is: nobody relies on its signature
    try:
        algorithm = certificate.parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    name = algorithm.name if algorithm is not None else "an unknown algorithm"
    if name not in _HASHES and not (name == "sha1" and root.terms.sha1):
        raise Refusal(
            "certificate.weak_hash", f"the certificate of {certificate.urn} is signed with {name}"
        )


def _check_authority(signer: Certificate, below: int) -> None:
    """`below` counts the certificates between the signer and the leaf."""
    if not (signer.authority and signer.signs_certificates):
        raise Refusal(
            "signer.ca",
            f"{signer.urn} signed a certificate but is no CA",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    if signer.path_length is not None and below > signer.path_length:
        raise Refusal(
            "signer.path_length",
            f"the chain below {signer.urn} is longer than it allows",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
