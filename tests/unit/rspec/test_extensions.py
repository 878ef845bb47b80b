"""Extensions are judged by their own schemas; what these do not declare passes."""

import pytest

from gcf_am.errors import BadArgs
from gcf_am.rspec.extensions import problems
from gcf_am.rspec.request import read_request
from gcf_am.safexml import parse
from tests.unit.rspec.samples import MANAGER, RSPEC

EMULAB = "http://www.protogeni.net/resources/rspec/ext/emulab/1"
DELAY = "http://www.protogeni.net/resources/rspec/ext/delay/1"
SHARED = "http://www.geni.net/resources/rspec/ext/shared-vlan/1"
SCRIPT = "http://www.geni.net/resources/rspec/ext/postBootScript/1"
STITCH_01 = "http://hpn.east.isi.edu/rspec/ext/stitch/0.1/"
STITCH_2 = "http://www.geni.net/resources/rspec/ext/stitch/2/"
OPSTATE = "http://www.geni.net/resources/rspec/ext/opstate/1"
PRESERVE = "http://www.geni.net/resources/rspec/ext/preserve/1"
USER = "http://www.geni.net/resources/rspec/ext/user/1"


def request(inner: str, namespace: str) -> str:
    return (
        f'<rspec xmlns="{RSPEC}" type="request">\n<node client_id="a">\n'
        f'<sliver_type name="vm"><x:outer xmlns:x="{namespace}" xmlns:o="http://other">'
        f"\n{inner}</x:outer></sliver_type></node></rspec>"
    )


WRONG = [
    (EMULAB, "<x:xen core='1'/>", "xen: the attribute core is not known here"),
    (EMULAB, "<x:fd weight='1'/>", "fd: the attribute name is missing"),
    (EMULAB, "<x:routable_control_ip>yes</x:routable_control_ip>", "it must be empty"),
    (DELAY, "<x:sliver_type_shaping><x:pipe source='a'/></x:sliver_type_shaping>", "dest"),
    (DELAY, "<x:pipe source='a' dest='b' latency='1.5'/>", "'1.5' is not of the type int"),
    (SHARED, "<x:link_shared_vlan vlantag='3'/>", "the attribute name is missing"),
    (SCRIPT, "<x:services_post_boot_script/>", "the attribute type is missing"),
    (STITCH_01, "<x:stitching><x:path><x:hop id='1'/></x:path></x:stitching>", "path"),
    (STITCH_01, "<x:vlanTranslation>maybe</x:vlanTranslation>", "'maybe' must be true or false"),
    (STITCH_2, "<x:stitching/>", "the attribute lastUpdateTime is missing"),
    (OPSTATE, "<x:rspec_opstate start='a'/>", "aggregate_manager_id is missing"),
    (PRESERVE, "<x:preserve guarantee='all'/>", "'all' must be one of"),
    (USER, "<x:services_user/>", "the attribute login is missing"),
]


@pytest.mark.parametrize(("namespace", "inner", "reason"), WRONG)
def test_what_an_extension_declares_must_follow_it(namespace: str, inner: str, reason: str) -> None:
    text = request(inner, namespace)
    (problem,) = problems(parse(text))
    assert problem.line == 4
    assert reason in str(problem)
    with pytest.raises(BadArgs, match="extensions do not follow their schemas: line 4: ") as told:
        read_request(text, manager=MANAGER)
    assert reason in str(told.value)


RIGHT = [
    (EMULAB, "<x:xen cores='2' ram='512' disk='0'/><x:unique/><x:fd name='a' weight='0.5'/>"),
    (EMULAB, "<x:vclass name='c' weight='hard'><x:physical_type name='pc'/></x:vclass>"),
    (DELAY, "<x:sliver_type_shaping><x:pipe source='a' dest='b'/></x:sliver_type_shaping>"),
    (SHARED, "<x:link_shared_vlan name='mesoscale'/>"),
    (
        SCRIPT,
        "<x:services_post_boot_script type='velocity'>#!/bin/sh</x:services_post_boot_script>",
    ),
    (STITCH_01, "<x:stitching><x:path id='p'><x:hop id='1'><o:x/></x:hop></x:path></x:stitching>"),
    (STITCH_2, "<x:stitching lastUpdateTime='now'><x:path id='p'/></x:stitching>"),
]


@pytest.mark.parametrize(("namespace", "inner"), RIGHT)
def test_what_follows_its_schema_is_carried(namespace: str, inner: str) -> None:
    text = request(inner, namespace)
    assert problems(parse(text)) == []
    assert read_request(text, manager=MANAGER).nodes


@pytest.mark.parametrize("inner", ["<x:vlan_tagging enabled='1'/>", "<x:blockstore size='30GB'/>"])
def test_newer_elements_of_a_known_namespace_pass(inner: str) -> None:
    assert problems(parse(request(inner, EMULAB))) == []


def test_what_stands_in_unknown_elements_is_judged_too() -> None:
    text = request("<o:around><x:xen core='1'/></o:around>", EMULAB)
    assert [one.element for one in problems(parse(text))] == ["xen"]


def test_unknown_namespaces_are_carried() -> None:
    assert problems(parse(request("<x:xen core='1'><o:any/>text</x:xen>", "http://new"))) == []


def test_the_rspec_itself_is_not_looked_at() -> None:
    assert problems(parse(f'<rspec xmlns="{RSPEC}"><node/><nonsense a="b"/></rspec>')) == []


def test_what_a_manifest_would_refuse_is_not_carried_into_one() -> None:
    """The schema of requests knows no host; a manifest with this one could not be sent back."""
    refused = request(f"<o:a>\n<host xmlns='{RSPEC}'/></o:a>", EMULAB)
    with pytest.raises(BadArgs, match="line 5: host: the attribute name is missing"):
        read_request(refused, manager=MANAGER)
    carried = request(f"<o:a><host xmlns='{RSPEC}' name='a'/></o:a>", EMULAB)
    assert read_request(carried, manager=MANAGER).nodes
