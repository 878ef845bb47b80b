"""Inventories: what a site is read from, and what is wrong with one, by line."""

import pytest

from gcf_am.errors import ConfigError
from gcf_am.model.site import DiskImage, Host, Port, Site, SliverType, Wire
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.names import GCF_AM
from gcf_am.urn import Urn
from tests.unit.rspec.samples import MANAGER, OTHER, RSPEC, RSPECS, advertise

HEAD = (
    f'<rspec xmlns="{RSPEC}" type="advertisement"'
    ' xmlns:emulab="http://www.protogeni.net/resources/rspec/ext/emulab/1">\n'
)
N = "urn:publicid:IDN+gcf.local+node+"
I = "urn:publicid:IDN+gcf.local+interface+"  # noqa: E741
L = "urn:publicid:IDN+gcf.local+link+"


def node(name: str, inside: str = '<sliver_type name="vm"/>', *, exclusive: str = "true") -> str:
    return (
        f'<node component_id="{N}{name}" component_manager_id="{MANAGER}"'
        f' exclusive="{exclusive}">{inside}</node>\n'
    )


def site_of(body: str) -> Site:
    return read_site(f"{HEAD}{body}</rspec>".encode(), manager=MANAGER)


SMALL = (
    node(
        "pc",
        '<hardware_type name="pc"><emulab:node_type type_slots="1"/></hardware_type>'
        '<hardware_type name="lan"><emulab:node_type type_slots="unlimited"/></hardware_type>'
        '<sliver_type name="raw-pc"><disk_image name="deb" os="Linux"/>'
        '<disk_image name="ubu" default="true"/><disk_image name="deb"/></sliver_type>'
        f'<interface component_id="{I}pc:0" role="control"/><interface component_id="{I}pc:1"/>',
    )
    + node(
        "vm",
        '<hardware_type name="pcvm"><emulab:node_type type_slots="20"/></hardware_type>'
        '<available now="false"/><sliver_type name="vm"/>'
        f'<interface component_id="{I}vm:1"/>',
        exclusive="false",
    )
    + node("sw", f'<hardware_type name="switch"/><interface component_id="{I}sw:1"/>')
    + f'<link component_id="{L}w"><interface_ref component_id="{I}pc:1"/>'
    f'<interface_ref component_id="{I}sw:1"/>'
    f'<property source_id="{I}pc:1" dest_id="{I}sw:1" capacity="1000" latency="1"/>'
    f'<property source_id="{I}sw:1" dest_id="{I}pc:1" capacity="900" packet_loss="0.5"/></link>'
)


def test_hosts_are_read() -> None:
    pc, vm, switch = site_of(SMALL).hosts
    assert pc == Host(
        component_id=f"{N}pc",
        name="pc",
        exclusive=True,
        slots=1,
        hardware_types=("pc", "lan"),
        sliver_types=(
            SliverType("raw-pc", (DiskImage("deb", "Linux", False), DiskImage("ubu", None, True))),
        ),
        ports=(Port(f"{I}pc:0", "control", None), Port(f"{I}pc:1", None, 1000)),
    )
    assert (vm.exclusive, vm.slots, vm.available) == (False, 20, False)
    assert switch.switch
    assert switch.ports == (Port(f"{I}sw:1"),)


def test_wires_are_read() -> None:
    # of the properties the worst counts
    assert site_of(SMALL).wires == (Wire(f"{L}w", (f"{I}pc:1", f"{I}sw:1"), 900, 1.0, 0.5),)


def test_a_shared_node_without_slots_has_some() -> None:
    assert site_of(node("a", exclusive="false")).hosts[0].slots == 10


def test_links_that_lead_elsewhere_are_not_used() -> None:
    site = site_of(
        node("a", f'<sliver_type name="vm"/><interface component_id="{I}a:1"/>')
        + '<external_ref component_id="urn:publicid:IDN+x+interface+y:1"/>'
        f'<link component_id="{L}out"><interface_ref component_id="{I}a:1"/>'
        '<interface_ref component_id="urn:publicid:IDN+x+interface+y:1"/></link>'
    )
    assert site.wires == ()
    assert f"{L}out" in advertise(site, {}, only_available=False)


def test_links_to_a_cloud_are_not_used() -> None:
    site = site_of(
        node("a", f'<sliver_type name="vm"/><interface component_id="{I}a:1"/>')
        + node("internet", f'<cloud/><interface component_id="{I}internet:1"/>')
        + f'<link component_id="{L}out"><interface_ref component_id="{I}a:1"/>'
        f'<interface_ref component_id="{I}internet:1"/></link>'
    )
    assert site.wires == ()
    assert not site.hosts[1].sliver_types
    assert f"{L}out" in advertise(site, {}, only_available=False)


def test_aliases_are_read() -> None:
    port = f'<interface component_id="{I}a:1" g:alias="urn:publicid:IDN+x+interface+y:1"/>'
    body = node("a", f'<sliver_type name="vm"/>{port}').replace(
        "<node ", f'<node xmlns:g="{GCF_AM}" g:alias="urn:publicid:IDN+x+node+y\n two" '
    )
    (host,) = site_of(body).hosts
    assert host.aliases == ("urn:publicid:IDN+x+node+y", "two")
    assert host.ports[0].aliases == ("urn:publicid:IDN+x+interface+y:1",)


def test_an_unused_link_may_lead_nowhere() -> None:
    link = f'<link component_id="{L}w" xmlns:g="{GCF_AM}" g:unused="it has one end"/>'
    assert site_of(link).wires == ()


def test_the_version_follows_the_content() -> None:
    version = site_of(SMALL).version
    assert site_of(SMALL.replace("><", ">\n  <")).version == version
    assert site_of(SMALL.replace('"1000"', '"1001"')).version != version
    dated = HEAD.replace("type=", 'generated="2030-01-01T00:00:00Z" type=')
    assert read_site(f"{dated}{SMALL}</rspec>".encode(), manager=MANAGER).version == version


def test_the_older_name_of_the_manager_is_made_the_newer() -> None:
    site = site_of(node("a").replace("authority+am", "authority+cm"))
    assert "authority+cm" not in advertise(site, {}, only_available=False)


PROBLEMS = [
    (node("a", ""), f"1. line 2: node '{N}a': it offers no sliver_type; name at least one"),
    (node("a") + node("a"), f"1. line 3: node '{N}a': another one has its component_id"),
    (
        node("a").replace("gcf.local+node", "x+node"),
        f"its component_id must begin with {N}",
    ),
    (node("", ""), f"its component_id must begin with {N}"),
    (
        node("a").replace(MANAGER.text, OTHER),
        f"its component_manager_id is not this aggregate's, {MANAGER}",
    ),
    (node("a").replace(MANAGER.text, "me"), "its component_manager_id is not this aggregate's"),
    (
        node(
            "a",
            '<hardware_type name="x"><emulab:node_type type_slots="many"/></hardware_type>'
            '<sliver_type name="vm"/>',
            exclusive="false",
        ),
        "line 2: node_type: type_slots 'many' is neither a number like 20 nor unlimited",
    ),
    (
        f'<link component_id="{L}w"><interface_ref component_id="{I}a:1"/></link>',
        f"1. line 2: link '{L}w': no node has its interface '{I}a:1'",
    ),
    (
        f'<link component_id="{L}w"><interface_ref component_id="{I}a:1"/></link>',
        f"2. line 2: link '{L}w': it joins fewer than two interfaces",
    ),
    (
        f'<link component_id="{L}w"><property source_id="x" dest_id="y" capacity="fast"/></link>',
        "line 2: property: capacity 'fast' is no number of kbit/s, like 100000",
    ),
    ("<node/>", "1. line 2: node: the attribute component_id is missing"),
    ("<node/>" * 20, "  and "),
    ("<", "the inventory is no XML that is read here: line 2"),
]


@pytest.mark.parametrize(("body", "reason"), PROBLEMS)
def test_problems_are_numbered_and_name_the_line(body: str, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        site_of(body)
    assert reason in str(refused.value)


@pytest.mark.parametrize("text", [b"<a/>", f'<rspec xmlns="{RSPEC}" type="request"/>'.encode()])
def test_other_documents_are_no_inventory(text: bytes) -> None:
    with pytest.raises(ConfigError, match="must be <rspec type="):
        read_site(text, manager=MANAGER)


def test_another_authoritys_inventory_is_refused() -> None:
    other = Urn.of("else.where", "authority", "am")
    with pytest.raises(ConfigError, match="component_manager_id is not this aggregate's"):
        read_site((RSPECS / "site.xml").read_bytes(), manager=other)
