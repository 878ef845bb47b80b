"""Desires, shaping, post-boot scripts, and what is refused by name, over the running server."""

import pytest

from gcf_am.drivers.world import Made, World
from tests.functional.rspecs import Rspec, component, core, example, node, request
from tests.functional.running import GENI3, Person, Running, Slice, credential

EMULAB = "http://www.protogeni.net/resources/rspec/ext/emulab/1"
SHARED_VLAN = "http://www.geni.net/resources/rspec/ext/shared-vlan/1"
# of 65536 that every shared host of the site has
MORE_THAN_HALF = 40000


def standing(running: Running, urn: str) -> Made:
    """What the simulated driver has made for a sliver."""
    with World(running.home / "simulated").change() as room:
        made = room.find(urn)
    assert made is not None
    return made


def desire(name: str, weight: float, **more: str) -> str:
    told = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<e:fd xmlns:e="{EMULAB}" name="{name}" weight="{weight}"{told}/>'


def features(person: Person, host: str) -> set[str]:
    answer = person.am("ListResources", [credential(person.user_credential)], dict(GENI3))
    advertised = Rspec(answer["value"], "ad").nodes()[host]
    return {one.get("name", "") for one in advertised.findall(f"{{{EMULAB}}}fd")}


def test_a_request_with_desires_pipes_and_a_script(slice_: Slice, running: Running) -> None:
    made = slice_.allocate(example("shaped"))
    hosts = slice_.rspec().hosts()
    assert "ssd" in features(slice_.owner, hosts["client"])
    assert "ram" in features(slice_.owner, hosts["server"])
    # 1. the driver is told of pipes and latency; the script has not run yet
    slice_.done("Provision")
    slice_.until("geni_notready")
    assert standing(running, made["bridge"]).shaping == (
        "bridge:left -> bridge:right: 10000 kbit/s, 25 ms",
        "bridge:right -> bridge:left: 1000 kbit/s, 50 ms, 0.01 lost",
    )
    assert standing(running, made["left"]).shaping == ("client:0 -> bridge:left: 5 ms",)
    assert standing(running, made["server"]).ran == 0
    # 2. it runs when the node is up for the first time, and not again
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_ready")
    assert standing(running, made["server"]).ran == 1
    assert standing(running, made["client"]).ran == 0
    slice_.done("PerformOperationalAction", "geni_restart", urns=[made["server"]])
    slice_.until("geni_ready")
    assert standing(running, made["server"]).ran == 1
    # ... but on a fresh disk
    slice_.done("PerformOperationalAction", "geni_reload")
    slice_.until("geni_ready")
    assert standing(running, made["server"]).ran == 2
    # 3. what was asked for stands in the manifest, also when that is sent back
    manifest = slice_.done("Describe")["geni_rspec"]
    for word in ('name="ssd"', "sliver_type_shaping", 'latency="25"', "/etc/motd"):
        assert manifest.count(word) == example("shaped").count(word)
    updated = slice_.done("Update", manifest)
    assert Rspec(updated["geni_rspec"]).hosts() == hosts
    slice_.done("Provision")
    slice_.until("geni_ready")
    assert standing(running, made["server"]).ran == 2


def test_another_script_runs_after_an_update(slice_: Slice, running: Running) -> None:
    made = slice_.running(example("shaped"))
    manifest = slice_.done("Describe")["geni_rspec"].replace("/etc/motd", "/etc/issue")
    slice_.done("Update", manifest)
    slice_.done("Provision")
    slice_.until("geni_ready")
    assert standing(running, made["server"]).ran == 2


def test_an_amount_that_is_held_is_not_given_twice(slice_: Slice, bobs: Slice) -> None:
    much = desire("ram", MORE_THAN_HALF, violatable="true", local_operator="+")
    wish = node("a", host="vmhost3", inside=much)
    made = slice_.allocate(request(wish))
    answer = bobs.call("Allocate", request(wish))
    assert answer["code"]["geni_code"] == 26
    assert "wants 40000 of 'ram'; 25536 are available" in answer["output"]
    # elsewhere there is enough
    elsewhere = Rspec(bobs.done("Allocate", request(node("a", inside=much)))["geni_rspec"])
    assert elsewhere.hosts()["a"] != "vmhost3"
    # and here, once it is given back
    slice_.done("Delete", urns=list(made.values()))
    bobs.done("Delete")
    bobs.allocate(request(wish))


SHARED = f'<s:link_shared_vlan xmlns:s="{SHARED_VLAN}" name="mesoscale"/>'
REFUSED = {
    "a feature that nobody has": (
        node("a", inside=desire("gpu", 1.0)),
        "node 'a' cannot be without feature 'gpu'",
    ),
    "more than anybody has": (
        node("a", inside=desire("ram", 99999, violatable="true", local_operator="+")),
        "99999 of 'ram', of which the most is 65536",
    ),
    "not on the host it is bound to": (
        node("a", host="pc1", inside=desire("ssd", 0.1, violatable="true")),
        f"'ssd'; {component('pc1')} does not offer it",
    ),
    "a blockstore": (
        node("a", inside=f'<e:blockstore xmlns:e="{EMULAB}" name="disk" size="10GB"/>'),
        "node 'a' asks for blockstore 'disk'; none is offered",
    ),
    "a blockstore node": (
        node("a", inside='<sliver_type name="emulab-blockstore"/>'),
        "node 'a' asks for sliver type emulab-blockstore",
    ),
    "a shared VLAN": (
        f'{node("a", "a:0")}<link client_id="l"><interface_ref client_id="a:0"/>{SHARED}</link>',
        "link 'l' asks for shared VLAN 'mesoscale'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_offered_is_refused_by_name(case: str, slice_: Slice) -> None:
    resources, words = REFUSED[case]
    answer = slice_.call("Allocate", request(resources))
    assert answer["code"]["geni_code"] == 13
    assert "line 1: " in answer["output"]
    assert words in answer["output"]
    assert slice_.slivers() == {}


def test_a_request_of_version_2_is_told_what_to_write(slice_: Slice) -> None:
    old = "http://www.protogeni.net/resources/rspec/2"
    answer = slice_.call(
        "Allocate", f'<rspec xmlns="{old}" type="request"><node client_id="a"/></rspec>'
    )
    assert answer["code"]["geni_code"] == 4
    assert "ProtoGENI version 2" in answer["output"]
    assert core("")[1:-1] in answer["output"]
