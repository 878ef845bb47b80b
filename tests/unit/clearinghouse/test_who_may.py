"""The authorization column of every operation, called by everybody there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.home import add_aggregate, create
from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.clearinghouse.people import Words, enable
from gcf_am.clearinghouse.places import Places
from gcf_am.clock import format_time
from gcf_am.surface.ch_v2 import CH_2
from gcf_am.trust.issue import Identity, make_server, make_user
from gcf_am.urn import Urn
from tests.unit.clearinghouse.homes import AUTHORITY, SetClock, copied, user_urn
from tests.unit.clearinghouse.house import DAY, House

PROJECT = f"urn:publicid:IDN+{AUTHORITY}+project+demo"
SLICE = f"urn:publicid:IDN+{AUTHORITY}:demo+slice+s"
SLIVER = f"urn:publicid:IDN+{AUTHORITY}+sliver+7"
AM = Urn.of(AUTHORITY, "authority", "am")
OTHER_AM = Urn.of(f"{AUTHORITY}:am2", "authority", "am")

# Who is who: slead leads the slice, plead the project, ...; `out` has no part in anything.
NOBODY = "nobody"
PEOPLE = (
    "out",
    "slead",
    "sadmin",
    "smember",
    "sauditor",
    "soperat",
    "plead",
    "padmin",
    "pmember",
    "pauditor",
)
SERVERS = ("stranger", "am", "am2", "sa")
EVERYBODY = (NOBODY, *PEOPLE, "carol", "pi", *SERVERS)


@dataclass
class Town:
    """A house with a project and a slice, and people in every role."""

    house: House
    identities: dict[str, Identity]
    key: str

    def as_(self, who: str) -> str | Identity | None:
        return None if who == NOBODY else self.identities.get(who, who)

    def code(self, who: str, service: str, name: str, *parameters: Any) -> int:
        answer = self.house.call(service, self.as_(who), name, *parameters)
        code = answer["code"]
        assert isinstance(code, int)
        return code


@pytest.fixture(scope="module")
def peopled(template: Path, tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    home = copied(template, tmp_path_factory.mktemp("town") / "home")
    create(home, authority=AUTHORITY, users=(*PEOPLE, "pi"), operators=())
    for urn in (AM, OTHER_AM):
        add_aggregate(home, urn, "https://127.0.0.1:8001/")
    house = House(home, authority, SetClock(datetime.now(UTC).replace(microsecond=0)))
    house.add_user("pi", Words(makes_projects=True))
    house.done("SA", "carol", "create", "PROJECT", [], {"fields": {"PROJECT_NAME": "demo"}})
    made = {"carol": "AUDITOR", "plead": "LEAD", "padmin": "ADMIN"}
    roles = {**made, "pmember": "MEMBER", "pauditor": "AUDITOR", "slead": "MEMBER"}
    house.done(
        "SA", "carol", "modify_membership", "PROJECT", PROJECT, [],
        {"members_to_add": [{"PROJECT_MEMBER": user_urn(name).text, "PROJECT_ROLE": role}
                            for name, role in roles.items() if name != "carol"],
         "members_to_remove": [user_urn("carol").text]},
    )  # fmt: skip
    house.done("SA", "slead", "create", "SLICE", [],
               {"fields": {"SLICE_NAME": "s", "SLICE_PROJECT_URN": PROJECT}})  # fmt: skip
    roles = {"sadmin": "ADMIN", "smember": "MEMBER", "sauditor": "AUDITOR", "soperat": "OPERATOR"}
    house.done(
        "SA", "slead", "modify_membership", "SLICE", SLICE, [],
        {"members_to_add": [{"SLICE_MEMBER": user_urn(name).text, "SLICE_ROLE": role}
                            for name, role in roles.items()],
         "members_to_remove": [user_urn(name).text for name in ("plead", "padmin")]},
    )  # fmt: skip
    house.done("SA", "slead", "create", "SLIVER_INFO", [], {"fields": sliver()})
    house.close()
    return home


def sliver(urn: str = SLIVER, aggregate: Urn = AM) -> dict[str, str]:
    return {
        "SLIVER_INFO_URN": urn,
        "SLIVER_INFO_SLICE_URN": SLICE,
        "SLIVER_INFO_AGGREGATE_URN": aggregate.text,
        "SLIVER_INFO_CREATOR_URN": user_urn("slead").text,
    }


@pytest.fixture(scope="module")
def identities(template: Path) -> dict[str, Identity]:
    places = Places(template)
    root = load_identity(places.certs / "ch-cert.pem", places.inner / "ca-key.pem")
    now = datetime.now(UTC)
    return {
        # of our member authority, but nobody registered them
        "stranger": make_user(places.authority("ma"), "stranger", now=now),
        "am": load_identity(*places.pair("am")),
        "am2": make_server(root, OTHER_AM, now=now),
        "sa": places.authority("sa"),
    }


@pytest.fixture(scope="module")
def still(peopled: Path, authority: Authority, identities: dict[str, Identity]) -> Iterator[Town]:
    """The town itself, for tests that change nothing."""
    made = visited(peopled, authority, identities)
    yield made
    made.house.close()


@pytest.fixture
def town(
    peopled: Path, tmp_path: Path, authority: Authority, identities: dict[str, Identity]
) -> Iterator[Town]:
    made = visited(copied(peopled, tmp_path / "town"), authority, identities)
    yield made
    made.house.close()


def visited(home: Path, authority: Authority, identities: dict[str, Identity]) -> Town:
    house = House(home, authority, SetClock(datetime.now(UTC).replace(microsecond=0)))
    [key] = house.done("MA", "slead", "lookup", "KEY", [], {"match": {"KEY_MEMBER": SLEAD}})
    return Town(house, identities, key)


SLEAD = user_urn("slead").text
RUN = {"slead", "sadmin", "carol"}
USE = RUN | {"smember"}
PROJECT_RUN = {"plead", "padmin", "carol"}
# slead belongs to the project, too
PROJECT_SEE = PROJECT_RUN | {"pmember", "pauditor", "slead"}
MEMBERS = {*PEOPLE, "carol", "pi"}
CERTIFIED = MEMBERS | set(SERVERS)


def add(kind: str, who: str = "out") -> dict[str, object]:
    row = {f"{kind}_MEMBER": user_urn(who).text, f"{kind}_ROLE": "member"}
    return {"members_to_add": [row]}


def field(name: str, value: str) -> dict[str, object]:
    return {"fields": {name: value}}


KEY_LINE = (
    Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    .decode()
)

# operation -> (parameters, who may)
TABLE: dict[str, tuple[Any, set[str]]] = {
    "SR/get_version": ((), CERTIFIED | {NOBODY}),
    "SR/lookup/SERVICE": (("SERVICE", [], {}), CERTIFIED | {NOBODY}),
    "SR/get_trust_roots": ((), CERTIFIED | {NOBODY}),
    "SR/lookup_authorities_for_urns": (([SLICE],), CERTIFIED | {NOBODY}),
    "SA/get_version": ((), CERTIFIED | {NOBODY}),
    "SA/create/SLICE": (
        ("SLICE", [], {"fields": {"SLICE_NAME": "new", "SLICE_PROJECT_URN": PROJECT}}),
        {"plead", "padmin", "pmember", "slead", "carol"},
    ),
    "SA/lookup/SLICE": (
        ("SLICE", [], {"match": {"SLICE_URN": SLICE}}),
        USE | PROJECT_SEE | {"sauditor", "soperat"},
    ),
    "SA/update/SLICE": (
        ("SLICE", SLICE, [], field("SLICE_DESCRIPTION", "words")),
        RUN,
    ),
    "SA/get_credentials": ((SLICE, [], {}), USE),
    "SA/lookup_for_member/SLICE": (("SLICE", SLEAD, [], {}), USE | {"sauditor", "soperat"}),
    "SA/lookup_members/SLICE": (("SLICE", SLICE, [], {}), USE | {"sauditor", "soperat"}),
    "SA/modify_membership/SLICE": (("SLICE", SLICE, [], add("SLICE")), RUN),
    "SA/create/SLIVER_INFO": (
        ("SLIVER_INFO", [], {"fields": sliver(SLIVER + "8")}),
        USE | {"am", "sa"},
    ),
    "SA/lookup/SLIVER_INFO": (
        ("SLIVER_INFO", [], {"match": {"SLIVER_INFO_SLICE_URN": SLICE}}),
        USE | {"am", "am2", "sa"},
    ),
    "SA/update/SLIVER_INFO": (
        ("SLIVER_INFO", SLIVER, [], field("SLIVER_INFO_EXPIRATION", "2030-01-01 00:00:00")),
        USE | {"am", "sa"},
    ),
    "SA/delete/SLIVER_INFO": (("SLIVER_INFO", SLIVER, [], {}), USE | {"am", "sa"}),
    "SA/create/PROJECT": (
        ("PROJECT", [], field("PROJECT_NAME", "another")),
        {"carol", "pi"},
    ),
    "SA/lookup/PROJECT": (("PROJECT", [], {}), CERTIFIED),
    "SA/update/PROJECT": (
        ("PROJECT", PROJECT, [], field("PROJECT_DESCRIPTION", "words")),
        PROJECT_RUN,
    ),
    "SA/lookup_for_member/PROJECT": (("PROJECT", SLEAD, [], {}), PROJECT_SEE),
    "SA/lookup_members/PROJECT": (("PROJECT", PROJECT, [], {}), PROJECT_SEE),
    "SA/modify_membership/PROJECT": (
        ("PROJECT", PROJECT, [], add("PROJECT")),
        PROJECT_RUN | {"sa"},
    ),
    "MA/get_version": (({},), CERTIFIED | {NOBODY}),
    "MA/lookup/MEMBER": (("MEMBER", [], {"match": {"MEMBER_URN": SLEAD}}), CERTIFIED),
    "MA/update/MEMBER": (
        ("MEMBER", SLEAD, [], field("MEMBER_FIRSTNAME", "Sue")),
        {"slead", "carol"},
    ),
    "MA/get_credentials": ((SLEAD, [], {}), {"slead", "carol", "sa"}),
    "MA/get_crl": (([], {}), CERTIFIED),
    "MA/create/KEY": (
        ("KEY", [], {"fields": {"KEY_MEMBER": SLEAD, "KEY_PUBLIC": KEY_LINE}}),
        {"slead", "carol"},
    ),
    "MA/lookup/KEY": (("KEY", [], {"match": {"KEY_MEMBER": SLEAD}}), CERTIFIED),
    "MA/update/KEY": (
        ("KEY", "the key", [], field("KEY_DESCRIPTION", "words")),
        {"slead", "carol"},
    ),
    "MA/delete/KEY": (("KEY", "the key", [], {}), {"slead", "carol"}),
}


@pytest.mark.parametrize("name", TABLE)
def test_who_may(town: Town, name: str) -> None:
    parameters, allowed = TABLE[name]
    service, verb = name.split("/")[:2]
    given = tuple(town.key if one == "the key" else one for one in parameters)
    refused = [who for who in EVERYBODY if who not in allowed]
    for who in refused:
        code = town.code(who, service, verb, *given)
        assert code == (1 if who == NOBODY else 2), who
    before = town.house.deeds()
    for who in sorted(allowed):
        # what changes something does so for the first who may; then it is there, or gone
        code = town.code(who, service, verb, *given)
        assert code in {0, 3, 5}, who
        if code != 0:
            assert town.house.deeds() > before, who


def test_the_table_holds_every_operation() -> None:
    # delete/PROJECT and create_certificate have tests of their own
    declared = {
        f"{authority.name}/{one.name}"
        for authority in CH_2.authorities
        for one in authority.operations
        if one.implemented
    }
    assert declared - TABLE.keys() == {"SA/delete/PROJECT", "MA/create_certificate"}


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_is_never_done_is_done_for_nobody(still: Town, who: str) -> None:
    expected = 1 if who == NOBODY else 100
    assert still.code(who, "SA", "delete", "SLICE", SLICE, [], {}) == expected
    assert still.code(who, "MA", "create", "MEMBER", [], {}) == expected
    assert still.code(who, "MA", "delete", "MEMBER", SLEAD, [], {}) == expected


def test_only_lead_and_operator_end_a_project(town: Town) -> None:
    for who in ("padmin", "pmember", "out", "pi", "sa", "am"):
        assert town.code(who, "SA", "delete", "PROJECT", PROJECT, [], {}) == 2
    # with a slice in it nobody does
    assert town.code("plead", "SA", "delete", "PROJECT", PROJECT, [], {}) == 3
    town.house.clock.time += 11 * DAY
    assert town.code("plead", "SA", "delete", "PROJECT", PROJECT, [], {}) == 0


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_is_seen_of_a_member(still: Town, who: str) -> None:
    match = {"match": {"MEMBER_URN": SLEAD}}
    public = {"MEMBER_URN", "MEMBER_UID", "MEMBER_USERNAME"}
    identifying = {"MEMBER_FIRSTNAME", "MEMBER_LASTNAME", "MEMBER_EMAIL"}
    answer = still.house.call("MA", still.as_(who), "lookup", "MEMBER", [], match)
    if who == NOBODY:
        assert answer["code"] == 1
        return
    sees = who in USE | PROJECT_SEE | {"sauditor", "soperat", "sa"}
    assert answer["value"][SLEAD].keys() == (public | identifying if sees else public)
    for name, fields in (
        ("lookup_public_member_info", public),
        ("lookup_identifying_member_info", identifying if sees else set()),
        ("lookup_private_member_info", set()),
        ("lookup_public_identifying_member_info", public | (identifying if sees else set())),
    ):
        assert still.house.done("MA", still.as_(who), name, [], match)[SLEAD].keys() == fields


@pytest.mark.parametrize("who", EVERYBODY[1:])
def test_nobody_is_found_by_what_the_searcher_may_not_see(still: Town, who: str) -> None:
    match = {"match": {"MEMBER_EMAIL": f"SLEAD@{AUTHORITY}"}}
    found = still.house.done("MA", still.as_(who), "lookup", "MEMBER", [], match)
    # leads and admins of projects may search by e-mail; all else must know the member already
    assert (SLEAD in found) == (who in USE | PROJECT_SEE | {"sauditor", "soperat", "sa"})
    by_name = {"match": {"MEMBER_EMAIL": [f"out@{AUTHORITY}"]}}
    found = still.house.done("MA", still.as_(who), "lookup", "MEMBER", [], by_name)
    assert bool(found) == (who in {"out", "carol", "sa", "plead", "padmin"})


def test_an_aggregate_tells_only_of_its_own_slivers(town: Town) -> None:
    fields = {"fields": sliver(SLIVER + "9", OTHER_AM)}
    assert town.code("am", "SA", "create", "SLIVER_INFO", [], fields) == 2
    assert town.code("am2", "SA", "create", "SLIVER_INFO", [], fields) == 0
    assert town.code("am2", "SA", "delete", "SLIVER_INFO", SLIVER, [], {}) == 2
    seen = town.house.done("SA", town.as_("am2"), "lookup", "SLIVER_INFO", [], {"filter": []})
    assert seen == {SLIVER + "9": {}}


def test_an_aggregate_takes_no_sliver_of_another(town: Town) -> None:
    fields = {"fields": sliver(SLIVER, OTHER_AM)}
    assert town.code("am2", "SA", "create", "SLIVER_INFO", [], fields) == 5
    [told] = town.house.done("SA", town.as_("am"), "lookup", "SLIVER_INFO", [], {}).values()
    assert told["SLIVER_INFO_AGGREGATE_URN"] == AM.text


def test_what_others_told_of_a_sliver_does_not_shut_its_aggregate_out(town: Town) -> None:
    town.house.done("SA", "slead", "delete", "SLIVER_INFO", SLIVER, [], {})
    fields = {"fields": sliver(SLIVER, OTHER_AM)}
    assert town.code("slead", "SA", "create", "SLIVER_INFO", [], fields) == 0
    until = field("SLIVER_INFO_EXPIRATION", "2030-01-01 00:00:00")
    assert town.code("am", "SA", "update", "SLIVER_INFO", SLIVER, [], until) == 0
    assert town.code("am", "SA", "delete", "SLIVER_INFO", SLIVER, [], {}) == 0


def test_who_led_a_project_that_ended_seeks_nobody_by_email(town: Town) -> None:
    until = {"fields": {"PROJECT_EXPIRATION": format_time(town.house.clock.now() + 12 * DAY)}}
    assert town.code("plead", "SA", "update", "PROJECT", PROJECT, [], until) == 0
    match = {"match": {"MEMBER_EMAIL": f"out@{AUTHORITY}"}}
    assert town.house.done("MA", "plead", "lookup", "MEMBER", [], match)
    town.house.clock.time += 13 * DAY
    assert town.house.done("MA", "plead", "lookup", "MEMBER", [], match) == {}


def test_the_aggregates_word_of_its_sliver_replaces_anothers(town: Town) -> None:
    town.house.done("SA", "slead", "delete", "SLIVER_INFO", SLIVER, [], {})
    wrong = {"fields": sliver(SLIVER, OTHER_AM)}
    assert town.code("slead", "SA", "create", "SLIVER_INFO", [], wrong) == 0
    assert town.code("slead", "SA", "create", "SLIVER_INFO", [], {"fields": sliver()}) == 5
    assert town.code("am", "SA", "create", "SLIVER_INFO", [], {"fields": sliver()}) == 0
    [told] = town.house.done("SA", "slead", "lookup", "SLIVER_INFO", [], {}).values()
    assert told["SLIVER_INFO_AGGREGATE_URN"] == AM.text


def test_a_disabled_member_can_do_nothing(town: Town) -> None:
    enable(town.house.home, "slead", enabled=False)
    for name, (parameters, _) in TABLE.items():
        service, verb = name.split("/")[:2]
        if service != "SR" and verb != "get_version":
            assert town.code("slead", service, verb, *parameters) == 2, name
    match = {"match": {"KEY_MEMBER": SLEAD}}
    assert town.house.done("MA", "carol", "lookup", "KEY", [], match) == {}
    enable(town.house.home, "smember", enabled=False)
    added = add("PROJECT", "smember")
    assert town.code("plead", "SA", "modify_membership", "PROJECT", PROJECT, [], added) == 3
