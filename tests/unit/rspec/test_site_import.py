"""Advertisements of others become inventories of ours: what is repaired, and that nothing is lost."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gcf_am.errors import ConfigError
from gcf_am.model.site import Site
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.names import ALIAS, EMULAB, OPSTATE, RSPEC, RSPEC_2, UNUSED, XSI, core
from gcf_am.rspec.repairs import Kind, by_kind
from gcf_am.rspec.site_import import Imported, import_site
from gcf_am.safexml import Schema, parse
from gcf_am.urn import Urn
from tests.unit.rspec.samples import MANAGER, RSPECS, advertise

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "rspec-corpus"
PUBLISHED = CORPUS.parent / "published-schemas" / "rspec-3" / "ad.xsd"
OURS = "urn:publicid:IDN+gcf.local"
THEIRS = "urn:publicid:IDN+else.where"
MINE = Urn.of("gcf.local", "authority", "am")


def ad(*body: str, namespace: str = RSPEC, attributes: str = 'type="advertisement"') -> bytes:
    return (
        f'<rspec xmlns="{namespace}" xmlns:emulab="{EMULAB}" {attributes}>\n'
        + "\n".join(body)
        + "\n</rspec>"
    ).encode()


def node(name: str, inside: str = "", *, authority: str = "else.where", more: str = "") -> str:
    urn = f"urn:publicid:IDN+{authority}+"
    return (
        f'<node component_id="{urn}node+{name}" component_manager_id="{urn}authority+cm"'
        f' component_name="{name}" exclusive="true" {more}>'
        f'<interface component_id="{urn}interface+{name}:eth0"/>{inside}</node>'
    )


def link(name: str, *ends: str, inside: str = "", authority: str = "else.where") -> str:
    refs = "".join(f'<interface_ref component_id="{end}"/>' for end in ends)
    urn = f"urn:publicid:IDN+{authority}+link+{name}"
    return f'<link component_id="{urn}">{refs}{inside}</link>'


def port(name: str, authority: str = "else.where") -> str:
    return f"urn:publicid:IDN+{authority}+interface+{name}:eth0"


def imported(*body: str, **others: str) -> Imported:
    return import_site(ad(*body, **others), manager=MINE)


def kinds(result: Imported) -> dict[str, list[int]]:
    """Lines of the repairs by their kind."""
    return {
        kind.name: [one.line for one in several]
        for kind, several in by_kind(result.repairs).items()
    }


def test_names_become_ours_and_the_old_ones_aliases() -> None:
    result = imported(
        node("a", '<sliver_type name="raw-pc"/>'),
        node("b", '<sliver_type name="raw-pc"/>'),
        link("w", port("a"), port("b"),
             inside=f'<component_manager name="{THEIRS}+authority+cm"/>'
             f'<property source_id="{port("a")}" dest_id="{port("b")}" capacity="1000"/>'),
    )  # fmt: skip
    site = result.site
    assert [one.component_id for one in site.hosts] == [f"{OURS}+node+a", f"{OURS}+node+b"]
    assert site.hosts[0].aliases == (f"{THEIRS}+node+a",)
    assert site.hosts[0].ports[0].aliases == (port("a"),)
    assert site.wires[0].component_id == f"{OURS}+link+w"
    assert site.wires[0].ports == (f"{OURS}+interface+a:eth0", f"{OURS}+interface+b:eth0")
    assert site.hosts[0].ports[0].capacity == 1000
    assert site.host_named(f"{THEIRS}+node+b") is site.hosts[1]
    root = parse(result.xml)
    assert {one.get("component_manager_id") for one in root.iter(core("node"))} == {MINE.text}
    assert [one.get("name") for one in root.iter(core("component_manager"))] == [MINE.text]
    assert result.renamed == 5
    assert result.repairs == ()


def test_the_inventory_reads_as_what_was_imported() -> None:
    result = imported(node("a"), node("b"), link("w", port("a"), port("b")))
    assert read_site(result.xml, manager=MINE) == result.site
    again = import_site(result.xml, manager=MINE)
    assert (again.xml, again.renamed, again.repairs) == (result.xml, 0, ())


def test_our_own_inventory_stays_as_it_is() -> None:
    data = (RSPECS / "site.xml").read_bytes()
    result = import_site(data, manager=MANAGER)
    site = read_site(data, manager=MANAGER)
    assert (result.renamed, result.repairs) == (0, ())
    assert (result.site.hosts, result.site.wires) == (site.hosts, site.wires)


def test_what_another_aggregate_offers_and_holds_goes() -> None:
    result = imported(
        f'<rspec_opstate xmlns="{OPSTATE}" aggregate_manager_id="x" start="y"/>',
        '<stitching xmlns="http://hpn.east.isi.edu/rspec/ext/stitch/0.1/"/>',
        '<rspec_shared_vlan xmlns="http://www.geni.net/resources/rspec/ext/shared-vlan/1"/>',
        '<emulab:rspec_routable_addresses available="1" configured="2"/>',
        node("a", '<sliver_type name="xo.tiny"/><available now="false"/>'),
        '<thing xmlns="http://example.org/">kept</thing>',
        attributes='type="advertisement" expires="2015-01-01T00:00:00Z"'
        f' xmlns:xsi="{XSI}" xsi:schemaLocation="{RSPEC} {RSPEC}/ad.xsd {OPSTATE} {OPSTATE}/x"',
    )
    assert kinds(result) == {"BLOCK": [2, 3, 4, 5], "AVAILABLE": [6]}
    assert result.site.hosts[0].available
    text = result.xml.decode()
    assert "expires" not in text
    assert "kept" in text
    assert OPSTATE not in text


def test_nodes_without_a_sliver_type_are_given_one() -> None:
    result = import_site(
        ad(
            node("a"),
            node("b", '<sliver_type name="raw-pc"/>'),
            node("c", '<hardware_type name="switch"/>'),
            node("d", "<cloud/>"),
        ),
        manager=MINE,
        sliver_type="box",
    )
    types = [[one.name for one in host.sliver_types] for host in result.site.hosts]
    assert types == [["box"], ["raw-pc"], [], []]
    assert kinds(result) == {"SLIVER_TYPE": [2]}


REPAIRS = [
    (node("a").replace('"true"', '"True"'), "BOOLEAN", 'exclusive="true"'),
    (node("a").replace('"true"', '" No "'), "BOOLEAN", 'exclusive="false"'),
    (node("a").replace('"true"', '"perhaps"'), "BOOLEAN", 'exclusive="true"'),
    (node("a").replace(' exclusive="true"', ""), "MISSING", 'exclusive="true"'),
    (node("a", '<available now="TRUE"/>'), "BOOLEAN", '<available now="true"/>'),
    (node("a", "<available/>"), "MISSING", '<available now="true"/>'),
    (node("a", '<location latitude="1" longitude="2"/>'), "MISSING", 'country="ZZ"'),
    (node("a", more='color="red"'), "ATTRIBUTE", "<node "),
    (node("a").replace(":eth0", ':eth0" client_id="if0'), "ATTRIBUTE", ":eth0"),
    (
        node("a", '<services><login authentication="ssh" username="root"/></services>'),
        "ATTRIBUTE",
        '<login authentication="ssh"/>',
    ),
    (node("a", '<services><login username="root"/></services>'), "ELEMENT", "<services/>"),
    (node("a", '<sliver_type name="x"/><colour/>'), "ELEMENT", "<node "),
    (node("a", '<bare xmlns=""/>'), "ELEMENT", "<node "),
    (node("a", "<sliver_type/>"), "ELEMENT", '<sliver_type name="default-vm"/>'),
    (node("a", "some text"), "ELEMENT", "<node "),
    (node("a", '<interface client_id="eth9"/>'), "NAME", f"{OURS}+interface+a:eth9"),
    (node("a", "<interface/>"), "NAME", f"{OURS}+interface+a:interface2"),
    (node("a", '<interface component_id="eth9"/>'), "NAME", f"{OURS}+interface+a:eth9"),
    (node("a b/c"), "NAME", f"{OURS}+node+a-b-c"),
    (node("a").replace("+node+", "+datapath+"), "NAME", f"{OURS}+node+a"),
    (node("a").replace(f"{THEIRS}+node+a", "a"), "NAME", f"{OURS}+node+a"),
    (node("a").replace(f'component_id="{THEIRS}+node+a"', ""), "NAME", f"{OURS}+node+node1"),
    (node("a") + node("a"), "TWICE", "<node "),
    (node("a") + node("a", more='xml:lang="en"'), "CLASH", f"{OURS}+node+a-2"),
    (node("a") + node("a", authority="x:y"), "CLASH", f"{OURS}+node+a.x-y"),
    (node("a") + link("w", port("a"), port("z")), "ELSEWHERE", "<external_ref "),
    (node("a") + link("w", port("a")), "ENDS", "gcfam:unused="),
    (node("a") + link("w"), "ENDS", "gcfam:unused="),
    (
        node("a", '<hardware_type name="pcvm"><emulab:node_type type_slots="0"/></hardware_type>')
        .replace('"true"', '"false"'),
        "NUMBER",
        '<hardware_type name="pcvm"/>',
    ),
    (node("a", '<emulab:fd name="ram" weight="much"/>'), "NUMBER", "<node "),
    (node("a", '<emulab:fd name="ram" weight="-1"/>'), "NUMBER", "<node "),
    (node("a", '<emulab:trivial_bandwidth value="1G"/>'), "NUMBER", "<node "),
    (
        node("a", '<hardware_type name="pc"><emulab:node_type type_slots="few"/></hardware_type>'),
        "NUMBER",
        '<hardware_type name="pc"/>',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind", "after"), REPAIRS)
def test_a_repair_is_made_and_told(body: str, kind: str, after: str) -> None:
    result = imported(body)
    assert after in result.xml.decode()
    assert kinds(result).get(kind), kinds(result)
    assert all(one.what for one in result.repairs)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("10000000kbps", "10000000"),
        ("1G", "1000000"),
        ("1.5 Gbit/s", "1500000"),
        ("1024MB/s", "8192000"),
        ("0.1k", None),
        ("fast", None),
        ("-1", None),
    ],
)
def test_capacities_with_a_unit_are_converted(text: str, after: str | None) -> None:
    ends = f'source_id="{port("a")}" dest_id="{port("b")}"'
    wire = link("w", port("a"), port("b"), inside=f'<property {ends} capacity="{text}"/>')
    result = imported(node("a"), node("b"), wire)
    (found,) = parse(result.xml).iter(core("property"))
    assert found.get("capacity") == after
    assert kinds(result)["NUMBER"] == [4]


def test_dates_with_a_space_are_respelled() -> None:
    result = imported(
        node("a"), attributes='type="Advertisement" generated="2015-10-06 14:40:59.6+00:00"'
    )
    assert parse(result.xml).get("generated") == "2015-10-06T14:40:59Z"
    assert kinds(result)["DATE"] == [1]
    undated = imported(attributes='type="advertisement" generated="now"')
    assert list(parse(undated.xml).attrib) == ["type"]


def test_two_authorities_in_one_document_lose_nothing() -> None:
    result = imported(
        node("a", authority="x"),
        node("a", authority="y"),
        node("a", authority="z"),
        link("w", port("a", "x"), port("a", "y"), authority="x"),
        link("w", port("a", "y"), port("a", "z"), authority="y"),
        # each named the other's interface as one elsewhere
        f'<external_ref component_id="{port("a", "x")}"/>',
    )
    site = result.site
    assert [one.name for one in site.hosts] == ["a", "a.y", "a.z"]
    assert len({one.component_id for one in site.hosts}) == 3
    for authority, host in zip("xyz", site.hosts, strict=True):
        assert site.host_named(f"urn:publicid:IDN+{authority}+node+a") is host
    ports = [one.ports[0].component_id for one in site.hosts]
    assert [one.ports for one in site.wires] == [tuple(ports[:2]), tuple(ports[1:])]


def test_what_an_extensions_schema_refuses_goes() -> None:
    bad = f'<rspec_opstate xmlns="{OPSTATE}"><nonsense/></rspec_opstate>'
    result = imported(node("a", bad), *(node(f"n{n}", bad) for n in range(60)))
    assert len(result.site.hosts) == 61
    assert len(kinds(result)["EXTENSION"]) == 61


def test_version_2_is_read() -> None:
    result = imported(
        node("a", '<hardware_type name="pc"/><sliver_type name="raw-pc" default="true"/>'),
        namespace=RSPEC_2,
    )
    assert result.site.hosts[0].hardware_types == ("pc",)
    assert RSPEC_2 not in result.xml.decode()
    assert kinds(result) == {"VERSION": [1], "ATTRIBUTE": [2]}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<a/>", "<a> of the namespace .none. is no advertisement; GENI RSpecs of version 3"),
        (ad(attributes='type="request"'), "the document's type is 'request'"),
        (ad(attributes=""), "the document's type is ''"),
        (b"<rspec", "no XML that is read here: line 1"),
        (b'<!DOCTYPE rspec SYSTEM "x">' + ad(), "document type declaration"),
    ],
)
def test_other_documents_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        import_site(data, manager=MINE)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.data())
def test_whatever_is_wrong_no_component_is_lost(data: st.DataObject) -> None:
    root = parse((RSPECS / "site.xml").read_bytes())
    elements = [one for one in root.iter("*") if one is not root]
    values = st.sampled_from(["", "True", "x y/z", f"{THEIRS}+node+a", "1G", "\u00e9"])
    for _ in range(data.draw(st.integers(1, 12))):
        one = elements[data.draw(st.integers(0, len(elements) - 1))]
        name = data.draw(
            st.sampled_from([*one.attrib, "client_id", f"{{{RSPEC}}}x", f"{{{XSI}}}y"])
        )
        if name in one.attrib and data.draw(st.booleans()):
            del one.attrib[name]
        else:
            one.set(name, data.draw(values))
    before = [len(list(root.iter(core(tag)))) for tag in ("node", "interface", "link")]
    result = import_site(etree.tostring(root), manager=Urn.of("other", "authority", "am"))
    made = parse(result.xml)
    twice = len(by_kind(result.repairs).get(Kind.TWICE, []))
    after = [len(list(made.iter(core(tag)))) for tag in ("node", "interface", "link")]
    assert sum(after) >= sum(before) - 10 * twice
    assert twice or after == before
    assert Schema("ad").errors(made) == []


def _corpus() -> list[Path]:
    return sorted(CORPUS.glob("advertisement/*.xml"))


@pytest.mark.skipif(not _corpus(), reason="../shared/rspec-corpus is not here")
def test_every_advertisement_of_the_field_becomes_a_site() -> None:
    published = _published()
    for file in _corpus():
        result = import_site(file.read_bytes(), manager=MINE)
        root = parse(result.xml, limit=1 << 26)
        assert Schema("ad").errors(root) == [], file.name
        if published is not None:
            assert published.validate(root), (file.name, published.error_log)
            _check_advertised(result.site, published)
        _check_nothing_lost(parse(file.read_bytes(), limit=1 << 26), result)
        again = import_site(result.xml, manager=MINE)
        assert (again.xml, again.repairs) == (result.xml, ()), file.name


def _published() -> etree.XMLSchema | None:
    return etree.XMLSchema(file=str(PUBLISHED)) if PUBLISHED.exists() else None


def _check_advertised(site: Site, published: etree.XMLSchema) -> None:
    for only_available in (False, True):
        text = advertise(site, {}, only_available=only_available)
        assert published.validate(parse(text, limit=1 << 26)), published.error_log


def _check_nothing_lost(before: etree._Element, result: Imported) -> None:
    after = parse(result.xml, limit=1 << 26)
    twice = by_kind(result.repairs).get(Kind.TWICE, [])
    lost = {tag: sum(f": {tag} " in one.what for one in twice) for tag in ("node", "link")}
    for tag in ("node", "link"):
        assert len(after.findall(core(tag))) == len(before.findall(core(tag))) - lost[tag]
    old = [one.get("component_id", "") for one in before.findall(core("node"))]
    assert all(result.site.host_named(one) for one in old if one.startswith("urn:publicid:IDN+"))
    unused = {one.get("component_id") for one in after.iter(core("link")) if UNUSED in one.attrib}
    assert not unused & result.site.wire.keys()
    assert all(one.get(ALIAS) for one in after.findall(core("link")))
