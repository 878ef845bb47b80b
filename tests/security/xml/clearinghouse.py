"""The same for the clearinghouse: any bytes in place of a call to one of its services."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.federation import Federation
from gcf_am.clearinghouse.handlers import MA, SA, SR
from gcf_am.clearinghouse.home import create
from gcf_am.clearinghouse.methods import answer
from gcf_am.clearinghouse.places import Places
from gcf_am.surface.ch_v2 import CH_CODES
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_response, write_call
from gcf_am.xmlrpc.fault import Fault
from tests.security.xml.targets import LONGEST, Target, in_words
from tests.unit.clearinghouse.homes import AUTHORITY, SetClock, user_urn
from tests.unit.clearinghouse.house import House

_SERVER_ERROR = 101
_OUR_FAULT = 5
_CODES = {0, *(one.number for one in CH_CODES)} - {_SERVER_ERROR}
_ALICE, _BOB = user_urn("alice").text, user_urn("bob").text
_SLICE = f"urn:publicid:IDN+{AUTHORITY}+slice+s"
_PROJECT = f"urn:publicid:IDN+{AUTHORITY}+project+demo"


def _calls(house: House) -> tuple[bytes, ...]:
    pem = house.chain("alice")[0].pem
    abac = {"geni_type": "geni_abac", "geni_version": "1", "geni_value": "<signed-credential/>"}
    new = {"SLICE_NAME": "s", "SLICE_DESCRIPTION": "é", "SLICE_EXPIRATION": "2030-01-01T00:00:00Z"}
    sliver = {
        "SLIVER_INFO_URN": f"urn:publicid:IDN+{AUTHORITY}+sliver+7",
        "SLIVER_INFO_SLICE_URN": _SLICE,
        "SLIVER_INFO_AGGREGATE_URN": f"urn:publicid:IDN+{AUTHORITY}+authority+am",
        "SLIVER_INFO_CREATOR_URN": _ALICE,
    }
    key = {"KEY_MEMBER": _ALICE, "KEY_PUBLIC": "ssh-ed25519 AAAA", "KEY_DESCRIPTION": "x"}
    people = [{"SLICE_MEMBER": _BOB, "SLICE_ROLE": "ADMIN"}]
    said = {"speaking_for": _ALICE}
    calls: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("get_version", ()),
        ("get_trust_roots", ()),
        ("lookup", ("SERVICE", [], {"match": {"SERVICE_TYPE": [0, 1, "SLICE_AUTHORITY"]}})),
        ("lookup_authorities_for_urns", ([_SLICE, _ALICE],)),
        ("create", ("SLICE", [], {"fields": new})),
        ("create", ("PROJECT", [], {"fields": {"PROJECT_NAME": "demo"}})),
        ("create", ("SLIVER_INFO", [], {"fields": sliver})),
        ("create", ("KEY", [], {"fields": key})),
        ("update", ("SLICE", _SLICE, [], {"fields": {"SLICE_DESCRIPTION": "new"}})),
        ("update", ("MEMBER", _ALICE, [], {"fields": {"_GENI_MEMBER_DISPLAYNAME": "A"}})),
        ("lookup", ("SLICE", [], {"match": {"SLICE_URN": [_SLICE]}, "filter": ["SLICE_UID"]})),
        ("lookup", ("MEMBER", [], {"match": {"MEMBER_URN": [_ALICE, _BOB]}})),
        ("lookup", ("KEY", [], {"match": {"KEY_MEMBER": [_ALICE]}})),
        ("lookup_slices", ([], {"match": {"SLICE_EXPIRED": False}})),
        ("modify_membership", ("SLICE", _SLICE, [], {"members_to_add": people})),
        ("lookup_members", ("SLICE", _SLICE, [], {})),
        ("lookup_for_member", ("PROJECT", _ALICE, [], {})),
        ("get_credentials", (_ALICE, [abac], said)),
        ("get_credentials", (_SLICE, [], {})),
        ("delete", ("SLIVER_INFO", sliver["SLIVER_INFO_URN"], [], {})),
        ("delete", ("PROJECT", _PROJECT, [], {})),
        ("CreateUserCredential", (pem,)),
        ("CreateSlice", (_SLICE,)),
        ("RenewSlice", (_SLICE, "2030-01-01T00:00:00Z")),
        ("ListMySlices", (_ALICE,)),
        ("ListAggregates", ()),
    )
    return tuple(write_call(*one) for one in calls)


@contextlib.contextmanager
def clearinghouse(home: Path) -> Iterator[Target]:
    """All services of a clearinghouse that is made in `home`, called by alice and by nobody."""
    create(home, authority=AUTHORITY, users=("alice", "bob"))
    places = Places(home)
    days = timedelta(days=10), timedelta(days=185)
    authority = Authority(places.authority("sa"), places.authority("ma"), *days)
    house = House(home, authority, SetClock(datetime.now(UTC).replace(microsecond=0)))
    services = [Federation(one, house.desk).answer for one in (SR, SA, MA)]
    ders = house.ders("alice")

    def read(data: bytes) -> bool:
        """A struct with a code of the API, or a Fault; never a fault of ours."""
        taken = False
        for chain in (ders, ()):
            for one in services:
                try:
                    struct = read_response(one(Call(data, chain)))
                except Fault as fault:
                    in_words(fault)
                    continue
                assert isinstance(struct, dict)
                assert struct["code"] in _CODES
                assert len(struct["output"]) < LONGEST
                taken |= struct["code"] == 0
            try:
                read_response(answer(house.service, Call(data, chain)))
                taken = True
            except Fault as fault:
                _judge(fault)
        return taken

    try:
        yield Target(read, _calls(house))
    finally:
        house.close()


def _judge(fault: Fault) -> None:
    assert fault.code != _OUR_FAULT
    in_words(fault)
