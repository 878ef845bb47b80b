"""XML-RPC Faults: only for what is no call at all."""

from typing import Final

# Specification for Fault Code Interoperability; only these three are ever sent.
MALFORMED: Final = -32700
BAD_REQUEST: Final = -32600
UNKNOWN_METHOD: Final = -32601


class Fault(Exception):
    """The other side does not understand, or (read by a client) did not.

    An error of the aggregate is never one of these: it is a return struct.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"fault {code}: {text}")
        self.code = code
        self.text = text


class ToldFault(Fault):
    """One that a server answered, as its client reads it."""
