"""One line in the log for each call, and one row of the record: who, what, how it ended."""

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.surface.codes import NUMBERS
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call

_log: Final = logging.getLogger("gcf_am.access")
_LABELS: Final = {number: name for name, number in NUMBERS.items()}
_FORBIDDEN: Final = NUMBERS["FORBIDDEN"]
# A call may name thousands; the row tells how many there were.
_NAMED: Final = 50


@dataclass(slots=True)
class Access:
    """What is known of a call so far; `code` is a geni_code, or that of a Fault.

    `authorised` is set once the call passed; `grant` is its right where it needs one. `reason`
    and `rule` say why it failed: stable names, never the words that its sender got.
    """

    call: Call
    at: datetime
    caller: str = "-"
    method: str = "-"
    code: int | None = None
    authorised: bool = False
    grant: Grant | None = None
    slice: str = ""
    slivers: list[str] = field(default_factory=list)
    reason: str = ""
    rule: str = ""
    _since: float = field(default_factory=time.perf_counter)

    @property
    def milliseconds(self) -> float:
        """How long it took so far."""
        return (time.perf_counter() - self._since) * 1000

    def about(self, values: Iterable[object]) -> None:
        """Note the slice and the slivers among the values of arguments."""
        for value in values:
            for urn in value if isinstance(value, tuple) else (value,):
                if isinstance(urn, Urn) and urn.kind == "slice":
                    self.slice = urn.text
                elif isinstance(urn, Urn) and urn.kind == "sliver":
                    self.slivers.append(urn.text)

    def log(self) -> None:
        """Write the line."""
        _log.info(
            "%s %s %s %s code=%s %.1f ms",
            self.call.request_id,
            self.call.peer,
            self.caller,
            self.method,
            self.code,
            self.milliseconds,
        )

    def event(self) -> Event:
        """The row: FED 5.6."""
        grant = self.grant
        of = self.slice
        if grant is not None and grant.slice_urn is not None:
            of = grant.slice_urn.text
        caller = "" if self.caller == "-" else self.caller
        return Event(
            at=self.at,
            request_id=self.call.request_id,
            caller=caller if grant is None else grant.subject.text,
            verb=self.method,
            subject=of,
            tool="" if grant is None or grant.tool is None else grant.tool.text,
            kind=Kind.CALL,
            slice=of,
            uuid=(grant.slice_uuid or "") if grant is not None else "",
            fingerprint=hashlib.sha256(self.call.chain[0]).hexdigest() if self.call.chain else "",
            credentials="" if grant is None else " ".join(grant.credentials),
            details=write_details(self._details()),
        )

    def _details(self) -> dict[str, object]:
        told: dict[str, object] = {
            "code": self.code,
            "decision": self._decision(),
            "reason": self.reason or (_LABELS.get(self.code or 0, "FAULT") if self.code else ""),
            "ms": round(self.milliseconds, 1),
        }
        if self.rule:
            told["rule"] = self.rule
        if self.slivers:
            told |= {"slivers": self.slivers[:_NAMED], "named": len(self.slivers)}
        return told

    def _decision(self) -> str:
        """`deny` by credential, state or rule; `none` where it failed before it was judged."""
        if self.code == _FORBIDDEN or self.rule:
            return "deny"
        return "allow" if self.authorised else "none"
