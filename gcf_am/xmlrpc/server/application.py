"""What a server serves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.server.tls import TlsMaterial


def _heard(_call: Call) -> int:
    return 0


def _ready() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers the POSTs to a path.

    `answer` gives the body of the HTTP 200; it runs in one of the server's threads and may
    block. It must not raise: what it raises is logged and becomes an HTTP 500 without details.
    A call to a route that needs a certificate gets HTTP 403 from a peer without one.

    `wait` is asked before `answer`, in the event loop: for how many seconds this call's peer is not
    heard. Unless it says 0, the peer gets HTTP 503 with Retry-After, and its body is not read.
    """

    answer: Callable[[Call], bytes]
    needs_certificate: bool = True
    wait: Callable[[Call], int] = _heard


@dataclass(frozen=True, slots=True)
class Application:
    """Routes by path, the TLS material of the moment, readiness, and how to let go at the end.

    `tls` is called in the event loop for each new connection and must be quick; as long as it
    returns an equal value the same TLS context is used.

    `unready` is called in the event loop, too, when anybody asks: why calls had better be sent
    elsewhere now, in a sentence that strangers may read; empty where there is no reason.

    With `wsgi` that application answers every request, and `routes` are not asked.
    """

    routes: Mapping[str, Route]
    tls: Callable[[], TlsMaterial]
    close: Callable[[], None] = lambda: None
    unready: Callable[[], str] = _ready
    wsgi: WSGIApplication | None = None

    def route(self, path: str) -> Route | None:
        """The route of a path, with or without a slash at its end."""
        return self.routes.get(path) or self.routes.get(path.rstrip("/") or "/")
