"""A server of files on the machine's loopback, that sees who asks."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Files:
    """What is served: path -> content; and the /proc/PID/status of those who asked."""

    url: str = ""
    content: dict[str, bytes] = field(default_factory=dict)
    askers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Files]:
    files = Files()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.askers += asking(self.client_address)
            body = files.content.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        files.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield files
        finally:
            server.shutdown()
            thread.join()


def asking(address: tuple[str, int]) -> list[dict[str, str]]:
    """The processes that have this end of a connection."""
    raw = socket.inet_aton(address[0])
    local = f"{struct.unpack('=I', raw)[0]:08X}:{address[1]:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == local}
    found = set()
    for one in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(one.readlink()) in sockets:
                found.add(one.parts[2])
    return [status(pid) for pid in found]


def status(pid: str) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    told = (line.partition(":") for line in lines)
    return {key: " ".join(value.split()) for key, _, value in told}
