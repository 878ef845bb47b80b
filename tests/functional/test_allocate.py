"""Allocate: all of a request is reserved for a short time, or nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from gcf_am.clock import format_time, parse_time
from tests.functional.rspecs import (
    MANAGER,
    RSPEC,
    Rspec,
    component,
    core,
    example,
    link,
    node,
    pair,
    request,
)
from tests.functional.running import Slice, free


def test_a_request_is_answered_with_a_manifest_of_allocated_slivers(slice_: Slice) -> None:
    # R138, R139, R140 (decision 21: links have no component_id), R141, R142
    before = datetime.now(UTC)
    value = slice_.done("Allocate", example("two-nodes"))
    manifest = Rspec(value["geni_rspec"])
    slivers = {one["geni_sliver_urn"]: one for one in value["geni_slivers"]}
    assert manifest.nodes().keys() == {"left", "right"}
    assert manifest.links().keys() == {"wire"}
    assert set(manifest.urns().values()) == slivers.keys()
    for one in manifest.nodes().values():
        assert one.get("component_manager_id") == MANAGER
        assert one.get("component_id", "").startswith(component("vmhost"))
    for told in slivers.values():
        assert told["geni_allocation_status"] == "geni_allocated"
        assert told["geni_operational_status"] == "geni_pending_allocation"
        expires = parse_time(told["geni_expires"])
        assert before < expires <= datetime.now(UTC) + timedelta(minutes=10)


BAD: dict[str, tuple[str, int]] = {
    "R143 no XML": ("<rspec", 1),
    "R144 empty": ("", 1),
    "R145 another root": ("<html/>", 4),
    "R145 version 2": (
        '<rspec xmlns="http://www.protogeni.net/resources/rspec/2" type="request"/>',
        4,
    ),
    "R146 an advertisement": (request(node("a"), kind="advertisement"), 1),
    "R146 a manifest": (request(node("a"), kind="manifest"), 1),
    "R147 one name twice": (request(node("a"), node("a")), 1),
    "R147 one interface twice": (request(node("a", "x"), node("b", "x")), 1),
    "R148 no name": (request("<node/>"), 1),
    "R149 an end that is nowhere": (request(node("a", "a:0"), link("l", "a:0", "b:0")), 1),
    "an unknown attribute": (request('<node client_id="a" wrong="1"/>'), 1),
    "nothing for us": (request(), 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_refused_and_reserves_nothing(slice_: Slice, name: str) -> None:
    # R143 to R149, decision 18
    rspec, code = BAD[name]
    assert slice_.refused("Allocate", rspec) == code
    assert slice_.states() == {}


def test_a_refusal_names_line_and_element(slice_: Slice) -> None:
    answer = slice_.call("Allocate", request("\n", node("a"), "\n", node("a")))
    assert "line 3" in answer["output"]
    assert "'a'" in answer["output"]


def test_more_than_there_is_is_too_big(slice_: Slice) -> None:
    # R150
    nodes = [node(f"n{number}", exclusive="true") for number in range(9)]
    assert slice_.refused("Allocate", request(*nodes)) == 6
    assert slice_.states() == {}


def test_all_or_nothing_is_had(slice_: Slice, bobs: Slice) -> None:
    # R150, R152: one that is to be had does not help the other
    free(slice_.owner, "pc1", "pc2")
    bobs.allocate(request(node("b", host="pc2")))
    wanted = request(node("a", host="pc1"), node("b", host="pc2"))
    answer = slice_.call("Allocate", wanted)
    assert answer["code"]["geni_code"] == 26
    assert "'b'" in answer["output"]
    assert slice_.states() == {}
    # it says what falls short and what would help, to people and to programs
    assert answer["output"].endswith("it would fit without the fixed component of node 'b'")
    told = answer["value"]["gcfam_shortage"]
    assert (told["element"], told["wanted"], told["available"]) == ("b", "1", "0")
    assert told["ever"] == "yes"
    assert told["relaxation"] == [{"change": "unbind", "element": "b", "kind": "node"}]
    bobs.allocate(request(node("a", host="pc1")))
    slice_.allocate(request(node("b")))


def test_a_component_that_nobody_knows_is_not_found(slice_: Slice) -> None:
    # R151
    assert slice_.refused("Allocate", request(node("a", host="pc99"))) == 12
    other = request(node("a", component_id="urn:publicid:IDN+other.example+node+pc1"))
    assert slice_.refused("Allocate", other) in {1, 12}


def test_bandwidth_is_held_and_short_sometimes(slice_: Slice) -> None:
    # geni-error-codes 25 where others hold it, 6 where there never was so much
    free(slice_.owner, "pc1", "pc2")
    bound = [node("a", "a:0", "a:1", host="pc1"), node("b", "b:0", "b:1", host="pc2")]
    assert slice_.refused(
        "Allocate", request(*bound, link("l", "a:0", "b:0", capacity=2_000_000))
    ) in {6, 25}
    slice_.allocate(request(*bound, link("l", "a:0", "b:0", capacity=900_000)))


def test_what_belongs_to_others_comes_back_as_it_came(slice_: Slice) -> None:
    # R153
    value = slice_.done("Allocate", example("other-aggregate"))
    manifest, asked = Rspec(value["geni_rspec"]), Rspec(example("other-aggregate"), "request")
    assert manifest.urns().keys() == {"here", "here-too", "local"}
    assert len(value["geni_slivers"]) == 3
    theirs = manifest.nodes()["there"]
    assert sorted(theirs.items()) == sorted(asked.nodes()["there"].items())
    assert [one.tag for one in theirs] == [one.tag for one in asked.nodes()["there"]]
    assert "elsewhere" in manifest.links()


def test_extensions_come_back(slice_: Slice) -> None:
    # R154
    text = slice_.done("Allocate", example("extensions"))["geni_rspec"]
    for kept in ('name="drawing board"', 'jacks:colour="green"', "Kept   as it is: <b>fünf</b>"):
        assert kept in text
    assert 'url="http://example.net/tree.svg"' in text


def test_our_nodes_say_so_or_say_nothing(slice_: Slice) -> None:
    # R266, R267
    older = MANAGER.replace("authority+am", "authority+cm")
    made = slice_.allocate(
        request(
            node("am", component_manager_id=MANAGER),
            node("cm", component_manager_id=older),
            node("none"),
        )
    )
    assert made.keys() == {"am", "cm", "none"}


def test_an_end_time_is_a_wish(slice_: Slice) -> None:
    # R155, R156, R157
    soon = format_time(datetime.now(UTC) + timedelta(minutes=3))
    told = slice_.done("Allocate", request(node("a")), geni_end_time=soon)["geni_slivers"]
    assert [one["geni_expires"] for one in told] == [soon]
    far = slice_.done("Allocate", request(node("b")), geni_end_time="2125-01-01T00:00:00Z")
    latest = datetime.now(UTC) + timedelta(hours=2)
    assert all(parse_time(one["geni_expires"]) <= latest for one in far["geni_slivers"])
    assert slice_.refused("Allocate", request(node("c")), geni_end_time="next week") == 1
    assert len(slice_.states()) == 2


def test_only_a_slice_is_allocated_to(slice_: Slice) -> None:
    # R158
    owner = slice_.owner
    for urn in (
        MANAGER,
        "urn:publicid:IDN+gcf.local+sliver+1",
        "urn:publicid:IDN+gcf.local+user+a",
    ):
        answer = owner.am("Allocate", urn, slice_.creds, example("one-node"), {})
        assert answer["code"]["geni_code"] == 1


def test_a_further_allocate_tells_of_the_new_slivers_only(slice_: Slice) -> None:
    # R159 under geni_many; decision 10: its link may end on a node that is there
    first = slice_.allocate(request(node("a", "a:0")))
    more = slice_.done("Allocate", request(node("b", "b:0"), link("l", "a:0", "b:0")))
    urns = Rspec(more["geni_rspec"]).urns()
    assert urns.keys() == {"b", "l"}
    assert {one["geni_sliver_urn"] for one in more["geni_slivers"]} == set(urns.values())
    assert slice_.states().keys() == {*first.values(), *urns.values()}


def test_a_name_is_given_once_in_a_slice(slice_: Slice) -> None:
    # decision 10
    slice_.allocate(request(node("a")))
    assert slice_.refused("Allocate", request(node("a"))) == 1
    assert len(slice_.states()) == 1


def test_best_effort_is_nothing_that_allocate_knows(slice_: Slice) -> None:
    # R260
    wanted = request(node("a"), node("b", host="pc99"))
    assert slice_.refused("Allocate", wanted, geni_best_effort=True) == 12
    assert slice_.states() == {}


def test_links_have_tags_and_managers_in_the_manifest(slice_: Slice) -> None:
    # R261, decision 21
    wire = Rspec(slice_.done("Allocate", pair())["geni_rspec"]).links()["lan"]
    assert wire.get("vlantag") is not None
    assert [one.get("name") for one in wire.findall(core("component_manager"))] == [MANAGER]
    assert wire.get("component_id") is None


def test_a_sliver_id_in_a_request_is_ignored(slice_: Slice) -> None:
    # decision 18
    named = node("a", sliver_id="urn:publicid:IDN+gcf.local+sliver+1")
    assert slice_.allocate(request(named))["a"] != "urn:publicid:IDN+gcf.local+sliver+1"


def test_shared_vlans_are_refused_by_name(slice_: Slice) -> None:
    # decision 20
    namespace = "http://www.geni.net/resources/rspec/ext/shared-vlan/1"
    inside = f'<s:link_shared_vlan xmlns:s="{namespace}" name="public"/>'
    wire = link("l", "a:0").replace("</link>", f"{inside}</link>")
    answer = slice_.call("Allocate", request(node("a", "a:0"), wire))
    assert answer["code"]["geni_code"] == 13
    assert "vlan" in answer["output"].lower()


def test_the_namespace_tells_the_version(slice_: Slice) -> None:
    # R145
    assert slice_.refused("Allocate", request(node("a")).replace(RSPEC, RSPEC[:-1] + "4")) == 4
