"""A request: judged, handed to a thread, answered."""

# Twisted's HTTP classes are not annotated, and name their methods their own way.
# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: N802

import logging
from http import HTTPStatus
from typing import Final

from twisted.python.failure import Failure
from twisted.web.http import Request

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.server.application import Route
from gcf_am.xmlrpc.server.channel import Channel

_log: Final = logging.getLogger(__name__)
_TEXT: Final = "text/plain; charset=utf-8"
_XML: Final = "text/xml"
# What watches over servers asks: whether it lives, and whether calls should be sent to it.
HEALTH: Final = "/healthz"
READY: Final = "/ready"

Answer = tuple[HTTPStatus, str, bytes]


class PostRequest(Request):
    """What a peer sent, up to the answer."""

    channel: Channel
    lost = False
    _body: bytes | bytearray = b""  # as far as it has come

    def gotLength(self, length: int | None) -> None:
        """The headers are whole; `length` is None when the body comes in chunks."""
        self._body = bytearray()
        limits = self.channel.factory.limits
        self._most = limits.body_bytes if self.channel.chain else limits.anonymous_bytes
        if length is not None and length > self._most:
            self._too_large()

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of the body."""
        if len(self._body) + len(data) > self._most:
            self._too_large()
        elif not self.channel.factory.take(len(data)):
            self._drop()
            self.channel.refuse(
                HTTPStatus.SERVICE_UNAVAILABLE, "Too much comes in at once; try again soon."
            )
        else:
            self._body += data

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """All of it is here. Forms are not read: nothing we serve takes any."""
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.partition(b"?")[0]
        self._whole = bytes(self._body)
        self._clear()
        self.process()

    def process(self) -> None:
        """Judge it, and hand it to a thread."""
        path = self.path.decode("ascii", "replace")
        application = self.channel.factory.application
        route = application.route(path)
        if path == HEALTH:
            self._say(HTTPStatus.OK, "ok")
        elif path == READY:
            self._say_whether_ready()
        elif route is None:
            where = " and ".join(sorted(application.routes))
            self._say(HTTPStatus.NOT_FOUND, f"There is nothing here; XML-RPC is at {where}.")
        elif self.method != b"POST":
            self.setHeader("Allow", "POST")
            self._say(HTTPStatus.METHOD_NOT_ALLOWED, "This is XML-RPC: POST a methodCall here.")
        elif route.needs_certificate and not self.channel.chain:
            # decision 30: a sentence, where a refused handshake would be a riddle
            self._say(
                HTTPStatus.FORBIDDEN,
                "This call needs a client certificate from a trusted authority; none was shown.",
            )
        else:
            self._hand_over(route, path)

    def connectionLost(self, reason: Failure) -> None:
        """The peer went away before its answer."""
        self.lost = True
        self._drop()
        super().connectionLost(reason)

    def _hand_over(self, route: Route, path: str) -> None:
        listener = self.channel.factory
        peer = self.channel.getPeer()
        call = Call(self._whole, self.channel.chain, path, f"{peer.host}:{peer.port}")
        self._whole = b""
        if seconds := route.wait(call):
            self._busy(seconds, f"Too many of your calls were refused; try again in {seconds} s.")
        elif not listener.work(_whose(call), lambda: _answer(route, call), self._write):
            self._busy(listener.limits.retry_seconds, "Too many calls at once; try again soon.")

    def _say_whether_ready(self) -> None:
        factory = self.channel.factory
        why = "This server is about to stop." if factory.leaving else factory.application.unready()
        self._say(HTTPStatus.SERVICE_UNAVAILABLE if why else HTTPStatus.OK, why or "ready")

    def _busy(self, seconds: int, sentence: str) -> None:
        self.setHeader("Retry-After", str(seconds))
        self._say(HTTPStatus.SERVICE_UNAVAILABLE, sentence)

    def _say(self, status: HTTPStatus, sentence: str) -> None:
        self._write((status, _TEXT, sentence.encode() + b"\n"))

    def _write(self, answer: Answer) -> None:
        if self.lost:  # the peer did not wait
            return
        status, kind, body = answer
        if self.channel.factory.leaving:
            self.setHeader("Connection", "close")
        self.setResponseCode(status.value, status.phrase.encode())
        self.setHeader("Content-Type", kind)
        self.setHeader("Content-Length", str(len(body)))
        self.write(b"" if self.method == b"HEAD" else body)
        self.finish()

    def _clear(self) -> None:
        """What came in is handed on, or dropped."""
        self.channel.factory.give_back(len(self._body))
        self._body = bytearray()

    def _drop(self) -> None:
        """Keep nothing of this body, nor of what still comes of it."""
        self._most = -1
        self._clear()

    def _too_large(self) -> None:
        self._drop()
        self.channel.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")


def _whose(call: Call) -> bytes | str:
    """The peer by its certificate, or where it comes from."""
    return call.chain[0] if call.chain else call.peer.rpartition(":")[0]


def _answer(route: Route, call: Call) -> Answer:
    """In a thread: the answer, whatever happens."""
    try:
        return HTTPStatus.OK, _XML, route.answer(call)
    except Exception:  # noqa: BLE001  (logged; the peer gets a number instead of details)
        _log.exception("request %s was not answered", call.request_id)
        said = f"This is our fault; tell the operator the number {call.request_id}.\n"
        return HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, said.encode()
