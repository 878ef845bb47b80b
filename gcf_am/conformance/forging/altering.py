"""Copies of a genuine credential in which something was changed after it was signed."""

from typing import Final

from lxml import etree

from gcf_am.conformance.forging.signing import DSIG, XML_ID, parse, write
from gcf_am.conformance.forging.statement import Statement, element

_BESIDE: Final = "forged"  # an xml:id that no genuine one has


def unaltered(text: str) -> str:
    """Read and written again, for comparison: what is signed stays as it was."""
    return write(parse(text))


def with_member(text: str, name: str, value: str) -> str:
    """With another text in a member of the outermost credential (expires, owner_urn, ...)."""
    root = parse(text)
    root[0].find(name).text = value  # type: ignore[union-attr]  # each has it
    return write(root)


def with_other_byte(text: str) -> str:
    """With one character changed in what is signed: the last of the serial number."""
    serial = parse(text).findtext("credential/serial") or "0"
    return with_member(text, "serial", serial[:-1] + ("2" if serial[-1] == "1" else "1"))


def with_other_signature(text: str) -> str:
    """With one character changed in each signature's value."""
    root = parse(text)
    for value in root.iter(f"{{{DSIG}}}SignatureValue"):
        said = "".join((value.text or "").split())
        value.text = ("B" if said[:1] == "A" else "A") + said[1:]
    return write(root)


def without_signatures(text: str) -> str:
    """Without the element `signatures`."""
    root = parse(text)
    for one in root.findall("signatures"):
        root.remove(one)
    return write(root)


def with_unsigned_parent(text: str) -> str:
    """A delegation without the signature of what it was delegated from."""
    root = parse(text)
    parent = root[0].find("parent/credential")
    ident = "" if parent is None else parent.get(XML_ID, "")
    for one in root.findall(f"signatures/{{{DSIG}}}Signature"):
        if one.find(f".//{{{DSIG}}}Reference[@URI='#{ident}']") is not None:
            root[1].remove(one)
    return write(root)


def wrapped(text: str, forged: Statement) -> str:
    """The signed credential goes where nobody looks, and an unsigned one takes its place."""
    root = parse(text)
    signed = root[0]
    root.remove(signed)
    evil = _unsigned(forged)
    etree.SubElement(evil, "extensions").append(signed)
    root.insert(0, evil)
    return write(root)


def with_second(text: str, forged: Statement) -> str:
    """An unsigned credential stands before the signed one."""
    root = parse(text)
    root.insert(0, _unsigned(forged))
    return write(root)


def cut_off(text: str) -> str:
    """The first half of the text: no XML any more."""
    return text[: len(text) // 2]


def _unsigned(forged: Statement) -> etree._Element:
    made = element(forged)
    made.set(XML_ID, _BESIDE)
    return made
