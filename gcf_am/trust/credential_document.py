"""The text of a credential: its exact shape, before anything in it is believed.

A document is one outermost `credential` with its parents one inside another, and one signature
for each. What does not look exactly so is refused, so that there is no second reading of it.
Source: GENI credentials; FED 4.1 (form) and 4.4 (wrapping, ids, references).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
from gcf_am.trust.tree import local

LARGEST: Final = 256 * 1024
_DEEPEST: Final = 48
MOST_PARENTS: Final = 16
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
XML_ID: Final = f"{{{XML}}}id"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_TRUE: Final = frozenset({"true", "1"})
SCHEMA: Final = safexml.Schema("credential")


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One `credential` element and what it claims; `*_urn` are empty where they are absent."""

    element: etree._Element
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
    (2) it is valid against our schema of credentials;
    (3) its credentials have ids, and no two ids of the document are the same;
    (4) no credential or signature stands anywhere but in its place;
    (5) there is exactly one signature for each credential, of the one shape that we read;
    (6) each credential is one that gives privileges.
    """
    # (1) plain XML
    root = parse_document(text)
    # (2) the frame
    _check_schema(text)
    if len(root) != 2:
        raise Refusal("document.unsigned", "the credential is not signed")
    outermost, signatures = root
    # (3) the names
    check_ids(root)
    # (4) the nesting
    nested = list(_nested(outermost))
    check_strays(root, nested, list(signatures))
    # (5) the signatures
    blocks: dict[str, SignatureBlock] = {}
    for element in signatures:
        block = SignatureBlock.read(element)
        if block.over in blocks:
            raise Refusal("signature.count", "a credential has more than one signature")
        blocks[block.over] = block
    if blocks.keys() != {element.get(XML_ID) for element in nested}:
        raise Refusal("signature.count", "signatures and credentials do not belong together")
    # (6) the contents
    return tuple(_statement(element, blocks) for element in nested)


def parse_document(text: str) -> etree._Element:
    """The root of a document of bounded size and depth, plain XML; raises Refusal."""
    try:
        root = safexml.parse(text, limit=LARGEST, depth=_DEEPEST)
    except XmlRefused as error:
        raise Refusal("document.xml", f"not a credential: {error}") from error
    above = root.getprevious() is not None or root.getnext() is not None
    if above or any(not isinstance(node.tag, str) for node in root.iter()):
        raise Refusal("document.comment", "comments and processing instructions have no place here")
    return root


def _check_schema(text: str) -> None:
    # On a tree of its own: validation makes ids known to the tree, and the tree we go on with
    # shall know none but the one whose signature is being verified (signatures.verify).
    problems = SCHEMA.errors(safexml.parse(text, limit=LARGEST, depth=_DEEPEST))
    if problems:
        raise Refusal("document.schema", f"not a credential: {problems[0]}")


def check_ids(root: etree._Element) -> None:
    """Refuse ids that are no plain names or not unique.

    FED 4.4: every attribute that some reader may take for an id counts as one.
    """
    seen: set[str] = set()
    for element in root.iter():
        for name in element.attrib:
            qualified = etree.QName(name)
            if qualified.namespace == _XSI and element is not root:
                raise Refusal("document.attribute", "xsi attributes belong to the root only")
            if qualified.localname.lower() != "id":
                continue
            value = element.get(name, "")
            if _ID.fullmatch(value) is None:
                raise Refusal("document.id", "an id is not a plain name")
            if value in seen:
                raise Refusal("document.id", f"the id {value} is used twice")
            seen.add(value)


def _nested(outermost: etree._Element) -> Iterator[etree._Element]:
    """The credential and its ancestors, outermost first."""
    current: etree._Element | None = outermost
    for _ in range(MOST_PARENTS + 1):
        if current is None:
            return
        yield current
        current = current.find("parent/credential")
    if current is not None:
        raise Refusal("document.parents", f"more than {MOST_PARENTS} delegations")


def check_strays(
    root: etree._Element, nested: Sequence[etree._Element], signatures: Sequence[etree._Element]
) -> None:
    """Refuse credentials and signatures that stand anywhere but in these places."""
    for element in root.iter():
        name = local(element)
        if name == "credential" and element not in nested:
            raise Refusal("document.stray", "a second credential stands beside the signed one")
        if name == "Signature" and (
            element not in signatures or element.tag != f"{{{DSIG}}}Signature"
        ):
            raise Refusal("document.stray", "a signature stands where none belongs")


def _statement(element: etree._Element, blocks: Mapping[str, SignatureBlock]) -> Statement:
    kind = element.findtext("type", "")
    if kind != "privilege":
        raise Refusal("credential.type", f"a credential of type {kind!r} gives no privileges")
    ident = element.get(XML_ID, "")
    return Statement(
        element=element,
        owner_gid=element.findtext("owner_gid", ""),
        owner_urn=element.findtext("owner_urn", ""),
        target_gid=element.findtext("target_gid", ""),
        target_urn=element.findtext("target_urn", ""),
        expires=read_expires(element.findtext("expires", "")),
        privileges=tuple(
            Privilege(
                each.findtext("name", "").strip(),
                each.findtext("can_delegate", "").strip() in _TRUE,
            )
            for each in element.iterfind("privileges/privilege")
        ),
        signature=blocks[ident],
    )


def read_expires(text: str) -> datetime:
    """When a statement ends; raises Refusal."""
    try:
        return parse_time(text)  # xs:dateTime; without a zone it is UTC
    except ValueError as error:
        raise Refusal("document.expires", f"expires: {error}") from error
