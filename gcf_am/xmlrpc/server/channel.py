"""A connection: how long its peer may take, and when it ends."""

# Twisted's HTTP classes are not annotated, and name their methods their own way.
# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: N802

from collections.abc import Callable
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from gcf_am.xmlrpc.server.tls import chain_of

if TYPE_CHECKING:
    from gcf_am.xmlrpc.server.listener import Listener

_STOPPING_SECONDS: Final = 2


class Stage(Enum):
    """Where a connection is between connecting and its end."""

    OPENING = auto()  # in the handshake, or before its first byte
    READING = auto()  # a request comes in
    WORKING = auto()  # a call is answered
    IDLE = auto()  # kept alive, nothing asked
    CLOSING = auto()  # the last answer was written

    @property
    def giving_way(self) -> int | None:
        """In which order connections make room for others; None: not at all."""
        return _GIVING_WAY.get(self)

    @property
    def busy(self) -> bool:
        """Whether a stop waits for it."""
        return self is not Stage.IDLE


# A call at work is never given up: what it does may be half done.
_GIVING_WAY: Final = {Stage.OPENING: 0, Stage.IDLE: 0, Stage.READING: 1, Stage.CLOSING: 2}


class Channel(HTTPChannel):
    """One peer's HTTP/1.1 connection, within our limits.

    Twisted restarts its one timer with every byte; a deadline for each stage is what stops a
    peer that sends one byte a second.
    """

    factory: "Listener"
    transport: Any

    def __init__(self) -> None:
        super().__init__()
        self.timeOut = None  # ours replaces it
        self.stage = Stage.OPENING
        self.host = ""  # its address
        self._deadline: Any = None
        self._chain: tuple[bytes, ...] | None = None
        self._behind = False  # whether the peer has yet to take what was written

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The peer's verified chain; empty without a client certificate."""
        if self._chain is None:
            self._chain = chain_of(self.transport.getHandle())
        return self._chain

    def callLater(self, period: float, function: Callable[[], object]) -> Any:
        """Twisted's own timers, on the event loop that serves us."""
        return self.factory.reactor.callLater(period, function)

    def connectionMade(self) -> None:
        """A peer has connected; TLS has yet to begin."""
        super().connectionMade()
        self.host = self.getPeer().host
        if self.factory.admit(self):
            self._enter(Stage.OPENING, self.factory.limits.handshake_seconds)
        else:
            self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Take decrypted bytes; what comes after the last answer is thrown away."""
        if self.stage is Stage.CLOSING:
            return
        if self.stage in {Stage.OPENING, Stage.IDLE} and data:
            self._enter(Stage.READING, self.factory.limits.read_seconds)
        super().dataReceived(data)

    def allContentReceived(self) -> None:
        """A request is whole."""
        if self.stage is not Stage.CLOSING:
            self._enter(Stage.WORKING, None)
            super().allContentReceived()

    def lineLengthExceeded(self, _line: bytes) -> None:
        """A header is longer than any we read."""
        self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "A header line is too long.")

    def pauseProducing(self) -> None:
        """The peer takes what is written more slowly than it is."""
        self._behind = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """It has taken all of it."""
        self._behind = False
        super().resumeProducing()

    def requestDone(self, request: Request) -> None:
        """An answer is written."""
        if self.factory.leaving:
            self.persistent = False
        if self.persistent:
            self._enter(Stage.IDLE, self.factory.limits.idle_seconds)
        super().requestDone(request)

    def refuse(self, status: HTTPStatus, sentence: str) -> None:
        """Answer before the request is whole, and close."""
        body = sentence.encode() + b"\n"
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.loseConnection()

    def loseConnection(self) -> None:
        """Close once the peer has what was written, or when it does not take it in time.

        Until then its bytes are read and dropped, so that it sees the answer, not a reset.
        """
        if self.stage is not Stage.CLOSING:
            self._enter(Stage.CLOSING, self.factory.limits.close_seconds)
        super().loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is over."""
        self._cancel()
        self.factory.forget(self)
        super().connectionLost(reason)

    def stop(self) -> None:
        """The server stops: end what is idle, and give who began to ask a moment."""
        if self.stage is Stage.IDLE and self._behind:
            self.loseConnection()
        elif self.stage is Stage.IDLE:
            # Its stage stays: a client that keeps an idle connection holds up no stop.
            super().loseConnection()
        elif self.stage in {Stage.OPENING, Stage.READING}:
            self._enter(self.stage, _STOPPING_SECONDS)

    def abort(self) -> None:
        """End it now."""
        self.transport.abortConnection()

    def _enter(self, stage: Stage, seconds: float | None) -> None:
        self._cancel()
        self.stage = stage
        self.factory.settled()
        if seconds is not None:
            self._deadline = self.factory.reactor.callLater(seconds, self._late)

    def _cancel(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _late(self) -> None:
        if self.stage is Stage.READING:
            self.refuse(
                HTTPStatus.REQUEST_TIMEOUT,
                f"A request must be sent within {self.factory.limits.read_seconds:g} seconds.",
            )
        elif self.stage is Stage.IDLE:
            self.loseConnection()
        else:
            self.abort()
