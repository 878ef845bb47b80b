"""A whole installation in a directory of its own, and the people who call it.

Calls go through the standard library's XML-RPC client, which shares no code with the server; every
answer of the aggregate is held against what the standard wants of all answers.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from tests.functional.answers import checked
from tests.functional.rspecs import Rspec, is_available
from tests.observing.transport import watched_proxy

T = TypeVar("T")
BIN = Path(sys.executable).parent
GENI3 = {"geni_rspec_version": {"type": "GENI", "version": "3"}}
# How long to wait for what must come: long, since a machine may be very busy
PATIENCE: Final = 120.0
# The server lets go of connections that were idle for a minute.
_FRESH: Final = 20.0
_numbers = itertools.count(1)


def eventually(probe: Callable[[], T], *, what: str) -> T:
    """The first true answer of `probe`, which is asked again and again."""
    end = time.monotonic() + PATIENCE
    while not (found := probe()):
        assert time.monotonic() < end, f"never {what}"
        time.sleep(0.02)
    return found


def proxy(url: str, cert: Path, key: Path, root: Path) -> xmlrpc.client.ServerProxy:
    """A caller with a certificate, who trusts one root."""
    context = ssl.create_default_context(cafile=str(root))
    context.check_hostname = False
    context.load_cert_chain(cert, key)
    return watched_proxy(url, context)


class Line:
    """A connection that is kept from call to call."""

    def __init__(self, connect: Callable[[], xmlrpc.client.ServerProxy]) -> None:
        self._connect = connect
        self._server: xmlrpc.client.ServerProxy | None = None
        self._used = 0.0

    def call(self, method: str, *args: object) -> object:
        if time.monotonic() - self._used > _FRESH:
            self.close()
        if self._server is None:
            self._server = self._connect()
        answer: object = getattr(self._server, method)(*args)
        self._used = time.monotonic()
        return answer

    def close(self) -> None:
        if self._server is not None:
            self._server("close")()
            self._server = None


@dataclass
class Running:
    """`gcf-am up` as a process; `stop` ends it, `kill` all its processes without a word.

    `told` is what it printed before its ready line.
    """

    home: Path
    process: subprocess.Popen[str]
    ch_url: str
    am_url: str
    told: str = ""
    homing_url: str = ""
    lines: dict[str, Line] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        return Person(name, self)

    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")

    def stop(self) -> int:
        self.process.terminate()
        return self.wait()

    def kill(self) -> int:
        # never the group of the tests themselves
        assert os.getpgid(self.process.pid) == self.process.pid, "start it with own_group"
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.wait()

    def answers(self) -> bool:
        """Whether anybody listens where it did."""
        place = urlsplit(self.am_url)
        try:
            socket.create_connection((place.hostname, place.port), timeout=PATIENCE).close()
        except ConnectionError:
            return False
        return True

    def wait(self) -> int:
        for one in self.lines.values():
            one.close()
        status = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def start(home: Path, *options: str, own_group: bool = False, verbose: bool = False) -> Running:
    """Start both servers on a home and wait for the ready line; `verbose` ones log more.

    With `own_group` they can be killed as the one group of processes that they are; without, they
    end with the tests however those end.
    """
    command: list[str | Path] = [
        BIN / "gcf-am",
        *(["--verbose"] if verbose else []),
        "up",
        "--home",
        home,
        "--port",
        "0",
        "--ch-port",
        "0",
        *options,
    ]
    return launched(home, command, own_group=own_group)


def launched(
    home: Path, command: list[str | Path], *, own_group: bool = False, **how: Any
) -> Running:
    """Start a server on a home and wait for the ready line.

    The URLs there are the clearinghouse's and the aggregate's, or one server's own (`am_url`), and
    last Homing's beside the two. `how` goes to Popen: whose process it is, where.
    """
    with (home / "log").open("a") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=own_group,
            **how,
        )
    assert process.stdout is not None
    told: list[str] = []
    while (line := process.stdout.readline()) and not line.startswith("ready:"):
        told.append(line)
    if not line:
        process.wait(30)
        process.stdout.close()
        raise AssertionError("no ready line:\n" + (home / "log").read_text("utf-8"))
    urls = re.findall(r"https://[^\s,]+", line)
    ch_url, am_url, homing_url = (*(["", *urls] if len(urls) == 1 else urls), "")[:3]
    return Running(home, process, ch_url, am_url, "".join(told), homing_url)


def configure(home: Path, **changes: str) -> None:
    """Change keys of gcf_am.toml: `configure(home, workers="1")`; values as TOML text.

    Where two tables have a key, the first one's is meant.
    """
    file = home / "gcf_am.toml"
    text = file.read_text("utf-8")
    for key, value in changes.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text, count=1)
        assert count == 1, key
    file.write_text(text, "utf-8")


def let_speak(home: Path) -> None:
    """Tools of the home's own federation may speak for users, once roots are read again."""
    text = '[root."ch-cert.pem"]\nspeaks_for_tools = ["*"]\n'
    (home / "trusted_roots" / "roots.toml").write_text(text, "utf-8")


def config_of(home: Path, name: str) -> Path:
    """The Omni configuration of another person than alice."""
    file = home / f"{name}_config"
    text = (home / "omni_config").read_text("utf-8")
    file.write_text(text.replace("alice", name), "utf-8")
    return file


def copied(template: Path, home: Path) -> Path:
    """A home like the template: its own database, the same people."""
    shutil.copytree(template, home)
    return home


@dataclass(frozen=True)
class Person:
    """alice, bob or carol of a running installation."""

    name: str
    at: Running

    @property
    def cert(self) -> Path:
        return self.at.home / "certs" / f"{self.name}-cert.pem"

    @property
    def key(self) -> Path:
        return self.at.home / "certs" / f"{self.name}-key.pem"

    def proxy(self, url: str) -> xmlrpc.client.ServerProxy:
        return proxy(url, self.cert, self.key, self.at.home / "certs" / "ch-cert.pem")

    def am(self, method: str, *args: object) -> dict[str, Any]:
        """Call the aggregate on the connection that this person keeps; not for threads."""
        line = self.at.lines.setdefault(self.name, Line(lambda: self.proxy(self.at.am_url)))
        return checked(line.call(method, *args))

    def am_alone(self, method: str, *args: object) -> dict[str, Any]:
        """Call the aggregate on a connection of its own; from any thread."""
        with self.proxy(self.at.am_url) as aggregate:
            return checked(getattr(aggregate, method)(*args))

    def ch(self, method: str, *args: object) -> Any:
        with self.proxy(self.at.ch_url) as clearinghouse:
            return getattr(clearinghouse, method)(*args)

    def new_slice(self, name: str | None = None) -> Slice:
        name = name or f"s{next(_numbers)}"
        urn = f"urn:publicid:IDN+gcf.local+slice+{name}"
        return Slice(self, urn, self.ch("CreateSlice", urn))

    @cached_property
    def user_credential(self) -> str:
        text = self.ch("CreateUserCredential", self.cert.read_text("utf-8"))
        assert isinstance(text, str)
        return text


def free(person: Person, *hosts: str) -> None:
    """Wait until nobody holds these exclusive hosts: what is deleted is held until it is gone."""

    def there() -> bool:
        ad = person.am("ListResources", [credential(person.user_credential)], dict(GENI3))
        nodes = Rspec(ad["value"], "ad").nodes()
        return all(is_available(nodes[one]) for one in hosts)

    eventually(there, what=f"free: {hosts}")


def credential(text: str) -> dict[str, str]:
    return {"geni_type": "geni_sfa", "geni_version": "3", "geni_value": text}


@dataclass(frozen=True)
class Slice:
    """A slice and its owner; its calls answer the whole return struct."""

    owner: Person
    urn: str
    credential: str

    @property
    def creds(self) -> list[dict[str, str]]:
        return [credential(self.credential)]

    def call(self, method: str, *middle: object, urns: list[str] | None = None,
             by: Person | None = None, **options: object) -> dict[str, Any]:  # fmt: skip
        """A call on the slice (or some of its slivers) with its credential."""
        caller = by or self.owner
        if method in {"Allocate", "Shutdown"}:
            return caller.am(method, self.urn, self.creds, *middle, options)
        if method in {"Describe", "Provision"}:
            options = {**GENI3, **options}
        return caller.am(method, [self.urn] if urns is None else urns, self.creds, *middle, options)

    def done(self, method: str, *middle: object, **options: Any) -> Any:
        """The value of a call that must succeed."""
        answer = self.call(method, *middle, **options)
        assert answer["code"]["geni_code"] == 0, answer["output"]
        return answer["value"]

    def refused(self, method: str, *middle: object, **options: Any) -> int:
        """The code of a call that must not; its output says why."""
        answer = self.call(method, *middle, **options)
        code = answer["code"]["geni_code"]
        assert code != 0, answer["value"]
        assert answer["output"]
        assert isinstance(code, int)
        return code

    def allocate(self, rspec: str, **options: object) -> dict[str, str]:
        """Allocate; the new slivers by client_id."""
        return Rspec(self.done("Allocate", rspec, **options)["geni_rspec"]).urns()

    def provisioned(self, rspec: str, **options: object) -> dict[str, str]:
        """The same, provisioned and prepared."""
        made = self.allocate(rspec)
        self.done("Provision", urns=list(made.values()), **options)
        self.until("geni_notready", *made.values())
        return made

    def running(self, rspec: str, **options: object) -> dict[str, str]:
        """The same, started."""
        made = self.provisioned(rspec, **options)
        self.done("PerformOperationalAction", "geni_start", urns=list(made.values()))
        self.until("geni_ready", *made.values())
        return made

    def states(self) -> dict[str, tuple[str, str, str]]:
        """Allocation, next allocation and operational state by sliver URN; {} without slivers."""
        return {
            urn: (
                one["geni_allocation_status"],
                one["geni_next_allocation_status"],
                one["geni_operational_status"],
            )
            for urn, one in self.slivers().items()
        }

    def slivers(self) -> dict[str, dict[str, Any]]:
        """What Status tells of each sliver; {} without slivers."""
        answer = self.call("Status")
        if answer["code"]["geni_code"] == 12:
            return {}
        return {one["geni_sliver_urn"]: one for one in answer["value"]["geni_slivers"]}

    def rspec(self, **options: Any) -> Rspec:
        """The manifest that Describe tells."""
        return Rspec(self.done("Describe", **options)["geni_rspec"])

    def until(self, wanted: str, *urns: str) -> list[dict[str, Any]]:
        """Ask for Status until every sliver, or each of these, is in the operational state."""
        slivers: list[dict[str, Any]] = []

        def there() -> bool:
            slivers[:] = self.done("Status", urns=list(urns) or None)["geni_slivers"]
            return all(one["geni_operational_status"] == wanted for one in slivers)

        eventually(there, what=wanted)
        return slivers
