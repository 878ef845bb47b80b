"""Who is let in at TLS. Source: decisions 25 and 30; AM API facts R001 to R007."""

import socket
import ssl
from dataclasses import replace

import pytest
from OpenSSL import SSL

from tests.unit.xmlrpc.authority import Holder, client_context, issue
from tests.unit.xmlrpc.serving import Federation, Loopback, echo, everything, serving

POST = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"))


def spoken(
    loopback: Loopback, who: Holder | None, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> bytes:
    """What comes back when TLS of exactly this version is spoken."""
    folder = loopback.federation.folder
    context = client_context(folder, who, minimum_version=version, maximum_version=version)
    with loopback.tcp() as raw, context.wrap_socket(raw) as peer:
        peer.sendall(POST)
        received = b""
        while piece := peer.recv(65536):
            received += piece
    if not received:
        raise ConnectionError("the connection was closed without a word")
    return received


@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: one.name)
def test_tls_1_2_and_1_3_are_spoken(federation: Federation, version: ssl.TLSVersion) -> None:
    with serving(federation, echo) as loopback:
        assert spoken(loopback, federation.alice, version).endswith(b"\r\n\r\nx")


@pytest.mark.parametrize("version", [SSL.TLS1_VERSION, SSL.TLS1_1_VERSION])
def test_older_tls_is_not(federation: Federation, version: int) -> None:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"DEFAULT@SECLEVEL=0")
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    with serving(federation, echo) as loopback, loopback.tcp() as raw:
        raw.setblocking(True)
        peer = SSL.Connection(context, raw)
        peer.set_connect_state()
        with pytest.raises(SSL.Error, match="protocol version"):
            peer.do_handshake()


def test_without_a_certificate_tls_is_spoken_and_http_says_no(federation: Federation) -> None:
    # decision 30
    with serving(federation, echo) as loopback:
        assert spoken(loopback, None).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("why", ["untrusted", "expired", "not yet", "no authority", "no chain"])
def test_a_certificate_that_is_refused(
    federation: Federation, why: str, version: ssl.TLSVersion
) -> None:
    who = {
        "untrusted": issue("eve", issue("root", ca=True)),
        "expired": issue("alice", federation.sub, days=(-10, -1)),
        "not yet": issue("alice", federation.sub, days=(1, 10)),
        "no authority": issue("eve", federation.alice),
        "no chain": replace(federation.alice, chain=()),
    }[why]
    with serving(federation, echo) as loopback:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            spoken(loopback, who, version)
        assert spoken(loopback, federation.alice, version).startswith(b"HTTP/1.1 200 ")


def test_an_intermediate_that_is_pinned_is_trusted_by_itself(federation: Federation) -> None:
    pinned = replace(federation.material, roots=(federation.sub.der,))
    with serving(federation, echo, tls=lambda: pinned) as loopback:
        assert loopback.post(federation.alice)[0] == 200
        with pytest.raises((ssl.SSLError, ConnectionError)):
            loopback.post(issue("bob", federation.root))


def test_no_session_is_resumed(federation: Federation) -> None:
    """A resumed one would carry a chain that older roots were asked about."""
    with serving(federation, echo) as loopback:
        context = client_context(
            federation.folder, federation.alice, maximum_version=ssl.TLSVersion.TLSv1_2
        )
        with loopback.tcp() as raw, context.wrap_socket(raw) as first:
            first.sendall(POST)
            assert first.recv(65536)
            session = first.session
        with loopback.tcp() as raw, context.wrap_socket(raw, session=session) as second:
            assert not second.session_reused
            second.sendall(POST)
            assert second.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.0\r\n\r\n", b"\x00" * 64, b"\x16\x03\x03\xff\xff"])
def test_what_is_no_tls_is_closed(federation: Federation, sent: bytes) -> None:
    with serving(federation, echo) as loopback:
        with loopback.tcp() as raw:
            raw.sendall(sent)
            raw.shutdown(socket.SHUT_WR)
            assert b"HTTP" not in everything(raw)
        assert loopback.post(federation.alice)[0] == 200
