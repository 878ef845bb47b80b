"""Talking to the kernel about one namespace's interfaces.

pyroute2 can go into a namespace by itself, but forks to do so, which takes 11 ms here and is not
safe beside threads. So the socket is born in the namespace, in a thread that ends at once (a
namespace is a thread's own), and is handed to pyroute2. A handle belongs to one thread and is
short-lived: one that stayed would keep a removed namespace.
"""

import ctypes
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from gcf_am.manager.ports import DriverError

_NEWNET: Final = 0x40000000
_ROUTE: Final = 0  # NETLINK_ROUTE
_libc: Final = ctypes.CDLL(None, use_errno=True)


def socket_in(namespace: Path, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket that was born in the network namespace; raises OSError."""
    born: list[socket.socket | OSError] = []

    def go() -> None:
        try:
            descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(descriptor, _NEWNET):
                    raise OSError(ctypes.get_errno(), "a namespace cannot be entered")
            finally:
                os.close(descriptor)
            born.append(socket.socket(family, kind, protocol))
        except OSError as error:
            born.append(error)

    thread = threading.Thread(target=go, name="into-namespace")
    thread.start()
    thread.join()
    if isinstance(born[0], OSError):
        raise born[0]
    return born[0]


@contextmanager
def handle(namespace: Path) -> Iterator[Any]:
    """pyroute2's IPRoute in the namespace, while the block lasts."""
    born = socket_in(namespace, socket.AF_NETLINK, socket.SOCK_DGRAM, _ROUTE)
    # no groups: news of what others do would only fill its buffer
    with IPRoute(fileno=born.detach(), groups=0) as route:
        yield route


@contextmanager
def told(what: str) -> Iterator[None]:
    """Make of the kernel's errors a DriverError that says what could not be done."""
    try:
        yield
    except NetlinkError as error:
        raise DriverError(f"{what}: {os.strerror(error.code)}") from error
    except OSError as error:
        raise DriverError(f"{what}: {error.strerror}") from error
