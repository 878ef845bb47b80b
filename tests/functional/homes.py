"""Three aggregates with different sites that trust each other, Homing beside the first, and a
relay in front of the third, which can be cut at the worst moment.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gcf_am.clearinghouse.home import add_aggregate
from gcf_am.cli.home import make_home
from gcf_am.urn import Urn
from tests.functional.rspecs import RSPEC
from tests.functional.running import (
    BIN,
    PATIENCE,
    Running,
    configure,
    copied,
    launched,
    let_speak,
    proxy,
)

# By authority: nodes with latitude, longitude, and whether they are exclusive. `me` is at 51, 4.
SITES: Final[dict[str, dict[str, tuple[float, float, bool]]]] = {
    "gcf.local": {
        "near-a": (51.0, 4.1, False),
        "far-a": (51.3, 4.2, False),
        "remote-a": (40.7, -74.0, False),
    },
    "b.example": {"best-b": (51.05, 4.0, True), "second-b": (51.1, 4.3, False)},
    "c.example": {"near-c": (50.95, 3.9, False)},
}
# Hello, a client certificate with its chain, and the end of the handshake are less.
_HANDSHAKE: Final = 8192
TEMPLATE: Final = """
homing_template_version: 2017-10-10
locations:
  me: {latitude: 51.0, longitude: 4.0}
demands:
  one: &any [{inventory_provider: geni, inventory_type: cloud}]
  two: *any
  three: *any
constraints:
  near:
    type: distance_to_location
    demands: [one, two, three]
    properties: {distance: < 100 km, location: me}
  apart:
    type: zone
    demands: [one, two, three]
    properties: {qualifier: different, category: complex}
optimization:
  minimize:
    sum:
    - {distance_between: [me, one]}
    - {distance_between: [me, two]}
    - {distance_between: [me, three]}
"""


def site(authority: str) -> str:
    """An inventory of these nodes."""
    names = f"urn:publicid:IDN+{authority}+"
    nodes = "".join(
        f'<node component_id="{names}node+{name}" component_manager_id="{names}authority+am"'
        f' component_name="{name}" exclusive="{str(exclusive).lower()}">'
        f'<location country="BE" latitude="{latitude}" longitude="{longitude}"/>'
        f'<available now="true"/><hardware_type name="pc"/>'
        f'<sliver_type name="{"raw-pc" if exclusive else "default-vm"}"/></node>'
        for name, (latitude, longitude, exclusive) in SITES[authority].items()
    )
    return f'<rspec xmlns="{RSPEC}" type="advertisement">{nodes}</rspec>'


@dataclass
class Relay:
    """Passes bytes on to a server. `closed`: hangs up at once. `cut_at`: of so many connections
    from now, the last one's request is passed on, but nothing of the answer comes back.
    """

    target: tuple[str, int]
    closed: bool = False
    cut_at: int = 0
    swallowed: threading.Event = field(default_factory=threading.Event)
    hang_up: threading.Event = field(default_factory=threading.Event)
    _listen: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listen.getsockname()[1]}/"

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listen.shutdown(socket.SHUT_RDWR)
        self._listen.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listen.accept()
                cuts = self.cut_at == 1
                self.cut_at -= 1
                threading.Thread(target=self._pass, args=(peer, cuts), daemon=True).start()

    def _pass(self, peer: socket.socket, cuts: bool) -> None:
        with peer, suppress(OSError):
            if self.closed:
                return
            with socket.create_connection(self.target) as server:
                asked = threading.Event()
                answer = (server, peer, asked if cuts else threading.Event())
                back = threading.Thread(target=self._back, args=answer, daemon=True)
                back.start()
                _copy(peer, server, asked)
                with suppress(OSError):
                    server.shutdown(socket.SHUT_WR)
                back.join()

    def _back(self, server: socket.socket, peer: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if cut.is_set():
                    self.swallowed.set()
                    self.hang_up.wait(PATIENCE)
                    break
                peer.sendall(data)
        # a server that is killed resets the connection, and its peer must learn of it, too
        with suppress(OSError):
            peer.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, target: socket.socket, asked: threading.Event) -> None:
    """Pass on; `asked` when it is more than a handshake: credentials are large."""
    sent = 0
    while data := source.recv(65536):
        sent += len(data)
        if sent > _HANDSHAKE:
            asked.set()
        target.sendall(data)


@dataclass
class Homes:
    """The installations: `a` has the clearinghouse, alice and bob, and Homing at `url`."""

    a: Running
    b: Running
    c: Running
    relay: Relay

    @property
    def url(self) -> str:
        return self.a.homing_url

    def call(self, server: Running, method: str, *args: object) -> dict[str, Any]:
        """alice calls this aggregate: with her own certificate, trusting its root."""
        alice = self.a.person("alice")
        root = server.home / "trusted_roots" / "ch-cert.pem"
        with proxy(server.am_url, alice.cert, alice.key, root) as there:
            answer: dict[str, Any] = getattr(there, method)(*args)
        return answer

    def restart_c(self) -> None:
        """The third aggregate again, at its port."""
        port = urlsplit(self.c.am_url).port
        self.c = aggregate(self.c.home, "--port", str(port))


def aggregate(home: Path, *options: str) -> Running:
    """An aggregate alone, in a group of its own."""
    command: list[str | Path] = [
        BIN / "gcf-am",
        "serve",
        "--home",
        home,
        *(options or ("--port", "0")),
    ]
    return launched(home, command, own_group=True)


@contextmanager
def three_homes(template: Path, where: Path) -> Iterator[Homes]:
    """All of it, running."""
    homes = {"gcf.local": copied(template, where / "a")}
    for name, authority in (("b", "b.example"), ("c", "c.example")):
        values = {("aggregate", "authority"): authority, ("driver", "name"): "simulated"}
        homes[authority] = make_home(where / name, values).home
    roots = {one: homes[one] / "certs" / "ch-cert.pem" for one in homes}
    for authority, home in homes.items():
        (home / "site.xml").write_text(site(authority), "utf-8")
        configure(home, workers="1", refusals="0")
        for other, root in roots.items():
            if other != authority:
                shutil.copy(root, home / "trusted_roots" / f"{other}.pem")
    with ExitStack() as running:

        def up(server: Running) -> Running:
            running.callback(lambda: server.process.poll() is None and server.stop())
            return server

        b, c = (up(aggregate(homes[one])) for one in ("b.example", "c.example"))
        place = urlsplit(c.am_url)
        relay = Relay((str(place.hostname), int(place.port or 0)))
        relay.start()
        running.callback(relay.stop)
        home = homes["gcf.local"]
        for authority, url in (("b.example", b.am_url), ("c.example", relay.url)):
            add_aggregate(home, Urn.of(authority, "authority", "am"), url)
        # the first aggregate lets tools of its own federation speak for users
        let_speak(home)
        # what the first one allocates is always about to end when the others have answered, too
        configure(home, allocated_minutes="1")
        # as the advertisements are now, whatever happens afterwards
        configure(home, ad_seconds="3600")
        a = up(launched(home, _up(home), own_group=True))
        made = Homes(a, b, c, relay)
        yield made
        if made.c is not c and made.c.process.poll() is None:
            made.c.stop()


def _up(home: Path) -> list[str | Path]:
    free = ["--port", "0", "--ch-port", "0", "--homing-port", "0"]
    return [BIN / "gcf-am", "up", "--homing", "--home", home, *free]
