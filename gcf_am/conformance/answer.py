"""What an aggregate answered, kept as it came: nothing about it is taken for granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gcf_am.client.answers import LABELS
from gcf_am.client.transport import Faulted, Posted, Unreachable
from gcf_am.conformance.shortening import readable
from gcf_am.conformance.verdict import Failed

# An advertisement of a large site is the largest answer there is.
LARGEST: Final = 64 * 1024 * 1024


class Struct(dict[str, Any]):
    """A struct that came. A check that reads a member which is not there fails: it should be."""

    def __missing__(self, name: str) -> Any:
        """Raise Failed with what is there instead."""
        raise Failed(f"a member {name!r}", f"only {', '.join(sorted(self)) or 'an empty struct'}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `ended` says how it came to be none: no connection, no HTTP 200, no XML-RPC.

    `raw` is the whole value as it came, with Struct for structs; `code`, `value` and `output` are its members, `code` an
    int or None, `value` and `output` None where they are not there. `fault` is (code, text).
    `body` is the text on the wire, `status` HTTP's, 0 without an answer.
    """

    method: str
    code: int | None
    value: Any
    output: Any
    fault: tuple[int, str] | None
    ended: str | None
    raw: Any
    body: str
    status: int
    content_type: str
    seconds: float

    @property
    def text(self) -> str:
        """The answer as reports show it: whole, secrets removed."""
        if self.ended is not None:
            return self.ended
        if self.fault is not None:
            return f"XML-RPC Fault {self.fault[0]}: {self.fault[1]}"
        return readable(self.raw)

    @property
    def brief(self) -> str:
        """The answer in a sentence."""
        if self.ended is not None:
            return f"{self.method}: {self.ended}"
        if self.fault is not None:
            return f"{self.method} answered the XML-RPC Fault {self.fault[0]}: {self.fault[1]}"
        if self.code is None:
            return f"{self.method} answered without an int geni_code: {readable(self.raw)[:200]}"
        label = {0: "SUCCESS", **LABELS}.get(self.code, "an unknown code")
        said = f": {self.output}" if self.output else ""
        return f"{self.method} answered {self.code} {label}{said}"


def read(method: str, told: Mapping[str, Any]) -> Answer:
    """The answer of what `heard` kept."""
    raw: Any = None
    fault: tuple[int, str] | None = None
    ended: str | None = told["ended"]
    if ended is None:
        data = told["body"].encode("utf-8", "surrogateescape")
        try:
            raw = _kept(
                Posted(told["status"], told["reason"], {}, data).read("the aggregate", LARGEST)
            )
        except Faulted as error:
            fault = error.code, error.reason
        except Unreachable as error:
            ended = str(error)
    struct = raw if isinstance(raw, Mapping) else {}
    code = struct.get("code")
    number = code.get("geni_code") if isinstance(code, Mapping) else None
    return Answer(
        method=method,
        code=number if type(number) is int else None,
        value=struct.get("value"),
        output=struct.get("output"),
        fault=fault,
        ended=ended,
        raw=raw,
        body=told["body"],
        status=told["status"],
        content_type=told["content_type"],
        seconds=told["seconds"],
    )


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return Struct({name: _kept(one) for name, one in value.items()})
    if isinstance(value, list):
        return [_kept(one) for one in value]
    return value
