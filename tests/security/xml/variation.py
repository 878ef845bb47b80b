"""A document, changed here and there: what is random in fuzzing and property tests."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from lxml import etree

from gcf_am.errors import XmlRefused
from gcf_am.safexml import parse

XSD: Final = Path(__file__).resolve().parents[3] / "schemas" / "xsd"
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
VALUES: Final = (
    "",
    " ",
    "0",
    "-1",
    "1e9",
    "99999999999999999999",
    "NaN",
    "true",
    "True",
    "request",
    "manifest",
    "advertisement",
    "a",
    "client",
    "a:0",
    "10.0.0.1",
    "any",
    "2030-01-01T00:00:00Z",
    "urn:publicid:IDN+gcf.local+authority+am",
    "urn:publicid:IDN+gcf.local+authority+cm",
    "urn:publicid:IDN+other.example+authority+cm",
    "urn:publicid:IDN+gcf.local+node+a",
    "urn:publicid:IDN+gcf.local+interface+a:0",
    "urn:publicid:IDN+gcf.local+sliver+1",
    "urn:publicid:IDN+gcf.local:x+node+a",
    "\u00e9\u4e2d\U0001f600",
    "&<>\"'",
    "x" * 300,
)

Change = Callable[[list[etree._Element], Random], None]


@cache
def names() -> tuple[Sequence[str], Sequence[str]]:
    """The elements and attributes that our schemas declare."""
    tags: set[str] = {"child", "{http://other.example/}child"}
    attributes: set[str] = {"xmlid", "{http://www.w3.org/XML/1998/namespace}id"}
    for file in XSD.glob("*.xsd"):
        schema = parse(file.read_bytes())
        target = schema.get("targetNamespace")
        for one in schema.iter(f"{XS}element"):
            if one.get("name"):
                tags.add(f"{{{target}}}{one.get('name')}" if target else str(one.get("name")))
        attributes |= {str(n.get("name")) for n in schema.iter(f"{XS}attribute") if n.get("name")}
    return sorted(tags), sorted(attributes)


def vary(data: bytes, random: Random) -> bytes:
    """The document with one to five changes; as it is when it cannot be read."""
    try:
        root = parse(data)
    except XmlRefused:
        return data
    for _ in range(random.randint(1, 5)):
        random.choice(CHANGES)(list(root.iter("*")), random)
    return etree.tostring(root, encoding="UTF-8")


# What bytes are put between bytes.
PIECES: Final = (
    b"",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&#xD800;",
    b"]]>",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<?a b?>",
    b"xml:id='a' ",
    b" xmlns='u'",
    b"<value><nil/></value>",
    b"<value><array><data>" * 30,
    b"-2147483649",
    b"1e400",
    b"nan",
    b"\xe2\x80\xae",
    b" " * 1000,
)


def disturb(data: bytes, random: Random) -> bytes:
    """The document with changes of its elements, of its bytes, or of both."""
    if random.random() < 0.6:
        data = vary(data, random)
    if random.random() < 0.6:
        for _ in range(random.randint(1, 3)):
            start = random.randint(0, len(data))
            end = min(len(data), start + random.choice((0, 0, 1, 4, 50, 1000)))
            # as long as what was there, for forms that tell lengths; or anything
            piece = random.choice((*PIECES, data[start:end] * 2))
            if random.random() < 0.5:
                piece = random.choice((bytes(range(256)), b"\xff" * 8))[: end - start]
                end = start + len(piece)
            data = data[:start] + piece + data[end:]
    return data


def _drop(found: list[etree._Element], random: Random) -> None:
    one = random.choice(found)
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)


def _double(found: list[etree._Element], random: Random) -> None:
    one = random.choice(found)
    if one.getparent() is not None and len(found) < 2000:
        for _ in range(random.choice((1, 1, 1, 5))):
            one.addnext(deepcopy(one))


def _move(found: list[etree._Element], random: Random) -> None:
    one, to = random.choice(found), random.choice(found)
    if one.getparent() is not None and one not in to.iterancestors() and one is not to:
        to.insert(random.randint(0, len(to)), one)


def _rename(found: list[etree._Element], random: Random) -> None:
    random.choice(found).tag = random.choice(names()[0])


def _add(found: list[etree._Element], random: Random) -> None:
    made = etree.SubElement(random.choice(found), random.choice(names()[0]))
    for _ in range(random.randint(0, 3)):
        made.set(random.choice(names()[1]), _value(found, random))


def _set(found: list[etree._Element], random: Random) -> None:
    one = random.choice(found)
    known = [str(name) for name in one.attrib]
    one.set(random.choice(known or names()[1]), _value(found, random))


def _set_other(found: list[etree._Element], random: Random) -> None:
    random.choice(found).set(random.choice(names()[1]), _value(found, random))


def _unset(found: list[etree._Element], random: Random) -> None:
    one = random.choice(found)
    if one.attrib:
        del one.attrib[random.choice(list(one.attrib))]


def _say(found: list[etree._Element], random: Random) -> None:
    one = random.choice(found)
    if random.random() < 0.5:
        one.text = _value(found, random)
    elif one.getparent() is not None:
        one.tail = _value(found, random)


def _remark(found: list[etree._Element], random: Random) -> None:
    node = random.choice(
        (etree.Comment(" a < b & c "), etree.ProcessingInstruction("hint", "a < b & c"))
    )
    random.choice(found).insert(0, node)


def _value(found: list[etree._Element], random: Random) -> str:
    """One of those that are wrong somewhere, or another's in the document."""
    others = [str(v) for v in random.choice(found).attrib.values()]
    return random.choice(others if others and random.random() < 0.5 else VALUES)


CHANGES: Final[Sequence[Change]] = (
    _drop,
    _double,
    _move,
    _rename,
    _add,
    _set,
    _set,
    _set_other,
    _unset,
    _say,
    _remark,
)
