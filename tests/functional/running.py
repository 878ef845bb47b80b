"""A whole installation in a directory of its own, and the people who call it.

Calls go through the standard library's XML-RPC client, which shares no code with the server.
"""

from __future__ import annotations

import itertools
import re
import shutil
import ssl
import subprocess
import sys
import xmlrpc.client
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
GENI3 = {"geni_rspec_version": {"type": "GENI", "version": "3"}}
_numbers = itertools.count(1)


def proxy(url: str, cert: Path, key: Path, root: Path) -> xmlrpc.client.ServerProxy:
    """A caller with a certificate, who trusts one root."""
    context = ssl.create_default_context(cafile=str(root))
    context.check_hostname = False
    context.load_cert_chain(cert, key)
    return xmlrpc.client.ServerProxy(url, context=context)


@dataclass
class Running:
    """`gcf-am up` as a process; `stop` ends it, `kill` does so without a word."""

    home: Path
    process: subprocess.Popen[str]
    ch_url: str
    am_url: str

    def person(self, name: str) -> Person:
        return Person(name, self)

    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")

    def stop(self) -> int:
        self.process.terminate()
        return self.wait()

    def kill(self) -> int:
        self.process.kill()
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def start(home: Path, *options: str) -> Running:
    """Start both servers on a home and wait for the ready line."""
    command: list[str | Path] = [
        BIN / "gcf-am",
        "up",
        "--home",
        home,
        "--port",
        "0",
        "--ch-port",
        "0",
        *options,
    ]
    with (home / "log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    ready = next((line for line in process.stdout if line.startswith("ready:")), None)
    if ready is None:
        process.wait(30)
        process.stdout.close()
        raise AssertionError("no ready line:\n" + (home / "log").read_text("utf-8"))
    ch_url, am_url = re.findall(r"https://[^\s,]+", ready)
    return Running(home, process, ch_url, am_url)


def configure(home: Path, **changes: str) -> None:
    """Change keys of gcf_am.toml: `configure(home, workers="1")`; values as TOML text."""
    file = home / "gcf_am.toml"
    text = file.read_text("utf-8")
    for key, value in changes.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        assert count == 1, key
    file.write_text(text, "utf-8")


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
        """Call the aggregate on a connection of its own."""
        with self.proxy(self.at.am_url) as aggregate:
            answer = getattr(aggregate, method)(*args)
        assert isinstance(answer, dict)
        return answer

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
        return caller.am(method, urns or [self.urn], self.creds, *middle, options)

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

    def states(self) -> dict[str, tuple[str, str, str]]:
        """Allocation, next allocation and operational state by sliver URN; {} without slivers."""
        answer = self.call("Status")
        if answer["code"]["geni_code"] == 12:
            return {}
        return {
            one["geni_sliver_urn"]: (
                one["geni_allocation_status"],
                one["geni_next_allocation_status"],
                one["geni_operational_status"],
            )
            for one in answer["value"]["geni_slivers"]
        }

    def until(self, wanted: str, *, tries: int = 400) -> list[dict[str, Any]]:
        """Ask for Status until every sliver is in the operational state."""
        slivers: list[dict[str, Any]] = []
        for _ in range(tries):
            slivers = self.done("Status")["geni_slivers"]
            if all(one["geni_operational_status"] == wanted for one in slivers):
                return slivers
        raise AssertionError(f"never {wanted}: {slivers}")
