"""What the operator guide says of nginx: connections pass it as they are, sorted by name.

nginx gets its socket from us, as from a former nginx, so that its port is a free one.
"""

import shutil
import socket
import ssl
import subprocess
import xmlrpc.client
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.functional.answers import checked
from tests.functional.running import PATIENCE, Person, Running, credential
from tests.functional.transcripts import File, steps

GUIDE = Path(__file__).parents[2] / "doc" / "operating.md"
STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
NGINX = shutil.which("nginx") or ""
pytestmark = pytest.mark.skipif(
    not (NGINX and STREAM.exists()), reason="nginx with its module stream is not installed"
)


def configuration(server: Running, port: int) -> str:
    """The guide's block with this server's addresses."""
    (block,) = (one.text for one in steps(GUIDE) if isinstance(one, File))
    for written, here in (
        ("127.0.0.1:8000", urlsplit(server.ch_url).netloc),
        ("127.0.0.1:8001", urlsplit(server.am_url).netloc),
        ("0.0.0.0:443", f"127.0.0.1:{port}"),
    ):
        assert written in block
        block = block.replace(written, here)
    # what the system's nginx.conf has around it
    return (
        f"load_module {STREAM};\npid nginx.pid;\ndaemon off;\nerror_log stderr;\n"
        f"events {{ }}\n{block}"
    )


@pytest.fixture
def before(running: Running, tmp_path: Path) -> Iterator[int]:
    """The port of an nginx that stands before the shared installation."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        port = listening.getsockname()[1]
        (tmp_path / "nginx.conf").write_text(configuration(running, port), "utf-8")
        command = [NGINX, "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
        judged = subprocess.run(
            [*command, "-t"], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert judged.returncode == 0, judged.stderr
        nginx = subprocess.Popen(
            command,
            env={"NGINX": f"{listening.fileno()};"},
            pass_fds=(listening.fileno(),),
            stderr=subprocess.DEVNULL,
        )
        try:
            yield port
        finally:
            nginx.terminate()
            nginx.wait(PATIENCE)


class Line(HTTPSConnection):
    """To a port of this machine, asking for another host there."""

    def __init__(self, name: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(name, port, context=context, timeout=PATIENCE)
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class Named(xmlrpc.client.SafeTransport):
    """Calls go to nginx, as if DNS had given its address for the URL's name."""

    def __init__(self, person: Person, port: int) -> None:
        self._context = ssl.create_default_context(
            cafile=str(person.at.home / "certs" / "ch-cert.pem")
        )
        self._context.check_hostname = False
        self._context.load_cert_chain(person.cert, person.key)
        super().__init__(context=self._context)
        self._port = port
        self._line: Line | None = None

    def make_connection(self, host: object) -> Line:
        self._line = self._line or Line(str(host), self._port, self._context)
        return self._line

    def close(self) -> None:
        if self._line is not None:
            self._line.close()


def test_connections_pass_it_and_are_sorted_by_name(alice: Person, before: int) -> None:
    urn = "urn:publicid:IDN+gcf.local+slice+proxied"
    with xmlrpc.client.ServerProxy(
        "https://ch.example.net/", transport=Named(alice, before)
    ) as clearinghouse:
        # who asks is known by the certificate
        made = clearinghouse.CreateSlice(urn)
    with xmlrpc.client.ServerProxy(
        "https://am.example.net/", transport=Named(alice, before)
    ) as aggregate:
        version = checked(aggregate.GetVersion({}))
        assert version["value"]["geni_api"] == 3
        status = checked(aggregate.Status([urn], [credential(str(made))], {}))
    # the aggregate knows who asks, too: it has nothing of this slice, and would forbid a stranger
    assert status["code"]["geni_code"] == 12
