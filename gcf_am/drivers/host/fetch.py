"""The process that fetches an archive: it has no rights, and one file that it writes to.

It speaks http and https to addresses that `origins` allows, and to no others: a host's name is
looked up once for each request, and what is connected to is the address that was judged. Every
redirect is judged again. Imports the standard library only, see `launch`.
"""

import ctypes
import encodings.idna  # noqa: F401 - imported by others, when it may be out of reach already
import http.client
import ipaddress
import os
import resource
import signal
import socket
import ssl
from contextlib import closing
from typing import Final
from urllib.parse import urldefrag, urljoin

from gcf_am.drivers.host.origins import Origins, Target

REDIRECTS: Final = 5
_MOVED: Final = (301, 302, 303, 307, 308)
_PIECE: Final = 1 << 16
# seconds for one answer of a server
_PATIENCE: Final = 30.0
# nobody, on every Linux
_NOBODY: Final = 65534
_MEMORY: Final = 512 << 20
_Place = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
_NO_NEW_PRIVILEGES: Final = 38  # prctl(2)


class Fetcher:
    """Made with all rights, since files of the machine are read; used without any."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._trust = ssl.create_default_context()

    def fetch(self, url: str, file: int, most: int) -> None:
        """Write what lies at the URL to the file, at most so many bytes.

        Raises ValueError with the reason, ConnectionError where trying again may help.
        """
        for _ in range(REDIRECTS + 1):
            target = self._origins.target(url)
            with closing(self._connected(url, target)) as connection:
                answer = _asked(connection, target)
                if answer.status in _MOVED and answer.headers["Location"]:
                    url = urldefrag(urljoin(url, answer.headers["Location"])).url
                    continue
                _judge(answer, most)
                _copy(answer, file, most)
                return
        raise ValueError(f"there are more than {REDIRECTS} redirects")

    def _connected(self, url: str, target: Target) -> http.client.HTTPConnection:
        """A connection to the first address of the host that may be and can be connected to."""
        refused = trouble = ""
        for family, place in _addresses(target):
            address = ipaddress.ip_address(str(place[0]))
            try:
                self._origins.judge(url, address, own=_is_own(family, place))
                connected = self._socket(family, place, target)
            except OSError as error:
                trouble = trouble or str(error)
            except ValueError as error:
                refused = refused or str(error)
            else:
                kind = http.client.HTTPSConnection if target.secure else http.client.HTTPConnection
                connection = kind(target.host, target.port)
                connection.sock = connected
                return connection
        if trouble:
            raise ConnectionError(f"{target.host} cannot be reached: {trouble}")
        raise ValueError(f"{target.host}: {refused or 'it has no address'}")

    def _socket(self, family: socket.AddressFamily, place: _Place, target: Target) -> socket.socket:
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(_PATIENCE)
            plain.connect(place)
            if target.secure:
                return self._trust.wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
        return plain


def confine(most: int, seconds: float) -> None:
    """Give up every right for ever; bound files, memory and time of this process."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(int(seconds) + 1)
    os.umask(0o077)
    os.chdir("/")
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    if ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError("the rights of the fetching process cannot be given up")


def _addresses(target: Target) -> list[tuple[socket.AddressFamily, _Place]]:
    try:
        found = socket.getaddrinfo(
            target.host.encode("ascii"), target.port, type=socket.SOCK_STREAM
        )
    except socket.gaierror as error:
        raise ConnectionError(f"{target.host} is not found: {error.strerror}") from error
    # a scope (fe80::1%eth0) is no part of an address
    return [(family, place) for family, _, _, _, place in found if "%" not in str(place[0])]


def _is_own(family: socket.AddressFamily, place: _Place) -> bool:
    """Whether the machine would speak to itself; nothing is sent to find out."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(place)
        return bool(probe.getsockname()[0] == place[0])


def _asked(connection: http.client.HTTPConnection, target: Target) -> http.client.HTTPResponse:
    try:
        connection.request(
            "GET", target.path, headers={"User-Agent": "gcf-am", "Connection": "close"}
        )
        return connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionError(f"{target.host} does not answer: {error}") from error


def _judge(answer: http.client.HTTPResponse, most: int) -> None:
    if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ConnectionError(f"the server answers {answer.status}")
    if answer.status != http.HTTPStatus.OK:
        raise ValueError(f"the server answers {answer.status}")
    if answer.length is not None and answer.length > most:
        raise ValueError(f"it has {answer.length} bytes, more than {most}")


def _copy(answer: http.client.HTTPResponse, file: int, most: int) -> None:
    told, size = answer.length, 0
    while piece := _read(answer, size):
        size += len(piece)
        if size > most:
            raise ValueError(f"it has more than {most} bytes")
        while piece:
            piece = piece[os.write(file, piece) :]
    if told is not None and size < told:
        raise ConnectionError(f"it broke off after {size} bytes of {told}")


def _read(answer: http.client.HTTPResponse, size: int) -> bytes:
    try:
        return answer.read(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionError(f"it broke off after {size} bytes: {error}") from error
