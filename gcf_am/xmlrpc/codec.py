"""XML-RPC documents: bytes to Python values and back.

Reading knows string, int, i4, boolean, double, base64 (bytes), dateTime.iso8601 (aware UTC),
nil (None), array (list) and struct (dict). Writing knows str, int of 32 bit, bool, float, lists,
tuples and mappings: AM API v3 exchanges no dateTime, nil or base64, so whoever hands one to the
writer gets a TypeError.

Source: the XML-RPC specification; AM API v3, Common Concepts.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gcf_am import safexml
from gcf_am.errors import XmlRefused
from gcf_am.xmlrpc.fault import BAD_REQUEST, MALFORMED, Fault, ToldFault
from gcf_am.xmlrpc.values import read_value


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """The most that is read: bytes, elements within one another, and tags in all."""

    size: int = 64_000_000  # a server bounds its requests by themselves, and lower
    depth: int = 100
    tags: int = 200_000


LIMITS: Final = XmlLimits()
_HEAD: Final = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_INT_MOST: Final = 2**31 - 1
_INT_LEAST: Final = -(2**31)
# Characters that no XML 1.0 document can hold: those of one byte, and those of three.
_UNSPEAKABLE: Final = bytes(
    ord("?") if byte < ord(" ") and chr(byte) not in "\t\n\r" else byte for byte in range(256)
)
_NO_CHARACTERS: Final = ("\ufffe".encode(), "\uffff".encode())
# What may have to be written otherwise: all but printable ASCII without markup.
_SPECIAL: Final = re.compile("[^ -%'-;=?-~]")


def read_call(data: bytes, limits: XmlLimits = LIMITS) -> tuple[str, list[object]]:
    """The method's name and its parameters; raises Fault -32700 or -32600."""
    root = _parse(data, limits)
    if root.tag != "methodCall":
        raise Fault(BAD_REQUEST, f"a methodCall is expected, not <{_shown(root.tag)}>")
    names = list(root.iterchildren("methodName"))
    params = list(root.iterchildren("params"))
    if len(names) != 1 or len(params) > 1:
        raise Fault(BAD_REQUEST, "a methodCall holds one methodName and one params")
    name = (names[0].text or "").strip()
    if not name:
        raise Fault(BAD_REQUEST, "the methodCall names no method")
    return name, _params(params[0]) if params else []


def read_response(data: bytes, limits: XmlLimits = LIMITS) -> object:
    """The value of an answer; raises the ToldFault it holds, or Fault -32700 for what is no answer."""
    root = _parse(data, limits)
    if root.tag == "methodResponse":
        for child in root.iterchildren("params"):
            values = _params(child)
            if len(values) == 1:
                return values[0]
        for child in root.iterchildren("fault"):
            said = read_value(next(child.iterchildren("value"), child))
            if isinstance(said, dict):
                code = said.get("faultCode")
                raise ToldFault(
                    code if isinstance(code, int) else 0, str(said.get("faultString", ""))
                )
    raise Fault(MALFORMED, "the answer is no methodResponse")


def write_call(name: str, parameters: Sequence[object]) -> bytes:
    """A methodCall."""
    out = [_HEAD, b"<methodCall><methodName>", _text(name), b"</methodName><params>"]
    for one in parameters:
        out.append(b"<param>")
        _write(one, out)
        out.append(b"</param>")
    out.append(b"</params></methodCall>\n")
    return b"".join(out)


def write_response(value: object) -> bytes:
    """A methodResponse; raises TypeError or OverflowError for what XML-RPC cannot say."""
    out = [_HEAD, b"<methodResponse><params><param>"]
    _write(value, out)
    out.append(b"</param></params></methodResponse>\n")
    return b"".join(out)


def write_fault(fault: Fault) -> bytes:
    """A methodResponse that holds a Fault."""
    out = [_HEAD, b"<methodResponse><fault>"]
    _write({"faultCode": fault.code, "faultString": fault.text}, out)
    out.append(b"</fault></methodResponse>\n")
    return b"".join(out)


def _parse(data: bytes, limits: XmlLimits) -> etree._Element:
    # The tree takes far more memory than the text: count before it is built.
    if data.count(b"<") > limits.tags:
        raise Fault(BAD_REQUEST, f"the document holds more than {limits.tags} tags")
    try:
        return safexml.parse(data, limit=limits.size, depth=limits.depth)
    except XmlRefused as error:
        raise Fault(MALFORMED, f"this is no XML-RPC: {error}") from None


def _params(params: etree._Element) -> list[object]:
    values = []
    for param in params.iterchildren("param"):
        held = list(param.iterchildren("value"))
        if len(held) != 1:
            raise Fault(BAD_REQUEST, f"line {param.sourceline}: a param holds one value")
        values.append(read_value(held[0]))
    return values


def _shown(tag: object) -> str:
    return str(tag)[:40]


def _text(text: str) -> bytes:
    """Escaped. A long RSpec is many times quicker as bytes, searched through again and again."""
    # most texts are short, and one search tells that there is nothing to escape
    if _SPECIAL.search(text) is None:
        return text.encode("ascii")
    # half a surrogate pair has no bytes: it becomes a question mark, as all else that XML lacks
    raw = text.encode("utf-8", "replace").translate(_UNSPEAKABLE)
    for one in _NO_CHARACTERS:
        raw = raw.replace(one, b"?")
    raw = raw.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    # A carriage return would be read as a line feed, unless it is written as a reference.
    return raw.replace(b"\r", b"&#13;")


def _write(value: object, out: list[bytes]) -> None:
    if isinstance(value, str):
        out += (b"<value><string>", _text(value), b"</string></value>")
    elif isinstance(value, bool):
        out.append(b"<value><boolean>%d</boolean></value>" % value)
    elif isinstance(value, int):
        if not _INT_LEAST <= value <= _INT_MOST:
            raise OverflowError(f"{value} is no 32 bit number")
        out.append(b"<value><int>%d</int></value>" % value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise OverflowError("XML-RPC has no infinity and no NaN")
        out.append(f"<value><double>{value!r}</double></value>".encode())
    elif isinstance(value, Mapping):
        out.append(b"<value><struct>")
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError(f"a member's name is a string, not {type(name).__name__}")
            out += (b"<member><name>", _text(name), b"</name>")
            _write(inner, out)
            out.append(b"</member>")
        out.append(b"</struct></value>")
    elif isinstance(value, list | tuple):
        out.append(b"<value><array><data>")
        for inner in value:
            _write(inner, out)
        out.append(b"</data></array></value>")
    else:
        raise TypeError(f"XML-RPC answers hold no {type(value).__name__}")
