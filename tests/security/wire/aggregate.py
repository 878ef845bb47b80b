"""A whole aggregate behind TLS, in this process."""

import contextlib
import socket
import ssl
import tempfile
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gcf_am.rpc.server import application
from gcf_am.trust.issue import Identity
from gcf_am.xmlrpc.patience import Patience
from gcf_am.xmlrpc.server import HttpLimits, Server, TlsMaterial, bind
from tests.pki import write_identity
from tests.unit.rpc.house import House, build

PATIENCE = 20.0


@dataclass(frozen=True)
class Served:
    """The aggregate, where it answers, and a folder for its clients' files."""

    house: House
    port: int
    folder: Path

    def context(self, who: Identity | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if who is not None:
            # files of its own: tests make contexts in several threads at once
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                context.load_cert_chain(*write_identity(who, Path(folder), "client"))
        return context

    @contextlib.contextmanager
    def proxy(self, who: Identity, path: str = "/xmlrpc/am/3") -> Iterator[Any]:
        url = f"https://127.0.0.1:{self.port}{path}"
        with xmlrpc.client.ServerProxy(url, context=self.context(who)) as proxy:
            yield proxy

    def tcp(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


@contextlib.contextmanager
def serve(folder: Path, patience: Patience | None = None) -> Iterator[Served]:
    house = build(folder)
    server = house.pki.server()
    material = TlsMaterial(
        server.chain_pem.encode(), server.key_pem.encode(), (house.pki.root.certificate.der,)
    )
    with bind("127.0.0.1", 0) as listen:
        serving = application(
            house.at,
            house.authorizer,
            tls=lambda: material,
            close=house.at.am.store.close,
            patience=patience,
        )
        # stalled peers must still be there when the test ends
        limits = HttpLimits(handshake_seconds=600, read_seconds=600)
        running = Server(serving, listen, limits)
        running.start()
        try:
            yield Served(house, listen.getsockname()[1], folder)
        finally:
            running.stop(PATIENCE)
