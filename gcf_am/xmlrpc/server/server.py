"""A server in this process: answers in threads until it is stopped."""

import logging
import socket
from types import TracebackType
from typing import Any, Final, Self

from twisted.protocols.tls import TLSMemoryBIOFactory

from gcf_am.xmlrpc.server.application import Application
from gcf_am.xmlrpc.server.eventloop import EventLoop
from gcf_am.xmlrpc.server.limits import HttpLimits
from gcf_am.xmlrpc.server.listener import Listener
from gcf_am.xmlrpc.server.tls import Contexts

_log: Final = logging.getLogger(__name__)


class Server:
    """Serves an application on a listening socket; the socket stays the caller's to close."""

    def __init__(self, application: Application, listen: socket.socket, limits: HttpLimits) -> None:
        self._application = application
        self._listen = listen
        self._limits = limits
        self._loop: EventLoop | None = None
        self._listener: Listener | None = None
        self._port: Any = None

    def start(self) -> None:
        """Accept and answer from now on; raises when certificate and key cannot be used."""
        contexts = Contexts(self._application.tls)
        contexts.refresh()
        loop = EventLoop.running()
        listener = Listener(self._application, self._limits, loop.reactor, loop.later)
        # zope's interfaces are not seen by mypy
        factory = TLSMemoryBIOFactory(contexts, False, listener, loop.reactor)  # type: ignore[arg-type]
        self._listen.setblocking(False)
        self._port = loop.call(
            lambda: loop.reactor.adoptStreamPort(
                self._listen.fileno(), self._listen.family, factory
            )
        )
        self._loop, self._listener = loop, listener

    def leave(self) -> None:
        """Go on, but say at /ready that a stop is near, and end connections with their next answer.

        Whoever sends calls here can then send them elsewhere before the stop.
        """
        if self._loop is not None and self._listener is not None:
            self._loop.call(self._listener.leave)

    def stop(self, timeout: float) -> None:
        """Accept nothing new, finish calls in flight for at most `timeout` seconds, let go."""
        loop, listener = self._loop, self._listener
        if loop is None or listener is None:
            return
        self._loop = None
        loop.call(self._port.stopListening)
        loop.call(listener.stop)
        if not listener.drained.wait(timeout):
            _log.warning("calls were still at work after %g seconds; they are cut off", timeout)
        loop.call(listener.abort)
        self._application.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop(timeout=self._limits.close_seconds)
