"""Is this credential genuine?

Source: GENI credentials; FED 4.4 and 4.5; AM API facts 5.1 to 5.3; decisions 28 and 29.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from gcf_am import safexml
from gcf_am.clock import format_time
from gcf_am.errors import CREDENTIAL_EXPIRED, CREDENTIAL_MISMATCH, CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust.cache import ExpiringCache
from gcf_am.trust.caller import Caller
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.chains import Chain, check_signer, verify_chain
from gcf_am.trust.credential_document import LARGEST, SCHEMA, read_document
from gcf_am.trust.credentials import Credential, digest_of
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.privileges import within
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.signed import check_methods, check_signature, find_signer
from gcf_am.trust.speaks_for import SpeaksFor, verify_speaks_for
from gcf_am.trust.trail import SILENT, Trail
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
        self._speaking: ExpiringCache[SpeaksFor] = ExpiringCache(size)

    def credential(self, text: str, now: datetime) -> Credential:
        """The verified credential; raises Refusal."""
        if len(text) > LARGEST:
            raise Refusal("document.size", f"a credential has more than {LARGEST} characters")
        trust = self.trust.current()
        key = (digest_of(text), trust.version)
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

    def speaks_for(self, text: str, user: Urn, tool: Chain, now: datetime) -> SpeaksFor:
        """By what the tool may speak for the user (verify_speaks_for); raises Refusal."""
        if len(text) > LARGEST:
            raise Refusal("document.size", f"a credential has more than {LARGEST} characters")
        trust = self.trust.current()
        key = (digest_of(text), user, tool.leaf, trust.version)
        found = self._speaking.get(key, now)
        if found is None:
            found = verify_speaks_for(text, user, tool, trust, now)
            self._speaking.put(key, found, self._until(found.until, trust, now))
        return found

    @staticmethod
    def _until(end: datetime, trust: TrustSet, now: datetime) -> datetime:
        """How long a judgement may be remembered: not beyond what it rests on."""
        return min(end, now + _LONGEST, trust.revocations.changes_after(now) or end)


# What must hold of a credential. The numbers stand again in verify_credential, and in what
# `gcf-am credential verify` tells.
STEPS: Final[Mapping[str, str]] = {
    "1": "the operator has not denied this very text",
    "2": "the document has exactly the shape of a credential with its parents (read_document)",
    "3": "no statement in it has expired",
    "4": "owner and target of each are certificates with chains to a trusted root, and the URNs"
    " written beside them are theirs",
    "5": "the signer of each is the one certificate beside the signature that issued none of the"
    " others there, and it has a chain to a trusted root",
    "6": "SHA-1 is used only below a root that allows it, and a key written beside the signature"
    " is the signer's",
    "7": "the signer's key made the signature over the very element that is read here",
    "8": "each delegation hands on no more than the parent gave",
    "9": "the innermost statement is signed by an authority for the target",
}


def verify_credential(
    text: str, trust: TrustSet, now: datetime, trail: Trail = SILENT
) -> Credential:
    """Judge the text of a credential; raises Refusal unless all of STEPS holds."""
    digest = digest_of(text)
    # (1) not denied
    trail.at("1")
    trail.found(f"SHA-256 of the text: {digest}")
    if digest in trust.denied.sums:
        raise Refusal("credential.denied", "this credential is refused at this aggregate")
    # (2) one reading only
    trail.at("2")
    statements = read_document(text)
    trail.found(f"statements: {len(statements)}")
    # (3) in time: cheap, and the usual reason
    trail.at("3")
    for statement in statements:
        trail.found(f"expires {format_time(statement.expires)}")
        if statement.expires <= now:
            raise Refusal("credential.expired", "the credential has expired", CREDENTIAL_EXPIRED)
    credential: Credential | None = None
    for place, statement in reversed(list(enumerate(statements, 1))):  # parents first
        which = f" of statement {place}" if len(statements) > 1 else ""
        # (4) who and over what
        trail.at("4", f"owner{which}")
        owner = _named_chain(statement.owner_gid, statement.owner_urn, "owner", trust, now, trail)
        trail.at("4", f"target{which}")
        target = _named_chain(
            statement.target_gid, statement.target_urn, "target", trust, now, trail
        )
        # (5) by whom
        trail.at("5", f"signer{which}")
        signer = find_signer(statement.signature, trust, now, trail)
        # (6) strong enough, and no other key offered
        trail.at("6", f"signature{which}")
        check_methods(statement.signature, signer)
        # (7) the element that was signed is the element that was read
        trail.at("7", f"signature{which}")
        check_signature(statement.signature, statement.element, signer)
        inner = credential
        credential = Credential(
            digest, owner, target, signer, statement.privileges, statement.expires, inner
        )
        if inner is not None:
            # (8) handed on
            trail.at("8", f"delegation by {inner.owner.urn} to {owner.urn}")
            _check_delegation(credential, inner)
        else:
            # (9) by right
            trail.at("9", f"{signer.urn} for {target.urn}")
            check_signer(signer.leaf, target.urn, signer.root)
    if credential is None:
        raise Refusal("document.shape", "the document holds no credential")
    return credential


def _named_chain(
    gid: str, text: str, role: str, trust: TrustSet, now: datetime, trail: Trail
) -> Chain:
    chain = verify_chain(load_chain(gid), trust, now, trail)
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
