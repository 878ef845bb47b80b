"""A server on loopback, and peers that speak to it by hand."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.server import Application, HttpLimits, Route, Server, TlsMaterial, bind
from tests.unit.xmlrpc.authority import Holder, client_context, issue, material

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing waits for that long when all is well."""


@dataclass
class Federation:
    """A root, an intermediate, a server and two people."""

    folder: Path
    root: Holder = field(default_factory=lambda: issue("root", ca=True))

    def __post_init__(self) -> None:
        self.sub = issue("sub", self.root, ca=True)
        self.server = issue("server", self.root)
        self.alice = issue("alice", self.sub)
        self.bob = issue("bob", self.sub)

    @property
    def material(self) -> TlsMaterial:
        return material(self.server, self.root)

    def context(self, who: Holder | None) -> ssl.SSLContext:
        return client_context(self.folder, who)


@dataclass
class Loopback:
    """A running server."""

    server: Server
    port: int
    federation: Federation

    def connect(self, who: Holder | None) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.federation.context(who), timeout=PATIENCE
        )

    def post(self, who: Holder | None, body: bytes = b"x", path: str = "/") -> tuple[int, bytes]:
        with contextlib.closing(self.connect(who)) as connection:
            connection.request("POST", path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def tcp(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def tls(self, who: Holder | None) -> ssl.SSLSocket:
        """A connection whose handshake is over, for bytes by hand."""
        raw = self.tcp()
        try:
            return self.federation.context(who).wrap_socket(raw)
        except BaseException:
            raw.close()
            raise

    def say(self, who: Holder | None, sent: bytes) -> bytes:
        """Everything that comes back until the server closes."""
        with self.tls(who) as peer:
            peer.sendall(sent)
            return everything(peer)


def everything(peer: ssl.SSLSocket | socket.socket) -> bytes:
    """What the other side sends until it closes, or cuts the connection."""
    received = b""
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        while piece := peer.recv(65536):
            received += piece
    return received


@contextlib.contextmanager
def serving(
    federation: Federation,
    answer: Callable[[Call], bytes],
    limits: HttpLimits | None = None,
    *,
    tls: Callable[[], TlsMaterial] | None = None,
    needs_certificate: bool = True,
    unready: Callable[[], str] = lambda: "",
) -> Iterator[Loopback]:
    routes = {"/": Route(answer, needs_certificate), "/RPC2": Route(answer, needs_certificate)}
    with bind("127.0.0.1", 0) as listen:
        application = Application(routes, tls or (lambda: federation.material), unready=unready)
        server = Server(application, listen, limits or HttpLimits())
        server.start()
        try:
            yield Loopback(server, listen.getsockname()[1], federation)
        finally:
            server.stop(PATIENCE)


def until(condition: Callable[[], bool]) -> None:
    """Ask again and again; what never comes true fails after a while."""
    end = time.monotonic() + PATIENCE * 3
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Gate:
    """An answer that waits until it is let go, and tells when somebody waits in it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def answer(self, call: Call) -> bytes:
        self.entered.set()
        assert self.open.wait(PATIENCE)
        return b"at last: " + call.body


def echo(call: Call) -> bytes:
    return call.body
