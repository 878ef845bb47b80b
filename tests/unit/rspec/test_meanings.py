"""What the extensions that are acted on mean: emulab/1, delay/1, postBootScript/1, shared-vlan/1."""

import pytest

from gcf_am.errors import BadArgs, BadVersion, ConfigError, Unsupported
from gcf_am.model.features import Counts, Feature
from gcf_am.model.placement import Wish, place
from gcf_am.model.site import Host
from gcf_am.model.topology import Node, Pipe, Property, Queue, Script
from gcf_am.rspec.elements import LONGEST_SCRIPT, MOST_DESIRES
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.names import RSPEC_2, SHARED_VLANS
from gcf_am.rspec.request import read_request
from tests.unit.rspec.samples import MANAGER, RSPEC, RSPECS, read, request

SITE = read_site((RSPECS / "site.xml").read_bytes(), manager=MANAGER)
PREFIXES = (
    'xmlns:e="http://www.protogeni.net/resources/rspec/ext/emulab/1"'
    ' xmlns:d="http://www.protogeni.net/resources/rspec/ext/delay/1"'
    ' xmlns:p="http://www.geni.net/resources/rspec/ext/postBootScript/1"'
)
ENDS = '<interface client_id="a:0"/><interface client_id="a:1"/>'


def node(inside: str) -> Node:
    (one,) = read(f'<node client_id="a">\n{inside}\n{ENDS}</node>', more=PREFIXES).nodes
    return one


def shaped(pipes: str) -> str:
    shaping = f"<d:sliver_type_shaping>\n{pipes}</d:sliver_type_shaping>"
    return f'<sliver_type name="delay">{shaping}</sliver_type>'


def host(inside: str) -> Host:
    urn = "urn:publicid:IDN+gcf.local+"
    text = (
        f'<rspec xmlns="{RSPEC}" {PREFIXES} type="advertisement">\n<node'
        f' component_id="{urn}node+h" component_manager_id="{MANAGER}" exclusive="false">'
        f'<sliver_type name="vm"/>{inside}</node></rspec>'
    )
    (one,) = read_site(text.encode(), manager=MANAGER).hosts
    return one


def wanted(body: str) -> None:
    topology = read(body, more=PREFIXES)
    place([Wish(one) for one in topology.resources], site=SITE, held={}, frame=topology.frame)


def test_desires() -> None:
    found = node(
        '<e:fd name="ssd" weight="0.5"/><e:fd name="gpu" weight="0.9" violatable="true"/>'
        '<e:fd name="ram" weight="512" local_operator="+"/>'
    )
    assert found.desires == (
        Feature("ssd", 0.5),
        Feature("gpu", 0.9, violatable=True),
        Feature("ram", 512, adds=True),
    )


def test_desires_are_bounded() -> None:
    desires = [f'<e:fd name="f{number}" weight="0"/>' for number in range(MOST_DESIRES + 1)]
    assert len(node("".join(desires[:-1])).desires) == MOST_DESIRES
    with pytest.raises(BadArgs, match=f"line 2: node 'a': it desires {MOST_DESIRES + 1} features"):
        node("".join(desires))


def test_features_and_inner_bandwidth_of_hosts() -> None:
    found = host(
        '<e:fd name="pc" weight="0.9" global_operator="FirstFree"/>'
        '<e:fd name="once" weight="0.1" global_operator="OnceOnly"/>'
        '<e:fd name="ram" weight="12288" violatable="true" local_operator="+"/>'
        '<e:trivial_bandwidth value="400000"/>'
    )
    assert found.loopback == 400_000
    assert found.features == (
        Feature("pc", 0.9, counts=Counts.FIRST_FREE),
        Feature("once", 0.1, counts=Counts.ONCE_ONLY),
        Feature("ram", 12288, violatable=True, adds=True),
    )
    assert host("").loopback is None


def test_a_feature_told_twice_is_one() -> None:
    # as the advertisements of Emulab's sites do
    found = host(
        '<e:fd name="OS" weight="0"/><e:fd name="OS" weight="0.5" violatable="true"/>'
        '<e:fd name="ram" weight="4" local_operator="+"/>'
        '<e:fd name="ram" weight="8" local_operator="+"/>'
    )
    assert found.features == (Feature("OS", 0.5, violatable=True), Feature("ram", 12, adds=True))


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('<e:fd name="a" weight="much"/>', "fd 'a': weight 'much' is no number"),
        ('<e:fd name="a" weight="-1"/>', "fd 'a': weight '-1' is no number"),
        ('<e:fd name="a"/>', "fd 'a': its weight is missing"),
        ('<e:fd weight="1"/>', "fd: its name is missing"),
        ('<e:trivial_bandwidth value="wide"/>', "value 'wide' is no number of kbit/s, like"),
    ],
)
def test_an_inventory_that_says_no_number(inside: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        host(inside)
    assert "line 2: " in str(refused.value)
    assert words in str(refused.value)


def test_pipes() -> None:
    found = node(
        shaped(
            '<d:pipe source="a:0" dest="a:1" capacity="1000" latency="50" packet_loss="0.01"/>'
            '<d:pipe source="a:1" dest="a:0" limit="50" queue_in_bytes="true" red="1"'
            ' gentle="false" thresh="5" maxthresh="15" linterm="10" q_weight="0.002"/>'
        )
    )
    assert found.sliver_type == "delay"
    queue = Queue(
        limit=50,
        in_bytes=True,
        red=True,
        gentle=False,
        thresh=5,
        maxthresh=15,
        linterm=10,
        weight=0.002,
    )
    assert found.pipes == (
        Pipe(Property("a:0", "a:1", 1000, 50, 0.01)),
        Pipe(Property("a:1", "a:0"), queue),
    )


SCRIPT = '<p:services_post_boot_script type="a">b</p:services_post_boot_script>'
PIPE = '<d:pipe source="a:0" dest="a:1"/>'


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('<e:fd name="a" weight="heavy"/>', "line 3: fd 'a': weight 'heavy' is no number"),
        ('<e:fd name="" weight="1"/>', "line 3: fd: its name is missing"),
        (
            shaped('<d:pipe source="a:0" dest="b:0"/>'),
            "line 4: pipe: its dest 'b:0' is no interface of its node",
        ),
        (shaped('<d:pipe source="a:0" dest="a:0"/>'), "leads from interface 'a:0' to itself"),
        (shaped(PIPE + PIPE), "line 4: pipe: there is one from 'a:0' to 'a:1' already"),
        (
            shaped('<d:pipe source="a:0" dest="a:1" latency="-5"/>'),
            "line 4: pipe: latency '-5' is no number of milliseconds, like 10",
        ),
        (
            shaped('<d:pipe source="a:0" dest="a:1" capacity="-1"/>'),
            "pipe: capacity '-1' is no number of kbit/s",
        ),
        (
            shaped('<d:pipe source="a:0" dest="a:1" packet_loss="5"/>'),
            "pipe: packet_loss '5' is no fraction from 0 to 1, like 0.01",
        ),
        (
            shaped('<d:pipe source="a:0" dest="a:1" limit="-1"/>'),
            "pipe: limit '-1' is no number of packets or bytes",
        ),
        (
            shaped('<d:pipe source="a:0" dest="a:1" q_weight="2"/>'),
            "pipe: q_weight '2' is no fraction",
        ),
        (
            f"<services>{SCRIPT}{SCRIPT}</services>",
            "line 2: node 'a': it has several post-boot scripts; give it one",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(inside: str, words: str) -> None:
    with pytest.raises(BadArgs) as refused:
        node(inside)
    assert words in refused.value.message


def script(text: str) -> str:
    inside = f'<p:services_post_boot_script type="velocity">{text}</p:services_post_boot_script>'
    return f"<services>{inside}</services>"


def test_a_post_boot_script() -> None:
    assert node(script("#!/bin/sh\n echo a &gt; b")).boot_script == Script(
        "velocity", "#!/bin/sh\n echo a > b"
    )
    assert node("").boot_script is None
    assert node(script(" \n")).boot_script is None


def test_a_script_is_bounded() -> None:
    longest = node(script("x" * LONGEST_SCRIPT)).boot_script
    assert longest is not None
    assert len(longest.text) == LONGEST_SCRIPT
    with pytest.raises(BadArgs, match=f"line 3: .*more than {LONGEST_SCRIPT} characters"):
        node(script("x" * (LONGEST_SCRIPT + 1)))


@pytest.mark.parametrize("attributes", ["", ' dataset="urn:publicid:IDN+x+dataset+d"'])
def test_a_blockstore_is_refused_by_name(attributes: str) -> None:
    inside = f'<e:blockstore name="disk" size="10GB"{attributes}/>'
    with pytest.raises(
        Unsupported, match="line 2: node 'a' asks for blockstore 'disk'; none is offered"
    ):
        wanted(f'<node client_id="a">{inside}</node>')
    kind = '<sliver_type name="emulab-blockstore"/>'
    with pytest.raises(Unsupported, match="line 2: node 'a' asks for sliver type emulab-blockst"):
        wanted(f'<node client_id="a">{kind}</node>')


@pytest.mark.parametrize("namespace", SHARED_VLANS)
def test_a_shared_vlan_is_refused_by_name(namespace: str) -> None:
    # decision 20
    shared = f'<s:link_shared_vlan xmlns:s="{namespace}" name="mesoscale"/>'
    ends = '<interface_ref client_id="a:0"/>'
    with pytest.raises(
        Unsupported, match="line 3: link 'l' asks for shared VLAN 'mesoscale'; none is offered"
    ):
        wanted(f'<node client_id="a">{ENDS}</node>\n<link client_id="l">{ends}{shared}</link>')


def test_others_nodes_and_links_may_ask_for_anything() -> None:
    other = 'component_manager_id="urn:publicid:IDN+other+authority+cm"'
    topology = read(
        f'<node client_id="a" {other}><e:blockstore name="disk"/><e:fd name="x" weight="y"/></node>',
        more=PREFIXES,
    )
    assert not topology.nodes


@pytest.mark.parametrize(
    "inside",
    [
        "<e:routable_control_ip/>",
        '<e:hint_to value="pc3"/>',
        '<e:vclass name="c" weight="hard"><e:physical_type name="pc"/></e:vclass>',
        '<e:vlan_tagging enabled="true"/>',
        '<sliver_type name="default-vm"><e:xen cores="2" ram="1024"/></sliver_type>',
    ],
)
def test_what_is_not_acted_on_changes_nothing(inside: str) -> None:
    found = node(inside)
    assert (found.desires, found.pipes, found.blockstore) == ((), (), None)
    assert inside[:8] in found.xml


def test_version_2_is_told_what_to_write() -> None:
    text = request('<node client_id="a"/>').replace(RSPEC, RSPEC_2)
    with pytest.raises(BadVersion, match=f"ProtoGENI version 2; .*{RSPEC} .*the same request"):
        read_request(text, manager=MANAGER)
