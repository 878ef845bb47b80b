"""Clients that cost little: the machine is measured, not they.

A request is made once, as the bytes that go over the wire; a client sends them and reads the
answer to its end. Clients are threads: what they do, they do outside of Python.
"""

import socket
import ssl
import xmlrpc.client
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from gcf_am.errors import GcfAmError
from gcf_am.xmlrpc.codec import read_response

_SECONDS: Final = 120.0
_PIECE: Final = 262_144
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
# AM API v3, Return Struct: code is the first member
_DONE: Final = b"<name>geni_code</name><value><int>0</int>"


class Failed(GcfAmError):
    """A call that was to succeed did not: what came of it is no measure."""


def request(url: str, method: str, *arguments: Any) -> bytes:
    """A call as it goes over the wire."""
    body = xmlrpc.client.dumps(arguments, method).encode()
    place = urlsplit(url)
    head = (
        f"POST {place.path or '/'} HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class Client:
    """Who calls, and where."""

    url: str
    cert: Path
    key: Path

    @cached_property
    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the bench made the server itself
        context.load_cert_chain(self.cert, self.key)
        return context

    def connect(self) -> "Connection":
        """A new connection, its handshake done."""
        place = urlsplit(self.url)
        plain = socket.create_connection((place.hostname or "", place.port or 443), _SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Connection(self._context.wrap_socket(plain))
        except BaseException:
            plain.close()
            raise


class Connection:
    """A connection that is kept from call to call."""

    def __init__(self, stream: ssl.SSLSocket) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    def post(self, request: bytes) -> bytes:
        """The body of the answer; raises Failed unless it is there."""
        self._stream.sendall(request)
        got = self._stream.recv(_PIECE)
        while (end := got.find(_END)) < 0:
            got += self._more()
        head = got[:end]
        if b" %d " % HTTPStatus.OK not in head.partition(b"\r\n")[0]:
            raise Failed(f"the server says {head[:200]!r}")
        pieces, length = [got[end + len(_END) :]], _length(head)
        came = len(pieces[0])
        while came < length:
            pieces.append(self._more())
            came += len(pieces[-1])
        return b"".join(pieces)

    def done(self, request: bytes) -> bytes:
        """The same of a call of the aggregate's that must succeed."""
        body = self.post(request)
        if not is_done(body):
            raise Failed(f"a call failed: {read_response(body)!r:.300}")
        return body

    def _more(self) -> bytes:
        piece = self._stream.recv(_PIECE)
        if not piece:
            raise Failed("the server closed the connection amid its answer")
        return piece


def is_done(body: bytes) -> bool:
    """Whether it is the answer to a call of the aggregate's that succeeded."""
    return _DONE in body[:400]


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return int(line[len(_LENGTH) :])
    raise Failed("an answer does not tell its length")
