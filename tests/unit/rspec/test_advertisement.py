"""Advertisements: what is told of a site, and what holds leave of it."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gcf_am.errors import ConfigError
from gcf_am.model.images import with_added
from gcf_am.model.site import DiskImage, Site
from gcf_am.model.states import OPERATIONAL, OperationalState, Outcome
from gcf_am.rspec.advertisement import Advertisement
from gcf_am.rspec.inventory import read_site
from gcf_am.safexml import load, parse
from tests.unit.rspec.samples import MANAGER, RSPEC, RSPECS, advertise, assert_valid

OPSTATE = "{http://www.geni.net/resources/rspec/ext/opstate/1}"
NS = {"r": RSPEC, "e": "http://www.protogeni.net/resources/rspec/ext/emulab/1"}
SITE = (RSPECS / "site.xml").read_bytes()
NODE = "urn:publicid:IDN+gcf.local+node+"
PORT = "urn:publicid:IDN+gcf.local+interface+"


@pytest.fixture(scope="module")
def site() -> Site:
    return read_site(SITE, manager=MANAGER)


def advertised(site: Site, *, only_available: bool = False, **slots: int) -> etree._Element:
    held = {(f"{NODE}{name}", "slots"): amount for name, amount in slots.items()}
    text = advertise(site, held, only_available=only_available)
    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>")
    assert_valid(text, "ad")
    return parse(text)


def node(root: etree._Element, name: str) -> etree._Element | None:
    return next(
        (one for one in root.iterfind("r:node", NS) if one.get("component_name") == name), None
    )


def now(root: etree._Element, name: str) -> str | None:
    found = node(root, name)
    assert found is not None
    available = found.find("r:available", NS)
    assert available is not None
    return available.get("now")


def slots(root: etree._Element, name: str) -> list[str | None]:
    found = node(root, name)
    assert found is not None
    return [one.get("type_slots") for one in found.iterfind("r:hardware_type/e:node_type", NS)]


def test_an_empty_site_is_available(site: Site) -> None:
    root = advertised(site)
    assert len(root.findall("r:node", NS)) == len(site.hosts)
    assert {one.get("now") for one in root.iterfind("r:node/r:available", NS)} == {"true"}


def test_holds_take_away(site: Site) -> None:
    # decision 2
    root = advertised(site, pc1=1, vmhost1=5, vmhost2=20)
    assert (now(root, "pc1"), slots(root, "pc1")) == ("false", ["1", "1"])
    assert (now(root, "vmhost1"), slots(root, "vmhost1")) == ("true", ["15"])
    assert (now(root, "vmhost2"), slots(root, "vmhost2")) == ("false", ["0"])
    assert now(root, "switch-ghent") == "true"


def test_what_is_not_available_can_be_left_out(site: Site) -> None:
    root = advertised(site, only_available=True, pc1=1, vmhost1=5, vmhost2=20)
    assert node(root, "pc1") is None
    assert node(root, "vmhost2") is None
    assert node(root, "vmhost1") is not None
    ports = {str(one.get("component_id")) for one in root.iterfind("r:node/r:interface", NS)}
    ends = {str(one.get("component_id")) for one in root.iterfind("r:link/r:interface_ref", NS)}
    assert ends <= ports
    assert len(root.findall("r:link", NS)) == len(site.wires) - 4 - 2


def test_the_inventory_can_take_a_node_out_of_service() -> None:
    text = SITE.replace(b'<available now="true"/>', b'<available now="false"/>')
    closed = read_site(text, manager=MANAGER)
    root = advertised(closed)
    assert {one.get("now") for one in root.iterfind("r:node/r:available", NS)} == {"false"}
    assert advertised(closed, only_available=True).findall("r:node", NS) == []


def test_images_that_were_added_are_told_for_each_sliver_type_with_images(site: Site) -> None:
    added = with_added(site, [DiskImage("tiny", "Linux", description="Tiny <1>")])
    name = "urn:publicid:IDN+gcf.local+image+tiny"
    kinds = list(advertised(added).iter(f"{{{RSPEC}}}sliver_type"))
    told = [(len(one), one[-1].attrib) for one in kinds if len(one)]
    assert told
    for count, attributes in told:
        assert count > 1
        assert dict(attributes.items()) == {"name": name, "os": "Linux", "description": "Tiny <1>"}
    assert not list(advertised(site).iterfind(f".//r:disk_image[@name='{name}']", NS))


def test_an_advertisement_is_an_inventory(site: Site) -> None:
    text = advertise(site, {}, only_available=False)
    again = read_site(text.encode(), manager=MANAGER)
    assert (again.hosts, again.wires) == (site.hosts, site.wires)
    assert advertise(again, {}, only_available=False) == text


def test_the_states_of_every_sliver_type_are_told(site: Site) -> None:
    (block,) = advertised(site).findall(f"{OPSTATE}rspec_opstate")
    assert load("opstate").errors(block) == []
    assert block.get("aggregate_manager_id") == MANAGER.text
    assert block.get("start") == "geni_notready"
    types = {one.name for host in site.hosts for one in host.sliver_types}
    assert {one.get("name") for one in block.iterfind(f"{OPSTATE}sliver_type")} == types
    told = {
        str(one.get("name")): (
            {a.get("name"): a.get("next") for a in one.iterfind(f"{OPSTATE}action")},
            {w.get("type"): w.get("next") for w in one.iterfind(f"{OPSTATE}wait")},
        )
        for one in block.iterfind(f"{OPSTATE}state")
    }
    assert told == {
        state.value: (
            {action.value: after.value for action, after in row.actions.items()},
            {outcome.value: after.value for outcome, after in row.waits.items()},
        )
        for state, row in OPERATIONAL.items()
        if state is not OperationalState.PENDING_ALLOCATION
    }
    assert Outcome.PREPARED not in {wait for _, waits in told.values() for wait in waits}


def test_schemas_are_named_where_they_are_published(site: Site) -> None:
    location = advertised(site).get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert location is not None
    assert location.split()[::2] == [RSPEC, OPSTATE[1:-1]]


def large(hosts: int) -> Site:
    """Hosts of one kind, in turns shared and exclusive, each with a link to the next."""
    nodes = "".join(
        f'<node component_id="{NODE}h{number}" component_manager_id="{MANAGER}"'
        f' exclusive="{str(number % 2 == 0).lower()}"><hardware_type name="pc">'
        f'<node_type xmlns="{NS["e"]}" type_slots="10"/></hardware_type>'
        f'<sliver_type name="raw"/><interface component_id="{PORT}h{number}:0"/>'
        f'<interface component_id="{PORT}h{number}:1"/></node>'
        for number in range(hosts)
    )
    links = "".join(
        f'<link component_id="{PORT.replace("interface", "link")}l{number}">'
        f'<interface_ref component_id="{PORT}h{number}:1"/>'
        f'<interface_ref component_id="{PORT}h{(number + 1) % hosts}:0"/></link>'
        for number in range(hosts)
    )
    text = f'<rspec xmlns="{RSPEC}" type="advertisement">{nodes}{links}</rspec>'
    return read_site(text.encode(), manager=MANAGER)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 7), st.integers(0, 12), min_size=1, max_size=4), max_size=6
    )
)
def test_what_was_told_again_and_again_is_what_is_told_at_once(
    changes: list[dict[int, int]],
) -> None:
    advertisement, held = Advertisement(SMALL), dict[tuple[str, str], int]()
    for change in changes:
        told = {(f"{NODE}h{place}", "slots"): amount for place, amount in change.items()}
        held |= told
        advertisement.hold(told)
        for only_available in (False, True):
            text = advertisement.text(only_available=only_available)
            assert text == advertise(SMALL, held, only_available=only_available)
            packed = advertisement.deflated(only_available=only_available)
            assert zlib.decompress(packed).decode() == text


def test_a_change_is_told_and_deflated_where_it_is() -> None:
    advertisement = Advertisement(large(2000))
    before = {one: advertisement.parts(only_available=one) for one in (False, True)}
    assert len(before[False]) > 20
    # nothing is left out yet: both say the same, and keep it once
    assert all(one is other for one, other in zip(before[False], before[True], strict=True))
    assert not advertisement.hold({(f"{NODE}h10", "slots"): 0, (f"{NODE}h10", "port"): 1})
    assert advertisement.hold({(f"{NODE}h10", "slots"): 10})
    for only_available, most in ((False, 1), (True, 3)):
        after = advertisement.parts(only_available=only_available)
        new = [one for one, old in zip(after, before[only_available], strict=True) if one != old]
        assert 0 < len(new) <= most
        kept = sum(one is old for one, old in zip(after, before[only_available], strict=True))
        assert kept >= len(after) - 3


def test_a_text_may_have_any_character() -> None:
    """Also the one by which the holes are found in most."""
    odd = SITE.replace(b'country="BE"', b'country="B&#127;&#128;E"')
    assert odd != SITE
    text = advertise(read_site(odd, manager=MANAGER), {}, only_available=False)
    assert text.replace("B\x7f\x80E", "BE") == advertise(
        read_site(SITE, manager=MANAGER), {}, only_available=False
    )
    every = "".join(f"&#{one};" for one in range(0x7F, 0xA0)).encode()
    with pytest.raises(ConfigError, match="control character"):
        read_site(SITE.replace(b'country="BE"', b'country="' + every + b'"'), manager=MANAGER)


SMALL = large(8)
