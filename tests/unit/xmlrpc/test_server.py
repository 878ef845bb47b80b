import contextlib
import hashlib
import logging
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.server import HttpLimits, Server
from tests.unit.xmlrpc.authority import Holder, issue, material
from tests.unit.xmlrpc.serving import (
    PATIENCE,
    Federation,
    Gate,
    Loopback,
    echo,
    everything,
    serving,
)

POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


def test_a_post_is_answered(federation: Federation) -> None:
    with (
        serving(federation, echo) as loopback,
        contextlib.closing(loopback.connect(federation.alice)) as connection,
    ):
        connection.request("POST", "/RPC2", b"<methodCall/>")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"<methodCall/>")
        assert answer.headers["Content-Type"] == "text/xml"


def test_the_handler_gets_the_verified_chain(federation: Federation) -> None:
    chains = []

    def keep(call: Call) -> bytes:
        chains.append(call.chain)
        return b""

    with serving(federation, keep) as loopback:
        assert loopback.post(federation.alice)[0] == 200
    assert chains == [(federation.alice.der, federation.sub.der, federation.root.der)]


def test_a_connection_is_kept_alive_and_may_be_pipelined(federation: Federation) -> None:
    with serving(federation, echo) as loopback, loopback.tls(federation.alice) as peer:
        one = POST + b"Content-Length: 3\r\n\r\none"
        last = POST + b"Connection: close\r\nContent-Length: 4\r\n\r\nlast"
        peer.sendall(one)
        assert peer.recv(65536).endswith(b"one")
        peer.sendall(one + one + last)
        answers = everything(peer)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.endswith(b"last")


def test_chunks_and_http_1_0_are_read(federation: Federation) -> None:
    with serving(federation, echo) as loopback:
        chunked = POST + (
            b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"4\r\n<met\r\n3\r\nhod\r\n0\r\n\r\n"
        )
        assert loopback.say(federation.alice, chunked).endswith(b"<method")
        old = b"POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx"
        assert loopback.say(federation.alice, old).endswith(b"\r\n\r\nx")


def test_other_paths_and_other_methods_get_a_sentence(federation: Federation) -> None:
    with serving(federation, echo) as loopback:
        assert loopback.post(federation.alice, path="/nowhere") == (
            404,
            b"There is nothing here; XML-RPC is at / and /RPC2.\n",
        )
        with contextlib.closing(loopback.connect(None)) as connection:
            for method in ("GET", "PUT", "DELETE"):
                connection.request(method, "/")
                answer = connection.getresponse()
                assert answer.status == 405
                assert answer.headers["Allow"] == "POST"
                assert b"POST a methodCall" in answer.read()
            connection.request("HEAD", "/RPC2?x=1")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (405, b"")
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"ok\n")


def test_a_route_says_whether_it_needs_a_certificate(federation: Federation) -> None:
    with serving(federation, echo) as loopback:
        status, text = loopback.post(None)
        assert status == 403
        assert b"needs a client certificate" in text
    with serving(federation, echo, needs_certificate=False) as loopback:
        assert loopback.post(None, b"open") == (200, b"open")


def test_what_an_answer_raises_is_told_without_details(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_call: Call) -> bytes:
        raise RuntimeError("secret")

    with serving(federation, fail) as loopback:
        status, text = loopback.post(federation.alice)
    assert status == 500
    assert b"secret" not in text
    number = text.split()[-1].decode().rstrip(".")
    assert f"request {number} was not answered" in caplog.text


def test_two_peers_keep_their_identities_apart(federation: Federation) -> None:
    def who(call: Call) -> bytes:
        return hashlib.sha256(call.chain[0]).hexdigest().encode() + b" " + call.body

    def calls(holder: Holder) -> bool:
        mine = hashlib.sha256(holder.der).hexdigest().encode()
        with contextlib.closing(loopback.connect(holder)) as connection:
            for number in range(50):
                body = mine + b"%d" % number
                connection.request("POST", "/", body)
                if connection.getresponse().read() != mine + b" " + body:
                    return False
        return True

    with serving(federation, who) as loopback, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(calls, [federation.alice, federation.bob] * 2))


def test_replaced_roots_hold_for_the_next_connection(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    other = issue("other root", ca=True)
    eve = issue("eve", other)
    now = [federation.material]
    with serving(federation, echo, tls=lambda: now[0]) as loopback:
        with contextlib.closing(loopback.connect(federation.alice)) as before:
            before.request("POST", "/", b"1")
            assert before.getresponse().read() == b"1"
            assert refused(loopback, eve)
            now[0] = material(federation.server, other)
            assert loopback.post(eve, b"2") == (200, b"2")
            assert refused(loopback, federation.alice)
            # who was judged stays judged until the connection ends
            before.request("POST", "/", b"3")
            assert before.getresponse().read() == b"3"
        now[0] = material(federation.alice, other)  # alice's key with another's certificate:
        now[0] = type(now[0])(federation.server.pem, federation.alice.key_pem, now[0].roots)
        with caplog.at_level(logging.ERROR):
            assert loopback.post(eve, b"4") == (200, b"4")
        assert "the former stays in use" in caplog.text


def refused(loopback: Loopback, who: Holder) -> bool:
    try:
        loopback.post(who)
    except (ssl.SSLError, ConnectionError):
        return True
    return False


def test_a_stop_finishes_calls_in_flight(federation: Federation) -> None:
    gate = Gate()
    with serving(federation, gate.answer) as loopback, ThreadPoolExecutor(2) as pool:
        with contextlib.closing(loopback.connect(federation.bob)) as idle:
            idle.request("GET", "/healthz")
            idle.getresponse().read()
            call = pool.submit(loopback.post, federation.alice, b"mine")
            assert gate.entered.wait(PATIENCE)
            stop = pool.submit(loopback.server.stop, PATIENCE)
            assert idle.sock.recv(1) == b""  # the idle one is closed: the stop has begun
            assert not stop.done()
            gate.open.set()
            assert call.result(PATIENCE) == (200, b"at last: mine")
            stop.result(PATIENCE)
        with loopback.tcp() as late:
            late.settimeout(0.1)  # it lies in the backlog, and nobody takes it from there
            with pytest.raises(TimeoutError):
                federation.context(None).wrap_socket(late)


def test_whether_it_is_ready_is_told_to_anybody(federation: Federation) -> None:
    why = [""]
    with serving(federation, echo, unready=lambda: why[0]) as loopback:
        assert asked(loopback) == (200, b"ready\n")
        why[0] = "The moon is full."
        assert asked(loopback) == (503, b"The moon is full.\n")
        assert loopback.post(federation.alice, b"x") == (200, b"x")


def asked(loopback: Loopback) -> tuple[int, bytes]:
    with contextlib.closing(loopback.connect(None)) as connection:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_who_is_about_to_stop_says_so_and_keeps_nobody(federation: Federation) -> None:
    # 1. it goes on answering, new connections, too
    with (
        serving(federation, echo) as loopback,
        contextlib.closing(loopback.connect(federation.alice)) as kept,
    ):
        kept.request("POST", "/", b"1")
        first = kept.getresponse()
        assert (first.read(), first.headers["Connection"]) == (b"1", None)
        loopback.server.leave()
        assert asked(loopback) == (503, b"This server is about to stop.\n")
        assert loopback.post(federation.bob, b"2") == (200, b"2")
        # 2. a connection that was kept ends with its next answer
        kept.request("POST", "/", b"3")
        last = kept.getresponse()
        assert (last.read(), last.headers["Connection"]) == (b"3", "close")


def test_who_has_connected_is_heard_before_a_stop(federation: Federation) -> None:
    with serving(federation, echo) as loopback, ThreadPoolExecutor(1) as pool:
        with loopback.tls(federation.alice) as peer:
            assert asked(loopback)[0] == 200  # this one was accepted after it
            stop = pool.submit(loopback.server.stop, PATIENCE)
            peer.sendall(POST + b"Content-Length: 1\r\n\r\nx")
            assert everything(peer).endswith(b"x")
        stop.result(PATIENCE)


def test_a_stop_does_not_wait_for_ever(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    with serving(federation, gate.answer) as loopback, loopback.tls(federation.alice) as peer:
        peer.sendall(POST + b"Content-Length: 1\r\n\r\nx")
        assert gate.entered.wait(PATIENCE)
        loopback.server.stop(0.1)
        assert everything(peer) == b""
        gate.open.set()
    assert "they are cut off" in caplog.text


def test_a_peer_that_does_not_wait_harms_nobody(federation: Federation) -> None:
    gate = Gate()
    with serving(federation, gate.answer) as loopback:
        with loopback.tls(federation.alice) as peer:
            peer.sendall(POST + b"Content-Length: 1\r\n\r\nx")
            assert gate.entered.wait(PATIENCE)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        gate.open.set()
        assert loopback.post(federation.bob, b"y") == (200, b"at last: y")


def test_a_certificate_without_its_key_is_told_at_start(federation: Federation) -> None:
    wrong = type(federation.material)(
        federation.server.pem, federation.alice.key_pem, (federation.root.der,)
    )
    with pytest.raises(Exception, match=r"(?i)key"), serving(federation, echo, tls=lambda: wrong):
        pass


def test_a_server_that_never_started_can_be_stopped(federation: Federation) -> None:
    with socket.socket() as listen:
        Server(None, listen, HttpLimits()).stop(0)  # type: ignore[arg-type]


def test_servers_come_and_go_in_one_process(federation: Federation) -> None:
    for number in range(3):
        with serving(federation, echo, HttpLimits(threads=1)) as loopback:
            assert loopback.post(federation.alice, b"%d" % number) == (200, b"%d" % number)
