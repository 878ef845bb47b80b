"""What Omni sends and how it reads the answers, as recorded of its frameworks chapi and gcf.

Source: FED 2.2 (both versions' names) and 2.3. Each function below sends literally what Omni
sends, and reads the answer in Omni's way: with no guard where Omni has none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dateutil.parser
import pytest

from gcf_am import safexml
from gcf_am.clearinghouse.home import add_aggregate
from gcf_am.clearinghouse.people import add_project
from gcf_am.urn import Urn
from tests.functional.clearinghouse.serving import AUTHORITY, Clearing
from tests.unit.clearinghouse.homes import copied

ALICE, BOB = f"{AUTHORITY}user+alice", f"{AUTHORITY}user+bob"
PROJECT = f"{AUTHORITY}project+demo"
_NUMBERS = itertools.count()
AM, AM_URL = f"{AUTHORITY}authority+am", "https://127.0.0.1:8001/"
SLIVER = f"{AUTHORITY}sliver+12"


@dataclass
class Omni:
    """Framework chapi; `new` is what `speakv2=true` makes of the names."""

    at: Clearing
    new: bool
    who: str = "alice"

    def call(self, service: str, old: str, new: str, *parameters: Any) -> Any:
        """Omni's _log_and_return: code, value and output are read without asking."""
        verb, _, kind = new.partition(" ")
        name, given = (verb, (kind, *parameters)) if self.new and kind else (old, parameters)
        answer = self.at.answer(service, self.who, name, *given)
        code, value, output = answer["code"], answer["value"], answer["output"]
        assert code == 0, output
        return value

    def registry(self, old: str, kind: str, options: dict[str, Any]) -> Any:
        """Version 1's names take the options alone."""
        if not self.new:
            return self.call("CH", old, "", options)
        match = {"SERVICE_TYPE": kind, **options.get("match", {})}
        return self.call("CH", "", "lookup SERVICE", [], {**options, "match": match})

    def first_sfa(self, value: Any) -> str:
        for credential in value:
            if credential["geni_type"] == "geni_sfa" and credential["geni_value"]:
                assert credential["geni_version"] == "3"
                return str(credential["geni_value"])
        raise AssertionError("no credential")


@pytest.fixture(scope="module")
def served(ch_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clearing]:
    """One clearinghouse for both versions: each test has a slice of its own."""
    at = Clearing(copied(ch_template, tmp_path_factory.mktemp("omni") / "home"))
    add_aggregate(at.home, Urn.parse(AM), AM_URL)
    add_project(at.home, "demo", "alice")
    at.start()
    yield at
    at.stop()


@pytest.fixture(params=[False, True], ids=["v1", "v2"])
def omni(served: Clearing, request: pytest.FixtureRequest) -> Omni:
    return Omni(served, request.param)


@pytest.fixture
def slice_(omni: Omni) -> str:
    """The URN of a slice of alice's, made as Omni makes it."""
    name = f"{'new' if omni.new else 'old'}-{next(_NUMBERS)}"
    fields = {"fields": {"SLICE_NAME": name, "SLICE_PROJECT_URN": PROJECT}}
    made = omni.call("SA", "create_slice", "create SLICE", [], fields)
    return str(made["SLICE_URN"])


def credential_is_good(text: str, target: str) -> None:
    """Omni's is_valid_v3, get_cred_type and get_cred_exp."""
    assert text.startswith("<?xml")
    for word in ("signed-credential", "owner_gid", "target_gid", "Signature", "target_urn"):
        assert word in text
    root = safexml.parse(text)
    assert [one.text for one in root.iter("type")] == ["privilege"]
    assert root.findtext("credential/target_urn") == target
    assert dateutil.parser.parse(root.findtext("credential/expires") or "") > datetime.now(UTC)


def test_the_commands_of_a_slices_life(omni: Omni) -> None:
    name = "life-new" if omni.new else "life-old"
    slice_urn = f"urn:publicid:IDN+gcf.local:demo+slice+{name}"
    # where SA and MA are: one of each
    options: dict[str, Any] = {"filter": ["SERVICE_URN", "SERVICE_URL"]}
    for old, kind, service in (
        ("lookup_slice_authorities", "SLICE_AUTHORITY", "SA"),
        ("lookup_member_authorities", "MEMBER_AUTHORITY", "MA"),
    ):
        found = {
            one["SERVICE_URN"]: one["SERVICE_URL"] for one in omni.registry(old, kind, options)
        }
        assert list(found.values()) == [omni.at.url + service]

    # get_ch_version: the value gets a url beside what it has
    for service in ("CH", "SA", "MA"):
        value = omni.at.answer(service, "alice", "get_version")["value"]
        value["url"] = service

    # getusercred
    value = omni.call("MA", "get_credentials", "get_credentials", ALICE, [], {})
    credential_is_good(omni.first_sfa(value), ALICE)

    # createslice, twice: code 5 goes on; the credential is asked for with the same options
    options = {"fields": {"SLICE_NAME": name, "SLICE_PROJECT_URN": PROJECT}}
    value = omni.call("SA", "create_slice", "create SLICE", [], options)
    assert value["SLICE_URN"] == slice_urn
    again: tuple[Any, ...] = (
        ("create", "SLICE", [], options) if omni.new else ("create_slice", [], options)
    )
    answer = omni.at.answer("SA", "alice", *again)
    assert answer["code"] == 5
    assert answer["output"].startswith("[DUPLICATE] DUPLICATE_ERROR")
    options = {**options, "match": {"SLICE_URN": slice_urn, "SLICE_EXPIRED": False}}
    value = omni.call("SA", "get_credentials", "get_credentials", slice_urn, [], options)
    credential_is_good(omni.first_sfa(value), slice_urn)

    # listslices
    options = {"match": {"SLICE_EXPIRED": False}}
    rows = omni.call(
        "SA", "lookup_slices_for_member", "lookup_for_member SLICE", ALICE, [], options
    )
    assert slice_urn in [row["SLICE_URN"] for row in rows if not row["EXPIRED"]]

    # renewslice: a naive time in, a string out
    until = datetime.now(UTC).replace(tzinfo=None, microsecond=123456) + timedelta(days=30)
    options = {"fields": {"SLICE_EXPIRATION": until.isoformat()}, "match": {"SLICE_URN": slice_urn}}
    omni.call("SA", "update_slice", "update SLICE", slice_urn, [], options)
    options = {
        "match": {"SLICE_URN": slice_urn, "SLICE_EXPIRED": False},
        "filter": ["SLICE_URN", "SLICE_EXPIRATION", "SLICE_EXPIRED"],
    }
    value = omni.call("SA", "lookup_slices", "lookup SLICE", [], options)
    told = value[slice_urn]["SLICE_EXPIRATION"]
    assert isinstance(told, str)
    assert dateutil.parser.parse(told) == until.replace(tzinfo=UTC, microsecond=0)

    # deleteslice only looks
    assert value[slice_urn].keys() == {"SLICE_URN", "SLICE_EXPIRATION", "SLICE_EXPIRED"}


def test_the_commands_about_aggregates(omni: Omni) -> None:
    options: dict[str, Any] = {"filter": ["SERVICE_URN", "SERVICE_URL"]}
    rows = omni.registry("lookup_aggregates", "AGGREGATE_MANAGER", options)
    assert [(row["SERVICE_URN"], row["SERVICE_URL"]) for row in rows] == [(AM, AM_URL)]
    options = {"filter": ["SERVICE_URN"], "match": {"SERVICE_URL": AM_URL}}
    rows = omni.registry("lookup_aggregates", "AGGREGATE_MANAGER", options)
    assert rows[0]["SERVICE_URN"] == AM


def test_the_commands_about_keys_and_projects(omni: Omni) -> None:
    # listkeys
    options: dict[str, Any] = {
        "match": {"KEY_MEMBER": ALICE},
        "filter": ["KEY_PUBLIC", "KEY_PRIVATE"],
    }
    value = omni.call("MA", "lookup_keys", "lookup KEY", [], options)
    rows = list(value.values()) if omni.new else value[ALICE]
    assert [row["KEY_PUBLIC"].split()[0] for row in rows] == ["ssh-rsa"]
    assert all("KEY_PRIVATE" not in row for row in rows)

    # listprojects
    rows = omni.call("SA", "lookup_projects_for_member", "lookup_for_member PROJECT", ALICE, [], {})
    assert [(row["PROJECT_URN"], row["EXPIRED"], row["PROJECT_ROLE"]) for row in rows] == [
        (PROJECT, False, "LEAD")
    ]

    # listprojectmembers, each with the e-mail address
    options = {"match": {"PROJECT_URN": PROJECT, "PROJECT_EXPIRED": False}}
    rows = omni.call("SA", "lookup_project_members", "lookup_members PROJECT", PROJECT, [], options)
    assert [(row["PROJECT_MEMBER"], row["PROJECT_ROLE"]) for row in rows] == [(ALICE, "LEAD")]
    assert email_of(omni, ALICE) == "alice@gcf.local"


def email_of(omni: Omni, urn: str) -> str:
    options = {"match": {"MEMBER_URN": urn}, "filter": ["MEMBER_EMAIL"]}
    value = omni.call("MA", "lookup_identifying_member_info", "lookup MEMBER", [], options)
    # Omni has no guard here
    return str(next(iter(value.values()))["MEMBER_EMAIL"])


def test_the_commands_about_members_of_a_slice(omni: Omni, slice_: str) -> None:
    def modify(options: dict[str, Any]) -> Any:
        names = "modify_slice_membership", "modify_membership SLICE"
        return omni.call("SA", *names, slice_, [], options)

    # addslicemember, with the role as somebody typed it
    row = {"SLICE_MEMBER": BOB, "SLICE_ROLE": "Admin"}
    assert modify({"members_to_add": [row]}) is not None
    rows = omni.call("SA", "lookup_slice_members", "lookup_members SLICE", slice_, [], {})
    roles = {row["SLICE_MEMBER"]: row["SLICE_ROLE"] for row in rows}
    assert roles == {ALICE: "LEAD", BOB: "ADMIN"}
    # listslicemembers: fellows see each other's address and keys
    for omni.who in ("bob", "alice"):
        assert {email_of(omni, urn) for urn in roles} == {"alice@gcf.local", "bob@gcf.local"}
        for urn in roles:
            options = {"match": {"KEY_MEMBER": urn}, "filter": ["KEY_PUBLIC"]}
            value = omni.call("MA", "lookup_keys", "lookup KEY", [], options)
            assert value
    assert modify({"members_to_remove": [BOB]}) is not None


def test_the_records_of_slivers(omni: Omni, slice_: str) -> None:
    until = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=1)
    # an update of what nobody recorded makes Omni record it
    change = {"fields": {"SLIVER_INFO_EXPIRATION": str(until)}}
    given: tuple[Any, ...] = ("update", "SLIVER_INFO", SLIVER, [], change)
    answer = omni.at.answer(
        "SA", "alice", *(given if omni.new else ("update_sliver_info", *given[2:]))
    )
    assert answer["code"] == 3
    assert "ARGUMENT_ERROR (Unknown sliver urns" in answer["output"]
    # without an end, where Omni does not know it
    fields = {
        "SLIVER_INFO_URN": SLIVER,
        "SLIVER_INFO_SLICE_URN": slice_,
        "SLIVER_INFO_AGGREGATE_URN": AM,
        "SLIVER_INFO_CREATOR_URN": ALICE,
    }
    omni.call("SA", "create_sliver_info", "create SLIVER_INFO", [], {"fields": fields})
    assert omni.call("SA", "update_sliver_info", "update SLIVER_INFO", SLIVER, [], change)
    # listslivers uses the names alone
    options: dict[str, Any] = {"match": {"SLIVER_INFO_SLICE_URN": slice_}, "filter": []}
    options["match"]["SLIVER_INFO_AGGREGATE_URN"] = AM
    assert omni.call("SA", "lookup_sliver_info", "lookup SLIVER_INFO", [], options) == {SLIVER: {}}
    options = {"match": {"SLIVER_INFO_SLICE_URN": slice_}}
    value = omni.call("SA", "lookup_sliver_info", "lookup SLIVER_INFO", [], options)
    assert value[SLIVER]["SLIVER_INFO_EXPIRATION"] == f"{until.isoformat()}Z"
    assert omni.call("SA", "delete_sliver_info", "delete SLIVER_INFO", SLIVER, [], {})


def test_with_credentials_that_nobody_needs(omni: Omni) -> None:
    """`needcred=true` sends the user's, or the slice's, along."""
    [one] = omni.call("MA", "get_credentials", "get_credentials", ALICE, [], {})
    rows = omni.call("SA", "lookup_slices_for_member", "lookup_for_member SLICE", ALICE, [one], {})
    assert isinstance(rows, list)


def test_the_seven_commands_of_the_framework_gcf(served: Clearing) -> None:
    """FED 2.3: bare values."""
    one = f"{AUTHORITY}slice+one"
    assert served.call("alice", "GetVersion") == {"gcf-ch_api": 1}
    own = served.call("alice", "CreateUserCredential", served.cert("alice").read_text())
    credential_is_good(own, ALICE)
    credential_is_good(served.call("alice", "CreateSlice", one), one)
    until = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=30)
    assert served.call("alice", "RenewSlice", one, until.isoformat()) is True
    credential_is_good(served.call("alice", "CreateSlice", one), one)
    assert served.call("alice", "ListAggregates") == [[AM, AM_URL]]
    assert one in served.call("alice", "ListMySlices", ALICE)
    assert served.call("alice", "DeleteSlice", one) is True


@pytest.mark.parametrize("path", ["CH", "CH/", "SR", "reg/2", "SA/", "sa/2", "MA/", "ma/2"])
def test_every_path_leads_to_its_service(shared: Clearing, path: str) -> None:
    urn = shared.federation(path, None, "get_version")["URN"]
    assert (
        urn.rpartition("+")[2]
        == {"c": "ch", "r": "ch", "s": "sa", "m": "ma"}[path[0].lower() if path != "SR" else "r"]
    )
