"""XML-RPC over TLS: who gets in, what is a call, what every answer looks like."""

import contextlib
import http.client
import socket
import ssl
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from gcf_am.trust import issue
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.issue import Identity
from tests.functional.federation import HomePki
from tests.functional.rspecs import example
from tests.functional.running import GENI3, Person, Running, Slice, proxy
from tests.pki import NOW, Pki, key, write_identity

GET_VERSION = xmlrpc.client.dumps((), "GetVersion").encode()


def connect(running: Running, who: tuple[Path, Path] | None) -> http.client.HTTPSConnection:
    """A bare HTTPS connection to the aggregate."""
    context = ssl.create_default_context(cafile=str(running.home / "certs" / "ch-cert.pem"))
    context.check_hostname = False
    if who is not None:
        context.load_cert_chain(*who)
    host, _, port = running.am_url.removeprefix("https://").rstrip("/").partition(":")
    return http.client.HTTPSConnection(host, int(port), context=context, timeout=60)


def post(
    running: Running, who: tuple[Path, Path] | None, body: bytes
) -> tuple[http.client.HTTPResponse, bytes]:
    with contextlib.closing(connect(running, who)) as connection:
        connection.request("POST", "/", body, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        return answer, answer.read()


def call(running: Running, who: Identity, folder: Path, method: str, *args: object) -> Any:
    """A call by somebody who has a certificate of a test's own."""
    chain, private = write_identity(who, folder, who.urn.name)
    with proxy(running.am_url, chain, private, running.home / "certs" / "ch-cert.pem") as am:
        return getattr(am, method)(*args)


def test_without_a_client_certificate_getversion_too_is_refused(running: Running) -> None:
    # R001, decision 30
    answer, body = post(running, None, GET_VERSION)
    assert answer.status == 403
    assert b"certificate" in body
    assert b"geni_api" not in body


def test_a_certificate_of_an_untrusted_root_is_refused_at_tls(
    running: Running, tmp_path: Path
) -> None:
    # R002
    stranger = Pki("other.example").user("alice")
    with pytest.raises(OSError, match=r"(?i)alert|closed|reset|eof"):
        call(running, stranger, tmp_path, "GetVersion")


def test_an_expired_certificate_is_refused(running: Running, pki: HomePki, tmp_path: Path) -> None:
    # R003
    expired = issue.make_user(pki.ma, "alice", now=NOW - timedelta(days=800), key=pki.next_key())
    with pytest.raises(OSError, match=r"(?i)alert|closed|reset|eof"):
        call(running, expired, tmp_path, "GetVersion")


def test_a_certificate_of_an_intermediate_is_accepted_with_its_chain(
    running: Running, alice: Person, tmp_path: Path
) -> None:
    # R004: the aggregate's roots hold no intermediate
    leaf, ma = load_chain(alice.cert.read_bytes())
    roots = [one.read_text() for one in (running.home / "trusted_roots").iterdir()]
    assert ma.pem.strip() not in "".join(roots)
    assert alice.am("GetVersion")["code"]["geni_code"] == 0
    alone = tmp_path / "leaf.pem"
    alone.write_text(leaf.pem)
    with pytest.raises(OSError, match=r"(?i)alert|closed|reset|eof"):
        post(running, (alone, alice.key), GET_VERSION)


def test_who_has_no_urn_may_not_call(
    running: Running, pki: HomePki, slice_: Slice, tmp_path: Path
) -> None:
    # R005
    own = key(pki.authority, 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")]))
        .issuer_name(pki.ma.certificate.parsed.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(minutes=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(pki.ma.key, SHA256())
    )
    files = tmp_path / "nobody.pem", tmp_path / "nobody-key.pem"
    pem = certificate.public_bytes(Encoding.PEM).decode()
    files[0].write_text(pem + pki.ma.chain_pem)
    files[1].write_text(Identity(own, ()).key_pem)
    with proxy(running.am_url, *files, running.home / "certs" / "ch-cert.pem") as am:
        answer: Any = am.Status([slice_.urn], slice_.creds, {})
    assert answer["code"]["geni_code"] == 3
    assert "certificate" in answer["output"]


def test_calls_are_posts_and_answers_are_text_xml(running: Running, alice: Person) -> None:
    # R006
    answer, body = post(running, (alice.cert, alice.key), GET_VERSION)
    assert answer.status == 200
    assert answer.headers.get_content_type() == "text/xml"
    assert body.startswith(b"<?xml")
    with contextlib.closing(connect(running, (alice.cert, alice.key))) as connection:
        connection.request("GET", "/RPC2")
        assert connection.getresponse().status == 405


@pytest.mark.parametrize("version", [SSL.TLS1_VERSION, SSL.TLS1_1_VERSION])
def test_older_tls_is_not_spoken(running: Running, version: int) -> None:
    # R007
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"DEFAULT@SECLEVEL=0")
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    place = urlsplit(running.am_url)
    with socket.create_connection((place.hostname, place.port)) as raw:
        peer = SSL.Connection(context, raw)
        peer.set_connect_state()
        with pytest.raises(SSL.Error, match="protocol version"):
            peer.do_handshake()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"GET",
        b"<methodCall><methodName>GetVersion</methodName>",
        b"<methodCall/>",
        b"<other/>",
        # R024
        b'<!DOCTYPE a [<!ENTITY b "x">]><methodCall><methodName>&b;</methodName></methodCall>',
    ],
)
def test_what_is_no_xmlrpc_is_a_fault(running: Running, alice: Person, body: bytes) -> None:
    # R008
    answer, text = post(running, (alice.cert, alice.key), body)
    assert answer.status == 400 or b"<fault>" in text
    assert alice.am("GetVersion")["code"]["geni_code"] == 0


def test_an_unknown_method_is_a_fault(alice: Person) -> None:
    # R009
    for name in ("CreateSliver", "allocate", "system.listMethods", "GetVersion.x"):
        with pytest.raises(xmlrpc.client.Fault):
            alice.am(name)


CALLS = {
    "ListResources": ("creds", "options"),
    "Describe": ("urns", "creds", "options"),
    "Allocate": ("urn", "creds", "rspec", "options"),
    "Provision": ("urns", "creds", "options"),
    "Renew": ("urns", "creds", "time", "options"),
    "Status": ("urns", "creds", "options"),
    "PerformOperationalAction": ("urns", "creds", "action", "options"),
    "Delete": ("urns", "creds", "options"),
    "Shutdown": ("urn", "creds", "options"),
    "Update": ("urns", "creds", "rspec", "options"),
    "Cancel": ("urns", "creds", "options"),
}


def good(slice_: Slice) -> dict[str, object]:
    """An argument of each name that is as it should be."""
    return {
        "urn": slice_.urn,
        "urns": [slice_.urn],
        "creds": slice_.creds,
        "rspec": example("one-node"),
        "time": "2125-01-01T00:00:00Z",
        "action": "geni_start",
        "options": GENI3,
    }


@pytest.mark.parametrize("method", CALLS)
def test_missing_and_wrong_arguments_are_bad_arguments(
    alice: Person, slice_: Slice, method: str
) -> None:
    # R010, R011, R021: in the return struct, no Fault
    names, right = CALLS[method], good(slice_)
    arguments = [right[name] for name in names]
    for length in range(len(names)):
        assert alice.am(method, *arguments[:length])["code"]["geni_code"] == 1
    for place, name in enumerate(names):
        wrong: tuple[object, ...] = (7, {}, True) if name != "options" else (7, [], "x")
        for one in wrong:
            sent = [*arguments[:place], one, *arguments[place + 1 :]]
            assert alice.am(method, *sent)["code"]["geni_code"] == 1, (name, one)
    assert slice_.states() == {}


def test_unknown_options_are_ignored_by_every_method(slice_: Slice, carol: Person) -> None:
    # R020
    odd = {"geni_nonsense": {"a": [1]}, "other_option": "x", "geni_start_time": "whenever"}
    owner = slice_.owner
    assert owner.am("GetVersion", odd)["code"]["geni_code"] == 0
    assert owner.am("ListResources", slice_.creds, {**GENI3, **odd})["code"]["geni_code"] == 0
    slice_.done("Allocate", example("one-node"), **odd)
    slice_.done("Provision", **odd)
    slice_.until("geni_notready")
    slice_.done("PerformOperationalAction", "geni_start", **odd)
    slice_.until("geni_ready")
    manifest = slice_.done("Describe", **odd)["geni_rspec"]
    slice_.done("Update", manifest, **odd)
    slice_.done("Cancel", **odd)
    slice_.done("Renew", slice_.done("Status", **odd)["geni_slivers"][0]["geni_expires"], **odd)
    assert slice_.done("Shutdown", by=carol, **odd) is True
    slice_.done("Delete", by=carol, **odd)


@pytest.mark.parametrize("value", [1, 0, "true", "false", "1", "0"])
def test_booleans_may_be_ints_and_words(slice_: Slice, value: object) -> None:
    # R022
    options = {**GENI3, "geni_compressed": value}
    answer = slice_.owner.am("ListResources", slice_.creds, options)
    assert answer["value"].startswith("<?xml") is (value in {0, "false", "0"})


def test_what_is_no_boolean_is_a_bad_argument(slice_: Slice) -> None:
    values: tuple[object, ...] = (2, "yes", [], {})
    for value in values:
        options = {**GENI3, "geni_compressed": value}
        answer = slice_.owner.am("ListResources", slice_.creds, options)
        assert answer["code"]["geni_code"] == 1


def test_two_callers_at_once_keep_their_identities_apart(slice_: Slice, bobs: Slice) -> None:
    # R023
    def codes(mine: Slice, others: Slice) -> set[tuple[int, int]]:
        found = set()
        for _ in range(10):
            own = mine.owner.am_alone("Describe", [mine.urn], mine.creds, GENI3)
            other = mine.owner.am_alone("Describe", [others.urn], others.creds, GENI3)
            found.add((own["code"]["geni_code"], other["code"]["geni_code"]))
        return found

    with ThreadPoolExecutor(4) as pool:
        tasks = [(slice_, bobs), (bobs, slice_)] * 2
        assert list(pool.map(lambda task: codes(*task), tasks)) == [{(0, 3)}] * 4


def test_an_rspec_with_a_dtd_is_refused(slice_: Slice) -> None:
    # R024
    text = example("one-node").replace("<rspec", '<!DOCTYPE rspec [<!ENTITY e "x">]><rspec', 1)
    assert slice_.refused("Allocate", text) == 1


def test_a_body_beyond_the_limit_is_refused(running: Running, alice: Person) -> None:
    # R025: the limit in the configuration is 8,000,000 bytes
    with contextlib.closing(connect(running, (alice.cert, alice.key))) as connection:
        connection.putrequest("POST", "/")
        connection.putheader("Content-Type", "text/xml")
        connection.putheader("Content-Length", "8000001")
        connection.endheaders()
        assert connection.getresponse().status == 413
