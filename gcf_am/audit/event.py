"""What is written to the log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a row of the log is.

    A change is a row in its own transaction; a call is how one ended, whatever it did. A note is
    the log's word on itself. A baseline tells the state of a store that is older than its log, a
    checkpoint the state behind which rows were dropped.
    """

    CHANGE = "change"
    CALL = "call"
    NOTE = "note"
    BASELINE = "baseline"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record: what a call (or the aggregate itself) did to a sliver or slice.

    `before` and `after` are the states in words, `allocation/operational`, and the error if there
    is one; `tool` is the URN of the tool that spoke for the caller, empty where none did.
    `slice` and `uuid` are the slice that it is about, `fingerprint` is the SHA-256 of the TLS
    peer's certificate, `credentials` those of the credentials that were used, separated by blanks.
    `details` is a JSON object: of a change what became different of the sliver (see `telling`), of
    a call code, decision, reason, rule, milliseconds and the slivers it named. Nothing secret is in
    it: no key, no text of a credential. Source: decision 6; FED 4.6 and 5.6.
    """

    at: datetime
    request_id: str
    caller: str
    verb: str
    subject: str
    before: str = ""
    after: str = ""
    tool: str = ""
    kind: Kind = Kind.CHANGE
    slice: str = ""
    uuid: str = ""
    fingerprint: str = ""
    credentials: str = ""
    details: str = "{}"

    @property
    def told(self) -> Mapping[str, Any]:
        """The details as values."""
        told: dict[str, Any] = json.loads(self.details)
        return told


def write_details(told: Mapping[str, object]) -> str:
    """Details as they are kept: one line of ASCII, so that no text in them forges another."""
    return json.dumps(told, separators=(",", ":"), sort_keys=True)
