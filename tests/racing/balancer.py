"""What a balancer does, in the client's own process: it sends connections where they are wanted."""

from __future__ import annotations

import http.client
import json
import random
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gcf_am.xmlrpc.codec import read_response, write_call

# How long an answer, or a server that is ready, is waited for.
PATIENCE = 120.0
# A connection is kept for so many calls.
KEPT = 20


@dataclass(frozen=True)
class Identity:
    """Files of a client's certificate and key, and of the root it trusts."""

    cert: Path
    key: Path
    root: Path

    def context(self, *, anonymous: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.root))
        context.check_hostname = False
        if not anonymous:
            context.load_cert_chain(self.cert, self.key)
        return context


class Balancer:
    """Chooses among the servers in a file, which may change at any time, one that is ready."""

    def __init__(self, servers: Path, identity: Identity) -> None:
        self._servers = servers
        self._context = identity.context(anonymous=True)

    def choose(self) -> str:
        """A server that says it is ready; waits while none does."""
        end = time.monotonic() + PATIENCE
        while True:
            servers: list[str] = json.loads(self._servers.read_text())
            random.shuffle(servers)
            for one in servers:
                if self.is_ready(one):
                    return one
            assert time.monotonic() < end, "no server became ready"
            time.sleep(0.05)

    def is_ready(self, url: str) -> bool:
        connection = connected(url, self._context)
        try:
            connection.request("GET", "/ready")
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return answer.status == http.HTTPStatus.OK


def connected(url: str, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    place = urlsplit(url)
    return http.client.HTTPSConnection(
        place.hostname or "", place.port, context=context, timeout=PATIENCE
    )


class Caller:
    """Calls on connections that are kept for a while, each to a server that the balancer chose.

    Nothing is ever sent twice: what fails is the caller's to see.
    """

    def __init__(self, balancer: Balancer, identity: Identity) -> None:
        self._balancer = balancer
        self._context = identity.context()
        self._connection: http.client.HTTPSConnection | None = None
        self._calls = 0

    def call(self, method: str, *arguments: Any) -> dict[str, Any]:
        """The answer; raises OSError or HTTPException when there is none."""
        if self._connection is None:
            self._connection = connected(self._balancer.choose(), self._context)
            self._calls = 0
        try:
            body = write_call(method, arguments)
            self._connection.request("POST", "/", body, {"Content-Type": "text/xml"})
            answer = self._connection.getresponse()
            text = answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise http.client.HTTPException(f"{answer.status} {text[:200]!r}")
        except BaseException:
            self.close()
            raise
        self._calls += 1
        if answer.will_close or self._calls >= KEPT:
            self.close()
        found = read_response(text)
        assert isinstance(found, dict)
        return found

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
