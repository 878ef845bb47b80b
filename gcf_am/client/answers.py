"""What an aggregate answered, judged before anything believes it.

An aggregate may belong to anybody: each member that is used is checked for presence and type,
and what is wrong is told in a sentence. Source: AM API v3, Return Struct; 6 Slivers.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from gcf_am.errors import GcfAmError

_T = TypeVar("_T")
_LARGEST: Final = 64 * 1024 * 1024

# geni-error-codes registry
LABELS: Final = {
    1: "BADARGS",
    2: "ERROR",
    3: "FORBIDDEN",
    4: "BADVERSION",
    5: "SERVERERROR",
    6: "TOOBIG",
    7: "REFUSED",
    8: "TIMEDOUT",
    9: "DBERROR",
    10: "RPCERROR",
    11: "UNAVAILABLE",
    12: "SEARCHFAILED",
    13: "UNSUPPORTED",
    14: "BUSY",
    15: "EXPIRED",
    16: "INPROGRESS",
    17: "ALREADYEXISTS",
    19: "OUTOFRANGE",
    24: "VLAN_UNAVAILABLE",
    25: "INSUFFICIENT_BANDWIDTH",
    26: "INSUFFICIENT_NODES",
    -32001: "SERVERBUSY",
}


class BadAnswer(GcfAmError):
    """The server answered with something the interface does not allow."""


class CallRefused(GcfAmError):
    """The server understood and said no; `code` is its GENI code, `hint` its `value`."""

    def __init__(self, code: int, output: str, hint: object = "") -> None:
        label = LABELS.get(code, "an unknown code")
        super().__init__(f"refused with {label} ({code}): {output or 'no reason given'}")
        self.code = code
        self.output = output
        self.hint = hint


@dataclass(frozen=True, slots=True)
class SliverStatus:
    """One sliver as an answer tells of it; texts are the server's own words."""

    urn: str
    expires: str
    allocation: str
    operational: str
    next_allocation: str
    error: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Slivers:
    """The slivers of an answer; `rspec` is the manifest, "" where the method gives none.

    `value` is the answer's value as it came.
    """

    slivers: tuple[SliverStatus, ...]
    rspec: str
    urn: str
    value: object


@dataclass(frozen=True, slots=True)
class Version:
    """What GetVersion tells; `urls` are the aggregate's interfaces by API version."""

    api: int
    urls: Mapping[str, str]
    urn: str
    value: Mapping[str, object]


def member(struct: object, name: str, kind: type[_T], where: str) -> _T:
    """A struct's member of the wanted type; raises BadAnswer naming it."""
    if not isinstance(struct, Mapping) or name not in struct:
        raise BadAnswer(f"the answer has no {name} in {where}")
    value = struct[name]
    # in XML-RPC a boolean is no int
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadAnswer(f"{name} in {where} is {type(value).__name__}, not {kind.__name__}")
    return value


def value_of(answer: object) -> Any:
    """The value of a Return Struct with code 0; raises CallRefused for any other code."""
    code = member(member(answer, "code", dict, "the return struct"), "geni_code", int, "code")
    struct: Any = answer
    if code == 0:
        if "value" not in struct:
            raise BadAnswer("the return struct has code 0 and no value")
        return struct["value"]
    output = struct.get("output", "")
    raise CallRefused(code, output if isinstance(output, str) else "", struct.get("value", ""))


def slivers_of(value: object) -> Slivers:
    """Read a list of slivers, or a struct with `geni_slivers`, `geni_rspec` and `geni_urn`."""
    if isinstance(value, Mapping):
        rows = member(value, "geni_slivers", list, "value")
    elif isinstance(value, list):
        rows = value
    else:
        raise BadAnswer("the value holds no slivers")
    return Slivers(
        tuple(map(_sliver, rows)), _text(value, "geni_rspec"), _text(value, "geni_urn"), value
    )


def _sliver(row: object) -> SliverStatus:
    if not isinstance(row, Mapping):
        raise BadAnswer("geni_slivers holds something that is no struct")
    return SliverStatus(
        urn=member(row, "geni_sliver_urn", str, "a sliver"),
        expires=_text(row, "geni_expires"),
        allocation=member(row, "geni_allocation_status", str, "a sliver"),
        operational=_text(row, "geni_operational_status"),
        next_allocation=_text(row, "geni_next_allocation_status"),
        error=_text(row, "geni_error"),
        client_id=_text(row, "geni_client_id"),
    )


def _text(struct: object, name: str) -> str:
    """An optional text member."""
    if not isinstance(struct, Mapping) or name not in struct:
        return ""
    return member(struct, name, str, "value")


def version_of(answer: object, value: object) -> Version:
    """Read GetVersion's answer; the API number stands in `value`, for old ones beside it."""
    source = value if isinstance(value, Mapping) and "geni_api" in value else answer
    api = member(source, "geni_api", int, "GetVersion")
    if not isinstance(value, Mapping):
        raise BadAnswer("GetVersion's value is no struct")
    urls = value.get("geni_api_versions", {})
    if not isinstance(urls, Mapping) or not all(isinstance(url, str) for url in urls.values()):
        raise BadAnswer("geni_api_versions is no struct of URLs")
    return Version(api, dict(urls), _text(value, "urn"), value)


def inflated(text: str) -> str:
    """Undo geni_compressed: base64 of zlib of UTF-8; raises BadAnswer, also for a bomb.

    A document that came plain although compression was asked for is returned as it is.
    Source: AM API v3, geni_compressed.
    """
    if text.lstrip().startswith("<"):
        return text
    machine = zlib.decompressobj()
    try:
        data = machine.decompress(base64.b64decode(text), _LARGEST)
        if machine.unconsumed_tail or not machine.eof:
            raise BadAnswer(f"the compressed RSpec is cut short or over {_LARGEST} bytes")
        return data.decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError) as error:
        raise BadAnswer("the compressed RSpec cannot be unpacked") from error


def strings_of(value: object, where: str) -> tuple[str, ...]:
    """A list of strings; raises BadAnswer."""
    if not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
        raise BadAnswer(f"{where} did not answer a list of strings")
    return tuple(value)
