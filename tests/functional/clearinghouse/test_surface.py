"""Everything that the clearinghouse declares, called over TLS: what is published is there."""

from __future__ import annotations

from typing import Any

import pytest

from gcf_am.clearinghouse.home import add_aggregate
from gcf_am.surface.ch_v2 import CH_2
from gcf_am.trust.issue import new_key
from gcf_am.urn import Urn
from tests.functional.clearinghouse.serving import AUTHORITY, Clearing
from tests.unit.clearinghouse.test_members import request_for, ssh_key

ALICE, BOB = f"{AUTHORITY}user+alice", f"{AUTHORITY}user+bob"
PROJECT = f"{AUTHORITY}project+demo"
SLICE = "urn:publicid:IDN+gcf.local:demo+slice+one"
SLIVER = f"{AUTHORITY}sliver+1"
AM = f"{AUTHORITY}authority+am"
LATE = "2125-01-01T00:00:00Z"


def done(clearing: Clearing, service: str, who: str, name: str, *parameters: Any) -> Any:
    """The value of a call; what is matched is asked for without its fields, too."""
    options = parameters[-1] if parameters else None
    if isinstance(options, dict) and "match" in options:
        clearing.federation(service, who, name, *parameters[:-1], {**options, "filter": []})
    return clearing.federation(service, who, name, *parameters)


def test_registry(clearing: Clearing) -> None:
    add_aggregate(
        clearing.home, Urn.parse(AM), "https://127.0.0.1:8001/",
        certificate=clearing.cert("am").read_text("utf-8"),
    )  # fmt: skip
    assert done(clearing, "SR", "alice", "get_version", {})["SERVICE_TYPES"]
    match = {"match": {"SERVICE_TYPE": "AGGREGATE_MANAGER"}}
    [found] = done(clearing, "SR", "alice", "lookup", "SERVICE", [], match)
    assert found["SERVICE_URN"] == AM
    only = {"filter": ["SERVICE_URN"]}
    assert {"SERVICE_URN": AM} in done(clearing, "SR", "alice", "lookup", "SERVICE", [], only)
    for old in ("lookup_aggregates", "lookup_slice_authorities", "lookup_member_authorities"):
        assert done(clearing, "SR", "alice", old, {})
    assert done(clearing, "SR", "alice", "get_trust_roots")
    assert done(clearing, "SR", "alice", "lookup_authorities_for_urns", [ALICE])[ALICE]


def members(kind: str) -> tuple[dict[str, Any], ...]:
    member, role = f"{kind}_MEMBER", f"{kind}_ROLE"
    return (
        {"members_to_add": [{member: BOB, role: "MEMBER"}]},
        {"members_to_change": [{member: BOB, role: "ADMIN"}]},
        {"members_to_remove": [BOB]},
    )


@pytest.mark.parametrize("old", [False, True])
def test_slice_authority(clearing: Clearing, old: bool) -> None:
    def call(who: str, name: str, kind: str, *parameters: Any) -> Any:
        if not old:
            return done(clearing, "SA", who, name, kind, *parameters)
        words = {"lookup_for_member": f"lookup_{kind.lower()}s_for_member",
                 "lookup_members": f"lookup_{kind.lower()}_members",
                 "modify_membership": f"modify_{kind.lower()}_membership",
                 "lookup": f"lookup_{kind.lower()}" + "s" * (kind != "SLIVER_INFO")}  # fmt: skip
        return done(clearing, "SA", who, words.get(name, f"{name}_{kind.lower()}"), *parameters)

    match: Any
    assert done(clearing, "SA", "alice", "get_version")["ROLES"]
    # projects
    fields = {"PROJECT_NAME": "demo", "PROJECT_DESCRIPTION": "It.", "PROJECT_EXPIRATION": LATE}
    assert call("carol", "create", "PROJECT", [], {"fields": fields})["PROJECT_URN"] == PROJECT
    match = {"match": {"PROJECT_URN": PROJECT}}
    [found] = call("carol", "lookup", "PROJECT", [], match).values()
    match = {"match": {"PROJECT_UID": found["PROJECT_UID"]}, "filter": ["PROJECT_NAME"]}
    assert call("carol", "lookup", "PROJECT", [], match) == {PROJECT: {"PROJECT_NAME": "demo"}}
    change = {"fields": {"PROJECT_DESCRIPTION": "That."}}
    assert call("carol", "update", "PROJECT", PROJECT, [], change) is True
    add = {"members_to_add": [{"PROJECT_MEMBER": ALICE, "PROJECT_ROLE": "MEMBER"}]}
    call("carol", "modify_membership", "PROJECT", PROJECT, [], add)
    for changes in members("PROJECT"):
        assert call("carol", "modify_membership", "PROJECT", PROJECT, [], changes) is True
    assert len(call("carol", "lookup_members", "PROJECT", PROJECT, [], {})) == 2
    mine = call("alice", "lookup_for_member", "PROJECT", ALICE, [], {"match": {}})
    assert [one["PROJECT_URN"] for one in mine] == [PROJECT]
    # slices
    fields = {"SLICE_NAME": "one", "SLICE_PROJECT_URN": PROJECT, "SLICE_DESCRIPTION": "It."}
    assert call("alice", "create", "SLICE", [], {"fields": fields})["SLICE_URN"] == SLICE
    match = {"match": {"SLICE_URN": SLICE, "SLICE_EXPIRED": False}, "filter": ["SLICE_UID"]}
    assert call("alice", "lookup", "SLICE", [], match)[SLICE].keys() == {"SLICE_UID"}
    change = {"fields": {"SLICE_DESCRIPTION": "That."}}
    assert call("alice", "update", "SLICE", SLICE, [], change) is True
    for changes in members("SLICE"):
        assert call("alice", "modify_membership", "SLICE", SLICE, [], changes) is True
    assert call("alice", "lookup_members", "SLICE", SLICE, [], {})
    mine = call("alice", "lookup_for_member", "SLICE", ALICE, [], {"match": {}})
    assert [one["SLICE_URN"] for one in mine] == [SLICE]
    assert done(clearing, "SA", "alice", "get_credentials", SLICE, [], {})
    # slivers
    fields = {
        "SLIVER_INFO_URN": SLIVER,
        "SLIVER_INFO_SLICE_URN": SLICE,
        "SLIVER_INFO_AGGREGATE_URN": AM,
        "SLIVER_INFO_CREATOR_URN": ALICE,
        "SLIVER_INFO_EXPIRATION": LATE,
        "SLIVER_INFO_CREATION": "2025-01-01T00:00:00Z",
    }
    add_aggregate(clearing.home, Urn.parse(AM), "https://127.0.0.1:8001/")
    call("alice", "create", "SLIVER_INFO", [], {"fields": fields})
    match = {"match": {"SLIVER_INFO_SLICE_URN": SLICE}}
    assert call("alice", "lookup", "SLIVER_INFO", [], match)[SLIVER].keys() == fields.keys()
    change = {"fields": {"SLIVER_INFO_EXPIRATION": "2124-01-01T00:00:00Z"}}
    assert call("alice", "update", "SLIVER_INFO", SLIVER, [], change) is True
    assert call("alice", "delete", "SLIVER_INFO", SLIVER, [], {}) is True


def test_a_project_ends_and_a_slice_does_not(clearing: Clearing) -> None:
    done(clearing, "SA", "carol", "create", "PROJECT", [], {"fields": {"PROJECT_NAME": "demo"}})
    assert done(clearing, "SA", "carol", "delete", "PROJECT", PROJECT, [], {}) is True
    assert clearing.answer("SA", "alice", "delete", "SLICE", SLICE, [], {})["code"] == 100


@pytest.mark.parametrize("old", [False, True])
def test_member_authority(clearing: Clearing, old: bool) -> None:
    def call(name: str, kind: str, *parameters: Any) -> Any:
        word = {"MEMBER": "member_info", "KEY": "key"}[kind]
        if old:
            word = f"{name}_{word}" + "s" * (name == "lookup")
            return done(clearing, "MA", "alice", word, *parameters)
        return done(clearing, "MA", "alice", name, kind, *parameters)

    assert done(clearing, "MA", "alice", "get_version", {})["CREDENTIAL_TYPES"]
    change = {"fields": {"MEMBER_FIRSTNAME": "Alice", "MEMBER_LASTNAME": "Liddell"}}
    assert call("update", "MEMBER", ALICE, [], change) is True
    match = {"match": {"MEMBER_URN": ALICE}}
    for name in ("public", "identifying", "private", "public_identifying"):
        assert ALICE in done(clearing, "MA", "alice", f"lookup_{name}_member_info", [], match)
    [told] = done(clearing, "MA", "alice", "lookup", "MEMBER", [], match).values()
    assert told["MEMBER_LASTNAME"] == "Liddell"
    for name, about in (("create", []), ("delete", [ALICE])):
        assert clearing.answer("MA", "alice", name, "MEMBER", *about, [], {})["code"] == 100
    fields = {"KEY_MEMBER": ALICE, "KEY_PUBLIC": ssh_key(), "KEY_DESCRIPTION": "Mine."}
    made = call("create", "KEY", [], {"fields": {**fields, "KEY_TYPE": "ssh-ed25519"}})
    match = {"match": {"KEY_MEMBER": ALICE, "KEY_ID": made["KEY_ID"]}}
    assert call("lookup", "KEY", [], match)
    change = {"fields": {"KEY_DESCRIPTION": "Another."}}
    assert call("update", "KEY", made["KEY_ID"], [], change) is True
    assert call("delete", "KEY", made["KEY_ID"], [], {}) is True
    assert done(clearing, "MA", "alice", "get_credentials", ALICE, [], {})
    assert "CRL" in done(clearing, "MA", "alice", "get_crl", [], {})
    csr = {"csr": request_for(new_key())}
    assert done(clearing, "MA", "alice", "create_certificate", ALICE, [], csr)


def test_codes(clearing: Clearing) -> None:
    def code(who: str | None, *call: Any) -> Any:
        return clearing.answer("SA", who, *call)["code"]

    make: Any = ("create", "PROJECT", [], {"fields": {"PROJECT_NAME": "demo"}})
    assert [code(who, *make) for who in (None, "bob", "carol", "carol")] == [1, 2, 0, 5]
    assert code("carol", "create", "PROJECT", [], {}) == 3
    assert code("carol", "create_request") == 100


def test_every_operation_reads_who_is_spoken_for(shared: Clearing) -> None:
    options = {"speaking_for": "nobody"}
    for authority in CH_2.authorities:
        for one in authority.operations:
            if not (one.credentials and one.options and one.implemented):
                continue
            kind = [one.object.name] if one.object is not None else []
            about = [ALICE if "URN" in x.type.name or "urn" in x.name else "k" for x in one.about]
            known = {"csr": "x"} if "csr" in one.takes else {}
            parameters = (*kind, *about, [], {**known, **options})
            answer = shared.answer(authority.name, "alice", one.verb, *parameters)
            assert answer["code"] == 3, (one.name, answer)
