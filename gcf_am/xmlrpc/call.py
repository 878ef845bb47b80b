"""One call as it came in: a value that is handed on, never a global."""

from dataclasses import dataclass, field
from uuid import uuid4


def new_request_id() -> str:
    """A short name for a call, under which the log and the answer speak of it."""
    return uuid4().hex[:12]


@dataclass(frozen=True, slots=True)
class Call:
    """A request's body and who sent it.

    `chain` is the peer's verified certificate chain in DER, leaf first, root last; empty when
    the peer showed no certificate. `peer` is its network address for the log.
    """

    body: bytes
    chain: tuple[bytes, ...] = field(default=(), repr=False)
    path: str = "/"
    peer: str = ""
    request_id: str = field(default_factory=new_request_id)
