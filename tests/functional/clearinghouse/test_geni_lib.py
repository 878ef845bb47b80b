"""geni-lib 0.9.9.4 as it is, at a clearinghouse: its chapi2 functions, and its frameworks."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gcf_am.clearinghouse.home import add_aggregate
from gcf_am.clearinghouse.people import add_project
from gcf_am.urn import Urn
from tests.functional.clearinghouse.serving import AUTHORITY, Clearing

# geni-lib finds its own version through pkg_resources, and leaves files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:pkg_resources:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:pkg_resources:UserWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]

PROJECT = f"{AUTHORITY}project+demo"
ALICE, BOB = f"{AUTHORITY}user+alice", f"{AUTHORITY}user+bob"
SLICE = "urn:publicid:IDN+gcf.local:demo+slice+one"
AM = f"{AUTHORITY}authority+am"
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)


@dataclass
class Library:
    """geni-lib's chapi2, told whom to call and as whom."""

    at: Clearing
    who: str = "alice"

    def call(self, service: str, name: str, *args: object, **more: object) -> Any:
        chapi2 = importlib.import_module("geni.minigcf.chapi2")
        place = (self.at.url + service, str(self.at.cert("ch")), str(self.at.cert(self.who)),
                 str(self.at.key(self.who)))  # fmt: skip
        return getattr(chapi2, name)(*place, *args, **more)

    def done(self, service: str, name: str, *args: object, **more: object) -> Any:
        answer = self.call(service, name, *args, **more)
        assert answer["code"] == 0, answer["output"]
        return answer["value"]


@pytest.fixture
def library(clearing: Clearing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Library:
    monkeypatch.setenv("HOME", str(tmp_path))
    add_aggregate(clearing.home, Urn.parse(AM), "https://127.0.0.1:8001/")
    add_project(clearing.home, "demo", "alice")
    return Library(clearing)


def test_every_function_of_chapi2(library: Library) -> None:
    done = library.done
    for service, objects in (("CH", {"SERVICE"}), ("SA", {"SLICE"}), ("MA", {"MEMBER", "KEY"})):
        version = done(service, "get_version")
        assert version["API_VERSIONS"]["2"] == library.at.url + service
        assert objects <= {one["OBJECT"] for one in version["FIELDS"].values()}
    # a version 3 as int, as geni-lib sends it
    [own] = done("MA", "get_credentials", [], ALICE)
    creds = [{"geni_type": "geni_sfa", "geni_version": 3, "geni_value": own["geni_value"]}]

    [am] = done("CH", "lookup_aggregates")
    assert am["SERVICE_URN"] == AM
    assert done("CH", "lookup_service_info", [], "AGGREGATE_MANAGER") == [am]
    [sa] = done("CH", "lookup_service_info", [], "SLICE_AUTHORITY")
    assert sa["SERVICE_URL"] == library.at.url + "SA"

    until = LATER + timedelta(days=100)
    made = done("SA", "create_slice", creds, "one", PROJECT, exp=LATER, desc="words")
    assert (made["SLICE_URN"], made["SLICE_EXPIRATION"]) == (SLICE, f"{LATER:%Y-%m-%dT%H:%M:%SZ}")
    [credential] = done("SA", "get_credentials", creds, SLICE)
    assert (credential["geni_type"], credential["geni_version"]) == ("geni_sfa", "3")
    fields = {"SLICE_EXPIRATION": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    done("SA", "update_slice", [credential, *creds], SLICE, fields)
    assert done("SA", "lookup_slices_for_project", creds, PROJECT)[SLICE] == {**made, **fields}
    [mine] = done("SA", "lookup_slices_for_member", creds, ALICE)
    assert (mine["SLICE_URN"], mine["SLICE_ROLE"], mine["EXPIRED"]) == (SLICE, "LEAD", False)

    done("SA", "modify_slice_membership", creds, SLICE, add=[(BOB, "MEMBER")])
    done("SA", "modify_slice_membership", creds, SLICE, change=[(BOB, "OPERATOR")])
    roles = {one["SLICE_MEMBER"]: one["SLICE_ROLE"]
             for one in done("SA", "lookup_slice_members", creds, SLICE)}  # fmt: skip
    assert roles == {ALICE: "LEAD", BOB: "OPERATOR"}
    found = done("MA", "lookup_member_info", creds, urn=BOB)
    assert found[BOB]["MEMBER_EMAIL"] == "bob@gcf.local"
    assert done("MA", "lookup_member_info", creds, email="bob@gcf.local") == found
    assert done("MA", "lookup_member_info", creds, uid=found[BOB]["MEMBER_UID"]) == found
    done("SA", "modify_slice_membership", creds, SLICE, remove=[BOB])

    line = library.at.home.joinpath("certs", "bob-ssh.pub").read_text().strip()
    data = {"KEY_MEMBER": ALICE, "KEY_PUBLIC": line, "KEY_DESCRIPTION": "lent"}
    made = done("MA", "create_key_info", creds, data)
    assert done("MA", "lookup_key_info", creds, ALICE)[made["KEY_ID"]]["KEY_PUBLIC"] == line

    projects = done("SA", "lookup_projects", creds, urn=PROJECT)
    assert done("SA", "lookup_projects", creds, uid=projects[PROJECT]["PROJECT_UID"]) == projects
    assert done("SA", "lookup_projects", creds, expired=True) == {}
    [mine] = done("SA", "lookup_projects_for_member", creds, ALICE, expired=False)
    assert (mine["PROJECT_URN"], mine["PROJECT_ROLE"]) == (PROJECT, "LEAD")
    done("SA", "modify_project_membership", creds, PROJECT, add=[(BOB, "MEMBER")])
    done("SA", "modify_project_membership", creds, PROJECT, change=[(BOB, "ADMIN")])
    people = done("SA", "lookup_project_members", creds, PROJECT)
    assert [one["PROJECT_ROLE"] for one in people] == ["LEAD", "ADMIN"]
    done("SA", "modify_project_membership", creds, PROJECT, remove=[BOB])

    operator = Library(library.at, "carol")
    assert library.call("SA", "create_project", creds, "other", LATER)["code"] == 2
    made = operator.done("SA", "create_project", creds, "other", LATER, "words")
    assert operator.done("SA", "delete_project", creds, made["PROJECT_URN"]) is True
    for name, *args in (
        ("get_pending_requests", made["PROJECT_UID"], made["PROJECT_UID"]),
        ("resolve_request", 7, 1, "words"),
        ("create_request", made["PROJECT_UID"], "let me in"),
    ):
        assert library.call("SA", name, creds, *args)["code"] == 100


@dataclass
class Exported:
    """A context of geni-lib's with the exported framework and credentials."""

    context: Any


@pytest.fixture
def exported(library: Library, tmp_path: Path) -> Iterator[Exported]:
    at = library.at
    library.done("SA", "create_slice", [], "one", PROJECT, exp=LATER)
    program = Path(sys.executable).parent / "gcf-ch"
    target = tmp_path / "for geni-lib"
    command: list[str | Path] = [
        program,
        "export-geni-lib",
        "--home",
        at.home,
        "--url",
        at.url,
        "alice",
        target,
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    module = tmp_path / "private_ch.py"
    shutil.copyfile(target / "private_ch.py", module)
    sys.path.insert(0, str(tmp_path))
    try:
        importlib.import_module("private_ch")
        registry = importlib.import_module("geni.aggregate.core").FrameworkRegistry
        framework = registry.get("private-ch")()
        framework.cert, framework.key = str(at.cert("alice")), str(at.key("alice"))
        framework.project = "demo"
        context = importlib.import_module("geni.aggregate.context").Context()
        context.cf, context.datadir, context.uname = framework, str(target), "alice"
        yield Exported(context)
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("private_ch", None)


def test_an_exported_framework_needs_nothing_downloaded(exported: Exported) -> None:
    context, framework = exported.context, exported.context.cf
    assert context.ucred_api3["geni_version"] == 3
    info = context.getSliceInfo("one")
    assert info.urn == SLICE
    assert info.path.endswith("private-ch-demo-one-scred.xml")
    assert (info.type, info.expires) == ("geni_sfa", LATER.replace(tzinfo=None))
    assert [one.urn for one in framework.listProjects(context)] == [PROJECT]
    assert list(framework.listSlices(context)) == [SLICE]
    assert framework.listSliceMembers(context, "one")[0]["SLICE_MEMBER"] == ALICE
    framework.renewSlice(context, "one", LATER + timedelta(days=30))
    made = framework.createSlice(context, "two", exp=LATER)
    assert made["SLICE_URN"] == SLICE.replace("one", "two")
    assert len(framework.lookupSSHKeys(context, ALICE)) == 1
    core = importlib.import_module("geni.aggregate.core")
    assert [am.url for am in core.loadFromRegistry(context).values()] == ["https://127.0.0.1:8001/"]
