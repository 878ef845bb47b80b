"""Which rules count for whom."""

from datetime import timedelta
from typing import Any

import pytest

from gcf_am.errors import Refused
from gcf_am.model.lease import Terms
from gcf_am.model.site import DiskImage, Host, Site, SliverType
from gcf_am.model.sliver import Contents, NodePlacement
from gcf_am.model.topology import Frame, Node
from gcf_am.policy import restrictions
from gcf_am.policy.lifetimes import terms_of
from gcf_am.policy.rules import Lifetimes, Quota, Restriction, Rules, Who
from gcf_am.urn import Urn

ALICE = Urn.of("gcf.local", "user", "alice")
CONFIGURED = Terms(timedelta(hours=1), timedelta(hours=2))


def who(authority: str = "gcf.local", name: str = "s") -> Who:
    return Who(ALICE, Urn.of(authority, "slice", name))


def quota(name: str, authority: str, most: int) -> Quota:
    return Quota(name, authority, "nodes", "user", most)


@pytest.mark.parametrize(
    ("authority", "most"),
    [
        ("other.org", {"a": 1, "b": 2}),
        ("gcf.local", {"a": 3, "b": 2}),
        ("GCF.local", {"a": 3, "b": 2}),
        ("gcf.local:lab", {"a": 3, "b": 4, "c": 5}),
        ("gcf.local:lab:x", {"a": 6, "b": 4, "c": 5}),
        # parts are compared, not letters
        ("gcf.local:labor", {"a": 3, "b": 2}),
        ("gcf.localhost", {"a": 1, "b": 2}),
    ],
)
def test_an_authority_inherits_and_replaces_by_name(authority: str, most: dict[str, int]) -> None:
    rules = Rules(
        quotas=(
            quota("a", "gcf.local:lab:x", 6),
            quota("a", "gcf.local", 3),
            quota("b", "gcf.local:lab", 4),
            quota("a", "", 1),
            quota("b", "", 2),
            quota("c", "gcf.local:LAB", 5),
        )
    )
    assert {one.name: one.most for one in rules.about(who(authority)).quotas} == most


def test_lifetimes_are_inherited_key_by_key() -> None:
    rules = Rules(
        lifetimes=(
            Lifetimes("gcf.local:class", provisioned_hours=4),
            Lifetimes("gcf.local", provisioned_hours=8, provisioned_most_hours=80),
            Lifetimes("", total_hours=100),
        )
    )
    class_terms = terms_of(rules.about(who("gcf.local:class")), CONFIGURED, allocated=False)
    assert class_terms.first == timedelta(hours=4)
    assert class_terms.longest == timedelta(hours=80)
    assert class_terms.total == timedelta(hours=100)
    assert class_terms.renewal is None
    others = terms_of(rules.about(who("other.org")), CONFIGURED, allocated=False)
    assert (others.first, others.longest) == (CONFIGURED.first, CONFIGURED.longest)
    allocated = terms_of(rules.about(who("gcf.local:class")), CONFIGURED, allocated=True)
    assert allocated.first == CONFIGURED.first
    assert terms_of(Rules(), CONFIGURED, allocated=True) is CONFIGURED


@pytest.mark.parametrize(
    ("person", "permitted"),
    [
        ("*", True),
        (ALICE.text, True),
        ("urn:publicid:IDN+GCF.local+user+Alice", True),
        ("urn:publicid:IDN+gcf.local+user+bob", False),
        ("urn:publicid:IDN+gcf.local:lab+slice+s", True),
        ("urn:publicid:IDN+gcf.local+slice+s", False),
        ("gcf.local", True),
        ("gcf.local:lab", True),
        ("gcf.local:lab:x", False),
        ("gcf", False),
    ],
)
def test_who_is_meant(person: str, permitted: bool) -> None:
    asked = who("gcf.local:lab")
    assert Restriction("r", images=("x",), only=(person,)).permits(asked) is permitted
    assert Restriction("r", images=("x",), never=(person,)).permits(asked) is not permitted


def host(name: str, hardware: str, *types: SliverType) -> Host:
    return Host(
        f"urn:publicid:IDN+gcf.local+node+{name}",
        name,
        exclusive=False,
        slots=4,
        hardware_types=(hardware,),
        sliver_types=types,
    )


DEBIAN, RARE = DiskImage("debian"), DiskImage("rare")
VM, RAW = SliverType("vm", (DEBIAN, RARE)), SliverType("raw")
BIG, SMALL = host("big1", "big", VM, RAW), host("small1", "small", VM)
SITE = Site(Urn.of("gcf.local", "authority", "am"), (BIG, SMALL), (), "1")


def narrowed(**named: Any) -> Site:
    rules = Rules(restrictions=(Restriction("r", only=("nobody.org",), **named),))
    return restrictions.permitted(rules, who(), SITE)


def test_what_is_barred_is_left_out_of_the_site() -> None:
    assert narrowed(hardware=("tiny",)) is SITE
    assert restrictions.permitted(Rules(), who(), SITE) is SITE
    big, small = narrowed(hardware=("b*",)).hosts
    assert (big.available, small) == (False, SMALL)
    big, small = narrowed(sliver_types=("raw",)).hosts
    assert (big.sliver_types, small) == ((VM,), SMALL)
    big, small = narrowed(images=("rare",)).hosts
    assert big.sliver_types == (SliverType("vm", (DEBIAN,)), RAW)
    # each kind that is given must fit
    big, small = narrowed(images=("rare",), components=("big1",)).hosts
    assert (big.sliver_types[0].images, small) == ((DEBIAN,), SMALL)
    big, small = narrowed(components=("urn:*+node+small?",)).hosts
    assert (big, small.available) == (BIG, False)


def test_a_refusal_names_rule_node_and_people() -> None:
    rules = Rules(restrictions=(Restriction("lab only", hardware=("big",), only=("lab.org",)),))
    placed = NodePlacement(BIG.component_id, "vm", "debian", exclusive=False)
    contents = Contents(Node("n", "<node/>"), placed, (), Frame())
    with pytest.raises(Refused, match=r"node 'n' .*rule 'lab only': only lab.org") as refused:
        restrictions.judge(rules, who(), SITE, [contents])
    assert refused.value.rule == "lab only"
    restrictions.judge(rules, who("lab.org"), SITE, [contents])
