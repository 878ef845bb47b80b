"""Which version of TLS a server chose; what it answers is a few bytes here."""

import socket
import threading

import pytest

from gcf_am.conformance import hello

SERVER_HELLO = bytes.fromhex("160302 0030 02 00002c 0302") + bytes(60)
ALERT = bytes.fromhex("150302 0002 02 46")


def answering(data: bytes) -> tuple[int, list[bytes], threading.Thread]:
    """A server for one connection: its port, and what it heard."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as connection:
            heard.append(connection.recv(65536))
            connection.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    return listening.getsockname()[1], heard, thread


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (SERVER_HELLO, hello.TLS_1_1),
        (ALERT, None),
        (b"", None),
        (SERVER_HELLO[:7], None),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", None),
    ],
)
def test_what_the_server_chose(data: bytes, version: int | None) -> None:
    port, heard, thread = answering(data)
    assert hello.chosen("127.0.0.1", port, hello.TLS_1_1, 60) == version
    thread.join(60)
    (said,) = heard
    # a record of the handshake, a ClientHello of that version, as long as it says
    assert (said[0], said[5], said[9:11]) == (22, 1, b"\x03\x02")
    assert int.from_bytes(said[3:5]) == len(said) - 5
    assert int.from_bytes(said[6:9]) == len(said) - 9


def test_ssl_3_knows_no_extensions() -> None:
    port, heard, thread = answering(ALERT)
    assert hello.chosen("127.0.0.1", port, hello.SSL_3, 60) is None
    thread.join(60)
    assert b"127.0.0.1" not in heard[0]


def test_no_server_is_no_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError):
        hello.chosen("127.0.0.1", port, hello.TLS_1_1, 60)
