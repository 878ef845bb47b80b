"""Makes a channel for each peer, and threads for their calls."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ServerFactory
from twisted.web.http import Request

from gcf_am.xmlrpc.server.application import Application
from gcf_am.xmlrpc.server.channel import Channel, Stage
from gcf_am.xmlrpc.server.gateway import WsgiRequest
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
        self.leaving = False  # each answer is its connection's last
        self.stopping = False
        self.drained = threading.Event()
        self._later = later
        self._channels: dict[Channel, None] = {}  # oldest first
        self._coming = 0
        self._calls: Counter[Hashable] = Counter()
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="call")

    def buildProtocol(self, addr: IAddress | None) -> Channel:  # noqa: N802  (Twisted's name)
        """The channel of a peer that has connected."""
        del addr
        channel = Channel()
        channel.factory = self
        channel.requestFactory = PostRequest if self.application.wsgi is None else WsgiRequest
        return channel

    def admit(self, channel: Channel) -> bool:
        """Whether there is room for another connection.

        Where there is none, one of the address with the most connections makes room: a thousand
        connections that are silent, or send a byte now and then, keep nobody out.
        """
        if self.stopping:
            return False
        if len(self._channels) >= self.limits.connections:
            last = self._dispensable()
            if last is None:
                return False
            self._channels.pop(last)
            last.abort()
        self._channels[channel] = None
        return True

    def _dispensable(self) -> Channel | None:
        """The oldest of the most numerous that asks for nothing; else one that is yet to ask.

        Of these, first one without a certificate.
        """
        numbers = Counter(one.host for one in self._channels)

        def order(channel: Channel) -> tuple[int, int, bool]:
            stage = channel.stage
            # in the handshake a chain is not yet known
            known = stage is Stage.READING and bool(channel.chain)
            return (-numbers[channel.host], stage.giving_way or 0, known)

        movable = (one for one in self._channels if one.stage.giving_way is not None)
        return min(movable, key=order, default=None)

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

    def work(self, whose: Hashable, job: Callable[[], T], then: Callable[[T], None]) -> bool:
        """Do `job` in a thread and `then` in the event loop; False when too much waits already.

        Of all there is room for, no peer (`whose`) has more than its share.
        """
        limits = self.limits
        if self._calls.total() >= limits.calls or self._calls[whose] >= limits.calls_of_one:
            return False
        self._calls[whose] += 1

        def done(result: T) -> None:
            self._calls[whose] -= 1
            if not self._calls[whose]:
                del self._calls[whose]
            then(result)

        def run() -> None:
            result = job()
            self._later(lambda: done(result))

        self._pool.submit(run)
        return True

    def leave(self) -> None:
        """From now on nobody is kept: each connection ends with its next answer."""
        self.leaving = True

    def stop(self) -> None:
        """End what is not at work; `drained` tells when the rest has ended."""
        self.leaving = self.stopping = True
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
