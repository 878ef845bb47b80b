"""Peers that make TLS itself expensive: they renegotiate, or show very many or odd certificates."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from OpenSSL import SSL

from gcf_am.xmlrpc.call import Call
from tests.unit.xmlrpc.authority import Holder, issue
from tests.unit.xmlrpc.serving import Federation, Loopback, echo, serving, until

POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
ANSWER = b"\r\n\r\nx"


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"))


def whole(peer: SSL.Connection) -> bytes:
    received = b""
    while not received.endswith(ANSWER):
        received += peer.recv(65536)
    return received


def renegotiate(peer: SSL.Connection) -> None:
    """Shake hands again and again, with a call between."""
    for _ in range(100):
        peer.renegotiate()
        peer.do_handshake()
        peer.sendall(POST)
        whole(peer)


def test_nobody_renegotiates(federation: Federation) -> None:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.use_certificate(federation.alice.certificate)
    for one in federation.alice.chain:
        context.add_extra_chain_cert(one)
    context.use_privatekey(federation.alice.key)
    with serving(federation, echo) as loopback:
        with loopback.tcp() as raw:
            raw.setblocking(True)
            peer = SSL.Connection(context, raw)
            peer.set_connect_state()
            peer.do_handshake()
            peer.sendall(POST)
            assert whole(peer).startswith(b"HTTP/1.1 200 ")
            with pytest.raises(SSL.Error, match="no renegotiation"):
                renegotiate(peer)
            assert peer.total_renegotiations() <= 1
        assert loopback.post(federation.alice)[0] == 200


def refused(loopback: Loopback, who: Holder) -> bool:
    try:
        return loopback.post(who)[0] != 200
    except (ssl.SSLError, ConnectionError):
        return True


def test_200_certificates_one_after_another(federation: Federation) -> None:
    seen = set()

    def note(call: Call) -> bytes:
        seen.add(call.chain[0])
        return call.body

    strangers = issue("strangers", ca=True)
    with serving(federation, note) as loopback:
        for number in range(100):
            assert loopback.post(issue(f"friend-{number}", federation.sub))[0] == 200
            assert refused(loopback, issue(f"stranger-{number}", strangers))
        assert loopback.post(federation.alice)[0] == 200
        # what was shown is forgotten with its connection
        listener = loopback.server._listener
        assert listener is not None
        until(lambda: not listener._channels)
    assert len(seen) == 101


@pytest.mark.parametrize("odd", ["long", "large", "many", "doubles"])
def test_an_odd_certificate_is_refused_and_the_next_is_served(
    federation: Federation, odd: str
) -> None:
    with serving(federation, echo) as loopback:
        assert refused(loopback, ODD[odd](federation))
        assert loopback.post(federation.alice) == (200, b"x")


def _long(federation: Federation) -> Holder:
    """A chain of 14."""
    holder = federation.sub
    for number in range(12):
        holder = issue(f"sub-{number}", holder, ca=True)
    return issue("deep", holder)


def _large(federation: Federation) -> Holder:
    """One certificate of 200 kB."""
    return issue("large", federation.sub, filler=bytes(200_000))


def _many(federation: Federation) -> Holder:
    """400 that have nothing to do with it: more than 100 kB of them."""
    others = [issue(f"other-{number}", ca=True).certificate for number in range(400)]
    return replace(federation.alice, chain=(*federation.alice.chain, *others))


def _doubles(_federation: Federation) -> Holder:
    """100 issuers of one name, each of which may have issued any other; none is trusted."""
    issuers = [issue("sub", issue("sub", ca=True), ca=True) for _ in range(100)]
    return replace(
        issue("lost", issuers[0]), chain=tuple(one.certificate for one in reversed(issuers))
    )


ODD: Mapping[str, Callable[[Federation], Holder]] = {
    "long": _long,
    "large": _large,
    "many": _many,
    "doubles": _doubles,
}


def test_a_large_certificate_below_the_bound_is_only_a_certificate(federation: Federation) -> None:
    with serving(federation, echo) as loopback:
        for _ in range(20):
            assert loopback.post(issue("big", federation.sub, filler=bytes(60_000)))[0] == 200
