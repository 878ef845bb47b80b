"""The text of an ABAC credential: its exact shape, before anything in it is believed.

One statement, `head <- tail`, and one signature. libabac writes the members of `credential` in an
order of its own, so their order says nothing here; everything else is as it is for privileges.
Source: GENI credentials (geni_abac 1); FED 4.6; R116, R120.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from gcf_am.trust.credential_document import (
    XML_ID,
    check_ids,
    check_strays,
    parse_document,
    read_expires,
)
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.signature_block import SignatureBlock
from gcf_am.trust.tree import children, content, local, only_blanks_between

TYPE: Final = "abac"
_VERSION: Final = "1.1"
_EMPTY: Final = frozenset({"serial", "owner_gid", "owner_urn", "target_gid", "target_urn", "uuid"})
_MUST: Final = frozenset({"type", "expires", "abac"})


@dataclass(frozen=True, slots=True, eq=False)
class AbacStatement:
    """That `head`, a key id, gives its role `role` to `tail`, another."""

    element: etree._Element
    head: str
    role: str
    tail: str
    expires: datetime
    signature: SignatureBlock


def read_abac(text: str) -> AbacStatement:
    """Read an ABAC credential.

    Raises Refusal unless all of this holds:

    (1) it is XML of bounded size and depth, without DTD, comments or processing instructions;
    (2) it is one credential and one signature, and no two ids of it are the same;
    (3) the credential is of type abac, each member once, owner and target empty;
    (4) it has one head with a role, and one tail without;
    (5) the signature is over it, and of the one shape that we read.
    """
    # (1) plain XML
    root = parse_document(text)
    # (2) one of each
    if root.tag != "signed-credential":
        raise Refusal("document.shape", "not a credential: its root is no signed-credential")
    credential, signatures = children(root, "credential", "signatures")
    check_ids(root)
    check_strays(root, [credential], list(signatures))
    if len(signatures) != 1:
        raise Refusal("signature.count", "an ABAC credential has exactly one signature")
    # (3) the members
    members = _members(credential)
    if content(members["type"]) != TYPE:
        raise Refusal("credential.type", "the credential is none of type abac")
    # (4) who to whom
    head, role, tail = _rule(members["abac"])
    # (5) the signature
    block = SignatureBlock.read(signatures[0])
    if block.over != credential.get(XML_ID):
        raise Refusal("signature.count", "the signature is not over the credential")
    expires = read_expires(content(members["expires"]))
    return AbacStatement(credential, head, role, tail, expires, block)


def is_abac(text: str) -> bool:
    """Whether the text is an ABAC credential rather than one of privileges; judges nothing."""
    if TYPE not in text:
        return False  # which spares nearly all of them a second parse
    try:
        return parse_document(text).findtext("credential/type", "").strip() == TYPE
    except Refusal:
        return False


def _members(credential: etree._Element) -> dict[str, etree._Element]:
    only_blanks_between(credential)
    members = {str(one.tag): one for one in credential}
    if len(members) != len(credential) or not _MUST <= members.keys() <= _MUST | _EMPTY:
        raise Refusal(
            "document.shape",
            "an ABAC credential holds type, expires and abac, and nothing unknown or twice",
        )
    for name in _EMPTY - {"serial", "uuid"}:
        if name in members and content(members[name]).strip():
            raise Refusal("document.shape", f"{name} must be empty in an ABAC credential")
    return members


def _rule(abac: etree._Element) -> tuple[str, str, str]:
    (rt0,) = children(abac, "rt0")
    if [str(one.tag) for one in rt0].count("tail") > 1:
        raise Refusal("abac.tails", "the credential speaks of several tails at once")
    version, head, tail = children(rt0, "version", "head", "tail")
    if content(version) != _VERSION:
        raise Refusal("abac.version", f"ABAC credentials have version {_VERSION}")
    principal, role = children(head, "ABACprincipal", "role")
    if [local(one) for one in tail] != ["ABACprincipal"]:
        raise Refusal("abac.tail", "the tail must be one principal, without a role")
    only_blanks_between(tail)
    return _key_id(principal), content(role), _key_id(tail[0])


def _key_id(principal: etree._Element) -> str:
    only_blanks_between(principal)
    names = [str(one.tag) for one in principal]
    if sorted(names) not in (["keyid"], ["keyid", "mnemonic"]):
        raise Refusal("document.shape", "a principal is a keyid, and perhaps a mnemonic")
    return content(principal[names.index("keyid")])
