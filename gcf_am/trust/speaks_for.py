"""May this tool speak for that user? Only where the user has signed that it may.

Source: FED 4.6 (form and checks); AM API facts 5.7; R109 to R121.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gcf_am.clock import format_time
from gcf_am.errors import CREDENTIAL_EXPIRED, CREDENTIAL_MISMATCH, CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust.abac_document import read_abac
from gcf_am.trust.chains import Chain
from gcf_am.trust.credentials import digest_of
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.signed import check_methods, check_signature, find_signer
from gcf_am.trust.trail import SILENT, Trail
from gcf_am.urn import Urn

# What must hold; the numbers stand again in verify_speaks_for.
STEPS: Final[Mapping[str, str]] = {
    "1": "the operator has not denied this very text",
    "2": "the document has exactly the shape of one ABAC statement: one head with a role, one tail"
    " without, one signature (read_abac)",
    "3": "it has not expired",
    "4": "the one certificate beside the signature that issued none of the others there has a"
    " chain to a trusted root, and names the user who is to be spoken for",
    "5": "SHA-1 is used only below a root that allows it, and a key written beside the signature"
    " is the signer's",
    "6": "the user's key made the signature over the very element that is read here",
    "7": "the head is the user's key id, and its role is speaks_for_ with that key id",
    "8": "the tail is the key id of the tool that calls",
    "9": "the terms of the tool's root let it speak for users",
}
_ROLE: Final = "speaks_for_"


@dataclass(frozen=True, slots=True)
class SpeaksFor:
    """A verified statement that a tool may speak for `user`; `until` is its earliest end."""

    digest: str
    user: Chain
    until: datetime


def verify_speaks_for(
    text: str, user: Urn, tool: Chain, trust: TrustSet, now: datetime, trail: Trail = SILENT
) -> SpeaksFor:
    """Judge the text of a credential by which `tool`, the TLS peer, wants to speak for `user`.

    Raises Refusal unless all of STEPS holds.
    """
    digest = digest_of(text)
    # (1) not denied
    trail.at("1")
    trail.found(f"SHA-256 of the text: {digest}")
    if digest in trust.denied.sums:
        raise Refusal("credential.denied", "this credential is refused at this aggregate")
    # (2) one reading only
    trail.at("2")
    statement = read_abac(text)
    # (3) still in force
    trail.at("3")
    trail.found(f"expires {format_time(statement.expires)}")
    if statement.expires <= now:
        raise Refusal(
            "speaks_for.expired", "the speaks-for credential has expired", CREDENTIAL_EXPIRED
        )
    # (4) by the user
    trail.at("4", "signer")
    signer = find_signer(statement.signature, trust, now, trail)
    if signer.urn.kind != "user" or signer.urn != user:
        raise Refusal(
            "speaks_for.user",
            f"the speaks-for credential is signed by {signer.urn}, not by {user}",
            CREDENTIAL_MISMATCH,
        )
    # (5), (6) signed
    trail.at("5")
    check_methods(statement.signature, signer)
    trail.at("6")
    check_signature(statement.signature, statement.element, signer)
    # (7) about herself
    trail.at("7", signer.leaf.key_id)
    own = signer.leaf.key_id
    if statement.head != own or statement.role != _ROLE + own:
        raise Refusal(
            "speaks_for.head",
            f"the head of a speaks-for credential of {user} is {own} and {_ROLE}{own}",
            CREDENTIAL_MISMATCH,
        )
    # (8) to this tool
    trail.at("8", tool.leaf.key_id)
    if statement.tail != tool.leaf.key_id:
        raise Refusal(
            "speaks_for.tool",
            f"the speaks-for credential is not for the key of {tool.urn}",
            CREDENTIAL_MISMATCH,
        )
    # (9) which we let speak
    trail.at("9", str(tool.urn))
    if not tool.root.terms.lets_speak(tool.urn, tool.leaf.fingerprint):
        raise Refusal(
            "speaks_for.permitted",
            f"{tool.urn} may not speak for users here; its operator may ask ours",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    return SpeaksFor(digest, signer, min(statement.expires, signer.until))
