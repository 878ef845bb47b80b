"""Sockets born in a node's network namespace: the only way from the machine into a node."""

import ctypes
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gcf_am.manager.ports import DriverError

SSH: Final = 22
_BANNER: Final = b"SSH-"
_NEWNET: Final = 0x40000000
# A node's sshd is asked again after this many seconds.
_PAUSE: Final = 0.01
_libc: Final = ctypes.CDLL(None, use_errno=True)


def socket_in(namespace: Path) -> socket.socket:
    """A TCP socket in the namespace; raises OSError.

    A namespace is a thread's own, so a thread of its own goes there and ends.
    """
    made: list[socket.socket | OSError] = []

    def go() -> None:
        try:
            descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(descriptor, _NEWNET):
                    raise OSError(ctypes.get_errno(), "the node's network cannot be entered")
            finally:
                os.close(descriptor)
            made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=go, name="into-node")
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]


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
