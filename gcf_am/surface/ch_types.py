"""The types of the Federation API's fields: how values are read and what is sent.

Source: Federation API v2, data types; FED 1.3.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from gcf_am.surface.shapes import BOOLEAN as BOOLEAN_SHAPE
from gcf_am.surface.shapes import TEXT, Shape, Table
from gcf_am.surface.wire import DATETIME as MOMENT
from gcf_am.surface.wire import WireType, Wrong, kind_of
from gcf_am.urn import Urn

# What one call may name: URNs, members, values to match, filtered fields
MOST: Final = 1000
_LONGEST: Final = 2000
_EMAIL: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_WORDS: Final = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type by the standard's name for it: how a client's value is read, what ours look like."""

    name: str
    wire: WireType[Any]
    shape: Shape


def _text(value: object) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            raise Wrong("this is base64 of what is no UTF-8") from None
    if not isinstance(value, str):
        raise Wrong(f"this is {kind_of(value)}")
    if len(value) > _LONGEST:
        raise Wrong(f"this has more than {_LONGEST} characters")
    return value.strip()


def _urn(value: object) -> Urn:
    try:
        return Urn.parse(_text(value))
    except Wrong:
        raise
    except ValueError as error:
        raise Wrong(str(error)) from None


def _of_kind(kind: str) -> Callable[[object], Urn]:
    def read(value: object) -> Urn:
        urn = _urn(value)
        if urn.kind != kind:
            raise Wrong(f"{urn} names a {urn.kind}")
        return urn

    return read


def _uid(value: object) -> str:
    try:
        return str(UUID(_text(value)))
    except Wrong:
        raise
    except ValueError:
        raise Wrong("this is no UUID") from None


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str) and (word := str(value).strip().lower()) in _WORDS:
        return _WORDS[word]
    raise Wrong(f"this is {kind_of(value)}")


def _email(value: object) -> str:
    text = _text(value)
    if not _EMAIL.fullmatch(text):
        raise Wrong("this is no e-mail address")
    return text.lower()


def urn_of(kind: str) -> FieldType:
    """The URN of a slice, project, user, ...; what has another type is refused."""
    expects = f"urn:publicid:IDN+authority+{kind}+name"
    return FieldType("URN", WireType(f"{kind} URN", expects, Urn, _of_kind(kind)), TEXT)


def choice(name: str, words: Mapping[str, str]) -> FieldType:
    """One of some words; `words` names them by what clients may write, in lower case."""

    def read(value: object) -> str:
        # older servers and their clients count service types
        text = str(value) if isinstance(value, int) else _text(value)
        if text.lower() not in words:
            raise Wrong(f"{text[:40]!r} is none of them")
        return words[text.lower()]

    expects = f"one of {', '.join(dict.fromkeys(words.values()))}"
    return FieldType("STRING", WireType(name, expects, str, read), TEXT)


URN: Final = FieldType(
    "URN", WireType("URN", "urn:publicid:IDN+authority+type+name", Urn, _urn), TEXT
)
UID: Final = FieldType("UID", WireType("UID", "a UUID", str, _uid), TEXT)
STRING: Final = FieldType("STRING", WireType("STRING", "a string", str, _text), TEXT)
URL: Final = FieldType("URL", WireType("URL", "a URL", str, _text), TEXT)
DATETIME: Final = FieldType("DATETIME", MOMENT, TEXT)
BOOLEAN: Final = FieldType(
    "BOOLEAN", WireType("BOOLEAN", "true or false", bool, _boolean), BOOLEAN_SHAPE
)
EMAIL: Final = FieldType("EMAIL", WireType("EMAIL", "name@example.org", str, _email), TEXT)
KEY: Final = FieldType("KEY", WireType("KEY", "an SSH public key", str, _text), TEXT)
CERTIFICATE: Final = FieldType("CERTIFICATE", WireType("CERTIFICATE", "PEM", str, _text), TEXT)
STRUCT: Final = FieldType(
    "STRUCT", WireType("STRUCT", "a struct of strings", str, _text), Table(TEXT)
)


def urns(value: object) -> tuple[Urn, ...]:
    """An array of URNs."""
    if not isinstance(value, list):
        raise Wrong(f"this is {kind_of(value)}")
    if len(value) > MOST:
        raise Wrong(f"this names more than {MOST}")
    return tuple(_urn(one) for one in value)


MANY_URNS: Final = WireType("URNs", f"an array of at most {MOST} URNs", tuple[Urn, ...], urns)
