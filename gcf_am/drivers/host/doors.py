"""Sockets born in a node's network namespace: the only way from the machine into a node."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.elsewhere import within
from gcf_am.manager.ports import DriverError

SSH: Final = 22
_BANNER: Final = b"SSH-"
# A node's sshd is asked again after this many seconds.
_PAUSE: Final = 0.01


def socket_in(namespace: Path) -> socket.socket:
    """A TCP socket in the namespace; raises OSError."""
    return within(namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))


def wait_for_login(namespace: Path, seconds: float, *, still: Callable[[], bool]) -> None:
    """Return when the node's sshd has sent its banner; an open port is not enough.

    Raises DriverError when `still()` says that waiting is of no use any more, or time is up.
    """
    until = time.monotonic() + seconds
    while not _has_banner(namespace):
        if not still():
            raise DriverError("it ended while it started")
        if time.monotonic() > until:
            raise DriverError(f"no login service answered within {seconds:g} s")
        time.sleep(_PAUSE)


def _has_banner(namespace: Path) -> bool:
    try:
        with socket_in(namespace) as asking:
            asking.settimeout(5)
            asking.connect(("127.0.0.1", SSH))
            return asking.recv(len(_BANNER)) == _BANNER
    except OSError:
        return False
