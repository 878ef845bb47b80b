"""A server over TLS that answers whatever a test tells it to, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gcf_am.xmlrpc.codec import write_response

Script = Callable[[ssl.SSLSocket, bytes], None]


class Evil:
    """Answers each request by `script`, which gets the connection and the request's body."""

    def __init__(self, certificate: Path, key: Path, script: Script) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listen = socket.create_server(("127.0.0.1", 0))
        self._script = script
        self._closing = threading.Event()
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listen.getsockname()[1]}/"

    def close(self) -> None:
        self._closing.set()
        # accept() wakes up when somebody connects
        with socket.create_connection(self._listen.getsockname()):
            pass
        self._thread.join()
        self._listen.close()

    def _serve(self) -> None:
        while True:
            plain, _ = self._listen.accept()
            with plain:
                if self._closing.is_set():
                    return
                plain.settimeout(10)
                with (
                    contextlib.suppress(OSError),  # the peer had seen enough
                    self._context.wrap_socket(plain, server_side=True) as peer,
                ):
                    while body := request(peer):
                        self.requests.append(body)
                        self._script(peer, body)


def request(peer: ssl.SSLSocket) -> bytes:
    """The body of the next request; empty when the peer has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = peer.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += peer.recv(65536)
    return body


def http(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def says(value: Any) -> Script:
    """Answers with a value."""
    return lambda peer, _: peer.sendall(http(write_response(value)))


def sends(data: bytes) -> Script:
    """Answers with bytes."""
    return lambda peer, _: peer.sendall(data)


def success(value: Any) -> dict[str, Any]:
    return {"code": {"geni_code": 0}, "value": value, "output": ""}
