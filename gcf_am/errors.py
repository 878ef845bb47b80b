"""What can be wrong, one class for each GENI code we answer.

    GcfAmError                what a person may read
    ├── ConfigError           the operator's files are wrong; names the key
    ├── XmlRefused            a document is not XML we read; names line and reason
    └── AmError               becomes `code.geni_code` of an answer
        ├── BadArgs            1
        ├── Forbidden          3 (`am_code` 20 to 23 says why)
        ├── BadVersion         4
        ├── ServerError        5
        ├── TooBig             6
        ├── Refused            7
        ├── TimedOut           8
        ├── DatabaseError      9
        ├── Unavailable        11
        ├── SearchFailed       12
        ├── Unsupported        13
        ├── Busy               14
        ├── InProgress         16
        ├── AlreadyExists      17
        ├── OutOfRange         19
        ├── VlanUnavailable    24
        ├── InsufficientBandwidth  25
        ├── InsufficientNodes  26
        └── ServerBusy         -32001

Raise where you know; only the dispatcher, the reconciler and the command line catch.
Source: geni-error-codes registry; AM API v3, Common Concepts, Return Struct.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, Final


class GcfAmError(Exception):
    """Something a person may read: its text names no path, statement or traceback."""


class ConfigError(GcfAmError):
    """The operator's configuration or files are wrong; the text names the key and the remedy."""


class XmlRefused(GcfAmError):
    """A document is not XML that we read.

    `line` counts from 1; 0 where no line is known.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


class AmError(GcfAmError):
    """A call is refused.

    `code` is its GENI code, the text is for the experimenter (`output`), `hint` becomes
    `value` where a hint helps ("Aggregates are to provide hints": Renew answers the
    latest time it would grant), `am_code` is a finer code of our own, `rule` the name of the
    site's rule that says no, `reason` a stable name for the log where the code says too little
    (`credential.expired`).
    """

    code: ClassVar[int]

    def __init__(
        self,
        message: str,
        *,
        hint: object = "",
        am_code: int | None = None,
        rule: str = "",
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.am_code = am_code
        self.rule = rule
        self.reason = reason


class BadArgs(AmError):
    """An argument is malformed: wrong type, unreadable RSpec, bad date, bad URN."""

    code = 1


class Forbidden(AmError):
    """The caller may not do this; `am_code` is one of the CREDENTIAL_ numbers below."""

    code = 3


class BadVersion(AmError):
    """No such RSpec version is spoken here."""

    code = 4


class ServerError(AmError):
    """The fault is ours; the text carries a request id and no details."""

    code = 5


class TooBig(AmError):
    """More is asked for than this aggregate has."""

    code = 6


class Refused(AmError):
    """Policy or the present state says no."""

    code = 7


class TimedOut(AmError):
    """Something behind us took too long."""

    code = 8


class DatabaseError(AmError):
    """The store failed; nothing was changed."""

    code = 9


class Unavailable(AmError):
    """The aggregate is locked down for maintenance."""

    code = 11


class SearchFailed(AmError):
    """No such sliver, or no slivers of the slice here."""

    code = 12


class Unsupported(AmError):
    """The operation, action or combination is not offered."""

    code = 13


class Busy(AmError):
    """Somebody else is at it; try again."""

    code = 14


class InProgress(AmError):
    """The operation is already under way."""

    code = 16


class AlreadyExists(AmError):
    """It is there already."""

    code = 17


class OutOfRange(AmError):
    """A time or number lies outside what is granted."""

    code = 19


class VlanUnavailable(AmError):
    """The VLAN tag, or any VLAN tag, is taken."""

    code = 24


class InsufficientBandwidth(AmError):
    """The link's capacity is not to be had."""

    code = 25


class InsufficientNodes(AmError):
    """The nodes are not to be had now."""

    code = 26


class ServerBusy(AmError):
    """Too many calls at once."""

    code = -32001


# geni-error-codes registry, 20 to 23: answered as `am_code` beside 3.
CREDENTIAL_INVALID: Final = 20
CREDENTIAL_EXPIRED: Final = 21
CREDENTIAL_MISMATCH: Final = 22
CREDENTIAL_SIGNER_UNTRUSTED: Final = 23


def did_you_mean(name: str, known: Iterable[str], written: str = "{}") -> str:
    """`did you mean NAME?` of the known name that is most like it; empty where none is.

    `written` is how the name stands there, `[{}]` for a table.
    """
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {written.format(near[0])}?" if near else ""
