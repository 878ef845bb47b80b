"""What every answer of the three services has, however wrong the call. FED 1.1 to 1.5."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from gcf_am.clearinghouse import slices
from gcf_am.clearinghouse.federation import Federation
from gcf_am.clearinghouse.handlers import MA, SA, SR
from gcf_am.clearinghouse.home import add_aggregate, remove_aggregate
from gcf_am.surface.ch_v2 import CH_2, CH_CODES
from gcf_am.trust.certificates import load_chain
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_response
from gcf_am.xmlrpc.fault import Fault
from tests.unit.clearinghouse.homes import AUTHORITY, slice_urn, user_urn
from tests.unit.clearinghouse.house import URL, House

AM = Urn.of(AUTHORITY, "authority", "am")
ONE, ALICE = slice_urn("one").text, user_urn("alice").text
SERVICES = ("SR", "SA", "MA")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("parameters", [(), ({},)])
def test_get_version_comes_from_the_declaration(
    quiet: House, service: str, parameters: tuple[Any, ...]
) -> None:
    told = quiet.done(service, None, "get_version", *parameters)
    path = {"SR": "CH"}.get(service, service)
    assert told["VERSION"] == "2"
    assert told["API_VERSIONS"] == {"2": URL + path}
    assert Urn.parse(told["URN"]).kind == "authority"
    [declared] = [one for one in CH_2.authorities if one.name == service]
    fields = {one.name: one for kind in declared.objects for one in kind.attributes}
    assert told["FIELDS"].keys() == fields.keys()
    for name, one in fields.items():
        assert told["FIELDS"][name]["MATCH"] is one.match
        assert told["FIELDS"][name]["UPDATE"] is one.update
        assert told["FIELDS"][name]["CREATE"] == one.create.value
    if service == "SA":
        assert told["ROLES"] == ["LEAD", "ADMIN", "MEMBER", "AUDITOR", "OPERATOR"]
    if service == "SR":
        assert {"AGGREGATE_MANAGER", "SLICE_AUTHORITY", "MEMBER_AUTHORITY"} == {
            *told["SERVICE_TYPES"]
        }


def test_the_fields_are_the_standards() -> None:
    """FED 1.6, the line on slices: match, create, update."""
    [sa] = [one for one in CH_2.authorities if one.name == "SA"]
    found = {
        one.name: (one.match, one.create.value, one.update)
        for kind in sa.objects
        for one in kind.attributes
        if kind.name == "SLICE"
    }
    never = "NOT ALLOWED"
    assert found == {
        "SLICE_URN": (True, never, False),
        "SLICE_UID": (True, never, False),
        "SLICE_CREATION": (False, never, False),
        "SLICE_EXPIRATION": (False, "ALLOWED", True),
        "SLICE_EXPIRED": (True, never, False),
        "SLICE_NAME": (False, "REQUIRED", False),
        "SLICE_DESCRIPTION": (False, "ALLOWED", True),
        "SLICE_PROJECT_URN": (True, "ALLOWED", False),
    }
    assert {one.number for one in CH_CODES} == {0, 1, 2, 3, 4, 5, 100, 101}


def test_every_version_1_name_is_served(quiet: House) -> None:
    """Federation API v1: every name that clients in the field may use."""
    names = {
        "SR": "lookup_aggregates lookup_slice_authorities lookup_member_authorities",
        "SA": "create_slice lookup_slices update_slice lookup_slice_members"
        " lookup_slices_for_member modify_slice_membership create_sliver_info update_sliver_info"
        " delete_sliver_info lookup_sliver_info create_project lookup_projects update_project"
        " lookup_project_members lookup_projects_for_member modify_project_membership",
        "MA": "lookup_public_member_info lookup_identifying_member_info"
        " lookup_private_member_info lookup_public_identifying_member_info update_member_info"
        " create_key update_key delete_key lookup_keys",
    }
    for service, text in names.items():
        for name in text.split():
            # with nothing at all they say what they take
            who = None if service == "SR" else "alice"
            answer = quiet.call(service, who, name)
            assert (answer["code"], name in answer["output"]) == (3, True)


@pytest.mark.parametrize(
    ("service", "name", "parameters"),
    [
        ("SA", "lookup", ()),
        ("SA", "lookup", ("SLICE",)),
        ("SA", "lookup", ("SLICE", [], {}, 7)),
        ("SA", "lookup", ("SERVICE", [], {})),
        ("SA", "lookup", (7, [], {})),
        ("SA", "lookup", ("SLICE", {}, {})),
        ("SA", "lookup", ("SLICE", [], [])),
        ("SA", "lookup", ("SLICE", [], {"match": []})),
        ("SA", "lookup", ("SLICE", [], {"match": {"NOTHING": "x"}})),
        ("SA", "lookup", ("SLICE", [], {"match": {"SLICE_NAME": "x"}})),
        ("SA", "lookup", ("SLICE", [], {"match": {"SLICE_URN": 7}})),
        ("SA", "lookup", ("SLICE", [], {"match": {"SLICE_URN": ALICE}})),
        ("SA", "lookup", ("SLICE", [], {"match": {"SLICE_UID": "' OR 1=1 --"}})),
        ("SA", "lookup", ("SLICE", [], {"match": {"SLICE_EXPIRED": "perhaps"}})),
        ("SA", "lookup", ("SLICE", [], {"filter": "SLICE_URN"})),
        ("SA", "lookup", ("SLICE", [], {"filter": ["NOTHING"]})),
        ("SA", "lookup", ("SLICE", [], {"filter": [["SLICE_URN"]]})),
        ("SA", "create", ("SLICE", [], {})),
        ("SA", "create", ("SLICE", [], {"fields": []})),
        ("SA", "create", ("SLICE", [], {"fields": {"SLICE_NAME": ["one"]}})),
        ("SA", "create", ("SLICE", [], {"fields": {"SLICE_NAME": "one", "SLICE_UID": "7"}})),
        ("SA", "create", ("SLICE", [], {"fields": {"SLICE_NAME": "x" * 5000}})),
        ("SA", "create", ("SLICE", [], {"fields": {"SLICE_NAME": "a", "SLICE_EXPIRATION": 7}})),
        ("SA", "update", ("SLICE", ONE, [], {"fields": {}})),
        ("SA", "update", ("SLICE", "x", [], {"fields": {"SLICE_DESCRIPTION": ""}})),
        ("SA", "modify_membership", ("SLICE", ONE, [], {"members_to_add": [ALICE]})),
        ("SA", "modify_membership", ("SLICE", ONE, [], {"members_to_add": {}})),
        ("SA", "get_credentials", (7, [], {})),
        ("SA", "lookup", ("SLICE", [], {"speaking_for": 7})),
        ("SA", "lookup", ("SLICE", [], {"speaking_for": ONE})),
        ("SA", "lookup", ("SLICE", [{"geni_value": ""}], {})),
        ("MA", "lookup", ("MEMBER", [], {})),
        ("MA", "lookup", ("MEMBER", [], {"match": {}})),
        ("MA", "lookup", ("KEY", [], {})),
        ("MA", "lookup", ("KEY", [], {"match": {"KEY_PRIVATE": "x"}})),
        ("MA", "lookup_keys", ([], {})),
        ("MA", "create_certificate", (ALICE, [], {})),
        ("SR", "lookup", ("SERVICE", [], {"match": {"SERVICE_TYPE": "GOLD"}})),
        ("SR", "lookup_authorities_for_urns", (["x"],)),
        ("SR", "get_trust_roots", ({}, {})),
    ],
)
def test_a_wrong_call_is_told_what_is_right(
    quiet: House, service: str, name: str, parameters: tuple[Any, ...]
) -> None:
    answer = quiet.call(service, "alice", name, *parameters)
    assert answer["code"] == 3
    assert answer["value"] == ""
    assert answer["output"].startswith("[ARGUMENT] ARGUMENT_ERROR (")
    assert "Traceback" not in answer["output"]


@pytest.mark.parametrize(
    "name", ["nothing", "_struct", "system.listMethods", "system.multicall", "answer", "create_x"]
)
@pytest.mark.parametrize("service", SERVICES)
def test_what_is_not_declared_cannot_be_called(quiet: House, service: str, name: str) -> None:
    with pytest.raises(Fault, match="there is no method"):
        quiet.call(service, "alice", name)


@pytest.mark.parametrize("service", ["SA", "MA"])
def test_without_a_certificate_only_the_version_is_told(quiet: House, service: str) -> None:
    [declared] = [one for one in CH_2.authorities if one.name == service]
    for one in declared.operations:
        if one.verb != "get_version":
            given = (one.object.name,) if one.object else ()
            answer = quiet.call(service, None, one.verb, *given)
            assert answer["code"] == 1
            assert answer["output"].startswith("[AUTHENTICATION] AUTHENTICATION_ERROR (")


def test_a_fault_of_ours_is_a_number(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("a secret")

    monkeypatch.setattr(slices, "told", broken)
    house.service.create_slice(house.by("alice"), slice_urn("one"))
    answer = house.call("SA", "alice", "lookup", "SLICE", [], {})
    assert answer["code"] == 101
    assert "secret" not in answer["output"]
    number = re.search(r"the number (\w+)", answer["output"])
    assert number is not None
    assert f"request {number[1]}" in caplog.text


def test_what_is_no_call_is_a_fault(quiet: House) -> None:
    for body in (b"", b"<x/>", b"<!DOCTYPE x [<!ENTITY e 'x'>]><methodCall/>"):
        for handlers in (SR, SA, MA):
            with pytest.raises(Fault):
                read_response(Federation(handlers, quiet.desk).answer(Call(body)))


def test_each_call_is_logged_without_what_a_stranger_invents(
    quiet: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gcf_am.clearinghouse.federation"):
        quiet.call("SA", "alice", "lookup", "SLICE", [], {})
        with pytest.raises(Fault):
            quiet.call("SA", "alice", "evil\nline")
    assert [one.partition(" ")[2].strip() for one in caplog.messages] == [
        "lookup code=0",
        "? code=-32601",
    ]


def test_unknown_options_and_nil_are_ignored(quiet: House) -> None:
    options = {"geni_speaking_for": ALICE, "match": {}, "fields": {"X": 1}, "filter": ["SLICE_URN"]}
    assert quiet.done("SA", "alice", "lookup", "SLICE", [], options) == {}
    # credentials that do not help do no harm
    creds = [{"geni_type": "geni_sfa", "geni_version": 3, "geni_value": "<no/>"}]
    assert quiet.done("SA", "alice", "lookup", "SLICE", creds, options) == {}


def test_the_registry_for_everybody(house: House) -> None:
    add_aggregate(
        house.home, AM, "https://127.0.0.1:8001/", name="Ours", certificate=house.chain("am")[0].pem
    )
    every = house.done("SR", None, "lookup", "SERVICE", [], {})
    assert [one["SERVICE_TYPE"] for one in every] == [
        "SLICE_AUTHORITY",
        "MEMBER_AUTHORITY",
        "AGGREGATE_MANAGER",
    ]
    sa, ma, am = every
    assert (sa["SERVICE_URL"], ma["SERVICE_URL"]) == (f"{URL}SA", f"{URL}MA")
    assert (am["SERVICE_URN"], am["SERVICE_NAME"]) == (AM.text, "Ours")
    assert load_chain(am["SERVICE_CERT"])[0] == house.chain("am")[0]
    assert am["_GENI_SERVICE_ATTRIBUTES"]["UI_AM_TYPE"] == "ui_instageni_am"
    assert am["_GENI_SERVICE_SHORT_NAME"]
    for match, found in (
        ({"SERVICE_TYPE": "AGGREGATE_MANAGER"}, [am]),
        ({"SERVICE_TYPE": ["slice_authority", "MEMBER_AUTHORITY"]}, [sa, ma]),
        ({"SERVICE_TYPE": 0}, [am]),
        ({"SERVICE_TYPE": [1, "3"]}, [sa, ma]),
        ({"SERVICE_TYPE": []}, []),
        ({"SERVICE_URL": "https://127.0.0.1:8001/"}, [am]),
        ({"SERVICE_URN": AM.text, "SERVICE_TYPE": "SLICE_AUTHORITY"}, []),
    ):
        assert house.done("SR", None, "lookup", "SERVICE", [], {"match": match}) == found, match
    only = {"match": {"SERVICE_URL": "https://127.0.0.1:8001/"}, "filter": ["SERVICE_URN"]}
    assert house.done("SR", None, "lookup", "SERVICE", [], only) == [{"SERVICE_URN": AM.text}]
    assert house.done("SR", None, "lookup_aggregates", only) == [{"SERVICE_URN": AM.text}]
    assert house.done("SR", None, "lookup_aggregates", {"filter": []}) == [{}]
    assert house.done("SR", None, "lookup_slice_authorities", {}) == [sa]
    assert house.done("SR", None, "lookup_member_authorities", {}) == [ma]
    assert house.done("SR", None, "lookup_slice_authorities", {"match": {"SERVICE_TYPE": 0}}) == []
    assert remove_aggregate(house.home, AM)
    assert house.done("SR", None, "lookup_aggregates", {}) == []


def test_trust_roots_and_authorities(quiet: House) -> None:
    roots = quiet.done("SR", None, "get_trust_roots")
    assert [load_chain(one)[0].named.name for one in roots] == ["ca", "sa", "ma"]
    urns = [
        f"urn:publicid:IDN+{AUTHORITY}:demo+slice+x",
        ALICE,
        f"urn:publicid:IDN+{AUTHORITY}+project+demo",
        "urn:publicid:IDN+elsewhere.org+user+x",
    ]
    told = quiet.done("SR", None, "lookup_authorities_for_urns", urns)
    assert list(told.values()) == [f"{URL}SA", f"{URL}MA", f"{URL}SA", ""]


def test_a_name_is_listed_as_it_was_asked_for(house: House) -> None:
    house.service.create_slice(house.by("alice"), slice_urn("one"))
    asked = ONE.replace("gcf.local", "GCF.local")
    found = house.done("SA", "alice", "lookup", "SLICE", [], {"match": {"SLICE_URN": asked}})
    assert found[asked]["SLICE_URN"] == ONE
