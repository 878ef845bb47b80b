"""Slices and projects by the rules of the Federation API. FED 1.6."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.people import Words
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.tables import SliceRow
from gcf_am.client.credential_file import read_credential
from gcf_am.clock import format_time, parse_time
from gcf_am.errors import BadArgs, Forbidden
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from tests.unit.clearinghouse.homes import AUTHORITY, slice_urn, user_urn
from tests.unit.clearinghouse.house import DAY, House

PROJECT = f"urn:publicid:IDN+{AUTHORITY}+project+demo"
IN_PROJECT = f"urn:publicid:IDN+{AUTHORITY}:demo+slice+one"
ONE = slice_urn("one").text
ALICE, BOB, CAROL = (user_urn(name).text for name in ("alice", "bob", "carol"))


def create(house: House, who: str = "alice", name: str = "one", **fields: Any) -> Any:
    return house.done("SA", who, "create", "SLICE", [], {"fields": {"SLICE_NAME": name, **fields}})


def refused(house: House, who: str = "alice", name: str = "one", **fields: Any) -> tuple[int, str]:
    answer = house.call(
        "SA", who, "create", "SLICE", [], {"fields": {"SLICE_NAME": name, **fields}}
    )
    return answer["code"], answer["output"]


def project(house: House, who: str = "carol", **fields: Any) -> Any:
    made = {"fields": {"PROJECT_NAME": "demo", **fields}}
    return house.done("SA", who, "create", "PROJECT", [], made)


def look(house: House, who: str = "alice", **match: Any) -> Any:
    return house.done("SA", who, "lookup", "SLICE", [], {"match": match} if match else {})


def people(house: House, who: str, kind: str, urn: str) -> dict[str, str]:
    rows = house.done("SA", who, "lookup_members", kind, urn, [], {})
    return {row[f"{kind}_MEMBER"].rpartition("+")[2]: row[f"{kind}_ROLE"] for row in rows}


def modify(house: House, who: str, kind: str, urn: str, **changes: Any) -> dict[str, Any]:
    def rows(roles: dict[str, str]) -> list[dict[str, str]]:
        return [{f"{kind}_MEMBER": user_urn(name).text, f"{kind}_ROLE": role}
                for name, role in roles.items()]  # fmt: skip

    options = {
        f"members_to_{what}": value if isinstance(value, list) else rows(value)
        for what, value in changes.items()
    }
    return house.call("SA", who, "modify_membership", kind, urn, [], options)


def end_of(house: House, urn: str = ONE) -> datetime:
    return parse_time(look(house, SLICE_URN=urn)[urn]["SLICE_EXPIRATION"])


def test_what_is_told_of_a_new_slice(house: House) -> None:
    made = create(house, SLICE_DESCRIPTION="words")
    now = house.clock.now()
    assert re.fullmatch("[0-9a-f-]{36}", made.pop("SLICE_UID"))
    assert made == {
        "SLICE_URN": ONE,
        "SLICE_CREATION": format_time(now),
        "SLICE_EXPIRATION": format_time(now + 10 * DAY),
        "SLICE_EXPIRED": False,
        "SLICE_NAME": "one",
        "SLICE_DESCRIPTION": "words",
    }


def test_a_slice_of_a_project_is_named_after_it(house: House) -> None:
    project(house)
    modify(house, "carol", "PROJECT", PROJECT, add={"alice": "member"})
    made = create(house, SLICE_PROJECT_URN=PROJECT)
    assert (made["SLICE_URN"], made["SLICE_PROJECT_URN"]) == (IN_PROJECT, PROJECT)
    # who leads the project administers its slices, and everybody in it sees them
    assert people(house, "alice", "SLICE", IN_PROJECT) == {"alice": "LEAD", "carol": "ADMIN"}
    # the same name without a project is another slice
    assert create(house)["SLICE_URN"] == ONE


@pytest.mark.parametrize("name", ["one", "ONE"])
def test_a_living_name_is_taken(house: House, name: str) -> None:
    create(house)
    code, output = refused(house, "bob", name)
    assert code == 5
    assert output.startswith("[DUPLICATE] DUPLICATE_ERROR")


def test_an_ended_slices_name_is_free(house: House) -> None:
    first = create(house)
    house.clock.time += 10 * DAY
    assert look(house, SLICE_URN=ONE)[ONE]["SLICE_EXPIRED"] is True
    second = create(house, "bob")
    assert second["SLICE_UID"] != first["SLICE_UID"]
    # each sees the one that was, or is, theirs
    assert look(house, "bob", SLICE_URN=ONE)[ONE]["SLICE_EXPIRED"] is False
    assert look(house, SLICE_UID=first["SLICE_UID"])[ONE]["SLICE_EXPIRED"] is True
    assert look(house, SLICE_URN=ONE)[ONE]["SLICE_UID"] == first["SLICE_UID"]
    assert house.code("SA", "alice", "lookup_members", "SLICE", ONE, [], {}) == 2


@pytest.mark.parametrize("name", ["", "-x", "a_b", "x" * 20, "a b", "a+b", "a:b"])
def test_a_slices_name_follows_the_rule(quiet: House, name: str) -> None:
    assert refused(quiet, name=name)[0] == 3


@pytest.mark.parametrize(
    ("urn", "said"),
    [
        (f"urn:publicid:IDN+{AUTHORITY}+project+nothing", "Unknown project"),
        ("urn:publicid:IDN+elsewhere.org+project+demo", f"IDN+{AUTHORITY}+project+NAME"),
        (ONE, "project"),
    ],
)
def test_a_project_that_is_none_is_named(quiet: House, urn: str, said: str) -> None:
    code, output = refused(quiet, SLICE_PROJECT_URN=urn)
    assert code == 3
    assert said in output


def test_a_slice_ends_when_its_project_does(house: House) -> None:
    end = house.clock.now() + 3 * DAY
    project(house, PROJECT_EXPIRATION=format_time(end))
    made = create(house, "carol", SLICE_PROJECT_URN=PROJECT)
    assert made["SLICE_EXPIRATION"] == format_time(end)
    later = {"fields": {"SLICE_EXPIRATION": format_time(end + DAY)}}
    assert house.done("SA", "carol", "update", "SLICE", IN_PROJECT, [], later) is True
    assert look(house, "carol")[IN_PROJECT]["SLICE_EXPIRATION"] == format_time(end)
    house.clock.time = end
    assert refused(house, "carol", "two", SLICE_PROJECT_URN=PROJECT)[0] == 3


def test_where_projects_are_needed_no_slice_is_without(
    home: Path, authority: Authority, house: House
) -> None:
    strict = House(home, authority, house.clock, projects=True)
    code, output = refused(strict)
    assert code == 3
    assert "SLICE_PROJECT_URN" in output
    strict.close()


def update(house: House, until: str, who: str = "alice") -> int:
    fields = {"fields": {"SLICE_EXPIRATION": until}}
    code = house.call("SA", who, "update", "SLICE", ONE, [], fields)["code"]
    assert isinstance(code, int)
    return code


def test_a_slice_is_renewed_never_shortened_and_at_most_to_the_limit(house: House) -> None:
    create(house)
    now = house.clock.now()
    # Omni sends a naive time with a fraction
    until = (now + 20 * DAY).replace(tzinfo=None)
    assert update(house, f"{until.isoformat()}.123456") == 0
    assert end_of(house) == now + 20 * DAY
    assert update(house, f"{until:%Y-%m-%d %H:%M:%S}") == 0
    assert update(house, format_time(now + 19 * DAY)) == 3
    assert update(house, format_time(now - DAY)) == 3
    assert update(house, "tomorrow") == 3
    assert update(house, format_time(now + 4000 * DAY)) == 0
    assert end_of(house) == now + 185 * DAY
    # asking again for more than there is changes nothing
    assert update(house, format_time(now + 4000 * DAY)) == 0
    house.clock.time += 186 * DAY
    assert update(house, format_time(now + 300 * DAY)) == 3


@pytest.mark.parametrize("field", ["SLICE_NAME", "SLICE_URN", "SLICE_UID", "SLICE_PROJECT_URN"])
def test_what_a_slice_is_does_not_change(house: House, field: str) -> None:
    create(house)
    fields = {"fields": {field: ONE}}
    assert house.code("SA", "alice", "update", "SLICE", ONE, [], fields) == 3


def test_the_credential_is_the_callers_and_genuine(house: House) -> None:
    create(house)
    modify(house, "alice", "SLICE", ONE, add={"bob": "Member"})
    verifier = Verifier(TrustStore(Places(house.home).trusted))
    for who in ("alice", "bob", "carol"):
        # options of another call do no harm
        options = {"fields": {"SLICE_NAME": "x"}, "match": {"NOTHING": 1}}
        [one] = house.done("SA", who, "get_credentials", ONE, [], options)
        assert (one["geni_type"], one["geni_version"]) == ("geni_sfa", "3")
        genuine = verifier.credential(one["geni_value"], house.clock.now())
        assert genuine.owner.leaf == house.chain(who)[0]
        assert genuine.target.urn == slice_urn("one")
        assert read_credential(one["geni_value"]).expires == end_of(house)
        for right in ("refresh", "embed", "bind", "control", "info"):
            assert f"<name>{right}</name>" in one["geni_value"]


def test_a_credential_over_what_is_none(house: House) -> None:
    answer = house.call("SA", "alice", "get_credentials", ONE, [], {})
    assert (answer["code"], "Unknown slice urn" in answer["output"]) == (3, True)
    assert house.code("SA", "carol", "get_credentials", PROJECT, [], {}) == 100
    create(house)
    house.clock.time += 10 * DAY
    assert house.code("SA", "alice", "get_credentials", ONE, [], {}) == 3


def test_slices_made_in_one_api_are_seen_in_the_other(house: House) -> None:
    house.service.create_slice(house.by("alice"), slice_urn("one"))
    create(house, name="two")
    assert look(house).keys() == {ONE, slice_urn("two").text}
    mine = house.service.list_my_slices(house.by("alice"), user_urn("alice"))
    assert set(mine) == {ONE, slice_urn("two").text}
    # a member gets the credential in either
    modify(house, "alice", "SLICE", ONE, add={"bob": "MEMBER"})
    assert house.service.create_slice(house.by("bob"), slice_urn("one")).startswith("<?xml")
    assert house.service.renew_slice(house.by("bob"), slice_urn("one"), end_of(house)) is False
    assert house.service.delete_slice(house.by("bob"), slice_urn("one")) is False


def test_a_projects_slice_by_the_older_method(house: House) -> None:
    project(house)
    house.service.create_slice(house.by("carol"), Urn.parse(IN_PROJECT))
    assert look(house, "carol")[IN_PROJECT]["SLICE_PROJECT_URN"] == PROJECT
    with pytest.raises(Forbidden):
        house.service.create_slice(house.by("alice"), Urn.parse(IN_PROJECT.replace("one", "two")))
    with pytest.raises(BadArgs, match="Unknown project"):
        house.service.create_slice(house.by("alice"), Urn.parse(IN_PROJECT.replace("demo", "x")))


def test_membership_changes_all_or_nothing(house: House) -> None:
    create(house)
    assert modify(house, "alice", "SLICE", ONE, add={"bob": "member"})["code"] == 0
    before = people(house, "alice", "SLICE", ONE)
    assert before == {"alice": "LEAD", "bob": "MEMBER"}
    for changes, code in (
        ({"add": {"carol": "ADMIN"}, "remove": ["urn:publicid:IDN+gcf.local+user+nobody"]}, 3),
        ({"add": {"carol": "ADMIN"}, "change": {"bob": "LEAD"}}, 3),
        ({"add": {"carol": "ADMIN"}, "remove": [ALICE]}, 3),
        ({"add": {"carol": "ADMIN", "bob": "ADMIN"}}, 5),
        ({"add": {"carol": "KING"}}, 3),
        ({"change": {"carol": "ADMIN"}}, 3),
        ({"remove": [CAROL]}, 3),
        ({"add": {"carol": "ADMIN"}, "remove": [CAROL]}, 3),
        ({"add": {"nobody": "ADMIN"}}, 3),
        ({}, 3),
    ):
        assert modify(house, "alice", "SLICE", ONE, **changes)["code"] == code, changes
        assert people(house, "alice", "SLICE", ONE) == before
    changes = {"add": {"carol": "auditor"}, "change": {"bob": "lead", "alice": "Admin"}}
    assert modify(house, "alice", "SLICE", ONE, **changes)["code"] == 0
    assert people(house, "bob", "SLICE", ONE) == {
        "alice": "ADMIN",
        "bob": "LEAD",
        "carol": "AUDITOR",
    }
    # C-BAS and its clients name whom to remove in structs
    gone = [{"SLICE_MEMBER": ALICE}, CAROL]
    assert modify(house, "bob", "SLICE", ONE, remove=gone)["code"] == 0
    assert people(house, "bob", "SLICE", ONE) == {"bob": "LEAD"}
    assert house.code("SA", "alice", "get_credentials", ONE, [], {}) == 2


def test_of_many_changes_at_once_one_leads(house: House) -> None:
    create(house)
    modify(house, "alice", "SLICE", ONE, add={"bob": "ADMIN", "carol": "ADMIN"})
    start = threading.Barrier(2)

    def take(name: str) -> None:
        start.wait()
        modify(house, name, "SLICE", ONE, change={name: "LEAD", "alice": "ADMIN"})

    threads = [threading.Thread(target=take, args=(name,)) for name in ("bob", "carol")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    roles = people(house, "alice", "SLICE", ONE)
    assert sorted(roles.values()) == ["ADMIN", "ADMIN", "LEAD"]


def test_what_a_change_in_a_project_means_for_its_slices(house: House) -> None:
    project(house)
    modify(house, "carol", "PROJECT", PROJECT, add={"alice": "MEMBER", "bob": "MEMBER"})
    create(house, SLICE_PROJECT_URN=PROJECT)
    modify(house, "alice", "SLICE", IN_PROJECT, remove=[CAROL])
    modify(house, "carol", "PROJECT", PROJECT, change={"bob": "ADMIN"})
    assert people(house, "alice", "SLICE", IN_PROJECT) == {"alice": "LEAD", "bob": "ADMIN"}
    # who leaves the project leaves its slices; the project's lead leads what they led
    assert modify(house, "carol", "PROJECT", PROJECT, remove=[ALICE])["code"] == 0
    assert people(house, "carol", "SLICE", IN_PROJECT) == {"bob": "ADMIN", "carol": "LEAD"}
    assert people(house, "carol", "PROJECT", PROJECT) == {"carol": "LEAD", "bob": "ADMIN"}
    assert modify(house, "carol", "PROJECT", PROJECT, remove=[CAROL])["code"] == 3


def test_an_auditor_of_the_project_leads_none_of_its_slices(house: House) -> None:
    project(house)
    modify(house, "carol", "PROJECT", PROJECT, add={"alice": "MEMBER", "bob": "AUDITOR"})
    create(house, SLICE_PROJECT_URN=PROJECT)
    assert modify(house, "alice", "SLICE", IN_PROJECT, add={"bob": "ADMIN"})["code"] == 0
    changes = {"bob": "LEAD", "alice": "ADMIN"}
    assert modify(house, "alice", "SLICE", IN_PROJECT, change=changes)["code"] == 3


def test_who_leads_a_projects_slice_does_not_become_its_auditor(house: House) -> None:
    project(house)
    modify(house, "carol", "PROJECT", PROJECT, add={"alice": "MEMBER", "bob": "MEMBER"})
    create(house, SLICE_PROJECT_URN=PROJECT)
    answer = modify(house, "carol", "PROJECT", PROJECT, change={"alice": "AUDITOR"})
    assert (answer["code"], IN_PROJECT in answer["output"]) == (3, True)
    assert people(house, "carol", "PROJECT", PROJECT)["alice"] == "MEMBER"
    modify(house, "alice", "SLICE", IN_PROJECT, add={"bob": "LEAD"}, change={"alice": "MEMBER"})
    assert modify(house, "carol", "PROJECT", PROJECT, change={"alice": "AUDITOR"})["code"] == 0


def test_a_search_reads_only_what_its_caller_sees(house: House) -> None:
    read: list[str] = []

    def note(row: SliceRow, _context: object) -> None:
        read.append(row.urn)

    project(house)
    create(house, "carol", SLICE_PROJECT_URN=PROJECT)
    create(house, "bob", "two")
    create(house)
    modify(house, "carol", "PROJECT", PROJECT, add={"alice": "AUDITOR"})
    event.listen(SliceRow, "load", note)
    try:
        found = look(house)
        assert house.done("SA", "alice", "lookup", "SLIVER_INFO", [], {}) == {}
    finally:
        event.remove(SliceRow, "load", note)
    assert found.keys() == set(read) == {ONE, IN_PROJECT}


def test_whose_slices_and_projects(house: House) -> None:
    project(house)
    create(house, "carol", SLICE_PROJECT_URN=PROJECT)
    create(house, "carol", "two")
    [mine] = house.done("SA", "carol", "lookup_for_member", "PROJECT", CAROL, [], {})
    uid = mine.pop("PROJECT_UID")
    assert house.done("SA", "alice", "lookup", "PROJECT", [], {})[PROJECT]["PROJECT_UID"] == uid
    assert mine == {
        "PROJECT_URN": PROJECT,
        "PROJECT_ROLE": "LEAD",
        "PROJECT_EXPIRED": False,
        "EXPIRED": False,
    }
    assert house.code("SA", "alice", "lookup_for_member", "SLICE", CAROL, [], {}) == 2
    modify(house, "carol", "SLICE", slice_urn("two").text, add={"alice": "MEMBER"})
    # of others' slices only those that one is in
    [seen] = house.done("SA", "alice", "lookup_for_member", "SLICE", CAROL, [], {})
    assert (seen["SLICE_URN"], seen["SLICE_ROLE"]) == (slice_urn("two").text, "LEAD")
    house.clock.time += 11 * DAY
    living = {"match": {"SLICE_EXPIRED": False}}
    assert house.done("SA", "carol", "lookup_for_member", "SLICE", CAROL, [], living) == []
    past = house.done("SA", "carol", "lookup_for_member", "SLICE", CAROL, [], {})
    assert [(one["EXPIRED"], one["SLICE_EXPIRED"]) for one in past] == [(True, True)] * 2


def test_a_project_is_made_changed_and_ended(house: House) -> None:
    house.add_user("alice", Words(makes_projects=True))
    made = project(house, "alice", PROJECT_DESCRIPTION="words")
    assert (made["PROJECT_URN"], made["PROJECT_EXPIRATION"]) == (PROJECT, "")
    assert (
        house.code("SA", "carol", "create", "PROJECT", [], {"fields": {"PROJECT_NAME": "Demo"}})
        == 5
    )
    for name in ("x", "1st", "a b", "a:b", "a+b", "a" * 33, ""):
        wrong = {"fields": {"PROJECT_NAME": name}}
        assert house.code("SA", "alice", "create", "PROJECT", [], wrong) == 3
    create(house, SLICE_PROJECT_URN=PROJECT)
    soon = {"fields": {"PROJECT_EXPIRATION": format_time(house.clock.now() + 9 * DAY)}}
    assert house.code("SA", "alice", "update", "PROJECT", PROJECT, [], soon) == 3
    later = {"fields": {"PROJECT_EXPIRATION": format_time(house.clock.now() + 11 * DAY)}}
    assert house.done("SA", "alice", "update", "PROJECT", PROJECT, [], later) is True
    house.clock.time += 11 * DAY
    assert house.done("SA", "alice", "lookup", "PROJECT", [], {"match": {"PROJECT_EXPIRED": True}})
    assert house.code("SA", "alice", "update", "PROJECT", PROJECT, [], later) == 3
    again = project(house, "alice")
    assert again["PROJECT_UID"] != made["PROJECT_UID"]
    assert house.done("SA", "alice", "delete", "PROJECT", PROJECT, [], {}) is True


def test_a_slice_ends_with_its_leads_certificate(house: House) -> None:
    end = house.chain("alice")[0].not_after
    house.clock.time = end - 3 * DAY
    assert parse_time(create(house)["SLICE_EXPIRATION"]) == end
