"""What is wrong with how certificates and credentials are believed, a rule of the trust room each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from gcf_am.trust import chains, credentials, signature_block, signed, verifier
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.chains import Chain
from gcf_am.trust.privileges import EVERYTHING, Privilege, operations
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.signature_block import SignatureBlock
from gcf_am.trust.signatures import C14N, CANONICALIZATIONS, SHA256
from gcf_am.trust.trail import Trail
from gcf_am.xmlrpc.server import tls
from tests.sabotage.bends import instead, refusal, sent, text_of
from tests.sabotage.board import Asked, Misbehaviour, Replaced
from tests.sabotage.connecting import believing
from tests.sabotage.trusting import deaf, granting

_named_chain: Final = verifier._named_chain
_verify_chain: Final = chains.verify_chain
_check_methods: Final = signed.check_methods


def _urn_unread(role: str) -> Replaced:
    """The URN that is told beside a certificate is not compared with it."""

    def chain(gid: str, text: str, of: str, trust: TrustSet, now: datetime, trail: Trail) -> Chain:
        return _named_chain(gid, "" if of == role else text, of, trust, now, trail)

    return Replaced(verifier, "_named_chain", chain)


def _only_with_uuid(given: Sequence[Certificate], *more: Any) -> Chain:
    if given[0].uuid is None:
        raise Refusal("certificate.uuid", "a certificate has no UUID")
    return _verify_chain(given, *more)


def _no_sha256(block: SignatureBlock, signer: Chain) -> None:
    # that of users: authorities sign so, and nothing else would be left
    if block.digest == SHA256 and signer.urn.kind == "user":
        raise Refusal("signature.algorithm", "SHA-256 is not known")
    if not block.sha1:
        _check_methods(block, signer)


def _without_star(given: Iterable[Privilege], kind: str, **how: bool) -> frozenset[str]:
    return operations((one for one in given if one.name != EVERYTHING), kind, **how)


def _unexplained(asked: Asked) -> object:
    if any("rsa-sha1" in text_of(one) for one in sent(asked)):
        return refusal(13, "what is this?")
    return asked.serve()


ROWS: Final = (
    Misbehaviour(
        "owner-urn-unread",
        "owner_urn may be another than that of owner_gid.",
        ("credential.owner-urn-differs",),
        replaced=(_urn_unread("owner"),),
    ),
    Misbehaviour(
        "target-urn-unread",
        "target_urn may be another than that of target_gid.",
        ("credential.target-urn-differs",),
        replaced=(_urn_unread("target"),),
    ),
    Misbehaviour(
        "any-namespace",
        "An authority may sign for every namespace.",
        ("credential.by-an-authority-below", "certificate.of-another-namespace"),
        replaced=(
            deaf(chains, "check_signer", "signer.namespace", "signer.terms"),
            deaf(verifier, "check_signer", "signer.namespace", "signer.terms", "signer.kind"),
        ),
    ),
    Misbehaviour(
        "any-ca",
        "Every CA is an authority.",
        ("certificate.by-a-user-with-ca",),
        replaced=(deaf(chains, "check_signer", "signer.authority", "signer.kind"),),
    ),
    Misbehaviour(
        "users-issue",
        "Users may issue client certificates.",
        ("certificate.issued-by-a-user",),
        replaced=(
            Replaced(tls, "make_context", believing()),
            deaf(chains, "check_signer", "signer.authority", "signer.kind"),
            deaf(chains, "_check_authority", "signer.ca", "signer.path_length"),
        ),
    ),
    Misbehaviour(
        "uuid-needed",
        "A certificate needs a UUID.",
        ("certificate.without-uuid",),
        replaced=(Replaced(verifier, "verify_chain", _only_with_uuid),),
    ),
    Misbehaviour(
        "star-unknown",
        "The privilege * allows nothing.",
        ("credential.star-permits-all",),
        replaced=(Replaced(credentials, "operations", _without_star),),
    ),
    Misbehaviour(
        "describe-for-authorities",
        "No privilege of an experimenter's allows Describe.",
        ("credential.usual-privileges-permit-all",),
        bend=instead(lambda _: refusal(3), "Describe"),
    ),
    Misbehaviour(
        "privileges-added",
        "Privileges of several credentials are added together.",
        ("credential.not-added-together",),
        replaced=(granting(lambda sent: len(sent) > 1),),
    ),
    Misbehaviour(
        "speaksfor-any-word",
        "Any word at all lets a tool speak for a user.",
        ("speaksfor.by-another-key", "speaksfor.untrusted-user", "speaksfor.tools-own-credential"),
        replaced=(granting(lambda sent: any("<abac>" in one.text for one in sent)),),
    ),
    Misbehaviour(
        "sha-256-unknown",
        "Users' signatures with SHA-256 are not known, only those with SHA-1.",
        ("credential.rsa-sha256",),
        replaced=(Replaced(verifier, "check_methods", _no_sha256),),
    ),
    Misbehaviour(
        "exclusive-unknown",
        "Exclusive canonical XML is not known.",
        ("credential.exclusive-c14n",),
        replaced=(Replaced(signature_block, "CANONICALIZATIONS", {C14N: CANONICALIZATIONS[C14N]}),),
    ),
    Misbehaviour(
        "sha-1-unexplained",
        "A signature with SHA-1 is refused as if it were something else.",
        ("credential.rsa-sha1",),
        bend=instead(_unexplained, "Status"),
    ),
)
