"""The listening socket, bound by the parent or given to it, and inherited by its workers."""

import os
import socket
from typing import Final

_BACKLOG: Final = 1024
# sd_listen_fds(3): the first of the file descriptors that a service is given
_FIRST: Final = 3


def given() -> socket.socket | None:
    """The one listening TCP socket that whoever started this process gave it, if any did.

    So systemd does with a socket unit: the socket outlives the service, and who connects while
    one service ends and the next begins waits and is not refused. A second call answers None.
    Raises OSError or ValueError for anything but one listening stream socket.
    """
    process = os.environ.pop("LISTEN_PID", "")
    number = os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or not number.isdecimal() or not int(number):
        return None
    if int(number) != 1:
        raise ValueError(f"{number} sockets were given, and one is wanted")
    os.set_inheritable(_FIRST, False)
    listen = socket.socket(fileno=_FIRST)
    if listen.type != socket.SOCK_STREAM or listen.family == socket.AF_UNIX:
        raise ValueError("the socket that was given is not one of TCP")
    if not listen.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise ValueError("the socket that was given does not listen")
    return listen


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes a free one. Raises OSError when it cannot be had."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listen = socket.socket(family, kind, protocol)
    try:
        listen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listen.bind(address)
        listen.listen(_BACKLOG)
    except OSError:
        listen.close()
        raise
    return listen
