"""Fetching from a server that misbehaves, in the test's own process."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gcf_am.drivers.host.fetch import REDIRECTS, Fetcher
from gcf_am.drivers.host.origins import Origins
from tests.unit.drivers.host.alone import alone

MOST = 1000


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@contextmanager
def server(
    answers: dict[str, Answer], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback; yields its URL and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = answers.get(self.path, Answer(404))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        if tls is not None:
            found.socket = tls.wrap_socket(found.socket, server_side=True)
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        try:
            scheme = "http" if tls is None else "https"
            yield f"{scheme}://127.0.0.1:{found.server_port}", asked
        finally:
            found.shutdown()
            thread.join()


def fetched(directory: Path, url: str, *origins: str) -> bytes:
    with (directory / "archive").open("wb+") as file:
        Fetcher(Origins(origins or ("127.0.0.0/8",))).fetch(url, file.fileno(), MOST)
        file.seek(0)
        return file.read()


def certified(directory: Path) -> ssl.SSLContext:
    """A server's context with a certificate of its own; `certificate.pem` in the directory."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    own = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(own, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (directory / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    (directory / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(directory / "certificate.pem", directory / "key.pem")
    return made


def test_https_wants_a_certificate_that_the_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certified(tmp_path)
    with server({"/a": Answer(body=b"secure")}, tls) as (url, asked):
        with pytest.raises(ConnectionError, match="self-signed certificate"):
            fetched(tmp_path, f"{url}/a")
        assert asked == []
        # OpenSSL's own way to say what a machine trusts
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        assert fetched(tmp_path, f"{url}/a") == b"secure"


def test_nothing_is_imported_when_the_rights_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    moved = Answer(302, {"Location": "a"})
    with server({"/m": moved, "/a": Answer(body=b"a")}, tls) as (url, asked):
        alone(
            "from gcf_am.drivers.host.fetch import Fetcher, Origins\n"
            "fetcher = Fetcher(Origins(('127.0.0.0/8',)))",
            f"fetcher.fetch({url + '/m'!r}, 1, 9)",
        )
    assert asked == ["/m", "/a"]


def test_it_is_fetched_as_it_is(tmp_path: Path) -> None:
    body = bytes(range(256)) * 3
    with server({"/a?b=c": Answer(body=body), "/empty": Answer()}) as (url, asked):
        assert fetched(tmp_path, f"{url}/a?b=c#d") == body
        assert fetched(tmp_path, f"{url}/empty") == b""
    assert asked == ["/a?b=c", "/empty"]


@pytest.mark.parametrize("told", [True, False])
def test_its_size_has_an_end(tmp_path: Path, told: bool) -> None:
    headers = {"Content-Length": str(MOST + 1)} if told else {}
    answer = Answer(headers=headers, body=bytes(MOST + 1))
    with (
        server({"/a": answer}) as (url, _),
        pytest.raises(ValueError, match=f"more than {MOST}"),
    ):
        fetched(tmp_path, f"{url}/a")
    assert (tmp_path / "archive").stat().st_size <= MOST


def test_what_breaks_off_may_be_tried_again(tmp_path: Path) -> None:
    cut = Answer(headers={"Content-Length": "900"}, body=bytes(100))
    with server({"/cut": cut, "/busy": Answer(503)}) as (url, _):
        with pytest.raises(ConnectionError, match="broke off after 100 bytes"):
            fetched(tmp_path, f"{url}/cut")
        with pytest.raises(ConnectionError, match="answers 503"):
            fetched(tmp_path, f"{url}/busy")
        with pytest.raises(ValueError, match="answers 404"):
            fetched(tmp_path, f"{url}/missing")
    with pytest.raises(ConnectionError, match="cannot be reached"):
        fetched(tmp_path, f"{url}/a")
    # a label that is too long is asked nobody for
    with pytest.raises(ConnectionError, match="is not found"):
        fetched(tmp_path, f"http://{'n' * 64}.invalid/a", "global")


def test_redirects_are_followed_and_have_an_end(tmp_path: Path) -> None:
    way = {f"/{n}": Answer(302, {"Location": f"{n + 1}"}) for n in range(REDIRECTS)}
    with server({**way, f"/{REDIRECTS}": Answer(body=b"there")}) as (url, asked):
        assert fetched(tmp_path, f"{url}/0") == b"there"
        assert len(asked) == REDIRECTS + 1
    with server({"/a": Answer(301, {"Location": "/a"})}) as (url, asked):
        with pytest.raises(ValueError, match="more than 5 redirects"):
            fetched(tmp_path, f"{url}/a")
        assert len(asked) == REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///etc/passwd", "http or https"),
        ("http://[::1]:9/secret", "not an address"),
        ("http://10.0.0.1/secret", "not an address"),
        ("http://u:p@127.0.0.1/a", "without a login"),
    ],
)
def test_each_redirect_is_judged_again(tmp_path: Path, location: str, why: str) -> None:
    answer = Answer(302, {"Location": location})
    with server({"/a": answer}) as (url, asked), pytest.raises(ValueError, match=why):
        fetched(tmp_path, f"{url}/a")
    assert asked == ["/a"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0"])
def test_however_loopback_is_written_nobody_is_asked(tmp_path: Path, host: str) -> None:
    with server({"/a": Answer(body=b"secret")}) as (url, asked):
        port = url.rpartition(":")[2]
        with pytest.raises(ValueError, match=r"not an address|own address"):
            fetched(tmp_path, f"http://{host}:{port}/a", "global")
        # what is named in full is allowed, and only that
        assert fetched(tmp_path, f"{url}/a", f"{url}/") == b"secret"
    assert asked == ["/a"]
