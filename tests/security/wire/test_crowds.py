"""Many at once, from one address or with one certificate: the others have room all the same."""

import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

import pytest

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.server import HttpLimits
from gcf_am.xmlrpc.server.channel import Stage
from gcf_am.xmlrpc.server.eventloop import EventLoop
from gcf_am.xmlrpc.server.listener import Listener
from tests.unit.xmlrpc.authority import Holder
from tests.unit.xmlrpc.serving import (
    PATIENCE,
    Federation,
    Gate,
    Loopback,
    echo,
    everything,
    serving,
    until,
)

T = TypeVar("T")
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
HALF = POST + b"Content-Length: 9\r\n\r\n<"
ELSEWHERE = "127.0.0.2"


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"))


def connected(loopback: Loopback, who: Holder | None, address: str) -> ssl.SSLSocket:
    """A peer whose handshake is over, from this address of the loopback network."""
    raw = socket.create_connection(
        ("127.0.0.1", loopback.port), PATIENCE, source_address=(address, 0)
    )
    try:
        return loopback.federation.context(who).wrap_socket(raw)
    except BaseException:
        raw.close()
        raise


def seen(loopback: Loopback, question: Callable[[Listener], T]) -> T:
    """What the server's event loop knows."""
    listener = loopback.server._listener
    assert listener is not None
    found: T = EventLoop.running().call(lambda: question(listener))
    return found


def reading(listener: Listener) -> int:
    return sum(one.stage is Stage.READING for one in listener._channels)


def reads(peer: ssl.SSLSocket) -> bool:
    """Whether the server reads this peer's requests: one is answered."""
    peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    received = b""
    while not received.endswith(b"ok\n"):
        received += peer.recv(65536)
    return True


@pytest.mark.parametrize("sent", [b"P", POST, HALF], ids=["line", "headers", "body"])
def test_half_sent_requests_make_room(federation: Federation, sent: bytes) -> None:
    limits = HttpLimits(connections=20, read_seconds=600)
    with serving(federation, echo, limits) as loopback, contextlib.ExitStack() as open_:
        strangers = [open_.enter_context(loopback.tls(None)) for _ in range(20)]
        for one in strangers:
            assert reads(one)
            one.sendall(sent)
        until(lambda: seen(loopback, reading) == 20)
        for _ in range(3):
            assert loopback.post(federation.alice) == (200, b"x")


def test_who_has_most_connections_makes_room_first(federation: Federation) -> None:
    limits = HttpLimits(connections=10, read_seconds=600, idle_seconds=600)
    with serving(federation, echo, limits) as loopback, contextlib.ExitStack() as open_:
        few = [open_.enter_context(connected(loopback, None, ELSEWHERE)) for _ in range(2)]
        many = [open_.enter_context(loopback.tls(federation.alice)) for _ in range(8)]
        assert all(reads(one) for one in (*few, *many))
        # idle ones elsewhere would be the first to go, were it not for the numbers
        for one in many:
            one.sendall(HALF)
        until(lambda: seen(loopback, reading) == 8)
        for _ in range(5):
            open_.enter_context(loopback.tls(federation.alice)).sendall(HALF)
        assert loopback.post(federation.bob) == (200, b"x")
        assert all(reads(one) for one in few)


def test_who_shows_no_certificate_makes_room_before_who_does(federation: Federation) -> None:
    limits = HttpLimits(connections=6, read_seconds=600)
    with serving(federation, echo, limits) as loopback, contextlib.ExitStack() as open_:
        known = [open_.enter_context(loopback.tls(federation.alice)) for _ in range(3)]
        unknown = [open_.enter_context(loopback.tls(None)) for _ in range(3)]
        for one in (*known, *unknown):
            assert reads(one)
            one.sendall(HALF)
        until(lambda: seen(loopback, reading) == 6)
        for _ in range(3):
            assert loopback.post(federation.bob) == (200, b"x")
        for one in known:
            one.sendall(b"12345678")
            assert one.recv(15) == b"HTTP/1.1 200 OK"


def test_one_certificate_does_not_fill_the_queue(federation: Federation) -> None:
    gate = Gate()
    limits = HttpLimits(threads=1, queue=3)
    assert (limits.calls, limits.calls_of_one) == (4, 3)
    with serving(federation, gate.answer, limits) as loopback, contextlib.ExitStack() as open_:
        peers = [open_.enter_context(loopback.tls(federation.alice)) for _ in range(3)]
        for one in peers:
            assert reads(one)
            one.sendall(POST + b"Connection: close\r\nContent-Length: 1\r\n\r\nx")
        until(lambda: seen(loopback, lambda listener: listener._calls.total()) == 3)
        assert loopback.post(federation.alice)[0] == 503
        other = open_.enter_context(loopback.tls(federation.bob))
        other.sendall(POST + b"Connection: close\r\nContent-Length: 1\r\n\r\ny")
        gate.open.set()
        assert all(everything(one).endswith(b"at last: x") for one in peers)
        assert everything(other).endswith(b"at last: y")
        # and a share that was used is free again
        assert loopback.post(federation.alice)[0] == 200


def test_500_requests_in_one_breath_are_worked_on_one_at_a_time(federation: Federation) -> None:
    at_work = []

    def note(call: Call) -> bytes:
        at_work.append(seen(loopback, lambda listener: listener._calls.total()))
        return call.body

    with serving(federation, note) as loopback, loopback.tls(federation.alice) as peer:
        number = 500
        requests = (POST + b"Content-Length: 1\r\n\r\nx") * number
        last = POST + b"Connection: close\r\nContent-Length: 4\r\n\r\nlast"
        peer.sendall(requests + last)
        assert everything(peer).count(b"HTTP/1.1 200 OK") == number + 1
    assert at_work == [1] * (number + 1)


@pytest.mark.parametrize(
    "headers",
    [b"X: y\r\n" * 100_000, b"X: " + b"y" * 2_000_000, b"X: y\r\n y" + b"\r\n y" * 100_000],
    ids=["many", "long", "folded"],
)
def test_headers_without_end_are_cut_off(federation: Federation, headers: bytes) -> None:
    with serving(federation, echo) as loopback:
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            answer = loopback.say(federation.alice, POST + headers)
            assert answer == b"" or answer[:13] in {b"HTTP/1.1 400 ", b"HTTP/1.1 431 "}
        assert loopback.post(federation.alice) == (200, b"x")
