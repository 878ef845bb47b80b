"""geni-lib 0.9.9.4 as it is: its requests, its calls, its reading of manifests. Decision 34."""

import importlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.functional.running import GENI3, Person, Slice, eventually

# geni-lib finds its own version through pkg_resources, and leaves files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:pkg_resources:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:pkg_resources:UserWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    # its aggregates' calls never verify the server
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]


@dataclass(frozen=True)
class CredentialFile:
    """What geni-lib's calls take: a credential in a file that is in place already."""

    path: str
    type: str = "geni_sfa"
    version: int = 3


@dataclass(frozen=True)
class Library:
    """geni-lib, told whom to call and as whom."""

    person: Person

    def module(self, name: str) -> Any:
        return importlib.import_module(f"geni.{name}")

    @property
    def place(self) -> tuple[str, str, str, str]:
        root = self.person.at.home / "certs" / "ch-cert.pem"
        return self.person.at.am_url, str(root), str(self.person.cert), str(self.person.key)

    def call(self, method: str, *args: object, **more: object) -> Any:
        answer = getattr(self.module("minigcf.amapi3"), method)(*self.place, *args, **more)
        assert answer["code"]["geni_code"] == 0, answer["output"]
        return answer["value"]

    def manifest(self, text: str) -> Any:
        return self.module("rspec.pgmanifest").Manifest(xml=text)


@pytest.fixture
def library(alice: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Library:
    # geni-lib keeps what it knows below the user's home directory
    monkeypatch.setenv("HOME", str(tmp_path))
    return Library(alice)


@pytest.fixture
def creds(slice_: Slice, tmp_path: Path) -> list[CredentialFile]:
    """The slice's credential where a user of geni-lib puts it first."""
    file = tmp_path / "gcf-project-slice-scred.xml"
    file.write_text(slice_.credential, "utf-8")
    return [CredentialFile(str(file))]


def test_a_slices_life_with_geni_lib(
    library: Library, slice_: Slice, creds: list[CredentialFile]
) -> None:
    pg, igext = library.module("rspec.pg"), library.module("rspec.igext")
    asked = pg.Request()
    first = pg.Node("first", "default-vm")
    first.addService(pg.Execute(shell="sh", command="uptime"))
    second = igext.XenVM("second")
    second.type = "default-vm"
    second.ram = 512
    ends = first.addInterface("if0"), second.addInterface("if1")
    ends[0].addAddress(pg.IPv4Address("10.0.0.1", "255.255.255.0"))
    wire = pg.Link("wire")
    for one in ends:
        wire.addInterface(one)
    for one in (first, second, wire):
        asked.addResource(one)

    allocated = library.call("allocate", creds, slice_.urn, asked.toXMLString())
    manifest = library.manifest(allocated["geni_rspec"])
    assert [one.client_id for one in manifest.nodes] == ["first", "second"]
    assert [one.client_id for one in manifest.links] == ["wire"]
    urns = {one["geni_sliver_urn"] for one in allocated["geni_slivers"]}
    assert {one.sliver_id for one in (*manifest.nodes, *manifest.links)} == urns

    key = (slice_.owner.at.home / "certs" / "alice-ssh.pub").read_text("utf-8")
    users = [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": [key]}]
    options = {**GENI3, "geni_users": users}
    library.call("provision", creds, slice_.urn, options=options)
    slice_.until("geni_notready")
    library.call("poa", creds, [slice_.urn], "geni_start")
    slice_.until("geni_ready")

    # geni-lib has no Describe for version 3: the manifest comes from elsewhere
    running = library.manifest(slice_.done("Describe")["geni_rspec"])
    for node in running.nodes:
        (login,) = node.logins
        assert (login.auth, login.username) == ("ssh-keys", "alice")
        assert isinstance(login.port, int)
        assert node.hostfqdn
        assert [(user.login, user.public_key) for user in node.users] == [("alice", key.strip())]
    addresses = {i.client_id: i.address_info for node in running.nodes for i in node.interfaces}
    assert ("10.0.0.1", "255.255.255.0") in addresses.values()
    (link,) = running.links
    assert link.vlan is not None
    assert running.expiresstr == min(one["geni_expires"] for one in slice_.slivers().values())

    gone = library.call("delete", creds, slice_.urn)
    assert {one["geni_sliver_urn"] for one in gone} == urns
    assert slice_.states() == {}


def test_a_slices_life_with_geni_libs_version_2(
    library: Library, slice_: Slice, tmp_path: Path
) -> None:
    pg, frameworks = library.module("rspec.pg"), library.module("aggregate.frameworks")
    person, name = library.person, slice_.urn.rpartition("+")[2]
    framework = frameworks.Framework("gcf")
    framework.cert, framework.key, framework.project = str(person.cert), str(person.key), "lab"
    context = library.module("aggregate.context").Context()
    context.cf, context.datadir = framework, str(tmp_path)
    user = library.module("aggregate.user").User()
    user.name, user.urn = "alice", "urn:publicid:IDN+gcf.local+user+alice"
    user.addKey(str(person.at.home / "certs" / "alice-ssh.pub"))
    context.addUser(user)
    (tmp_path / "gcf-alice-usercred.xml").write_text(person.user_credential, "utf-8")
    (tmp_path / f"gcf-lab-{name}-scred.xml").write_text(slice_.credential, "utf-8")
    # as geni-lib's own list of aggregates makes those of other kinds than ProtoGENI's
    module = library.module("aggregate.opengeni")
    am = module.OGCompute("ours", "127.0.0.1", url=f"{person.at.am_url}2.0")

    assert am.getversion(context)["geni_api"] == 2
    assert am.listresources(context).nodes
    asked = pg.Request()
    asked.addResource(pg.Node("only", "default-vm"))
    # geni-lib reads a request from a file as well as from its own objects
    file = tmp_path / "request.xml"
    file.write_text(asked.toXMLString().decode(), "utf-8")
    manifest = am.createsliver(context, name, str(file))
    assert [one.client_id for one in manifest.nodes] == ["only"]

    def ready() -> bool:
        return bool(am.sliverstatus(context, name)["geni_status"] == "ready")

    eventually(ready, what="ready")
    (running,) = am.listresources(context, name).nodes
    assert [one.username for one in running.logins] == ["alice"]
    soon = datetime.now(UTC) + timedelta(hours=3)
    assert am.renewsliver(context, name, soon) is True
    assert am.sliverstatus(context, name)["geni_expires"] == f"{soon:%Y-%m-%dT%H:%M:%SZ}"
    am.deletesliver(context, name)
    assert slice_.states() == {}
