"""Sites of the field, imported and served: what real aggregates advertised works as ours.

The advertisements lie in ../shared; a made site of the same size, which was another authority's,
stands in where they are not.
"""

import base64
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest
from lxml import etree

from gcf_am import safexml
from gcf_am.cli.held import held_slivers
from gcf_am.model.site import Host, Port, Site, Wire
from gcf_am.rspec.names import ALIAS
from gcf_am.rspec.site_import import import_site
from gcf_am.urn import Urn
from tests.functional.rspecs import OPSTATE, Rspec, core, is_available, link, node, request
from tests.functional.running import (
    GENI3,
    Person,
    Running,
    Slice,
    copied,
    credential,
    eventually,
    start,
)

ROOT: Final = Path(__file__).resolve().parents[2]
LARGE: Final = ROOT.parent / "shared" / "rspec-corpus" / "large"
PUBLISHED: Final = ROOT.parent / "shared" / "published-schemas" / "rspec-3"
MANAGER: Final = Urn.of("gcf.local", "authority", "am")
NODES: Final = {"made": 334, "cloudlabUtah": 326, "vwall1": 211, "wilab2": 118}


@dataclass(frozen=True)
class Served:
    """A site of another aggregate and the installation that serves it."""

    name: str
    file: Path
    at: Running

    @property
    def alice(self) -> Person:
        return Person("alice", self.at)

    @cached_property
    def site(self) -> Site:
        return import_site(self.file.read_bytes(), manager=MANAGER).site

    @cached_property
    def source(self) -> etree._Element:
        """The advertisement as it came."""
        return safexml.parse(self.file.read_bytes(), limit=1 << 26)

    def ad(self, **options: object) -> Rspec:
        return Rspec(self.listed(**options), "ad")

    def listed(self, **options: object) -> str:
        creds = [credential(self.alice.user_credential)]
        answer = self.alice.am("ListResources", creds, {**GENI3, **options})
        assert answer["code"]["geni_code"] == 0, answer["output"]
        text = answer["value"]
        assert isinstance(text, str)
        return text

    def usable(self, host: Host) -> list[Port]:
        """The ports that links may take."""
        wired = {port for wire in self.site.wires for port in wire.ports}
        return [one for one in host.ports if one.component_id in wired and one.role != "control"]

    def hosts(self, *, exclusive: bool) -> list[Host]:
        """Those that links can reach, most ports first."""
        found = [
            one
            for one in self.site.hosts
            if one.exclusive is exclusive and one.sliver_types and self.usable(one)
        ]
        return sorted(found, key=lambda one: -len(self.usable(one)))

    def release(self, slice_: Slice) -> None:
        """Delete a slice's slivers and wait until nothing is held for it."""
        slice_.call("Delete")
        eventually(
            lambda: all(row["slice"] != slice_.urn for row in held_slivers(self.at.home)),
            what=f"released: {slice_.urn}",
        )


def _source(name: str, directory: Path) -> Path:
    if name != "made":
        if not (LARGE / f"{name}.xml").exists():
            pytest.skip(f"../shared/rspec-corpus/large/{name}.xml is not here")
        return LARGE / f"{name}.xml"
    file = directory / "made.xml"
    command: list[str | Path] = [sys.executable, ROOT / "scripts" / "make_site"]
    command += ["--hosts", "326", "--authority", "large.example", "--output", file]
    subprocess.run(command, check=True, capture_output=True)
    return file


@pytest.fixture(
    scope="module",
    params=[
        # one server for each, however many processes run the tests
        pytest.param(name, marks=pytest.mark.xdist_group(f"site {name}"))
        for name in NODES
    ],
)
def served(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("site")
    file = _source(request.param, directory)
    server = start(copied(template, directory / "home"), "--site", str(file))
    yield Served(request.param, file, server)
    assert server.stop() == 0, server.log()


@pytest.fixture
def slice_(served: Served) -> Iterator[Slice]:
    made = served.alice.new_slice()
    yield made
    served.release(made)


def published(root: etree._Element, kind: str) -> None:
    """Hold a document against the published schema, where that is at hand."""
    file = PUBLISHED / f"{kind}.xsd"
    if file.exists():
        schema = etree.XMLSchema(file=str(file))
        assert schema.validate(root), schema.error_log


def test_all_is_listed_as_ours(served: Served) -> None:
    ad = served.ad()
    published(ad.root, "ad")
    nodes, links = ad.root.findall(core("node")), ad.root.findall(core("link"))
    assert len(nodes) == NODES[served.name] == len(served.source.findall(core("node")))
    assert len(links) == len(served.source.findall(core("link")))
    assert {one.get("component_manager_id") for one in nodes} == {MANAGER.text}
    assert all(is_available(one) for one in nodes)
    # what it was called there stands beside its new name
    aliases = [one.get(ALIAS) for one in nodes]
    assert aliases == [one.get("component_id") for one in served.source.findall(core("node"))]
    # and nothing is advertised that only the other aggregate did
    assert [one.get("aggregate_manager_id") for one in ad.root.iter(f"{OPSTATE}rspec_opstate")] == [
        MANAGER.text
    ]
    assert not [one for one in ad.root if etree.QName(one).localname == "stitching"]


def test_the_compressed_listing_is_the_same(served: Served) -> None:
    plain = served.listed()
    first, second = (served.listed(geni_compressed=True) for _ in range(2))
    assert first == second
    assert zlib.decompress(base64.b64decode(first)).decode() == plain


def test_ten_unbound_nodes_on_a_lan(served: Served, slice_: Slice) -> None:
    names = [f"n{number}" for number in range(10)]
    made = slice_.allocate(
        request(
            *(node(one, f"{one}:0", exclusive="true") for one in names),
            link("lan", *(f"{one}:0" for one in names)),
        )
    )
    assert made.keys() == {*names, "lan"}
    manifest = slice_.rspec()
    published(manifest.root, "manifest")
    hosts = manifest.hosts()
    assert len(set(hosts.values())) == 10
    free = served.ad(geni_available=True)
    listed = {one.get("component_id", "").rpartition("+")[2] for one in free.nodes().values()}
    assert not listed & set(hosts.values())


def test_more_than_any_port_carries_can_never_be_had(served: Served, slice_: Slice) -> None:
    names = [f"n{number}" for number in range(10)]
    lan = link("lan", *(f"{one}:0" for one in names))
    wide = f'<property source_id="n0:0" dest_id="n1:0" capacity="{10**9}"/></link>'
    nodes = (node(one, f"{one}:0", exclusive="true") for one in names)
    assert slice_.refused("Allocate", request(*nodes, lan.replace("</link>", wide))) == 6


def test_the_names_from_before_bind_too(served: Served, slice_: Slice) -> None:
    # the last ones: who does not choose is given others first
    first, second = _neighbours(served)
    rspec = request(
        _bound(served, "a", first), _bound(served, "b", second), link("l", "a:0", "b:0", capacity=1)
    )
    made = slice_.running(rspec)
    manifest = slice_.rspec()
    published(manifest.root, "manifest")
    nodes = manifest.nodes()
    assert [nodes[one].get("component_id") for one in "ab"] == [
        first.component_id, second.component_id,
    ]  # fmt: skip
    ends = [nodes[one].findall(core("interface"))[0].get("component_id") for one in "ab"]
    assert ends == [served.usable(one)[0].component_id for one in (first, second)]
    assert made.keys() == {"a", "b", "l"}
    # whoever wants the same ones finds them taken, by either name
    other = served.alice.new_slice()
    for name in (first.component_id, first.aliases[0]):
        taken = node("a", component_id=name, exclusive="true")
        assert other.refused("Allocate", request(taken)) == 26


def test_a_node_that_is_not_there_is_told_apart(served: Served, slice_: Slice) -> None:
    name = served.site.hosts[0].aliases[0] + "-not"
    assert slice_.refused("Allocate", request(node("a", component_id=name))) == 12


def test_a_used_up_interface_refuses_links(served: Served, slice_: Slice) -> None:
    hub, *others = served.hosts(exclusive=True)
    ports = len(served.usable(hub))
    ends = [f"hub:{number}" for number in range(ports + 1)]
    # as many links as it has ports, and one interface more than that
    slice_.allocate(
        request(
            node("hub", *ends, component_id=hub.component_id),
            *(node(f"n{n}", f"n{n}:0", exclusive="true") for n in range(ports)),
            *(link(f"l{n}", ends[n], f"n{n}:0") for n in range(ports)),
        )
    )
    more = request(node("late", "late:0", exclusive="true"), link("more", ends[-1], "late:0"))
    assert slice_.refused("Allocate", more) == 25
    assert len(others) > ports
    # all at once it could never be had
    other = served.alice.new_slice()
    never = request(
        node("hub", *ends, component_id=others[-1].aliases[0]),
        *(node(f"n{n}", f"n{n}:0", exclusive="true") for n in range(ports + 1)),
        *(link(f"l{n}", ends[n], f"n{n}:0") for n in range(ports + 1)),
    )
    assert other.refused("Allocate", never) == 6


def test_a_used_up_port_refuses_links(served: Served, slice_: Slice) -> None:
    shared = served.hosts(exclusive=False)
    if not shared:
        pytest.skip(f"{served.name} has no node that several slivers share")
    host, ports = shared[0], len(served.usable(shared[0]))
    rate = _rate(served, host)
    # as fast, and where they can be on the same switch
    near = sorted(
        (one for one in (*served.hosts(exclusive=True), *shared[1:]) if _rate(served, one) >= rate),
        key=lambda one: _switch_of(served, one) != _switch_of(served, host),
    )

    def pair(n: int) -> tuple[str, str, str]:
        return (
            node(f"in{n}", f"in{n}:0", component_id=host.component_id),
            node(f"out{n}", f"out{n}:0", component_id=near[n].component_id),
            link(f"l{n}", f"in{n}:0", f"out{n}:0", capacity=rate),
        )

    slice_.allocate(request(*(one for n in range(ports) for one in pair(n))))
    answer = slice_.call("Allocate", request(*pair(ports)))
    assert answer["code"]["geni_code"] == 25
    assert f"wants {rate} kbit/s" in answer["output"]


def test_a_used_up_trunk_refuses_links(served: Served, slice_: Slice) -> None:
    trunk = _trunk(served)
    if trunk is None:
        pytest.skip(f"{served.name} has no two switches that one link alone joins")
    wire, near, far = trunk
    assert wire.capacity is not None
    rate = _rate(served, near[0])
    fitting = wire.capacity // rate

    def pair(n: int) -> tuple[str, str, str]:
        return (
            node(f"a{n}", f"a{n}:0", component_id=near[n].component_id),
            node(f"b{n}", f"b{n}:0", component_id=far[n].aliases[0]),
            link(f"l{n}", f"a{n}:0", f"b{n}:0", capacity=rate),
        )

    slice_.allocate(request(*(one for n in range(fitting) for one in pair(n))))
    answer = slice_.call("Allocate", request(*pair(fitting)))
    assert answer["code"]["geni_code"] == 25
    assert f"wants {rate} kbit/s" in answer["output"]
    # without a promise of bandwidth it still goes through
    (a, b, _) = pair(fitting)
    slice_.allocate(request(a, b, link("slow", f"a{fitting}:0", f"b{fitting}:0")))


def _bound(served: Served, name: str, host: Host) -> str:
    """A node bound by the names from before, its interface too."""
    port = served.usable(host)[0].aliases[0]
    return (
        f'<node client_id="{name}" component_id="{host.aliases[0]}" exclusive="true">'
        f'<interface client_id="{name}:0" component_id="{port}"/></node>'
    )


def _rate(served: Served, host: Host) -> int:
    return min(one.capacity or 0 for one in served.usable(host))


def _switch_of(served: Served, host: Host) -> str:
    """The switch where the host's first usable port ends."""
    port = served.usable(host)[0].component_id
    (wire,) = (one for one in served.site.wires if port in one.ports)
    (switch,) = (served.site.host_of_port[one] for one in wire.ports if one != port)
    return switch.component_id if switch.switch else ""


def _neighbours(served: Served) -> tuple[Host, Host]:
    """Two exclusive hosts on one switch: the last ones, since who asks for any gets the first."""
    hosts = served.hosts(exclusive=True)[::-1]
    first = hosts[0]
    return first, next(
        one for one in hosts[1:] if _switch_of(served, one) == _switch_of(served, first)
    )


def _trunk(served: Served) -> tuple[Wire, list[Host], list[Host]] | None:
    """A link that alone joins two parts of the site, with exclusive hosts of both parts.

    On both sides are more of them than it carries at the rate of their ports.
    """
    between = [
        one
        for one in served.site.wires
        if all(served.site.host_of_port[port].switch for port in one.ports)
    ]
    for wire in between:
        start_, end = (served.site.host_of_port[port].component_id for port in wire.ports)
        reached = {start_}
        for _ in between:
            for other in between:
                ends = {served.site.host_of_port[port].component_id for port in other.ports}
                if other is not wire and ends & reached:
                    reached |= ends
        if end in reached or not wire.capacity:
            continue
        hosts = served.hosts(exclusive=True)
        near = [one for one in hosts if _switch_of(served, one) in reached]
        far = [one for one in hosts if one not in near and _switch_of(served, one)]
        rates = {_rate(served, one) for one in (*near, *far)}
        if len(rates) == 1 and min(len(near), len(far)) > wire.capacity // rates.pop():
            return wire, near, far
    return None
