"""The aggregate's routes, for gcf_am.xmlrpc.server to serve."""

from collections.abc import Callable
from typing import Final

from gcf_am.rpc.authorizer import Authorizer
from gcf_am.rpc.dispatch import Dispatcher
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rpc.handlers_v3 import HANDLERS
from gcf_am.surface.am_v3 import AM_3
from gcf_am.xmlrpc.codec import XmlLimits
from gcf_am.xmlrpc.server import Application, Route, TlsMaterial

# Where version 3 answers: the advertised path, and those that Omni and eiSoil users type.
PATH: Final = "/xmlrpc/am/3"
_OTHER_PATHS: Final = ("/", "/RPC2")


def application(
    at: Endpoint,
    authorizer: Authorizer,
    *,
    tls: Callable[[], TlsMaterial],
    close: Callable[[], None] = lambda: None,
    limits: XmlLimits | None = None,
) -> Application:
    """What a server, or each of its workers, serves.

    `tls` is asked for each new connection, `close` is called after the last answer. Every call
    needs a client certificate, GetVersion too (decision 30, R001).
    """
    dispatcher = Dispatcher(AM_3, HANDLERS, at, authorizer, limits=limits or XmlLimits())
    route = Route(dispatcher.answer)
    return Application(dict.fromkeys((PATH, *_OTHER_PATHS), route), tls, close)
