"""Peers that connect and then do nothing hold up nobody. Source: decision 25."""

import contextlib
import socket
import ssl

import pytest

from tests.security.wire.aggregate import Served

POST = b"POST /xmlrpc/am/3 HTTP/1.1\r\nHost: x\r\n"


def test_200_stalled_peers_and_a_getversion_that_completes(served: Served) -> None:
    context = served.context(None)
    alice = served.house.pki.user("alice")
    with contextlib.ExitStack() as stalled:

        def connected() -> socket.socket:
            return stalled.enter_context(served.tcp())

        def spoken(sent: bytes) -> socket.socket:
            peer = stalled.enter_context(context.wrap_socket(connected()))
            peer.sendall(sent)
            return peer

        peers = [connected() for _ in range(35)]
        for _ in range(35):
            peers.append(connected())
            peers[-1].sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01")  # a ClientHello begins
        peers += [spoken(POST) for _ in range(65)]  # in the headers
        peers += [spoken(POST + b"Content-Length: 9\r\n\r\n<") for _ in range(65)]  # in the body
        assert len(peers) == 200

        with served.proxy(alice) as am:
            assert am.GetVersion()["code"]["geni_code"] == 0
        for peer in peers:  # and all of them are stalled still
            peer.setblocking(False)
            with pytest.raises((BlockingIOError, ssl.SSLWantReadError)):
                peer.recv(1)
