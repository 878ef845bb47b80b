"""The listening socket, bound by the parent and inherited by its workers."""

import socket
from typing import Final

_BACKLOG: Final = 1024


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
