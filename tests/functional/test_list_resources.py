"""ListResources: what there is, in the standard's words."""

import base64
import zlib
from typing import Any

import pytest

from tests.functional.rspecs import (
    MANAGER,
    OPSTATE,
    RSPEC,
    XSI,
    Rspec,
    component,
    core,
    is_available,
    node,
    request,
)
from tests.functional.running import GENI3, Person, Slice, credential, free
from tests.pki import Pki


def listed(person: Person, **options: object) -> dict[str, Any]:
    """The return struct of a call with the person's own credential."""
    creds = [credential(person.user_credential)]
    return person.am("ListResources", creds, {**GENI3, **options})


def ad(person: Person, **options: object) -> Rspec:
    """The advertisement; reading it holds it against ad.xsd (R126)."""
    answer = listed(person, **options)
    assert answer["code"]["geni_code"] == 0, answer["output"]
    return Rspec(answer["value"], "ad")


def meanwhile(person: Person, **options: object) -> tuple[str, str]:
    """The whole advertisement, and the one asked for, of one moment.

    What earlier tests deleted becomes free when it pleases, also between two calls.
    """
    for _ in range(100):
        before = listed(person)["value"]
        asked = listed(person, **options)["value"]
        if listed(person)["value"] == before:
            return before, asked
    raise AssertionError("the advertisement changes all the time")


@pytest.mark.parametrize(
    ("version", "code"),
    [
        (None, 1),  # R122
        ({"type": "GENI"}, 1),  # R123
        ({"version": "3"}, 1),
        ("GENI 3", 1),
        ({"type": "GENI", "version": "99"}, 4),  # R124
        ({"type": "foo", "version": "3"}, 4),
        ({"type": "geni", "version": "3"}, 0),  # R125
        ({"type": "GENI", "version": "3"}, 0),
        ({"type": "GENI", "version": 3}, 0),
    ],
)
def test_the_rspec_version_must_be_named_and_spoken(
    alice: Person, version: object, code: int
) -> None:
    options = {} if version is None else {"geni_rspec_version": version}
    creds = [credential(alice.user_credential)]
    assert alice.am("ListResources", creds, options)["code"]["geni_code"] == code


def test_every_node_is_described_as_the_standard_wants(alice: Person) -> None:
    # R126, R127: switches alone have no sliver_type, since no sliver can be made of one
    for name, one in ad(alice).nodes().items():
        assert one.get("component_id") == component(name)
        assert one.get("component_manager_id") == MANAGER
        assert one.get("exclusive") in {"true", "false"}
        assert one.find(core("available")) is not None
        kinds = {kind.get("name") for kind in one.findall(core("hardware_type"))}
        assert (one.find(core("sliver_type")) is None) is ("switch" in kinds), name


def test_only_what_is_available_is_listed_on_demand(alice: Person, slice_: Slice) -> None:
    # R128, R129
    free(alice, "pc1")
    slice_.allocate(request(node("a", host="pc1")))
    everything, available = (Rspec(one, "ad") for one in meanwhile(alice, geni_available=True))
    assert not is_available(everything.nodes()["pc1"])
    assert all(map(is_available, available.nodes().values()))
    assert "pc1" not in available.nodes()
    assert ad(alice, geni_available=False).nodes().keys() == everything.nodes().keys()
    names = {name for name, one in everything.nodes().items() if is_available(one)}
    assert available.nodes().keys() == names


def test_an_exclusive_node_is_taken_by_allocate_and_free_after_delete(
    alice: Person, slice_: Slice
) -> None:
    # R130
    free(alice, "pc1")
    slice_.allocate(request(node("a", host="pc1")))
    assert not is_available(ad(alice).nodes()["pc1"])
    slice_.done("Delete")
    # it was only reserved: nothing is to be destroyed first
    assert is_available(ad(alice).nodes()["pc1"])


def test_compressed_is_base64_of_zlib(alice: Person) -> None:
    # R131, R132
    plain, packed = meanwhile(alice, geni_compressed=True)
    assert zlib.decompress(base64.b64decode(packed, validate=True)).decode() == plain
    plain, unpacked = meanwhile(alice, geni_compressed=False)
    assert unpacked == plain
    few = listed(alice, geni_compressed=True, geni_available=True)["value"]
    assert Rspec(zlib.decompress(base64.b64decode(few)).decode(), "ad").nodes()


def test_any_valid_credential_of_the_caller_will_do(alice: Person, slice_: Slice) -> None:
    # R133, R134
    genuine = [credential(alice.user_credential)]
    assert alice.am("ListResources", slice_.creds, GENI3)["code"]["geni_code"] == 0
    stranger = Pki("other.example")
    untrusted = [credential(stranger.user_credential(stranger.user("alice")))]
    for creds in ([], untrusted, [credential("<broken/>")]):
        assert alice.am("ListResources", creds, GENI3)["code"]["geni_code"] == 3
    bob = alice.at.person("bob")
    assert bob.am("ListResources", genuine, GENI3)["code"]["geni_code"] == 3


def test_a_slice_is_no_option_of_this_version(alice: Person, slice_: Slice) -> None:
    # R135
    answer = listed(alice, geni_slice_urn=slice_.urn)
    assert answer["code"]["geni_code"] == 1
    assert "Describe" in answer["output"]


def test_states_and_actions_of_every_sliver_type_are_advertised(alice: Person) -> None:
    # R136
    found = ad(alice)
    types = {one.get("name") for one in found.root.iter(core("sliver_type"))}
    blocks = found.root.findall(f"{OPSTATE}rspec_opstate")
    assert {one.get("aggregate_manager_id") for one in blocks} == {MANAGER}
    told = {one.get("name") for block in blocks for one in block.findall(f"{OPSTATE}sliver_type")}
    assert told == types
    for block in blocks:
        states = {one.get("name"): one for one in block.findall(f"{OPSTATE}state")}
        assert block.get("start") in states
        for one in block.iter(f"{OPSTATE}action", f"{OPSTATE}wait"):
            assert one.get("next") in states
        actions = {one.get("name") for one in block.iter(f"{OPSTATE}action")}
        known = {"start", "stop", "restart", "reload", "update_users"}
        assert {f"geni_{one}" for one in known} <= actions
        assert states["geni_configuring"].findall(f"{OPSTATE}wait")


def test_schema_locations_name_the_published_schemas(alice: Person) -> None:
    # R137
    words = ad(alice).root.get(f"{XSI}schemaLocation", "").split()
    places = dict(zip(words[::2], words[1::2], strict=True))
    assert places[RSPEC] == f"{RSPEC}/ad.xsd"
    assert places[OPSTATE.strip("{}")].startswith(OPSTATE.strip("{}"))
