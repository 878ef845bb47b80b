"""The text of a credential: its exact shape, before anything in it is believed.

A document is one outermost `credential` with its parents one inside another, and one signature
for each. What does not look exactly so is refused, so that there is no second reading of it.
Source: GENI credentials; FED 4.1 (form) and 4.4 (wrapping, ids, references).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from gcf_am import safexml
from gcf_am.clock import parse_time
from gcf_am.errors import XmlRefused
from gcf_am.trust.privileges import Privilege
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.signature_block import SignatureBlock
from gcf_am.trust.signatures import DSIG, XML
from gcf_am.trust.tree import children, content, local, only_attributes, only_blanks_between

LARGEST: Final = 256 * 1024
_DEEPEST: Final = 48
MOST_PARENTS: Final = 16
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_XML_ID: Final = f"{{{XML}}}id"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_REQUIRED: Final = ("type", "owner_gid", "target_gid", "expires")
_OPTIONAL: Final = ("serial", "owner_urn", "target_urn", "uuid", "privileges", "parent")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One `credential` element and what it claims; `*_urn` are empty where they are absent."""

    element: etree._Element
    id: str
    owner_gid: str
    owner_urn: str
    target_gid: str
    target_urn: str
    expires: datetime
    privileges: tuple[Privilege, ...]
    signature: SignatureBlock


def read_document(text: str) -> tuple[Statement, ...]:
    """Read a credential: the statement itself first, then its parent, and so on.

    Raises Refusal unless all of this holds:

    (1) it is XML of bounded size and depth, without DTD, comments or processing instructions;
    (2) its root is `signed-credential` with exactly `credential` and `signatures`;
    (3) its credentials have ids, and no two ids of the document are the same;
    (4) no credential or signature stands anywhere else;
    (5) there is exactly one signature for each credential;
    (6) each credential holds what a privilege credential holds, and nothing else.
    """
    # (1) plain XML
    root = _parse(text)
    # (2) the frame
    if root.tag != "signed-credential":
        raise Refusal("document.root", "the document is no signed-credential")
    if any(etree.QName(name).namespace != _XSI for name in root.attrib):
        raise Refusal("document.shape", "signed-credential has an odd attribute")
    outermost, signatures = children(root, "credential", "signatures")
    only_attributes(signatures)
    only_blanks_between(signatures)
    # (3) the names
    _check_ids(root)
    # (4) the nesting
    nested = list(_nested(outermost))
    _check_strays(root, nested, list(signatures))
    # (5) the signatures
    blocks: dict[str, SignatureBlock] = {}
    for element in signatures:
        block = SignatureBlock.read(element)
        if block.over in blocks:
            raise Refusal("signature.count", "a credential has more than one signature")
        blocks[block.over] = block
    if blocks.keys() != {element.get(_XML_ID) for element in nested}:
        raise Refusal("signature.count", "signatures and credentials do not belong together")
    # (6) the contents
    return tuple(_statement(element, blocks) for element in nested)


def _parse(text: str) -> etree._Element:
    try:
        root = safexml.parse(text, limit=LARGEST, depth=_DEEPEST)
    except XmlRefused as error:
        raise Refusal("document.xml", f"not a credential: {error}") from error
    above = root.getprevious() is not None or root.getnext() is not None
    if above or any(not isinstance(node.tag, str) for node in root.iter()):
        raise Refusal("document.comment", "comments and processing instructions have no place here")
    return root


def _check_ids(root: etree._Element) -> None:
    """FED 4.4: every attribute that some reader may take for an id counts as one."""
    seen: set[str] = set()
    for element in root.iter():
        for name in element.attrib:
            if etree.QName(name).localname.lower() != "id":
                continue
            value = element.get(name, "")
            if _ID.fullmatch(value) is None:
                raise Refusal("document.id", "an id is not a plain name")
            if value in seen:
                raise Refusal("document.id", f"the id {value} is used twice")
            seen.add(value)
    for credential in root.iter("credential"):
        if list(credential.attrib) != [_XML_ID]:
            raise Refusal("document.id", "a credential needs an xml:id, and nothing else")


def _nested(outermost: etree._Element) -> Iterator[etree._Element]:
    """The credential and its ancestors, outermost first."""
    current: etree._Element | None = outermost
    for _ in range(MOST_PARENTS + 1):
        if current is None:
            return
        yield current
        parent = current.find("parent")
        current = None
        if parent is not None:
            only_attributes(parent)
            (current,) = children(parent, "credential")
    if current is not None:
        raise Refusal("document.parents", f"more than {MOST_PARENTS} delegations")


def _check_strays(
    root: etree._Element, nested: list[etree._Element], signatures: list[etree._Element]
) -> None:
    for element in root.iter():
        name = local(element)
        if name == "credential" and element not in nested:
            raise Refusal("document.stray", "a second credential stands beside the signed one")
        if name == "Signature" and (
            element not in signatures or element.tag != f"{{{DSIG}}}Signature"
        ):
            raise Refusal("document.stray", "a signature stands where none belongs")
    if any(local(element) != "Signature" for element in signatures):
        raise Refusal("document.stray", "signatures must hold nothing but signatures")


def _statement(element: etree._Element, blocks: Mapping[str, SignatureBlock]) -> Statement:
    only_blanks_between(element)
    parts: dict[str, etree._Element] = {}
    for child in element:
        if child.tag == "extensions":
            continue
        if child.tag not in _REQUIRED + _OPTIONAL or child.tag in parts:
            raise Refusal("document.shape", f"{local(child)} does not belong into a credential")
        only_attributes(child)
        parts[child.tag] = child
    missing = [name for name in _REQUIRED if name not in parts]
    if missing:
        raise Refusal("document.shape", f"a credential lacks {', '.join(missing)}")
    texts = {
        name: content(part) for name, part in parts.items() if name not in {"privileges", "parent"}
    }
    if texts["type"] != "privilege":
        raise Refusal(
            "credential.type", f"a credential of type {texts['type'][:40]!r} gives no privileges"
        )
    ident = element.get(_XML_ID, "")
    return Statement(
        element=element,
        id=ident,
        owner_gid=texts["owner_gid"],
        owner_urn=texts.get("owner_urn", ""),
        target_gid=texts["target_gid"],
        target_urn=texts.get("target_urn", ""),
        expires=_expires(texts["expires"]),
        privileges=tuple(_privileges(parts.get("privileges"))),
        signature=blocks[ident],
    )


def _expires(text: str) -> datetime:
    try:
        return parse_time(text)  # xs:dateTime; without a zone it is UTC
    except ValueError as error:
        raise Refusal("document.expires", f"expires: {error}") from error


def _privileges(element: etree._Element | None) -> Iterator[Privilege]:
    if element is None:
        return
    only_blanks_between(element)
    for each in element:
        if each.tag != "privilege":
            raise Refusal("document.shape", "privileges must hold nothing but privileges")
        only_attributes(each)
        name, can_delegate = children(each, "name", "can_delegate")
        delegatable = _BOOLEANS.get(content(can_delegate).strip())
        if delegatable is None:
            raise Refusal("document.shape", "can_delegate must be true or false")
        yield Privilege(content(name).strip(), delegatable)
