"""The process's one event loop: Twisted's reactor in a thread of its own."""

import atexit
import logging
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

from twisted.internet.threads import blockingCallFromThread
from twisted.logger import STDLibLogObserver, globalLogBeginner

T = TypeVar("T")

_lock: Final = threading.Lock()
_log: Final = logging.getLogger(__name__)
_STOP_SECONDS: Final = 5


class EventLoop:
    """A running reactor, and the ways into it from other threads."""

    _running: "EventLoop | None" = None

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor

    @classmethod
    def running(cls) -> "EventLoop":
        """The process's event loop; starts it at the first call."""
        with _lock:
            if cls._running is None:
                cls._running = cls._start()
            return cls._running

    @classmethod
    def _start(cls) -> "EventLoop":
        # Importing it installs it, which is for a process that serves.
        from twisted.internet import reactor

        loop: Any = reactor  # its interface is zope's, which mypy does not read
        _begin_logging(globalLogBeginner)
        thread = threading.Thread(
            target=loop.run,
            kwargs={"installSignalHandlers": False},
            name="event loop",
            daemon=True,
        )
        up = threading.Event()
        loop.callWhenRunning(up.set)
        thread.start()
        up.wait()

        def end() -> None:
            loop.callFromThread(loop.stop)
            thread.join(_STOP_SECONDS)

        atexit.register(end)
        return cls(loop)

    def call(self, function: Callable[[], Any]) -> Any:
        """Run it in the event loop and wait for its result, a Deferred's too."""
        return blockingCallFromThread(self.reactor, function)

    def later(self, function: Callable[[], object]) -> None:
        """Run it in the event loop soon."""
        self.reactor.callFromThread(function)


def _begin_logging(beginner: Any) -> None:
    """Twisted's log goes where ours goes."""
    beginner.beginLoggingTo(
        [STDLibLogObserver("gcf_am.twisted")], redirectStandardIO=False, discardBuffer=True
    )
