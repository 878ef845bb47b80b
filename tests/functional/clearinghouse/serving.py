"""A clearinghouse served over TLS in this process, and people who call it."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

from gcf_am.clearinghouse.application import make_application
from gcf_am.client.omni_config import write_omni_config
from gcf_am.xmlrpc.server import HttpLimits, Server, bind
from tests.observing.transport import watched_proxy

AUTHORITY = "urn:publicid:IDN+gcf.local+"


class Clearing:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.listen: socket.socket | None = None
        self.server: Server | None = None

    def start(self) -> None:
        self.listen = bind("127.0.0.1", 0)
        self.server = Server(make_application(self.home, self.url), self.listen, HttpLimits())
        self.server.start()

    def stop(self) -> None:
        if self.server is not None and self.listen is not None:
            self.server.stop(timeout=10)
            self.listen.close()
            self.server = self.listen = None

    @property
    def url(self) -> str:
        assert self.listen is not None
        return f"https://127.0.0.1:{self.listen.getsockname()[1]}/"

    def cert(self, name: str) -> Path:
        return self.home / "certs" / f"{name}-cert.pem"

    def key(self, name: str) -> Path:
        return self.home / "certs" / f"{name}-key.pem"

    def call(self, who: str | None, method: str, *arguments: Any) -> Any:
        """A call of the older methods: what it answers."""
        return self.answer("", who, method, *arguments)

    def answer(self, service: str, who: str | None, method: str, *arguments: Any) -> Any:
        """A call of the Federation API: the whole struct, as a client gets it.

        Through the standard library's client, which shares no code with ours.
        """
        context = ssl.create_default_context(cafile=str(self.cert("ch")))
        if who is not None:
            context.load_cert_chain(self.cert(who), self.key(who))
        with watched_proxy(self.url + service, context) as proxy:
            return getattr(proxy, method)(*arguments)

    def federation(self, service: str, who: str | None, method: str, *arguments: Any) -> Any:
        """The value of a call that must succeed."""
        answer = self.answer(service, who, method, *arguments)
        assert answer["code"] == 0, answer["output"]
        return answer["value"]

    def omni_config(self, who: str, *, aggregate_url: str = "https://127.0.0.1:9/") -> Path:
        file = self.home / f"omni_config_{who}"
        write_omni_config(
            file,
            authority="gcf.local",
            clearinghouse=self.url,
            user=f"{AUTHORITY}user+{who}",
            cert=self.cert(who),
            key=self.key(who),
            nickname="local",
            aggregate_urn=f"{AUTHORITY}authority+am",
            aggregate_url=aggregate_url,
            keys=[self.home / "certs" / f"{who}-ssh.pub"],
            ca=self.cert("ch"),
        )
        return file
