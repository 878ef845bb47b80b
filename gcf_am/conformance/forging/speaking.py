"""A user's word that a tool may speak for her, right or wrong: ABAC credentials.

Source: GENI credentials (geni_abac 1); AM API facts 5.7.
"""

from dataclasses import dataclass

from lxml import etree

from gcf_am.conformance.forging.identity import Identity, key_id
from gcf_am.conformance.forging.signing import XML_ID, sign, write


@dataclass(frozen=True, slots=True)
class Word:
    """That `head`, a key id, gives its role to each of `tails`; `mnemonic` names the head.

    `libabac` has the members in that library's order.
    """

    head: str
    role: str
    tails: tuple[str, ...]
    expires: str
    mnemonic: str
    libabac: bool = False


def word_of(user: Identity, tool: Identity, expires: str) -> Word:
    """The user's word as it should be: `U.speaks_for_U <- T`."""
    own = key_id(user.certificate)
    return Word(own, f"speaks_for_{own}", (key_id(tool.certificate),), expires, user.urn)


def say(word: Word, signer: Identity) -> str:
    """The credential that says so."""
    root = etree.Element("signed-credential")
    credential = etree.SubElement(root, "credential")
    credential.set(XML_ID, "ref0")
    kind, rule, expires = etree.Element("type"), etree.Element("abac"), etree.Element("expires")
    kind.text, expires.text = "abac", word.expires
    empty = [
        etree.Element(name)
        for name in ("serial", "owner_gid", "owner_urn", "target_gid", "target_urn", "uuid")
    ]
    order = [*empty, expires, kind, rule] if word.libabac else [kind, *empty, expires, rule]
    credential.extend(order)
    rt0 = etree.SubElement(rule, "rt0")
    etree.SubElement(rt0, "version").text = "1.1"
    head = etree.SubElement(rt0, "head")
    _principal(head, word.head, word.mnemonic)
    etree.SubElement(head, "role").text = word.role
    for tail in word.tails:
        _principal(etree.SubElement(rt0, "tail"), tail)
    etree.SubElement(root, "signatures")
    return sign(write(root), signer)


def _principal(above: etree._Element, ident: str, mnemonic: str = "") -> None:
    principal = etree.SubElement(above, "ABACprincipal")
    etree.SubElement(principal, "keyid").text = ident
    if mnemonic:
        etree.SubElement(principal, "mnemonic").text = mnemonic
