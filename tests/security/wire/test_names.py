"""What can be called is what is declared; what fails tells no more than it must."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection

import pytest

from gcf_am.surface.am_v3 import AM_3
from gcf_am.trust.issue import Identity
from gcf_am.xmlrpc.codec import write_call
from tests.security.wire.aggregate import Served
from tests.unit.rpc.house import GENI_3, request

UNDECLARED = (
    "system.listMethods",
    "system.methodHelp",
    "system.multicall",
    "_decode",
    "__class__",
    "allocate",
    "ALLOCATE",
    "Allocate.im_func",
    "Allocate.__code__",
    "am/3/Allocate",
    "CreateSliver",
    "answer",
    "é",
    "<x>",
)


@pytest.mark.parametrize("name", UNDECLARED)
def test_an_undeclared_name_is_a_fault(served: Served, name: str) -> None:
    status, answer = posted(served, served.house.pki.user("alice"), write_call(name, ()))
    assert status == 200
    assert b"<int>-32601</int>" in answer
    if len(name) > 2:
        assert name.encode() not in answer


@pytest.mark.parametrize("name", [one.name for one in AM_3.methods])
@pytest.mark.parametrize("path", ["/xmlrpc/am/3", "/", "/RPC2"])
def test_a_declared_name_is_answered_at_every_path(served: Served, name: str, path: str) -> None:
    with served.proxy(served.house.pki.user("alice"), path) as am:
        answer = getattr(am, name)()
    assert answer["code"]["geni_code"] == (0 if name == "GetVersion" else 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<methodCall>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><methodCall><methodName>&a;</methodName></methodCall>",
        b"<methodCall/>" + b"\0" * 10,
    ],
    ids=lambda one: str(one[:20]),
)
def test_what_is_no_call_is_a_fault_and_not_a_crash(served: Served, body: bytes) -> None:
    alice = served.house.pki.user("alice")
    status, answer = posted(served, alice, body)
    assert status == 200
    assert b"<int>-32700</int>" in answer
    assert b"Traceback" not in answer


def test_getversion_too_needs_a_certificate(served: Served) -> None:
    # R001, decision 30
    assert posted(served, None, write_call("GetVersion", ()))[0] == 403


def test_two_clients_keep_their_slices_apart(served: Served) -> None:
    pki = served.house.pki

    def own(name: str) -> set[int]:
        """Codes of calls on one's own slice, and on the other's with one's own certificate."""
        who, other = pki.user(name), pki.user("bob" if name == "alice" else "alice")
        mine, theirs = pki.slice(f"{name}-s"), pki.slice(f"{other.urn.name}-s")
        codes = set()
        with served.proxy(who) as am:
            for _ in range(5):
                good = am.Describe([mine.urn.text], served.house.creds(who, mine), GENI_3)
                bad = am.Describe([theirs.urn.text], served.house.creds(other, theirs), GENI_3)
                codes |= {good["code"]["geni_code"], 100 + bad["code"]["geni_code"]}
        return codes

    for name in ("alice", "bob"):  # made here: the tests' federation is no thread's to share
        pki.user(name)
        pki.slice(f"{name}-s")
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(own, ["alice", "bob"])) == [{0, 103}, {0, 103}]


def test_a_whole_lifecycle_over_tls(served: Served) -> None:
    pki = served.house.pki
    alice, mine = pki.user("alice"), pki.slice("whole")
    urns, creds = [mine.urn.text], served.house.creds(alice, mine)
    with served.proxy(alice) as am:
        answers = [
            am.Allocate(mine.urn.text, creds, request("one-node"), {}),
            am.Provision(urns, creds, GENI_3),
            am.Status(urns, creds, {}),
            am.Delete(urns, creds, {}),
        ]
    assert [one["code"]["geni_code"] for one in answers] == [0, 0, 0, 0]


def posted(served: Served, who: Identity | None, body: bytes) -> tuple[int, bytes]:
    connection = HTTPSConnection("127.0.0.1", served.port, context=served.context(who))
    with contextlib.closing(connection):
        connection.request("POST", "/", body, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        return answer.status, answer.read()
