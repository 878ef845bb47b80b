"""Makes a channel for each peer, and threads for their calls."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ServerFactory
from twisted.web.http import Request

from gcf_am.xmlrpc.server.application import Application
from gcf_am.xmlrpc.server.channel import Channel, Stage
from gcf_am.xmlrpc.server.limits import HttpLimits
from gcf_am.xmlrpc.server.request import PostRequest

T = TypeVar("T")


class Listener(ServerFactory[Channel]):
    """Everything the event loop knows of one server; all but `drained` is its alone."""

    noisy = False

    def __init__(
        self,
        application: Application,
        limits: HttpLimits,
        reactor: Any,
        later: Callable[[Callable[[], object]], object],
    ) -> None:
        self.application = application
        self.limits = limits
        self.reactor = reactor
        self.stopping = False
        self.drained = threading.Event()
        self._later = later
        self._channels: dict[Channel, None] = {}  # oldest first
        self._coming = 0
        self._calls = 0
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="call")

    def buildProtocol(self, addr: IAddress | None) -> Channel:  # noqa: N802  (Twisted's name)
        """The channel of a peer that has connected."""
        del addr
        channel = Channel()
        channel.factory = self
        channel.requestFactory = PostRequest
        return channel

    def admit(self, channel: Channel) -> bool:
        """Whether there is room for another connection.

        Where there is none, the oldest that asks for nothing makes room: a thousand silent
        connections keep nobody out.
        """
        if self.stopping:
            return False
        if len(self._channels) >= self.limits.connections:
            silent = (one for one in self._channels if one.stage in {Stage.OPENING, Stage.IDLE})
            oldest = next(silent, None)
            if oldest is None:
                return False
            self._channels.pop(oldest)
            oldest.abort()
        self._channels[channel] = None
        return True

    def forget(self, channel: Channel) -> None:
        """A connection is over."""
        self._channels.pop(channel, None)
        self.settled()

    def take(self, size: int) -> bool:
        """Room for a piece of a body; False where too much is coming in already."""
        if self._coming + size > self.limits.coming_bytes:
            return False
        self._coming += size
        return True

    def give_back(self, size: int) -> None:
        """A body is whole, or will not come."""
        self._coming -= size

    def work(self, job: Callable[[], T], then: Callable[[T], None]) -> bool:
        """Do `job` in a thread and `then` in the event loop; False when too much waits already."""
        if self._calls >= self.limits.threads + self.limits.queue:
            return False
        self._calls += 1

        def done(result: T) -> None:
            self._calls -= 1
            then(result)

        def run() -> None:
            result = job()
            self._later(lambda: done(result))

        self._pool.submit(run)
        return True

    def stop(self) -> None:
        """End what is not at work; `drained` tells when the rest has ended."""
        self.stopping = True
        for channel in tuple(self._channels):
            channel.stop()
        self.settled()

    def settled(self) -> None:
        """See whether a stop has nothing left to wait for."""
        if self.stopping and not any(channel.stage.busy for channel in self._channels):
            self.drained.set()

    def abort(self) -> None:
        """Cut what is left."""
        for channel in tuple(self._channels):
            channel.abort()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def log(self, request: Request) -> None:
        """Twisted's access log; ours is written where caller and method are known."""
