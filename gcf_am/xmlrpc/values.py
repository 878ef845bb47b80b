"""One `value` element to one Python value."""

import binascii
import math
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from gcf_am.xmlrpc.fault import BAD_REQUEST, Fault

_INT: Final = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):(\d\d):(\d\d)Z?", re.ASCII)
_INT_MOST: Final = 2**31 - 1
_INT_LEAST: Final = -(2**31)


def read_value(value: etree._Element) -> object:
    """What a `value` element holds; raises Fault -32600 naming the line."""
    typed = list(value.iterchildren(tag=etree.Element))
    if not typed:
        # "If no type is indicated, the type is string."
        return _text(value)
    if len(typed) > 1 or _text(value, within=True).strip():
        raise _wrong(value, "a value holds one typed element")
    element = typed[0]
    reader = _READERS.get(str(element.tag))
    if reader is None:
        raise _wrong(element, f"{str(element.tag)[:40]} is no XML-RPC type")
    return reader(element)


def _wrong(element: etree._Element, what: str) -> Fault:
    return Fault(BAD_REQUEST, f"line {element.sourceline}: {what}")


def _text(element: etree._Element, *, within: bool = False) -> str:
    """The element's own text, comments left out; `within` allows child elements."""
    for child in () if within else element.iterchildren(tag=etree.Element):
        raise _wrong(child, f"<{str(child.tag)[:40]}> may not stand here")
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _int(element: etree._Element) -> int:
    text = _text(element).strip()
    if not _INT.fullmatch(text) or not _INT_LEAST <= int(text) <= _INT_MOST:
        raise _wrong(element, f"{text[:40]!r} is no 32 bit number")
    return int(text)


def _boolean(element: etree._Element) -> bool:
    text = _text(element).strip()
    if text not in {"0", "1"}:
        raise _wrong(element, f"a boolean is 0 or 1, not {text[:40]!r}")
    return text == "1"


def _double(element: etree._Element) -> float:
    text = _text(element).strip()
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not text.isascii():
        raise _wrong(element, f"{text[:40]!r} is no number")
    return number


def _base64(element: etree._Element) -> bytes:
    try:
        return b64decode("".join(_text(element).split()), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(element, "this is no base64") from None


def _date(element: etree._Element) -> datetime:
    text = _text(element).strip()
    match = _DATE.fullmatch(text)
    try:
        if match is not None:
            return datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        pass
    raise _wrong(element, f"{text[:40]!r} is no dateTime.iso8601")


def _nil(_element: etree._Element) -> None:
    return None


def _array(element: etree._Element) -> list[object]:
    data = list(element.iterchildren(tag=etree.Element))
    if len(data) != 1 or data[0].tag != "data":
        raise _wrong(element, "an array holds one data element")
    values = []
    for child in data[0].iterchildren(tag=etree.Element):
        if child.tag != "value":
            raise _wrong(child, "data holds value elements")
        values.append(read_value(child))
    return values


def _struct(element: etree._Element) -> dict[str, object]:
    members: dict[str, object] = {}
    for member in element.iterchildren(tag=etree.Element):
        parts = list(member.iterchildren(tag=etree.Element))
        if member.tag != "member" or [part.tag for part in parts] != ["name", "value"]:
            raise _wrong(member, "a struct holds members of one name and one value each")
        name = _text(parts[0])
        if name in members:
            raise _wrong(member, f"the member {name[:40]!r} stands there twice")
        members[name] = read_value(parts[1])
    return members


_READERS: Final[dict[str, Callable[[etree._Element], object]]] = {
    "string": _text,
    "int": _int,
    "i4": _int,
    "boolean": _boolean,
    "double": _double,
    "base64": _base64,
    "dateTime.iso8601": _date,
    "nil": _nil,
    "array": _array,
    "struct": _struct,
}
