"""Is this credential genuine?

Source: GENI credentials; FED 4.4 and 4.5; AM API facts 5.1 to 5.3; decisions 28 and 29.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from gcf_am import safexml
from gcf_am.errors import CREDENTIAL_EXPIRED, CREDENTIAL_MISMATCH, CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust.cache import ExpiringCache
from gcf_am.trust.caller import Caller
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.chains import Chain, check_signer, verify_chain
from gcf_am.trust.credential_document import LARGEST, SCHEMA, Statement, read_document
from gcf_am.trust.credentials import Credential
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.privileges import within
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.signature_block import SignatureBlock
from gcf_am.trust.signatures import SIGNATURES, verify
from gcf_am.urn import Urn

_LONGEST: Final = timedelta(minutes=10)


class Verifier:
    """Verifies credentials and callers against the current trust set, and remembers them.

    What was remembered is forgotten when the trust set changes, when anything in it ends, and
    after ten minutes. Safe in threads. Raises ConfigError when the installation lacks the schema
    of credentials.
    """

    def __init__(self, trust: TrustStore, *, size: int = 1024) -> None:
        safexml.load(SCHEMA.name)
        self.trust = trust
        self._credentials: ExpiringCache[Credential] = ExpiringCache(size)
        self._callers: ExpiringCache[Caller] = ExpiringCache(size)

    def credential(self, text: str, now: datetime) -> Credential:
        """The verified credential; raises Refusal."""
        if len(text) > LARGEST:
            raise Refusal("document.size", f"a credential has more than {LARGEST} characters")
        trust = self.trust.current()
        key = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), trust.version)
        found = self._credentials.get(key, now)
        if found is None:
            found = verify_credential(text, trust, now)
            self._credentials.put(key, found, self._until(found.until, trust, now))
        return found

    def caller(self, ders: Sequence[bytes], now: datetime) -> Caller:
        """The caller behind a TLS peer's chain, leaf first; raises Refusal (decision 25)."""
        trust = self.trust.current()
        key = (tuple(ders), trust.version)
        found = self._callers.get(key, now)
        if found is None:
            found = Caller.of(ders, trust, now)
            self._callers.put(key, found, self._until(found.until, trust, now))
        return found

    @staticmethod
    def _until(end: datetime, trust: TrustSet, now: datetime) -> datetime:
        """How long a judgement may be remembered: not beyond what it rests on."""
        return min(end, now + _LONGEST, trust.revocations.changes_after(now) or end)


def verify_credential(text: str, trust: TrustSet, now: datetime) -> Credential:
    """Judge the text of a credential.

    Raises Refusal unless all of this holds:

    (1) the operator has not denied this very text;
    (2) the document has exactly the shape of a credential with its parents (read_document);
    (3) no statement in it has expired;
    (4) owner and target of each are certificates with chains to a trusted root, and the URNs
        written beside them are theirs;
    (5) the signer of each is the one certificate beside the signature that issued none of the
        others there, and it has a chain to a trusted root;
    (6) SHA-1 is used only below a root that allows it, and a key written beside the signature
        is the signer's;
    (7) the signer's key made the signature over the very element that is read here;
    (8) each delegation hands on no more than the parent gave (_check_delegation);
    (9) the innermost statement is signed by an authority for the target (check_signer).
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    # (1) not denied
    if digest in trust.denied.sums:
        raise Refusal("credential.denied", "this credential is refused at this aggregate")
    # (2) one reading only
    statements = read_document(text)
    # (3) in time: cheap, and the usual reason
    for statement in statements:
        if statement.expires <= now:
            raise Refusal("credential.expired", "the credential has expired", CREDENTIAL_EXPIRED)
    credential: Credential | None = None
    for statement in reversed(statements):  # parents first
        # (4) who and over what
        owner = _named_chain(statement.owner_gid, statement.owner_urn, "owner", trust, now)
        target = _named_chain(statement.target_gid, statement.target_urn, "target", trust, now)
        # (5) by whom
        signer = _signer(statement.signature, trust, now)
        # (6), (7) signed
        _check_signature(statement, signer)
        inner = credential
        credential = Credential(
            digest, owner, target, signer, statement.privileges, statement.expires, inner
        )
        if inner is not None:
            # (8) handed on
            _check_delegation(credential, inner)
        else:
            # (9) by right
            check_signer(signer.leaf, target.urn, signer.root)
    if credential is None:
        raise Refusal("document.shape", "the document holds no credential")
    return credential


def _named_chain(gid: str, text: str, role: str, trust: TrustSet, now: datetime) -> Chain:
    chain = verify_chain(load_chain(gid), trust, now)
    if text:
        try:
            same = Urn.parse(text) == chain.urn and text == text.strip()
        except ValueError:
            same = False
        if not same:
            raise Refusal(
                f"credential.{role}_urn",
                f"{role}_urn is not the URN of {role}_gid",
                CREDENTIAL_MISMATCH,
            )
    return chain


def _signer(block: SignatureBlock, trust: TrustSet, now: datetime) -> Chain:
    """FED 4.4: the order of the certificates says nothing."""
    certificates = [Certificate.read(der) for der in block.certificates]
    leaves = [
        one
        for one in certificates
        if not any(other.signed_by(one) for other in certificates if other != one)
    ]
    if len(leaves) != 1:
        raise Refusal(
            "signature.signer",
            "the certificates beside a signature are not those of one signer",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    others = (one for one in certificates if one != leaves[0])
    return verify_chain((leaves[0], *others), trust, now)


def _check_signature(statement: Statement, signer: Chain) -> None:
    block = statement.signature
    # (6) strong enough, and no other key offered
    if block.sha1 and not signer.root.terms.sha1:
        raise Refusal("signature.sha1", f"SHA-1 signatures below {signer.root.urn} do not count")
    key = signer.leaf.public_key
    if not isinstance(key, SIGNATURES[block.method].keys):
        raise Refusal("signature.algorithm", "the signature's method is not for the signer's key")
    for modulus, exponent in block.keys:
        if not isinstance(key, rsa.RSAPublicKey) or (
            (modulus, exponent) != (key.public_numbers().n, key.public_numbers().e)
        ):
            raise Refusal(
                "signature.key_value",
                "the key written beside the signature is not the signer's",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )
    # (7) the element that was signed is the element that was read
    verify(block.element, statement.element, key)


def _check_delegation(child: Credential, parent: Credential) -> None:
    """GENI credentials, delegation: what one who holds a credential may hand on.

    (a) the parent's owner signed it, with the key of the certificate named there;
    (b) it is over the same target;
    (c) it ends no later;
    (d) it allows nothing that the parent does not let its owner hand on.
    """
    # (a) by the owner
    signer, owner = child.signer.leaf, parent.owner.leaf
    if signer.key != owner.key or signer.urn != owner.urn:
        raise Refusal(
            "delegation.signer",
            "a delegation is not signed by the owner of what it delegates",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    # (b) the same target
    if child.target.leaf != parent.target.leaf:
        raise Refusal("delegation.target", "a delegation is over another target than its parent")
    # (c) no longer
    if child.expires > parent.expires:
        raise Refusal("delegation.expires", "a delegation lasts longer than its parent")
    # (d) no more
    if not within(child.allowed, parent.delegatable):
        raise Refusal("delegation.privileges", "a delegation gives more than its owner may give")
