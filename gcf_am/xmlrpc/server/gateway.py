"""A request answered by a WSGI application, in place of XML-RPC. Source: PEP 3333.

Client certificates are told as mod_ssl does: SSL_CLIENT_CERT and SSL_CLIENT_CERT_CHAIN_n, PEM.
"""

# Twisted's HTTP classes are not annotated.
# mypy: disable-error-code="no-untyped-call"

import io
import logging
import ssl
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gcf_am.xmlrpc.call import new_request_id
from gcf_am.xmlrpc.server.request import PostRequest

_log: Final = logging.getLogger(__name__)
# What has its own place in the environment, and what a client must not name servers by.
_APART: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


@dataclass(slots=True)
class Reply:
    """What an application answered, whole."""

    status: int = HTTPStatus.INTERNAL_SERVER_ERROR.value
    phrase: str = HTTPStatus.INTERNAL_SERVER_ERROR.phrase
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class WsgiRequest(PostRequest):
    """What a peer sent, up to the application's answer; any method, any path."""

    def process(self) -> None:
        """Hand it to a thread."""
        listener = self.channel.factory
        application = listener.application.wsgi
        assert application is not None, "a listener without an application makes PostRequests"
        environ = self._environ()
        chain = self.channel.chain
        whose = chain[0] if chain else self.channel.host
        self._whole = b""
        if not listener.work(whose, lambda: answer(application, environ), self._reply):
            self._busy(listener.limits.retry_seconds, "Too many calls at once; try again soon.")

    def _environ(self) -> WSGIEnvironment:
        path, _, query = self.uri.partition(b"?")
        here, peer = self.channel.transport.getHost(), self.channel.getPeer()
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.method.decode("latin-1"),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_NAME": here.host,
            "SERVER_PORT": str(here.port),
            "SERVER_PROTOCOL": self.clientproto.decode("latin-1"),
            "REMOTE_ADDR": peer.host,
            "REMOTE_PORT": str(peer.port),
            "HTTPS": "on",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(self._whole),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for raw, values in self.requestHeaders.getAllRawHeaders():
            name = raw.decode("latin-1").lower()
            # an underscore would let one header pass for another
            if "_" not in name and name not in _APART:
                key = "HTTP_" + name.upper().replace("-", "_")
                environ[key] = b", ".join(values).decode("latin-1")
        for name, key in _APART.items():
            values = self.requestHeaders.getRawHeaders(name.encode()) or []
            environ[key] = values[0].decode("latin-1") if values else ""
        environ["CONTENT_LENGTH"] = str(len(self._whole))
        for place, der in enumerate(self.channel.chain):
            key = f"SSL_CLIENT_CERT_CHAIN_{place - 1}" if place else "SSL_CLIENT_CERT"
            environ[key] = ssl.DER_cert_to_PEM_cert(der)
        return environ

    def _reply(self, reply: Reply) -> None:
        if self.lost:  # the peer did not wait
            return
        if self.channel.factory.stopping:
            self.setHeader("Connection", "close")
        self.setResponseCode(reply.status, reply.phrase.encode("latin-1"))
        for name, value in reply.headers:
            self.responseHeaders.addRawHeader(name.encode("latin-1"), value.encode("latin-1"))
        if reply.status != HTTPStatus.NO_CONTENT:
            self.setHeader("Content-Length", str(len(reply.body)))
        self.write(b"" if self.method == b"HEAD" else reply.body)
        self.finish()


def answer(application: WSGIApplication, environ: WSGIEnvironment) -> Reply:
    """In a thread: what the application answers, whatever happens."""
    try:
        return _run(application, environ)
    except Exception:  # noqa: BLE001  (logged; the peer gets a number instead of details)
        number = new_request_id()
        _log.exception("request %s was not answered", number)
        said = f"This is our fault; tell the operator the number {number}.\n"
        return Reply(headers=[("Content-Type", "text/plain")], body=said.encode())


def _run(application: WSGIApplication, environ: WSGIEnvironment) -> Reply:
    reply = Reply()
    written: list[bytes] = []

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        del exc_info  # nothing was sent yet: it may begin anew
        code, _, reply.phrase = status.partition(" ")
        reply.status = int(code)
        reply.headers = [one for one in headers if one[0].lower() != "content-length"]
        return written.append

    begin: StartResponse = start
    body: Iterable[bytes] = application(environ, begin)
    try:
        reply.body = b"".join((*written, *body))
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    return reply
