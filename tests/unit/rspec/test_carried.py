"""Extensions that others act on are carried: every element, its order, its prefix, its text."""

import pytest
from lxml import etree

from gcf_am.rspec.manifest import write_manifest
from gcf_am.rspec.request import read_request
from gcf_am.safexml import parse
from tests.unit.rspec.samples import MANAGER, OTHER, RSPEC, assert_valid, entries

STITCH_01 = "http://hpn.east.isi.edu/rspec/ext/stitch/0.1/"
STITCH_2 = "http://www.geni.net/resources/rspec/ext/stitch/2/"
JFED = "http://jfed.iminds.be/rspec/ext/jfed/1"
KEYS = "http://jfed.iminds.be/rspec/ext/jfed-ssh-keys/1"
COMMAND = "http://jfed.iminds.be/rspec/ext/jfed-command/1"
CLIENT = "http://www.protogeni.net/resources/rspec/ext/client/1"
FLACK = "http://www.protogeni.net/resources/rspec/ext/flack/1"
JACKS = "http://www.protogeni.net/resources/rspec/ext/jacks/1"
OPENFLOW_3 = "http://www.geni.net/resources/rspec/ext/openflow/3"
OPENFLOW_4 = "http://www.geni.net/resources/rspec/ext/openflow/4"
EMULAB = "http://www.protogeni.net/resources/rspec/ext/emulab/1"

SWITCHING = """<x:switchingCapabilityDescriptor>
        <x:switchingcapType>l2sc</x:switchingcapType>
        <x:encodingType>ethernet</x:encodingType>
        <x:switchingCapabilitySpecificInfo><x:switchingCapabilitySpecificInfo_L2sc>
          <x:interfaceMTU>9000</x:interfaceMTU>
          <x:vlanRangeAvailability>3700-3750</x:vlanRangeAvailability>
          <x:suggestedVLANRange>any</x:suggestedVLANRange>
        </x:switchingCapabilitySpecificInfo_L2sc></x:switchingCapabilitySpecificInfo>
      </x:switchingCapabilityDescriptor>"""
LINK = f"""<x:link id="urn:publicid:IDN+a.example+interface+sw:1">
      <x:trafficEngineeringMetric>10</x:trafficEngineeringMetric>
      <x:capacity>100000</x:capacity>
      {SWITCHING}
    </x:link>"""
STITCHING = f"""<x:stitching lastUpdateTime="2026-01-01T00:00:00Z">
  <x:path id="wan">
    <x:hop id="1">{LINK}<x:nextHop>2</x:nextHop></x:hop>
    <x:hop id="2">{LINK}<x:nextHop>null</x:nextHop></x:hop>
  </x:path>
</x:stitching>"""
SLIVER = """<x:sliver description="learning switch" email="a@example.net" ref="http://e.net">
  <x:controller url="tcp:192.0.2.1:6633" type="primary"/>
  <x:group name="g"><x:datapath component_id="urn:publicid:IDN+of.example+datapath+06"
     component_manager_id="urn:publicid:IDN+of.example+authority+am" dpid="06:d6">
     <x:port num="2" name="GBE0/2"/></x:datapath></x:group>
  <x:match><x:use-group name="g"/><x:packet><x:dl_type value="0x800"/></x:packet></x:match>
</x:sliver>"""

IN_RSPEC = [
    (STITCH_01, STITCHING),
    (STITCH_2, STITCHING),
    (JFED, "<x:nodeDescription>physical-node</x:nodeDescription>"),
    (KEYS, '<x:user-ssh-keys user="alice"><x:sshkey>ssh-ed25519 AAAA</x:sshkey></x:user-ssh-keys>'),
    (CLIENT, '<x:client_info name="Flack" environment="Flash" version="1.0" url="http://e.net"/>'),
    (FLACK, '<x:slice_info view="canvas">  two  spaces </x:slice_info>'),
    (OPENFLOW_3, SLIVER),
]
IN_NODE = [
    (JFED, '<x:location x="12.5" y="30"/>'),
    (COMMAND, "<x:experimentCommand><x:body>ping &amp; wait</x:body></x:experimentCommand>"),
    (FLACK, '<x:node_info x="10" y="20" unbound="1"/>'),
    (JACKS, '<x:icon url="http://e.net/vm.svg"/><x:site id="Site 1"/>'),
    (EMULAB, "<x:routable_control_ip/><x:vnode name='pcvm1-1'/>"),
]
IN_LINK = [
    (FLACK, '<x:link_info x="1" y="2"/>'),
    (OPENFLOW_4, '<x:controller url="tcp:192.0.2.1:6633"/>'),
    (EMULAB, '<x:vlan_tagging enabled="true"/><x:multiplex_ok/><x:untagged_vlan/>'),
]
CASES = [
    (place, namespace, inside)
    for place, cases in (("rspec", IN_RSPEC), ("node", IN_NODE), ("link", IN_LINK))
    for namespace, inside in cases
]


def document(at: dict[str, str], more: str, *, manager: str = "") -> str:
    """A request with these extensions in the RSpec, a node and a link."""
    return f"""<rspec xmlns="{RSPEC}" {more} type="request">
  <node client_id="b"{manager}><interface client_id="b:0"/></node>
  {at.get("rspec", "")}
  <node client_id="a"{manager}>
    <sliver_type name="default-vm"/>
    {at.get("node", "")}
    <interface client_id="a:0"/>
  </node>
  <link client_id="l">
    {at.get("link", "")}
    <interface_ref client_id="a:0"/><interface_ref client_id="b:0"/>
  </link>
</rspec>"""


def extensions(root: etree._Element) -> list[tuple[object, ...]]:
    """Every element that is not the RSpec's own: where it stands, and all that it says."""
    found: list[tuple[object, ...]] = []
    for one in root.iter("*"):
        parent = one.getparent()
        if parent is not None and not str(one.tag).startswith(f"{{{RSPEC}}}"):
            attributes = {str(name): str(value) for name, value in one.attrib.items()}
            found.append((str(parent.tag), one.prefix, str(one.tag), attributes, one.text or ""))
    return found


def children(root: etree._Element) -> list[str]:
    return [str(one.tag) for one in root.iterchildren("*")]


def assert_carried(text: str) -> None:
    manifest = write_manifest(entries(read_request(text, manager=MANAGER)), manager=MANAGER)
    assert_valid(manifest, "manifest")
    asked, shown = parse(text), parse(manifest)
    assert extensions(asked)
    assert extensions(shown) == extensions(asked)
    assert children(shown) == children(asked)
    # and again, when the manifest is what Update is given
    again = read_request(manifest, manager=MANAGER, manifest_allowed=True)
    assert write_manifest(entries(again), manager=MANAGER) == manifest


@pytest.mark.parametrize(("place", "namespace", "inside"), CASES)
def test_with_a_prefix_from_the_root(place: str, namespace: str, inside: str) -> None:
    assert_carried(document({place: inside}, f'xmlns:x="{namespace}"'))


@pytest.mark.parametrize(("place", "namespace", "inside"), CASES)
def test_with_a_namespace_of_its_own(place: str, namespace: str, inside: str) -> None:
    plain = inside.replace("<x:", "<").replace("</x:", "</")
    wrapped = f'<wrapper xmlns="{namespace}">{plain}</wrapper>'
    assert_carried(document({place: wrapped}, ""))


@pytest.mark.parametrize(("place", "namespace", "inside"), CASES)
def test_on_what_is_bound_to_others(place: str, namespace: str, inside: str) -> None:
    # R153: as it came
    more = f'xmlns:x="{namespace}"'
    theirs = document({place: inside}, more, manager=f' component_manager_id="{OTHER}"')
    ours = '<node client_id="ours"/>\n</rspec>'
    assert_carried(theirs.replace("</rspec>", ours))


def test_all_at_once_keep_their_order() -> None:
    names = {uri: f"n{number}" for number, uri in enumerate(sorted({uri for _, uri, _ in CASES}))}
    inside = {
        place: "\n".join(
            text.replace("x:", f"{names[uri]}:") for where, uri, text in CASES if where == place
        )
        for place in ("rspec", "node", "link")
    }
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for uri, prefix in names.items())
    assert_carried(document(inside, declared))
