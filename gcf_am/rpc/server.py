"""The aggregate's routes, for gcf_am.xmlrpc.server to serve."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from gcf_am.rpc import handlers_v2, handlers_v3
from gcf_am.rpc.authorizer import Authorizer
from gcf_am.rpc.binding import Handlers
from gcf_am.rpc.dispatch import Dispatcher
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rpc.journal import Report, nowhere
from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.elements import ApiVersion
from gcf_am.xmlrpc.codec import XmlLimits
from gcf_am.xmlrpc.patience import Patience
from gcf_am.xmlrpc.server import Application, Route, TlsMaterial

# Where version 3 answers: the advertised path, and those that Omni and eiSoil users type.
PATH: Final = "/xmlrpc/am/3"
_OTHER_PATHS: Final = ("/", "/RPC2")
# Where version 2 answers: the advertised path, and a short one to type.
PATH_2: Final = "/xmlrpc/am/2"
_OTHER_PATHS_2: Final = ("/2.0",)


def application(
    at: Endpoint,
    authorizer: Authorizer,
    *,
    tls: Callable[[], TlsMaterial],
    close: Callable[[], None] = lambda: None,
    unready: Callable[[], str] = lambda: "",
    limits: XmlLimits | None = None,
    patience: Patience | None = None,
    report: Report = nowhere,
) -> Application:
    """What a server, or each of its workers, serves.

    `tls` is asked for each new connection, `close` is called after the last answer, `report` with
    how each call ended. Every call needs a client certificate, GetVersion too (decision 30, R001).
    `patience` counts what is refused; without it there is no end to it. `unready` says why calls
    had better go elsewhere now.
    """
    limits = limits or XmlLimits()
    if patience is None:
        patience = Patience(0, 0)

    def route(version: ApiVersion, handlers: Handlers) -> Route:
        dispatcher = Dispatcher(
            version,
            handlers,
            at,
            authorizer,
            limits=limits,
            refused=patience.refused,
            report=report,
        )
        return Route(dispatcher.answer, wait=patience.wait)

    routes = {
        **dict.fromkeys((PATH, *_OTHER_PATHS), route(AM_3, handlers_v3.HANDLERS)),
        **dict.fromkeys((PATH_2, *_OTHER_PATHS_2), route(AM_2, handlers_v2.HANDLERS)),
    }
    return Application(routes, tls, close, unready)


def url_2(url: str) -> str:
    """Where version 2 answers on the server that answers version 3 at `url`."""
    return urlsplit(url)._replace(path=PATH_2).geturl()
