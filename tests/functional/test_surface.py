"""What answers on the wire is what is declared: every name, and no other (facts 2.6, gate 4)."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

import pytest

from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.ch_gcf import CH_GCF
from gcf_am.surface.ch_v2 import CH_2
from gcf_am.surface.registry import SURFACE, unpublished
from tests.functional.rspecs import link, node, pair, request
from tests.functional.running import GENI3, Person, Slice

NEVER = (
    "system.listMethods",
    "system.multicall",
    "_decode",
    "answer",
    "allocate",
    "Allocate.im_func",
    "Allocate.__code__",
    "ch/2",
    "é",
)
AT = {"am/3": "/xmlrpc/am/3", "am/2": "/xmlrpc/am/2"}


def names(of: str) -> set[str]:
    """What can be called at one of the addresses."""
    if of == "am/3":
        return {one.name for one in AM_3.methods}
    if of == "am/2":
        return {one.name for one in AM_2.methods}
    if of == "gcf":
        return {one.name for one in CH_GCF.methods}
    [authority] = [one for one in CH_2.authorities if one.name == of]
    old = {name.name for one in authority.operations for name in one.old_names}
    return old | {one.verb for one in authority.operations}


def asked(who: Person, of: str, name: str) -> Any:
    """What a call without parameters answers; a fault is an answer, too."""
    if of.startswith("am/"):
        url = who.at.am_url.rstrip("/") + AT[of]
    else:
        url = who.at.ch_url + ("" if of == "gcf" else of)
    with who.proxy(url) as server:
        try:
            return server._ServerProxy__request(name, ())
        except xmlrpc.client.Fault as fault:
            return fault


ADDRESSES = ("am/3", "am/2", "SR", "SA", "MA", "gcf")
ALL = sorted(set().union(*map(names, ADDRESSES)))


@pytest.mark.parametrize("of", ADDRESSES)
def test_every_declared_name_answers_and_no_other(alice: Person, of: str) -> None:
    # checklist 33, 34, 66
    here = names(of)
    for name in (*ALL, *NEVER):
        answer = asked(alice, of, name)
        fault = answer.faultCode if isinstance(answer, xmlrpc.client.Fault) else None
        assert (fault == -32601) == (name not in here), (name, answer)
        if fault is None and of.startswith("am/"):
            assert {"code", "value", "output"} <= answer.keys()
        elif fault is None and of != "gcf":
            assert answer.keys() == {"code", "value", "output"}
        # the older methods have no other way to refuse
        assert fault in {None, -32601} or of == "gcf"


def test_what_is_not_published_is_listed_by_getversion(alice: Person) -> None:
    # checklist 56, 48 to 50
    told = alice.am("GetVersion")["value"]["gcfam_lifecycle"]
    assert told == unpublished()
    for name in ("GetVersion", "ListResources"):
        life = SURFACE[f"am/2/{name}"].life
        answer = asked(alice, "am/2", name)
        assert (life.advice in answer["output"]) == (answer["code"]["geni_code"] == 0)


def test_every_method_reads_who_is_spoken_for(slice_: Slice) -> None:
    # decision 26: whose word it is comes from credentials; a name that is none is wrong at once
    options = {**GENI3, "geni_speaking_for": "nobody"}
    values = {
        "slice_urn": slice_.urn,
        "urns": [slice_.urn],
        "credentials": slice_.creds,
        "rspec": pair(),
        "users": [],
        "expiration_time": "2125-01-01T00:00:00Z",
        "action": "geni_start",
    }
    for version, of in ((AM_3, "am/3"), (AM_2, "am/2")):
        url = slice_.owner.at.am_url.rstrip("/") + AT[of]
        with slice_.owner.proxy(url) as server:
            for method in version.methods:
                if not method.arguments:
                    continue
                parameters = [values[one.name] for one in method.arguments]
                answer: Any = getattr(server, method.name)(*parameters, options)
                assert answer["code"]["geni_code"] == 1
                assert answer["output"].startswith("geni_speaking_for: ")


def wide(number: int) -> list[str]:
    """A link that takes nearly all of a port at two hosts, which have two."""
    ends = (f"a{number}", f"a{number}:0"), (f"b{number}", f"b{number}:0")
    hosts = [node(*end, host=f"vmhost{place}") for place, end in enumerate(ends, 1)]
    return [*hosts, link(f"l{number}", ends[0][1], ends[1][1], capacity=9_000_000)]


def test_all_that_takes_capacity_tells_what_falls_short(slice_: Slice, bobs: Slice) -> None:
    bobs.allocate(request(*wide(1), *wide(2)))
    late: Any = {"geni_end_time": "2125-01-01T00:00:00Z"}
    rspec = request(*wide(3))
    with slice_.owner.proxy(slice_.owner.at.am_url.rstrip("/") + AT["am/2"]) as server:
        answers: list[Any] = [
            slice_.call("Allocate", rspec),
            slice_.call("Update", rspec, **late),
            server.CreateSliver(slice_.urn, slice_.creds, rspec, [], late),
        ]
    assert [one["code"]["geni_code"] for one in answers] == [25, 25, 25]
    first, *others = (one["value"]["gcfam_shortage"] for one in answers)
    assert [(one["change"], one["element"]) for one in first["relaxation"]] == [("capacity", "l3")]
    assert others == [first, first]
    assert slice_.states() == {}


def test_version_2_stops_a_slice(alice: Person, carol: Person) -> None:
    made = alice.new_slice()
    url = alice.at.am_url.rstrip("/") + AT["am/2"]
    with carol.proxy(url) as server:
        answer: Any = server.Shutdown(made.urn, [], {})
    assert answer["value"] is True
