"""Talking to the kernel about one namespace's interfaces.

pyroute2 can go into a namespace by itself, but forks to do so, which takes 11 ms here and is not
safe beside threads. So the socket is born in the namespace and handed to pyroute2. A handle belongs to one thread and is
short-lived: one that stayed would keep a removed namespace.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from gcf_am.drivers.host.elsewhere import within
from gcf_am.manager.ports import DriverError

_ROUTE: Final = 0  # NETLINK_ROUTE


def interface_names(namespace: Path) -> Sequence[str]:
    """The names of the namespace's interfaces; far quicker than all that pyroute2 would tell."""
    return [name for _, name in within(namespace, socket.if_nameindex)]


@contextmanager
def handle(namespace: Path) -> Iterator[Any]:
    """pyroute2's IPRoute in the namespace, while the block lasts."""
    kind = (socket.AF_NETLINK, socket.SOCK_DGRAM, _ROUTE)
    born = within(namespace, lambda: socket.socket(*kind))
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
