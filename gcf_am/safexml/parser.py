"""Bytes or text to a tree: no DTD, no entities, no network, bounded in all that costs."""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, Final, cast

from lxml import etree

from gcf_am.errors import XmlRefused
from gcf_am.safexml.wording import syntax_reason

LIMIT: Final = 4 * 1024 * 1024
DEPTH: Final = 100
# Different pairs of prefix and namespace; RSpecs of the field have 43 at most. What copies or
# writes an element asks for each declaration around it.
NAMESPACES: Final = 128
# Of one element; writing canonical XML, lxml compares each with each.
ATTRIBUTES: Final = 256
# Bytes for each < and each =, hence for each tag and attribute, in a document as large as may
# be. RSpecs of the field have 19 and more; a tree takes some 100 bytes for each of either.
_DENSEST: Final = 16

_OPTIONS: Final[Mapping[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "collect_ids": False,
}
# Without UTF-16 and its kin every markup character is one known byte, so that what
# `_PROLOG` sees is what libxml2 sees.
_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "ascii", "iso-8859-1"})
_BOM: Final = b"\xef\xbb\xbf"
_DECLARATION: Final = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING: Final = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")
_PROLOG: Final = re.compile(
    rb"(?:\s++|<\?(?!xml\s)(?>.*?\?>)|<!--(?>.*?-->))*+(?P<dtd><!DOCTYPE)?+", re.DOTALL
)


def parse(data: bytes | str, *, limit: int = LIMIT, depth: int = DEPTH) -> etree._Element:
    """Read a document and return its root; elements know their lines.

    `limit` is the most bytes (of text: once encoded as UTF-8), `depth` the most elements
    within one another. Text is read as it is, whatever encoding it declares. Comments and
    processing instructions stay, since signatures and manifests may need them. Time and memory
    grow with `limit` alone: tags, attributes and namespaces are bounded too.

    Raises XmlRefused when the document is not well-formed, is too large or too deep, has a
    document type declaration, or is in another encoding than UTF-8, ASCII or ISO-8859-1.
    Source: AM API v3 exchanges no DTD; `Billion laughs` and external entities need one.
    """
    raw, encoding = _encoded(data)
    if len(raw) > limit:
        raise XmlRefused(f"the document has more than {limit} bytes")
    if not raw.strip():
        raise XmlRefused("the document is empty", 1)
    if b"\0" in raw:
        raise XmlRefused("the document holds a NUL or is in UTF-16; send UTF-8", 1)
    if raw.startswith(_BOM):
        # libxml2 would skip it and see a document type declaration that `_PROLOG` does not
        raise XmlRefused("a byte order mark stands there twice", 1)
    marks = limit // _DENSEST + 1000
    if raw.count(b"<") + raw.count(b"=") > marks:
        raise XmlRefused(f"the document has more than {marks} tags and attributes")
    _refuse_dtd(raw)
    _bound_namespaces(raw, encoding)
    parser = etree.XMLParser(encoding=encoding, **_OPTIONS)
    try:
        root = etree.fromstring(raw, parser)  # noqa: TID251  (this is safexml)
    except etree.XMLSyntaxError as error:
        raise XmlRefused(syntax_reason(error.msg or ""), error.lineno or 0) from None
    _refuse_hidden_faults(parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused("a document type declaration is not accepted", 1)
    if root.xpath("boolean(" + "/*" * (depth + 1) + ")"):
        raise XmlRefused(f"elements lie more than {depth} deep within one another")
    if root.xpath(f"boolean(//*[count(@*) > {ATTRIBUTES}])"):
        raise XmlRefused(f"an element has more than {ATTRIBUTES} attributes")
    return root


def line_of(element: etree._Element) -> int:
    """The line where the element begins; 0 for one that was not read from a document."""
    return cast("int | None", element.sourceline) or 0


def _bound_namespaces(raw: bytes, encoding: str) -> None:
    if raw.count(b"xmlns") <= NAMESPACES:
        return
    declared = set()
    reader = etree.iterparse(BytesIO(raw), events=("start-ns",), encoding=encoding, **_OPTIONS)
    try:
        for _, pair in reader:
            declared.add(pair)
            if len(declared) > NAMESPACES:
                raise XmlRefused(f"the document declares more than {NAMESPACES} namespaces")
    except etree.XMLSyntaxError as error:
        # Without a line it has come to the end, and what is wrong is told when it is read for
        # good. Otherwise what follows was not looked at: an xml:id that stands there twice
        # stops this reader, not the other.
        if error.lineno:
            raise XmlRefused(syntax_reason(error.msg or ""), error.lineno) from None


def _refuse_hidden_faults(parser: etree.XMLParser) -> None:
    # lxml asks the last entry only: a warning that comes after, of a namespace that is relative,
    # hides prefixes that nobody declared and attributes that stand there twice.
    log: Iterable[Any] = cast("Iterable[Any]", parser.error_log)
    for fault in log:
        if fault.level >= etree.ErrorLevels.ERROR:
            raise XmlRefused(syntax_reason(fault.message), fault.line)


def _encoded(data: bytes | str) -> tuple[bytes, str]:
    """The bytes, and the encoding in which they are to be read."""
    if isinstance(data, str):
        try:
            return data.removeprefix("\ufeff").encode(), "utf-8"
        except UnicodeEncodeError:
            raise XmlRefused("the text holds half a surrogate pair") from None
    data = data.removeprefix(_BOM)
    declaration = _DECLARATION.match(data)
    named = _ENCODING.search(declaration[0]) if declaration else None
    encoding = named[1].decode("ascii").lower() if named else "utf-8"
    if encoding not in _ENCODINGS:
        raise XmlRefused(f"the encoding {encoding[:40]!r} is not read here; send UTF-8", 1)
    return data, encoding


def _refuse_dtd(raw: bytes) -> None:
    """Stop before libxml2 sees a document type declaration, and with it any entity."""
    declaration = _DECLARATION.match(raw)
    prolog = _PROLOG.match(raw, declaration.end() if declaration else 0)
    if prolog is not None and prolog["dtd"]:
        line = raw.count(b"\n", 0, prolog.start("dtd")) + 1
        raise XmlRefused("a document type declaration is not accepted", line)
