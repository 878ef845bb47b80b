"""What a server may do to us on the wire, and the sentence that comes of it."""

import select
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gcf_am.client.answers import BadAnswer
from gcf_am.client.clearinghouse import Clearinghouse
from gcf_am.client.credential_file import UnreadableCredential
from gcf_am.client.transport import Endpoint, Faulted, Identity, Unreachable
from gcf_am.errors import ConfigError
from gcf_am.xmlrpc.codec import write_fault, write_response
from gcf_am.xmlrpc.fault import Fault
from tests.security.client.evil import Evil, Script, http, says, sends
from tests.unit.clearinghouse.homes import made_home

Start = Callable[[Script], Evil]
Make = Callable[..., Endpoint]
BOMB = b'<!DOCTYPE a [<!ENTITY b "cccc">]><methodResponse><params><param><value>&b;</value></param></params></methodResponse>'


@pytest.mark.parametrize(
    ("data", "says_"),
    [
        (http(b"", status="302 Found", headers="Location: https://127.0.0.1:9/\r\n"), "HTTP 302"),
        (http(b"busy\n", status="503 Busy"), "answered HTTP 503 busy"),
        (http(b"<html/>"), "no methodResponse"),
        (http(b""), "no XML-RPC"),
        (http(BOMB), "document type declaration"),
        (http(b"<a>" * 200 + b"</a>" * 200), "deep"),
        (b"no HTTP at all\r\n\r\n", "gave no answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n", "gave no answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n", "gave no answer"),
    ],
)
def test_what_is_no_answer_is_told(evil: Start, endpoint: Make, data: bytes, says_: str) -> None:
    with pytest.raises(Unreachable, match=says_):
        endpoint(evil(sends(data))).call("GetVersion")


def test_an_endless_answer_is_cut(evil: Start, endpoint: Make) -> None:
    def pour(peer: ssl.SSLSocket, _: bytes) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.sendall(b"x" * 65536)

    with pytest.raises(Unreachable, match="more than 1000000 bytes"):
        endpoint(evil(pour), largest=1_000_000).call("GetVersion")


def test_a_dripping_answer_is_cut(evil: Start, endpoint: Make) -> None:
    def drip(peer: ssl.SSLSocket, _: bytes) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.sendall(b"x")
            time.sleep(0.05)

    before = time.monotonic()
    with pytest.raises(Unreachable, match="did not end its answer in 1 seconds"):
        endpoint(evil(drip), seconds=1).call("GetVersion")
    assert time.monotonic() - before < 8


def test_a_silent_server_is_left(evil: Start, endpoint: Make) -> None:
    def wait(peer: ssl.SSLSocket, _: bytes) -> None:
        peer.recv(1)

    with pytest.raises(Unreachable, match="took too long"):
        endpoint(evil(wait), seconds=0.5).call("GetVersion")


def test_a_connection_that_was_closed_meanwhile_is_made_anew(evil: Start, endpoint: Make) -> None:
    def once(peer: ssl.SSLSocket, _: bytes) -> None:
        peer.sendall(http(write_response("one")))
        peer.close()

    server = evil(once)
    one = endpoint(server)
    assert one.call("GetVersion") == "one"
    kept = one._connection
    assert kept is not None
    assert select.select([kept.sock], [], [], 10)[0]  # the end has arrived
    assert one.call("GetVersion") == "one"
    assert len(server.requests) == 2


def test_a_call_is_never_sent_twice(evil: Start, endpoint: Make) -> None:
    server = evil(lambda peer, _: peer.close())
    with pytest.raises(Unreachable):
        endpoint(server).call("Allocate")
    assert len(server.requests) == 1


def test_a_fault_is_a_refusal(evil: Start, endpoint: Make) -> None:
    with pytest.raises(Faulted, match=r"^refused: no$") as caught:
        endpoint(evil(sends(http(write_fault(Fault(3, "no")))))).call("CreateSlice")
    assert caught.value.code == 3


def test_a_server_that_no_root_vouches_for_gets_nothing(
    evil: Start, identity: Identity, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = made_home(tmp_path_factory) / "certs" / "ch-cert.pem"
    server = evil(says("x"))
    careful = Endpoint(server.url, Identity(identity.certificate, identity.key, other), 10)
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        careful.call("CreateSlice")
    careless = Endpoint(server.url, Identity(identity.certificate, identity.key), 10)
    assert careless.call("CreateSlice") == "x"  # without `ca` we are as Omni is
    careless.close()
    assert len(server.requests) == 1


def test_a_user_is_no_server(evil_home: Path, identity: Identity) -> None:
    # who has a user's certificate must not pose as an aggregate
    certs = evil_home / "certs"
    server = Evil(certs / "bob-cert.pem", certs / "bob-key.pem", says("x"))
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        Endpoint(server.url, identity, 10).call("CreateSlice")
    server.close()
    assert server.requests == []


@pytest.mark.parametrize(
    ("changes", "says_"),
    [
        ({"certificate": "none.pem"}, r"there is no file .*none\.pem"),
        ({"key": "none.pem"}, r"there is no file .*none\.pem"),
        ({"ca": "none.pem"}, r"there is no file .*none\.pem"),
        ({"key": "bob-key.pem"}, r"alice-cert\.pem and the key .*bob-key\.pem cannot be used"),
        ({"ca": "alice-key.pem"}, r"^ca .*alice-key\.pem cannot be used"),
    ],
)
def test_files_that_cannot_be_used_are_named(
    evil_home: Path, changes: dict[str, str], says_: str
) -> None:
    certs = evil_home / "certs"
    names = {"certificate": "alice-cert.pem", "key": "alice-key.pem", "ca": "ch-cert.pem"}
    files = {name: certs / file for name, file in (names | changes).items()}
    with pytest.raises(ConfigError, match=says_):
        Identity(files["certificate"], files["key"], files["ca"]).context()


@pytest.mark.parametrize(
    "url", ["http://h/", "https://", "https://u:p@h/", "https://h:port/", "file:///x", "h:8001"]
)
def test_only_https_urls_are_called(identity: Identity, url: str) -> None:
    with pytest.raises(ConfigError, match="no URL of the form"):
        Endpoint(url, identity).call("GetVersion")


NIL = b"<methodResponse><params><param><value><nil/></value></param></params></methodResponse>"


NONSENSE: list[object] = ["", 0, [], {}, [[1]], ["a"], [["a"]], "<a/>"]


@pytest.mark.parametrize("body", [NIL, *map(write_response, NONSENSE)])
def test_a_clearinghouse_that_answers_nonsense_is_told(
    evil: Start, endpoint: Make, body: bytes
) -> None:
    ch = Clearinghouse(endpoint(evil(sends(http(body)))))
    urn = "urn:publicid:IDN+gcf.local+slice+one"
    with pytest.raises((BadAnswer, UnreadableCredential)):
        ch.create_slice(urn)
    with pytest.raises((BadAnswer, UnreadableCredential)):
        ch.create_user_credential("")
    with pytest.raises(BadAnswer):
        ch.delete_slice(urn)
    if body != write_response([]):
        with pytest.raises(BadAnswer):
            ch.list_aggregates()
