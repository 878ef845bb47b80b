"""An HTTPS server for XML-RPC that knows nothing of the methods behind it.

Use in one process (the clearinghouse, tests), answering in a thread of its own:

    listen = bind("127.0.0.1", 0)
    server = Server(application, listen, HttpLimits())
    server.start()
    ...
    server.stop(timeout=20)

or in several worker processes on one socket, each of which makes its own application:

    load_for_workers(make.__module__)                        # if they shall start sooner
    workers = Workers(make, listen, HttpLimits(), count=2)   # make: () -> Application, picklable
    workers.start(timeout=60)                                # returns when all of them answer
    ...
    workers.stop(timeout=20)

An `Application` says which `Route` answers at which path, whether that route needs a client
certificate (decision 30), and where the `TlsMaterial` of the moment comes from: it is asked for
each new connection, so replaced trust roots or certificates hold without a restart.

Homing, which speaks HTTP and JSON, is served alike: an application with `wsgi` hands every request
to a WSGI application.

TLS and HTTP are twisted.web over pyOpenSSL (decision 25): it drops stalled peers without a
thread each, and hands over the verified chain.
"""

from gcf_am.xmlrpc.server.application import Application, Route
from gcf_am.xmlrpc.server.limits import HttpLimits
from gcf_am.xmlrpc.server.listening import bind, given
from gcf_am.xmlrpc.server.server import Server
from gcf_am.xmlrpc.server.tls import TlsMaterial
from gcf_am.xmlrpc.server.workers import Workers, load_for_workers

__all__ = [
    "Application",
    "HttpLimits",
    "Route",
    "Server",
    "TlsMaterial",
    "Workers",
    "bind",
    "given",
    "load_for_workers",
]
