"""What a server bears: size, time, number. Source: issue 2, The server; decision 25."""

import contextlib
import socket
import ssl
import time

import pytest

from gcf_am.xmlrpc.server import HttpLimits
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

POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
SMALL = HttpLimits(body_bytes=1000, anonymous_bytes=100)
SHORT = 0.3  # of one stage only: the others may take as long as a busy machine makes them


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"))


def test_a_body_may_be_as_large_as_the_limit(federation: Federation) -> None:
    with serving(federation, echo, SMALL) as loopback:
        assert loopback.post(federation.alice, b"x" * 1000) == (200, b"x" * 1000)
        status, text = loopback.post(federation.alice, b"x" * 1001)
        assert (status, text) == (413, b"The request is too large.\n")


def test_a_large_body_is_refused_before_it_is_sent(federation: Federation) -> None:
    with serving(federation, echo, SMALL) as loopback:
        announced = POST + b"Content-Length: 99999999999\r\n\r\n"
        assert loopback.say(federation.alice, announced).startswith(b"HTTP/1.1 413 ")
        patient = POST + b"Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"
        answer = loopback.say(federation.alice, patient)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"100 Continue" not in answer


def test_chunks_do_not_get_around_the_limit(federation: Federation) -> None:
    with serving(federation, echo, SMALL) as loopback:
        head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
        chunks = (b"1f4\r\n" + b"x" * 500 + b"\r\n") * 3
        assert loopback.say(federation.alice, head + chunks).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_all_the_same_sees_why(federation: Federation) -> None:
    with serving(federation, echo, SMALL) as loopback:
        assert loopback.post(federation.alice, b"x" * 3_000_000)[0] == 413


def test_who_shows_no_certificate_gets_less_room(federation: Federation) -> None:
    with serving(federation, echo, SMALL, needs_certificate=False) as loopback:
        assert loopback.post(None, b"x" * 100)[0] == 200
        assert loopback.post(None, b"x" * 101)[0] == 413


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 1_0\r\n\r\n",
        POST + b"Transfer-Encoding: x\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nnot hex\r\n",
        POST + b"no colon\r\n\r\n",
        POST + b"X: " + b"x" * 20000 + b"\r\n\r\n",
        POST + b"X: y\r\n" * 3000 + b"\r\n",
        b"POST\r\n\r\n",
        b"\x16\x03\x01\x00\x00\r\n\r\n",
    ],
    ids=lambda one: str(one[24:54]),
)
def test_what_is_no_http_is_closed(federation: Federation, sent: bytes) -> None:
    with serving(federation, echo, SMALL) as loopback:
        answer = loopback.say(federation.alice, sent)
        assert answer == b"" or answer[:13] in {b"HTTP/1.1 400 ", b"HTTP/1.1 431 "}
        assert loopback.post(federation.alice)[0] == 200


def test_too_many_calls_at_once_get_503_and_a_time_to_come_back(federation: Federation) -> None:
    gate = Gate()
    limits = HttpLimits(threads=1, queue=0, retry_seconds=7)
    with (
        serving(federation, gate.answer, limits) as loopback,
        loopback.tls(federation.alice) as first,
        contextlib.closing(loopback.connect(federation.bob)) as second,
    ):
        first.sendall(POST + b"Content-Length: 1\r\nConnection: close\r\n\r\n1")
        assert gate.entered.wait(PATIENCE)
        second.request("POST", "/", b"2")
        busy = second.getresponse()
        assert busy.status == 503
        assert busy.headers["Retry-After"] == "7"
        busy.read()
        # a connection that was told so is not lost
        second.request("GET", "/healthz")
        assert second.getresponse().read() == b"ok\n"
        gate.open.set()
        assert everything(first).endswith(b"at last: 1")
        second.request("POST", "/", b"2")
        assert second.getresponse().read() == b"at last: 2"


@pytest.mark.parametrize(
    "sent", [b"POST / HT", POST + b"X: y\r\n", POST + b"Content-Length: 9\r\n\r\nabc"], ids=str
)
def test_who_does_not_finish_a_request_gets_408(federation: Federation, sent: bytes) -> None:
    with serving(federation, echo, HttpLimits(read_seconds=SHORT)) as loopback:
        answer = loopback.say(federation.alice, sent)
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout")
        assert b"within 0.3 seconds" in answer


def test_a_byte_now_and_then_buys_no_time(federation: Federation) -> None:
    limits = HttpLimits(read_seconds=SHORT)
    with serving(federation, echo, limits) as loopback, loopback.tls(federation.alice) as peer:
        peer.sendall(POST + b"Content-Length: 1000000\r\n\r\n")
        peer.settimeout(0.05)
        began, answer = time.monotonic(), b""
        while not answer and time.monotonic() < began + PATIENCE:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                peer.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                answer = peer.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_who_does_not_finish_the_handshake_is_dropped(federation: Federation) -> None:
    with serving(federation, echo, HttpLimits(handshake_seconds=SHORT)) as loopback:
        with loopback.tcp() as silent, loopback.tcp() as half:
            half.sendall(b"\x16\x03\x01\x02\x00\x01")
            assert everything(silent) == everything(half) == b""
        # a machine that is very busy drops this one already in its handshake
        with contextlib.suppress(ssl.SSLError, ConnectionError), loopback.tls(None) as mute:
            assert everything(mute) == b""


def test_an_idle_connection_is_closed_after_its_time(federation: Federation) -> None:
    limits = HttpLimits(idle_seconds=SHORT)
    with serving(federation, echo, limits) as loopback, loopback.tls(federation.alice) as peer:
        peer.sendall(POST + b"Content-Length: 1\r\n\r\nx")
        assert everything(peer).endswith(b"\r\n\r\nx")


def test_who_does_not_take_the_answer_is_cut_off(federation: Federation) -> None:
    done = []

    def large(_call: object) -> bytes:
        done.append(True)
        return b"x" * 50_000_000

    limits = HttpLimits(idle_seconds=SHORT, close_seconds=SHORT)
    with serving(federation, large, limits) as loopback, loopback.tcp() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with federation.context(federation.alice).wrap_socket(raw) as peer:
            peer.sendall(POST + b"Content-Length: 1\r\n\r\nx")
            assert peer.recv(5) == b"HTTP/"
            # nothing is read for as long as the server has patience; then the rest never comes
            loopback.server.stop(PATIENCE)
            assert len(everything(peer)) < 50_000_000
    assert done


def test_there_are_only_so_many_connections(federation: Federation) -> None:
    gate = Gate()
    with serving(federation, gate.answer, HttpLimits(connections=1)) as loopback:
        with loopback.tls(federation.alice) as first:
            first.sendall(POST + b"Connection: close\r\nContent-Length: 1\r\n\r\nx")
            assert gate.entered.wait(PATIENCE)
            with contextlib.suppress(ConnectionError), loopback.tcp() as second:
                assert everything(second) == b""
            gate.open.set()
            assert everything(first).endswith(b"x")
        until(lambda: answered(loopback, federation))


@pytest.mark.parametrize("asked", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_silent_connections_make_room_for_others(federation: Federation, asked: bytes) -> None:
    with (
        serving(federation, echo, HttpLimits(connections=3)) as loopback,
        contextlib.ExitStack() as open_,
    ):
        strangers = [open_.enter_context(loopback.tls(None)) for _ in range(3)]
        for one in strangers:
            one.sendall(asked)
            assert not asked or one.recv(9) == b"HTTP/1.1 "
        assert loopback.post(federation.alice, b"x") == (200, b"x")
        assert everything(strangers[0]).endswith(b"ok\n" if asked else b"")


def test_bodies_that_come_in_have_so_much_room_together(federation: Federation) -> None:
    limits = HttpLimits(coming_bytes=1000)
    with serving(federation, echo, limits) as loopback:
        with loopback.tls(federation.alice) as half:
            half.sendall(POST + b"Content-Length: 1000\r\n\r\n" + b"x" * 999)
            until(lambda: loopback.post(federation.bob, b"yy")[0] == 503)
            assert loopback.post(federation.bob, b"yy", "/nothing")[0] == 503
            half.sendall(b"x")
            assert half.recv(12) == b"HTTP/1.1 200"
        # there is room again, also after what was refused, cut off or not for us
        for path, status in (("/nothing", 404), ("/", 200), ("/", 200)):
            assert loopback.post(federation.bob, b"y" * 900, path)[0] == status
        with loopback.tls(federation.alice) as cut:
            cut.sendall(POST + b"Content-Length: 1000\r\n\r\n" + b"x" * 999)
            until(lambda: loopback.post(federation.bob, b"yy")[0] == 503)
        until(lambda: loopback.post(federation.bob, b"y" * 1000) == (200, b"y" * 1000))


def answered(loopback: Loopback, federation: Federation) -> bool:
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        return loopback.post(federation.bob, b"y")[0] == 200
    return False
