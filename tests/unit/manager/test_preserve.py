from dataclasses import replace

import pytest

from gcf_am.model.features import Feature
from gcf_am.model.holding import over_both, settled
from gcf_am.model.preserve import Guarantee, guarantee
from gcf_am.model.site import Host, Port, Site, Wire
from gcf_am.model.sliver import Amount, Contents, LinkPlacement, NodePlacement
from gcf_am.model.topology import Frame, Interface, Link, Node, Pipe, Property, Script
from gcf_am.urn import Urn

RAM = Feature("ram", 8, violatable=True, adds=True)
NODE = Contents(
    Node("a", "<node/>", interfaces=(Interface("a:0"), Interface("a:1"))),
    NodePlacement("vm1", "vm", "debian", exclusive=False),
    (Amount("vm1", "slots", 1),),
    Frame(),
)
LINK = Contents(
    Link("l", "<link/>", interfaces=("a:0", "b:0")),
    LinkPlacement(100, (("a:0", "vm1:0"), ("b:0", "pc1:0")), ("w1",), 500),
    (
        Amount("pc1:0", "bandwidth", 500),
        Amount("pc1:0", "port", 1),
        Amount("sw:0", "bandwidth", 500),
        Amount("vlan:100", "vlan", 1),
        Amount("vm1:0", "bandwidth", 500),
        Amount("w1", "bandwidth", 500),
    ),
    Frame(),
)
SITE = Site(
    Urn.of("gcf.local", "authority", "am"),
    (Host("vm1", "vm1", False, 4, (), (), (Port("vm1:0"),), loopback=9, features=(RAM,)),),
    (Wire("w1", ("vm1:0", "sw:0")), Wire("w2", ("vm1:0", "sw:1"))),
    "1",
)


def node(**changes: object) -> Contents:
    return replace(NODE, resource=replace(NODE.resource, **changes))  # type: ignore[arg-type]


def link(**changes: object) -> Contents:
    return replace(LINK, resource=replace(LINK.resource, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "kept"),
    [
        (NODE, Guarantee.NO_DISRUPTION),
        (node(xml="<node x='y'/>", line=7, position=3, sliver_id="s"), Guarantee.NO_DISRUPTION),
        # what it was given without asking may be asked for
        (node(component_id="vm1", exclusive=False, disk_image="debian"), Guarantee.NO_DISRUPTION),
        (node(interfaces=(Interface("a:1"), Interface("a:0", "vm1:0"))), Guarantee.NO_DISRUPTION),
        (node(interfaces=(Interface("a:0"),)), Guarantee.PERSISTENT_STATE),
        (node(client_id="b"), Guarantee.PERSISTENT_STATE),
        # where it is answers its desires
        (node(desires=(Feature("ram", 1, adds=True),)), Guarantee.NO_DISRUPTION),
        (node(pipes=(Pipe(Property("a:0", "a:1", 100)),)), Guarantee.PERSISTENT_STATE),
        (node(boot_script=Script("sh", "date")), Guarantee.PERSISTENT_STATE),
        (
            replace(NODE, placement=NodePlacement("vm1", "vm", "alpine", exclusive=False)),
            Guarantee.NONE,
        ),
        (
            replace(NODE, placement=NodePlacement("vm2", "vm", "debian", exclusive=False)),
            Guarantee.NONE,
        ),
    ],
)
def test_nodes(new: Contents, kept: Guarantee) -> None:
    assert guarantee(NODE, new) is kept


@pytest.mark.parametrize(
    ("new", "kept"),
    [
        (link(interfaces=("b:0", "a:0"), xml="", vlan="100"), Guarantee.NO_DISRUPTION),
        (
            link(properties=(Property("a:0", "b:0", latency=10.0),)),
            Guarantee.DYNAMIC_STATE,
        ),
        (
            replace(LINK, placement=LinkPlacement(101, (), ("w1",), 500)),
            Guarantee.DYNAMIC_STATE,
        ),
        (link(interfaces=("a:0", "c:0")), Guarantee.NONE),
    ],
)
def test_links(new: Contents, kept: Guarantee) -> None:
    assert guarantee(LINK, new) is kept


def test_old_and_new_are_held_until_settled() -> None:
    moved = replace(
        NODE,
        placement=NodePlacement("pc1", "raw-pc", "debian", exclusive=True),
        holds=(Amount("pc1", "slots", 1),),
    )
    both = over_both(NODE, moved)
    assert both.holds == (Amount("pc1", "slots", 1), Amount("vm1", "slots", 1))
    assert settled(both, SITE) == moved


def test_a_settled_link_holds_what_its_placement_needs() -> None:
    less = replace(
        LINK,
        placement=LinkPlacement(101, (("a:0", "vm1:0"),), ("w1",), 300),
        holds=(
            Amount("sw:0", "bandwidth", 300),
            Amount("vlan:101", "vlan", 1),
            Amount("vm1:0", "bandwidth", 300),
            Amount("w1", "bandwidth", 300),
        ),
    )
    assert settled(over_both(LINK, less), SITE) == less
    assert settled(over_both(less, LINK), SITE) == LINK


def test_a_link_without_bandwidth_holds_none() -> None:
    free = replace(
        LINK,
        placement=replace(LINK.placement, capacity=0),  # type: ignore[arg-type]
        holds=(Amount("pc1:0", "port", 1), Amount("vlan:100", "vlan", 1)),
    )
    assert settled(over_both(LINK, free), SITE) == free


def test_amounts_of_features_settle_to_what_is_desired_now() -> None:
    def wanting(amount: int) -> Contents:
        desires = (replace(RAM, weight=amount),) if amount else ()
        held = (Amount("vm1", "feature:ram", amount * 1000),) if amount else ()
        return replace(node(desires=desires), holds=(*held, *NODE.holds))

    for old, new in ((5, 2), (2, 5), (2, 0), (0, 2)):
        both = over_both(wanting(old), wanting(new))
        assert Amount("vm1", "feature:ram", max(old, new) * 1000) in both.holds
        assert settled(both, SITE) == wanting(new)


def test_a_link_that_leaves_its_host_no_longer_holds_what_that_carries() -> None:
    inside = replace(
        LINK,
        placement=LinkPlacement(100, capacity=500, within="vm1"),
        holds=(Amount("vlan:100", "vlan", 1), Amount("vm1", "bandwidth", 500)),
    )
    assert settled(over_both(LINK, inside), SITE) == inside
    assert settled(over_both(inside, LINK), SITE) == LINK
