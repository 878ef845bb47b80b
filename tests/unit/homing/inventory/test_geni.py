"""Aggregates as an inventory."""

import threading
from pathlib import Path

import pytest

from gcf_am.errors import XmlRefused
from gcf_am.homing.finding import Where
from gcf_am.homing.inventory.geni import Aggregates
from gcf_am.homing.inventory.provider import Context, Unavailable
from gcf_am.homing.inventory.sources import NoSlivers, Own
from gcf_am.homing.stock import Candidate, Point
from gcf_am.homing.terms import InventoryType, Location, LocationKind, Requirement
from gcf_am.rspec.offers import read_offers
from tests.unit.homing.inventory.advertisements import advertisement, link, manager, node

CLOUD = Requirement("geni", InventoryType.CLOUD, Where("x"))
SERVICE = Requirement("geni", InventoryType.SERVICE, Where("x"))
SITE = Path(__file__).parents[4] / "rspecs" / "site.xml"
CORPUS = Path(__file__).parents[4].parent / "shared" / "rspec-corpus"


def aggregates(*ads: str, **more: object) -> Aggregates:
    sources = [Own(f"am{at}", lambda ad=ad: ad) for at, ad in enumerate(ads)]  # type: ignore[misc]
    return Aggregates(sources, **more)  # type: ignore[arg-type]


def by_name(found: list[Candidate]) -> dict[str, Candidate]:
    return {one.id.rpartition("+")[2]: one for one in found}


def test_nodes_are_candidates_with_what_is_advertised_of_them() -> None:
    slots = (
        '<hardware_type name="vm"><emulab:node_type type_slots="7" '
        'xmlns:emulab="http://www.protogeni.net/resources/rspec/ext/emulab/1"/></hardware_type>'
    )
    ad = advertisement(
        [
            node("pc", at=(51.04, 3.73)),
            node("vm", exclusive=False, more=slots),
            node("any", exclusive=False),
            node("busy", now=False),
            node("switch", more='<hardware_type name="switch"/>'),
        ]
    )
    found = by_name(aggregates(ad).candidates(CLOUD, Context()))
    assert sorted(found) == ["any", "pc", "vm"]
    pc = found["pc"]
    assert pc.id == "urn:publicid:IDN+a+node+pc"
    assert pc.location_id == manager("a")
    assert (pc.point, pc.capacity) == (Point(51.04, 3.73), 1)
    assert pc.attributes["hardware_type"] == ("pc",)
    assert pc.attributes["sliver_type"] == ("raw-pc",)
    assert pc.attributes["disk_image"] == ("urn:publicid:IDN+a+image+debian",)
    assert pc.attributes["exclusive"] is True
    assert pc.attributes["interfaces"] == 1
    assert (pc.zones["country"], pc.zones["region"], pc.zones["time"]) == (
        "BE",
        manager("a"),
        "UTC+0",
    )
    assert pc.zones["complex"] == "a 51.04 3.73"
    assert pc.zones["disaster"] == "51.0 3.5"
    assert found["vm"].capacity == 7
    assert (found["any"].capacity, found["any"].point) == (None, None)
    assert "complex" not in found["any"].zones


def test_operators_tell_places_and_zones_of_aggregates() -> None:
    inventory = aggregates(
        advertisement([node("pc")]),
        places={manager("a"): Point(1, 2)},
        zones={"disaster": {manager("a"): "delta"}},
    )
    (found,) = inventory.candidates(CLOUD, Context())
    assert found.point == Point(1, 2)
    assert found.zones["disaster"] == "delta"


def test_advertisements_are_merged_and_who_does_not_answer_is_told() -> None:
    first, second = advertisement([node("x")]), advertisement([node("y", authority="b")])
    inventory = aggregates(first, second, "<broken")
    told = inventory.prepare(Context())
    assert [one.split(":")[0] for one in told] == ["am2"]
    assert sorted(by_name(inventory.candidates(CLOUD, Context()))) == ["x", "y"]
    with pytest.raises(Unavailable, match="no aggregate has answered: am0: "):
        aggregates("<broken", "").prepare(Context())


def test_an_aggregate_is_asked_once_while_its_answer_is_fresh() -> None:
    asked, now = [], [0.0]

    def offers() -> str:
        asked.append(1)
        return advertisement([node("x")])

    inventory = Aggregates([Own("am", offers)], kept=60, clock=lambda: now[0])
    threads = [
        threading.Thread(target=inventory.candidates, args=(CLOUD, Context())) for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    now[0] = 59
    inventory.prepare(Context())
    assert len(asked) == 1
    now[0] = 61
    inventory.prepare(Context())
    assert len(asked) == 2


def test_what_fails_is_asked_again() -> None:
    answers = ["<broken", advertisement([node("x")])]
    inventory = Aggregates([Own("am", lambda: answers.pop(0))])
    with pytest.raises(Unavailable):
        inventory.prepare(Context())
    assert inventory.prepare(Context()) == []


def test_slivers_are_services_where_their_nodes_are() -> None:
    manifest = (
        '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest">'
        '<node client_id="web" sliver_id="urn:publicid:IDN+a+sliver+1" '
        'component_id="urn:publicid:IDN+a+node+pc"><sliver_type name="raw-pc"/></node>'
        '<node client_id="db" sliver_id="urn:publicid:IDN+a+sliver+2"/></rspec>'
    )
    slice_urn = "urn:publicid:IDN+ch+slice+s"

    def slivers(urn: str, _: Context) -> str:
        if urn != slice_urn:
            raise NoSlivers("no such slice")
        return manifest

    inventory = Aggregates([Own("am", lambda: advertisement([node("pc", at=(1, 2))]), slivers)])
    context = Context(slices=(slice_urn, "urn:publicid:IDN+ch+slice+other"))
    web, db = inventory.candidates(SERVICE, context)
    assert (web.id, web.host_id) == ("urn:publicid:IDN+a+sliver+1", "urn:publicid:IDN+a+node+pc")
    assert web.attributes["service_id"] == slice_urn
    assert (web.point, db.point) == (Point(1, 2), None)
    only = Requirement(
        "geni", InventoryType.SERVICE, Where("x"), service_types=("web",), service_ids=(slice_urn,)
    )
    assert [one.id for one in inventory.candidates(only, Context())] == [web.id]


def test_hosts_are_found_by_their_names() -> None:
    inventory = aggregates(advertisement([node("pc", at=(1, 2)), node("lost")]))

    def resolve(name: str) -> Point | None:
        asked = Location("l", LocationKind.HOST_NAME, Where("x"), words={"host_name": name})
        return inventory.resolve(asked, Context())

    assert resolve("pc") == resolve("urn:publicid:IDN+a+node+pc") == Point(1, 2)
    assert resolve("other") is None
    with pytest.raises(ValueError, match="tells no latitude"):
        resolve("lost")


def test_the_network_joins_nodes_of_all_advertisements() -> None:
    first = advertisement([node("x"), node("y"), link("x", "y", capacity=5000, latency="3")])
    refs = "".join(
        f'<interface_ref component_id="urn:publicid:IDN+{one}+interface+{name}:eth0"/>'
        for one, name in (("a", "y"), ("b", "z"))
    )
    second = advertisement(
        [node("z", authority="b"), f'<link component_id="urn:publicid:IDN+b+link+l">{refs}</link>']
    )
    graph = aggregates(first, second).network(Context())
    assert [(one.capacity, one.latency) for one in graph.edges] == [(5000, 3.0), (None, None)]
    assert {one.ends[1].rpartition("+")[2] for one in graph.edges} == {"y", "z"}


def test_stitching_joins_aggregates() -> None:
    def stitching(one: str, other: str, capacity: int) -> str:
        ends = [f"urn:publicid:IDN+{name}+interface+sw:out" for name in (one, other)]
        return (
            '<stitching xmlns="http://hpn.east.isi.edu/rspec/ext/stitch/0.1/"><aggregate>'
            f'<node id="urn:publicid:IDN+{one}+node+sw"><port id="p"><link id="{ends[0]}">'
            f"<remoteLinkId>{ends[1]}</remoteLinkId><capacity>{capacity}</capacity>"
            "</link></port></node></aggregate></stitching>"
        )

    first = advertisement([node("sw", at=(1, 2)), stitching("a", "b", 5000)])
    second = advertisement([stitching("b", "a", 4000), stitching("b", "nowhere", 1)])
    graph = aggregates(first, second).network(Context())
    (edge,) = graph.edges
    assert edge.capacity == 4000
    assert set(edge.ends) == {"urn:publicid:IDN+a+node+sw", "urn:publicid:IDN+b+node+sw"}


def test_an_advertisement_of_version_2_is_read_as_one_of_version_3() -> None:
    ad = advertisement([node("pc", at=(1, 2))])
    other = ad.replace("geni.net/resources/rspec/3", "protogeni.net/resources/rspec/2").replace(
        "www.geni", "www.geni"
    )
    other = other.replace('<available now="true"/>', "<available>true</available>")
    assert other != ad
    assert read_offers(other).nodes[0].usable
    assert read_offers(other).nodes[0].host.hardware_types == ("pc",)


def test_entities_and_manifests_are_refused() -> None:
    entity = '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + advertisement([])
    for text in (entity, advertisement([]).replace("advertisement", "manifest"), "<rspec/>"):
        with pytest.raises(XmlRefused):
            read_offers(text)


def test_advertisements_of_the_field_are_read() -> None:
    files = sorted((CORPUS / "advertisement").glob("*.xml"))
    if not files:
        pytest.skip("the corpus is not beside this checkout")
    nodes = [node for file in files for node in read_offers(file.read_bytes()).nodes]
    assert len(nodes) > 500
    assert sum(one.latitude is not None for one in nodes) > 300
    doors = [door for file in files for door in read_offers(file.read_bytes()).doors]
    assert all(one.interface and one.node and one.other for one in doors)
    assert len(doors) > 10


def test_our_own_site_is_read() -> None:
    offers = read_offers(SITE.read_bytes())
    assert sum(one.usable for one in offers.nodes) == 20
    assert all(one.latitude is not None for one in offers.nodes)
