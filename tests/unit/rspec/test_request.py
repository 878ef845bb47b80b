"""Requests: what is read, and what is refused in which words."""

import pytest

from gcf_am.errors import BadArgs, BadVersion
from gcf_am.model.topology import Address, Interface, Property
from gcf_am.rspec.request import read_request
from tests.unit.rspec.samples import MANAGER, OTHER, RSPEC, read, request

TWO_NODES = """<node client_id="a" exclusive="false">
  <hardware_type name="pc"/>
  <sliver_type name="vm"><disk_image name="debian"/></sliver_type>
  <interface client_id="a:0" component_id="urn:x"><ip address="10.0.0.1" netmask="255.0.0.0"/>
    <ip address="fe80::1" type="ipv6"/></interface>
</node>
<node client_id="b"><interface client_id="b:0"/></node>
<link client_id="l">
  <interface_ref client_id="a:0"/><interface_ref client_id="b:0"/>
  <link_type name="lan"/>
  <property source_id="a:0" dest_id="b:0" capacity="1000" latency="2.5" packet_loss="0.01"/>
  <property source_id="b:0" dest_id="a:0" capacity=" 99.5 "/>
</link>"""


def test_nodes_are_read() -> None:
    first, second = read(TWO_NODES).nodes
    assert (first.client_id, first.exclusive, first.sliver_type) == ("a", False, "vm")
    assert (first.disk_image, first.hardware_types, first.line) == ("debian", ("pc",), 2)
    assert first.interfaces == (
        Interface(
            "a:0",
            "urn:x",
            (Address("10.0.0.1", "255.0.0.0", None), Address("fe80::1", None, "ipv6")),
        ),
    )
    assert (second.exclusive, second.sliver_type, second.component_id) == (None, None, None)


def test_links_are_read() -> None:
    (link,) = read(TWO_NODES).links
    assert (link.client_id, link.interfaces, link.link_type) == ("l", ("a:0", "b:0"), "lan")
    assert link.properties == (
        Property("a:0", "b:0", 1000, 2.5, 0.01),
        Property("b:0", "a:0", 100, None, None),
    )
    assert link.capacity == 1000


def test_resources_keep_the_order_of_the_document() -> None:
    topology = read('<link client_id="l"/><!-- x --><node client_id="a"/><link client_id="m"/>')
    assert [one.client_id for one in topology.resources] == ["l", "a", "m"]
    assert [one.position for one in topology.resources] == [0, 1, 2]


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("0", False)])
def test_exclusive_is_a_boolean_of_xml(text: str, value: bool) -> None:
    assert read(f'<node client_id="a" exclusive="{text}"/>').nodes[0].exclusive is value


@pytest.mark.parametrize(
    "manager",
    [
        "",
        "urn:publicid:IDN+gcf.local+authority+am",
        "urn:publicid:IDN+gcf.local+authority+cm",
        "urn:publicid:IDN+GCF.local+authority+CM",
    ],
)
def test_our_manager_has_several_spellings(manager: str) -> None:
    # R266, R267
    topology = read(f'<node client_id="a" component_manager_id="{manager}"/>')
    assert [one.client_id for one in topology.nodes] == ["a"]


@pytest.mark.parametrize(
    "manager",
    [
        OTHER,
        "urn:publicid:IDN+gcf.local:site+authority+am",
        "urn:publicid:IDN+gcf.local+authority+sa",
    ],
)
def test_other_managers_nodes_are_carried_untouched(manager: str) -> None:
    # R153
    topology = read(
        f'<node client_id="a" component_manager_id="{manager}" sliver_id="s">'
        '<interface client_id="a:0"/></node><node client_id="b"/>'
    )
    assert [one.client_id for one in topology.nodes] == ["b"]
    assert topology.foreign_interfaces == {"a:0"}
    (foreign,) = topology.frame.foreign
    assert foreign.position == 0
    assert f'component_manager_id="{manager}"' in foreign.xml
    assert 'sliver_id="s"' in foreign.xml


def link_with(inside: str) -> bool:
    """Whether a link between our a:0, their t:0 and t:1 is ours."""
    topology = read(
        f'<node client_id="a"><interface client_id="a:0"/></node>'
        f'<node client_id="t" component_manager_id="{OTHER}"><interface client_id="t:0"/>'
        f'<interface client_id="t:1"/></node><link client_id="l">{inside}</link>'
    )
    assert len(topology.links) + len(topology.frame.foreign) == 2
    return len(topology.links) == 1


OURS = '<component_manager name="urn:publicid:IDN+gcf.local+authority+cm"/>'
THEIRS = f'<component_manager name="{OTHER}"/>'
A0, T0, T1 = (f'<interface_ref client_id="{end}"/>' for end in ("a:0", "t:0", "t:1"))


def test_links_are_ours_when_they_say_so_or_touch_us() -> None:
    assert link_with(OURS + A0 + T0)
    assert link_with(OURS + THEIRS + A0 + T0)
    assert link_with(A0 + T0)
    assert link_with(OURS + T0 + T1)
    assert not link_with(THEIRS + A0 + T0)
    assert not link_with(T0 + T1)


def test_links_may_end_on_what_the_slice_has_already() -> None:
    # decision 10: only the manager knows those interfaces
    assert link_with('<interface_ref client_id="older:0"/>' + T0)
    assert link_with('<interface_ref client_id="older:0"/>')


def test_extensions_beside_the_resources_are_carried() -> None:
    topology = read(
        '<node client_id="a"/><x:tour><x:step/></x:tour>',
        more='xmlns:x="http://x" x:mark="1" generated_by="me"',
    )
    assert [(one.position, one.xml) for one in topology.frame.foreign] == [
        (1, '<x:tour xmlns:x="http://x"><x:step></x:step></x:tour>')
    ]
    assert topology.frame.attributes == (("{http://x}mark", "1"),)
    assert ("x", "http://x") in topology.frame.namespaces


def test_an_element_stands_alone() -> None:
    topology = read(
        '<node client_id="a"> <x:y z="1"> text </x:y> </node>', more='xmlns:x="http://x"'
    )
    assert topology.nodes[0].xml == (
        f'<node xmlns="{RSPEC}" client_id="a"><x:y xmlns:x="http://x" z="1"> text </x:y></node>'
    )


def test_sliver_ids_are_read_and_taken_off() -> None:
    # decision 18
    topology = read(
        '<node client_id="a" sliver_id="urn:s1"><interface client_id="a:0" sliver_id="x"/></node>'
        '<link client_id="l" sliver_id="urn:s2"><interface_ref client_id="a:0" sliver_id="x"/>'
        "</link>"
    )
    assert [one.sliver_id for one in topology.resources] == ["urn:s1", "urn:s2"]
    assert not any("sliver_id" in one.xml for one in topology.resources)


def test_shared_vlans_are_recognized() -> None:
    # decision 20: placement refuses them by name
    (link,) = read(
        '<link client_id="l"><s:link_shared_vlan name="mesh" vlantag="7"/></link>',
        more='xmlns:s="http://www.geni.net/resources/rspec/ext/shared-vlan/1"',
    ).links
    assert (link.shared_vlan, link.vlan) == ("mesh", "7")


REFUSED = [
    # XML
    ("", "the RSpec is no XML that is read here: line 1: the document is empty"),
    ("<rspec", "no XML"),
    ("hello", "does not begin with <"),
    ('<!DOCTYPE rspec [<!ENTITY a "b">]><rspec/>', "document type declaration"),
    ("<a>" * 200 + "</a>" * 200, "more than 100 deep"),
    # the type
    (request("", kind="advertisement"), "line 1: rspec: type is 'advertisement'; it must be requ"),
    (request("", kind="manifest"), "type is 'manifest'; it must be request"),
    (f'<rspec xmlns="{RSPEC}"/>', "the attribute type is missing; it must be request"),
    # the schema
    (request("<node/>"), "line 2: node: the attribute client_id is missing"),
    (request('\n<node client_id="a" exclusive="True"/>'), "line 3: node: attribute exclusive"),
    (request("<banana/>"), "line 2: banana: it may not stand here"),
    (request("<node/>" * 5), "; and 2 more"),
    # names
    (request('<node client_id=""/>'), "line 2: node: its client_id is empty"),
    (
        request('<node client_id="a"/>\n<node client_id="a"/>'),
        "line 3: node 'a': line 2 has this client_id already; make it unique",
    ),
    (request('<link client_id="l"/><link client_id="l"/>'), "link 'l': line 2 has this"),
    (
        request(
            '<node client_id="a"><interface client_id="i"/></node>'
            f'<node client_id="b" component_manager_id="{OTHER}"><interface client_id="i"/></node>'
        ),
        "interface 'i': line 2 has this client_id already",
    ),
    (request(f'<node client_id="{"x" * 256}"/>'), "more than 255 characters"),
    (
        request('<node client_id="a" component_manager_id="me"/>'),
        f"component_manager_id: 'me' does not begin with urn:publicid:IDN+; ours is {MANAGER}",
    ),
    # kinds
    (
        request('<node client_id="a"><sliver_type name="x"/><sliver_type name="y"/></node>'),
        "node 'a': it asks for several sliver types; ask for one",
    ),
    (
        request(
            '<node client_id="a"><sliver_type name="x"><disk_image name="1"/>'
            '<disk_image name="2"/></sliver_type></node>'
        ),
        "several disk images",
    ),
    (
        request('<link client_id="l"><link_type name="lan"/><link_type name="vlan"/></link>'),
        "several link types",
    ),
    # links
    (request(f'<link client_id="l">{A0}{A0}</link>'), "names the interface 'a:0' more than once"),
    (
        request(f'<link client_id="l">{A0}<property source_id="a:0" dest_id="z:0"/></link>'),
        "its dest_id 'z:0' is no interface of its link",
    ),
    # numbers and addresses
    *[
        (
            request(
                f'<link client_id="l">{A0}{T0}\n'
                f'<property source_id="a:0" dest_id="t:0" {name}="{value}"/></link>'
            ),
            f"line 3: property: {name} '{value}' is no {what}",
        )
        for name, value, what in (
            ("capacity", "fast", "number of kbit/s, like 100000"),
            ("capacity", "-1", "number of kbit/s"),
            ("capacity", "1e6", "number of kbit/s"),
            ("capacity", "٣", "number of kbit/s"),
            ("capacity", "9" * 16, "number of kbit/s"),
            ("latency", "2,5", "number of milliseconds, like 10"),
            ("packet_loss", "1%", "number of packets lost of each one sent, like 0.01"),
            ("packet_loss", "1.5", "fraction from 0 to 1, like 0.01"),
        )
    ],
    (
        request(
            '<node client_id="a"><interface client_id="i"><ip address="10.0.0.256"/>'
            "</interface></node>"
        ),
        "line 2: ip: the address '10.0.0.256' is no IPv4 or IPv6 address like 10.10.1.1",
    ),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_refusals_name_element_line_and_remedy(text: str, reason: str) -> None:
    # R143, R144, R146, R147, R148
    with pytest.raises(BadArgs) as refused:
        read_request(text, manager=MANAGER)
    assert reason in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "<rspec type='request'/>",
        "<rspec xmlns='http://www.protogeni.net/resources/rspec/2' type='request'/>",
        "<rspec xmlns='http://www.geni.net/resources/rspec/4' type='request'/>",
        "<RSpec type='SFA'><network/></RSpec>",
        f"<node xmlns='{RSPEC}' client_id='a'/>",
        "<html/>",
    ],
)
def test_other_versions_are_not_spoken(text: str) -> None:
    # R145
    with pytest.raises(BadVersion, match=r"this aggregate speaks <rspec> of .*rspec/3"):
        read_request(text, manager=MANAGER)


def test_a_long_namespace_cannot_make_a_short_document_large() -> None:
    long = "http://" + "x" * 100_000
    text = request(
        '<node client_id="a"><e xmlns="http://e">' + "<x:y/>" * 5000 + "</e></node>",
        more=f'xmlns:x="{long}"',
    )
    with pytest.raises(BadArgs, match="names are too long"):
        read_request(text, manager=MANAGER)


def test_many_ends_take_no_long_time() -> None:
    ends = "".join(f'<interface_ref client_id="{n}"/>' for n in range(20_000))
    assert len(read(f'<link client_id="l">{ends}</link>').links[0].interfaces) == 20_000
