"""Manifests: what they show, what they keep, and that they are read back."""

from dataclasses import replace

import pytest
from lxml import etree

from gcf_am.model.sliver import LinkPlacement
from gcf_am.model.topology import Link
from gcf_am.rspec.manifest import Entry, write_manifest
from gcf_am.rspec.request import read_request
from gcf_am.safexml import load, parse
from tests.unit.rspec.samples import MANAGER, OTHER, RSPEC, assert_valid, entries, read

NS = {
    "r": RSPEC,
    "user": "http://www.geni.net/resources/rspec/ext/user/1",
    "preserve": "http://www.geni.net/resources/rspec/ext/preserve/1",
}
BODY = f"""<x:tour>Hello</x:tour>
<node client_id="a" component_manager_id="urn:publicid:IDN+gcf.local+authority+cm" x:at="1">
  <services><install url="u" install_path="p"/><execute shell="sh" command="c"/></services>
  <x:note> kept <x:b/></x:note>
  <interface client_id="a:0"><ip address="10.0.0.1"/></interface>
</node>
<link client_id="l"><interface_ref client_id="a:0"/><interface_ref client_id="b:0"/></link>
<node client_id="t" component_manager_id="{OTHER}"><interface client_id="t:0"/></node>
<node client_id="b"><sliver_type name="raw-pc"/><interface client_id="b:0"/></node>
<link client_id="t-link"><component_manager name="{OTHER}"/><interface_ref client_id="t:0"/></link>
"""
MORE = 'xmlns:x="http://x"'


def written(items: list[Entry], *, foreign: bool = True) -> etree._Element:
    text = write_manifest(items, manager=MANAGER, foreign=foreign)
    assert_valid(text, "manifest")
    return parse(text)


def found(root: etree._Element, path: str) -> list[str]:
    result = root.xpath(path, namespaces=NS)
    assert isinstance(result, list)
    return [str(one) for one in result]


def attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def test_an_empty_manifest_is_a_valid_document() -> None:
    # R269, R270
    text = write_manifest([], manager=MANAGER)
    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>\n<rspec")
    assert_valid(text, "manifest")
    root = parse(text)
    assert len(root) == 0
    assert root.get("type") == "manifest"


def test_order_and_what_is_not_ours_are_kept() -> None:
    # R153, R154, R265
    root = written(entries(read(BODY, more=MORE)))
    assert found(root, "r:*/@client_id") == ["a", "l", "t", "b", "t-link"]
    assert root[0].text == "Hello"
    assert found(root, "r:node[1]/*[local-name()='note']/text()") == [" kept "]
    assert found(root, "r:node[@client_id='t']/@sliver_id") == []
    assert root.nsmap["x"] == "http://x"


def test_foreign_children_can_be_left_out() -> None:
    root = written(entries(read(BODY, more=MORE)), foreign=False)
    assert found(root, "r:*/@client_id") == ["a", "l", "b"]


def test_nodes_say_where_and_what_they_are() -> None:
    root = written(entries(read(BODY, more=MORE)))
    node = root.find("r:node", NS)
    assert node is not None
    assert attributes(node) == {
        "client_id": "a",
        "component_id": "urn:publicid:IDN+gcf.local+node+vmhost0",
        "component_manager_id": MANAGER.text,
        "exclusive": "false",
        "sliver_id": "urn:publicid:IDN+gcf.local+sliver+0",
        "{http://x}at": "1",
    }
    assert found(node, "r:sliver_type/@name") == ["default-vm"]
    assert found(node, "r:sliver_type/r:disk_image/@name") == ["ubuntu"]
    assert found(root, "r:node[@client_id='b']/r:sliver_type/@name") == ["raw-pc"]


def test_services_of_the_request_stay() -> None:
    # R262
    root = written(entries(read(BODY, more=MORE), running=True))
    assert found(root, "r:node[1]/r:services/r:install/@install_path") == ["p"]
    assert found(root, "r:node[1]/r:services/r:execute/@command") == ["c"]


def test_links_have_a_tag_and_managers_in_children_only() -> None:
    # R261, decision 21
    root = written(entries(read(BODY, more=MORE)))
    ours, theirs = root.findall("r:link", NS)
    assert attributes(ours) == {
        "client_id": "l",
        "sliver_id": "urn:publicid:IDN+gcf.local+sliver+1",
        "vlantag": "101",
    }
    assert found(ours, "r:component_manager/@name") == [MANAGER.text]
    assert attributes(theirs) == {"client_id": "t-link", "vlantag": ""}


def test_a_link_without_a_tag_has_an_empty_one() -> None:
    (entry,) = entries(read('<link client_id="l"/>'))
    untagged = replace(entry, contents=replace(entry.contents, placement=LinkPlacement()))
    assert found(written([untagged]), "r:link/@vlantag") == [""]


def test_interfaces_know_their_ports() -> None:
    root = written(entries(read(BODY, more=MORE)))
    ports = [f"urn:publicid:IDN+gcf.local+interface+vmhost{n}:eth1" for n in (0, 1)]
    assert found(root, "r:node/r:interface/@component_id") == ports
    assert found(root, "r:link/r:interface_ref/@component_id") == ports


def test_interfaces_know_the_ports_of_links_that_are_not_shown() -> None:
    items = entries(read(BODY, more=MORE))
    nodes = [one for one in items if one.sliver.kind == "node"]
    links = [one.contents for one in items if one.sliver.kind == "link"]
    text = write_manifest(nodes, manager=MANAGER, links=links)
    assert len(found(parse(text), "r:node/r:interface/@component_id")) == 2
    assert (
        found(
            parse(write_manifest(nodes, manager=MANAGER)),
            "//@component_id[contains(., 'interface')]",
        )
        == []
    )


def test_logins_are_shown_when_there_is_access() -> None:
    # R263, R264
    root = written(entries(read(BODY, more=MORE), running=True))
    node = root.find("r:node", NS)
    assert node is not None
    assert found(node, "r:host/@name") == ["vmhost0.gcf.local"]
    assert [attributes(one) for one in node.findall("r:services/r:login", NS)] == [
        {
            "authentication": "ssh-keys",
            "hostname": "vmhost0.gcf.local",
            "port": "30000",
            "username": name,
        }
        for name in ("alice", "bob")
    ]
    accounts = node.findall("r:services/user:services_user", NS)
    assert [one.get("user_urn") for one in accounts] == [
        "urn:publicid:IDN+gcf.local+user+alice",
        "urn:publicid:IDN+gcf.local+user+bob",
    ]
    assert found(accounts[0], "user:public_key/text()") == ["ssh-ed25519 AAAA a", "ssh-rsa B b"]
    assert all(load("user").valid(one) for one in accounts)


def test_no_login_is_shown_before_there_is_access() -> None:
    body = '<node client_id="a"><services><login authentication="ssh-keys"/></services></node>'
    root = written(entries(read(body)))
    assert found(root, "//r:login/@authentication") == []
    assert found(root, "//r:services") == []


@pytest.mark.parametrize(
    "guarantee", ["geni_none", "geni_persistent_state", "geni_dynamic_state", "geni_no_disruption"]
)
def test_what_update_preserves_is_told(guarantee: str) -> None:
    # R253
    root = written(entries(read(BODY, more=MORE), preserve=guarantee))
    assert found(root, "//preserve:preserve/@guarantee") == [guarantee] * 3
    told = root.findall(".//preserve:preserve", NS)
    assert all(load("preserve").valid(one) for one in told)


def test_it_expires_when_its_first_sliver_does() -> None:
    first, *rest = entries(read(BODY, more=MORE))
    sooner = replace(first.sliver, expires=first.sliver.expires.replace(month=1, day=2))
    root = written([replace(first, sliver=sooner), *rest])
    assert root.get("expires") == "2030-01-02T12:00:00Z"


def test_it_names_the_published_schema_and_those_of_extensions() -> None:
    # decision 24
    location = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{RSPEC} {RSPEC}/request.xsd http://x http://x/x.xsd left"'
    )
    root = written(entries(read('<node client_id="a"/>', more=location)))
    assert root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation") == (
        f"{RSPEC} {RSPEC}/manifest.xsd http://x http://x/x.xsd"
    )


def test_slivers_of_several_requests_stand_request_by_request() -> None:
    one = entries(read('<node client_id="a"/><p:tour/>', more='xmlns:p="http://one"'))
    two = entries(read('<p:tour/><node client_id="b"/>', more='xmlns:p="http://two"'))
    root = written([*two, *one])
    assert [etree.QName(child).text for child in root] == [
        "{http://two}tour",
        f"{{{RSPEC}}}node",
        f"{{{RSPEC}}}node",
        "{http://one}tour",
    ]
    assert found(root, "r:node/@client_id") == ["b", "a"]


def test_a_link_within_an_extension_is_given_a_tag_too() -> None:
    body = f'<e xmlns="http://e"><link xmlns="{RSPEC}" client_id="l"/></e>'
    assert_valid(
        write_manifest(entries(read(f'<node client_id="a">{body}</node>')), manager=MANAGER),
        "manifest",
    )


@pytest.mark.parametrize("preserve", [None, "geni_none"])
@pytest.mark.parametrize("running", [False, True])
def test_a_manifest_is_read_back(running: bool, preserve: str | None) -> None:
    # R237
    asked = read(BODY, more=MORE)
    text = write_manifest(entries(asked, running=running, preserve=preserve), manager=MANAGER)
    again = read_request(text, manager=MANAGER, manifest_allowed=True)
    assert [one.client_id for one in again.resources] == ["a", "l", "b"]
    assert [one.sliver_id for one in again.resources] == [
        f"urn:publicid:IDN+gcf.local+sliver+{n}" for n in range(3)
    ]
    assert again.foreign_interfaces == asked.foreign_interfaces
    assert again.nodes[0].component_id == "urn:publicid:IDN+gcf.local+node+vmhost0"
    assert again.nodes[0].exclusive is False
    assert again.links[0].interfaces == asked.links[0].interfaces
    assert len(again.frame.foreign) == 3
    told = "".join(one.xml for one in again.resources)
    for read_only in ("login", "services_user", "host ", "vlantag", "sliver_id", "preserve"):
        assert read_only not in told


@pytest.mark.parametrize("running", [False, True])
def test_a_manifest_of_a_manifest_is_the_same(running: bool) -> None:
    text = write_manifest(entries(read(BODY, more=MORE), running=running), manager=MANAGER)
    again = read_request(text, manager=MANAGER, manifest_allowed=True)
    assert write_manifest(entries(again, running=running), manager=MANAGER) == text


def test_a_link_shows_only_the_ends_it_still_has() -> None:
    # decision 8
    body = """<link client_id="l">
    <interface_ref client_id="a:0"/><interface_ref client_id="b:0"/>
    <property source_id="a:0" dest_id="b:0" capacity="1"/></link>"""
    (entry,) = entries(read(body))
    assert isinstance(entry.contents.resource, Link)
    left = replace(entry.contents.resource, interfaces=("b:0",), properties=())
    root = written([replace(entry, contents=replace(entry.contents, resource=left))])
    assert found(root, "r:link/r:interface_ref/@client_id") == ["b:0"]
    assert found(root, "r:link/r:property/@capacity") == []
