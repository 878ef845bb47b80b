"""Which versions of TLS a server takes: a ClientHello as an old client would send it.

Written by hand, since the TLS library here may not know the old versions any more; nothing of the
answer is trusted. Source: RFC 5246, 7.4.1; RFC 6066, 3.
"""

import secrets
import socket
import struct
from typing import Final

SSL_3, TLS_1_0, TLS_1_1, TLS_1_2 = 0x0300, 0x0301, 0x0302, 0x0303
NAMES: Final = {SSL_3: "SSL 3.0", TLS_1_0: "TLS 1.0", TLS_1_1: "TLS 1.1", TLS_1_2: "TLS 1.2"}
_HANDSHAKE, _SERVER_HELLO = 22, 2
# What clients of then and now have: ECDHE and RSA key exchange, AES with GCM, CBC and SHA-1
_CIPHERS: Final = (
    *(0xC02F, 0xC030, 0xC02B, 0xC02C, 0xC013, 0xC014, 0xC009, 0xC00A),
    *(0x009C, 0x009D, 0x002F, 0x0035, 0x000A),
)


def chosen(host: str, port: int, version: int, seconds: float) -> int | None:
    """The version that the server chooses when `version` is the newest offered.

    None when it refuses, by an alert or by hanging up. Raises OSError when there is no server.
    """
    with socket.create_connection((host, port), seconds) as connection:
        try:
            connection.sendall(_hello(host, version))
            head = _read(connection, 11)
        except (ConnectionError, TimeoutError):
            return None
    if len(head) < 11 or head[0] != _HANDSHAKE or head[5] != _SERVER_HELLO:
        return None
    return int.from_bytes(head[9:11])


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := connection.recv(count - len(data))):
        data += more
    return data


def _hello(host: str, version: int) -> bytes:
    ciphers = b"".join(struct.pack("!H", one) for one in _CIPHERS)
    name = host.encode("ascii", "replace")
    extensions = b"".join(
        (
            _extension(0, _sized(b"\x00" + _sized(name))),  # server_name
            _extension(10, _sized(bytes.fromhex("001d00170018"))),  # groups: X25519, P-256, P-384
            _extension(11, b"\x01\x00"),  # points are uncompressed
            # RSA and ECDSA, with SHA-256, SHA-384 and SHA-1; TLS 1.2 wants it told
            _extension(13, _sized(bytes.fromhex("0401040305010503080402010203"))),
        )
    )
    body = (
        struct.pack("!H", version)
        + secrets.token_bytes(32)
        + b"\x00"  # no session
        + _sized(ciphers)
        + b"\x01\x00"  # no compression
        + (_sized(extensions) if version > SSL_3 else b"")
    )
    handshake = b"\x01" + len(body).to_bytes(3) + body
    return bytes([_HANDSHAKE]) + struct.pack("!H", min(version, TLS_1_0)) + _sized(handshake)


def _sized(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _extension(number: int, data: bytes) -> bytes:
    return struct.pack("!H", number) + _sized(data)
