"""Ten thousand credentials that are no good: few of them are looked at, and nobody else waits."""

import contextlib
import http.client
import logging
from collections import Counter
from collections.abc import Iterator

import pytest

from gcf_am.trust.issue import Identity
from gcf_am.xmlrpc.codec import write_call
from gcf_am.xmlrpc.patience import Patience
from tests.security.wire.aggregate import PATIENCE, Served, serve
from tests.unit.rpc.house import GENI_3

MOST = 50


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # a clock that stands: no test depends on how long it takes
    patience = Patience(MOST, 60, clock=lambda: 0.0)
    with serve(tmp_path_factory.mktemp("aggregate"), patience) as running:
        yield running


@contextlib.contextmanager
def connected(served: Served, who: Identity) -> Iterator[http.client.HTTPSConnection]:
    connection = http.client.HTTPSConnection(
        "127.0.0.1", served.port, context=served.context(who), timeout=PATIENCE
    )
    with contextlib.closing(connection):
        yield connection


def post(connection: http.client.HTTPSConnection, body: bytes) -> http.client.HTTPResponse:
    connection.request("POST", "/", body)
    return connection.getresponse()


def test_10000_invalid_credentials_and_a_valid_one_between_them(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pki = served.house.pki
    mallory, alice, mine = pki.user("mallory"), pki.user("alice"), pki.slice("valid")
    good = served.house.creds(alice, mine)
    forged = [{**good[0], "geni_value": good[0]["geni_value"].replace("valid", "valio", 1)}]
    body = write_call("Describe", ([mine.urn.text], forged, GENI_3))
    statuses: Counter[int] = Counter()
    with connected(served, mallory) as bad, served.proxy(alice) as am:
        for number in range(10_000):
            answer = post(bad, body)
            text = answer.read()
            statuses[answer.status] += 1
            assert answer.status == 200 or b"try again in 60 s" in text
            if number % 500 == 0:  # from the same address
                assert am.Describe([mine.urn.text], good, GENI_3)["code"]["geni_code"] == 0
        assert answer.headers["Retry-After"] == "60"
    assert statuses == {200: MOST, 503: 10_000 - MOST}
    # no more was looked at
    assert sum("credential refused" in one.getMessage() for one in caplog.records) == MOST


@pytest.mark.parametrize(
    "body",
    [b"<methodCall>", b"<!DOCTYPE a><methodCall/>", b"", b"<methodCall><methodName/></methodCall>"],
)
def test_what_is_no_call_is_counted(served: Served, body: bytes) -> None:
    with connected(served, served.house.pki.user(f"noise-{len(body)}")) as peer:
        statuses = Counter(post_and_read(peer, body) for _ in range(MOST + 10))
    assert statuses == {200: MOST, 503: 10}


def test_what_an_honest_tool_gets_wrong_is_not(served: Served) -> None:
    pki = served.house.pki
    bob, his = pki.user("bob"), pki.slice("honest")
    urns, good = [his.urn.text], served.house.creds(bob, his)
    bodies = [
        write_call("GetVersion", ()),
        write_call("Status", (urns, good, {})),  # nothing there: 12
        write_call("Allocate", (his.urn.text, good, "<rspec/>", {})),  # 1
        write_call("Status", (urns,)),  # 1
        write_call("NoSuchMethod", ()),  # a fault, and cheap
    ]
    with connected(served, bob) as peer:
        statuses = Counter(post_and_read(peer, one) for one in bodies for _ in range(MOST + 10))
    assert set(statuses) == {200}


def post_and_read(connection: http.client.HTTPSConnection, body: bytes) -> int:
    answer = post(connection, body)
    answer.read()
    return answer.status
