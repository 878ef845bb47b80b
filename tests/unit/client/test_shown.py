import pytest

from gcf_am.client.shown import UnreadableRspec, components_of, links_of, nodes_of

MANIFEST = """<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest">
  <node client_id="a" sliver_id="urn:1" component_id="urn:publicid:IDN+x+node+pc1">
    <sliver_type name="container"/>
    <services>
      <login authentication="ssh-keys" hostname="h" port="2201" username="alice"/>
      <login authentication="ssh-keys" hostname="h" username="bob"/>
    </services>
  </node>
  <node client_id="elsewhere"/>
  <link client_id="l" sliver_id="urn:2">
    <interface_ref client_id="a:0"/><interface_ref client_id="b:0"/>
  </link>
</rspec>"""
AD = """<rspec xmlns="http://www.geni.net/resources/rspec/3" type="advertisement">
  <node component_id="urn:pc1" component_name="pc1" exclusive="true">
    <hardware_type name="big"/><sliver_type name="raw"/><available now="true"/>
  </node>
  <node component_id="urn:pc2"><available now="false"/></node>
</rspec>"""


def test_nodes_and_links_of_a_manifest() -> None:
    (node,) = nodes_of(MANIFEST)
    assert (node.client_id, node.sliver_urn, node.component) == ("a", "urn:1", "pc1")
    assert node.logins == (("alice", "h", "2201"), ("bob", "h", "22"))
    (link,) = links_of(MANIFEST)
    assert link.ends == ("a:0", "b:0")


def test_components_of_an_advertisement() -> None:
    first, second = components_of(AD)
    assert (first.name, first.available, first.exclusive) == ("pc1", True, True)
    assert (second.name, second.available, second.sliver_types) == ("", False, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<rspec/>",
        "no xml",
        '<!DOCTYPE rspec [<!ENTITY a "b">]><rspec>&a;</rspec>',
        "<html/>",
    ],
)
def test_what_is_no_rspec_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRspec):
        nodes_of(text)
