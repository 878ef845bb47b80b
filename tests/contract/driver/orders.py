"""Orders as a reconciler gives them: two nodes and the link between them."""

from gcf_am.manager.ports import Order
from gcf_am.model.sliver import Contents, LinkPlacement, Login, NodePlacement
from gcf_am.model.topology import Frame, Interface, Link, Node
from gcf_am.urn import Urn

SLICE = Urn.parse("urn:publicid:IDN+ch.test+slice+mine")
ALICE = Login("urn:publicid:IDN+ch.test+user+alice", "alice", ("ssh-ed25519 AAAA alice",))
BOB = Login("urn:publicid:IDN+ch.test+user+bob", "bob", ())
# What stands here for a sliver type (`container`) or for an image (`debian`, `fedora`) may have
# another name where the driver under test comes from.
NAMES: dict[str, str] = {}


def sliver(name: str) -> Urn:
    return Urn.of("am.test", "sliver", name)


def node(
    name: str = "left",
    generation: int = 1,
    *,
    image: str | None = "debian",
    sliver_type: str = "container",
    logins: tuple[Login, ...] = (ALICE,),
) -> Order:
    resource = Node(name, f"<node client_id='{name}'/>", interfaces=(Interface(f"{name}:0"),))
    kind, disk = NAMES.get(sliver_type, sliver_type), NAMES.get(image or "", image)
    placement = NodePlacement("urn:publicid:IDN+am.test+node+host", kind, disk, False)
    contents = Contents(resource, placement, (), Frame())
    return Order(sliver(name), SLICE, contents, generation, logins)


def link(
    name: str = "wire",
    generation: int = 1,
    *,
    ends: tuple[str | None, ...] = ("left", "right"),
    link_type: str | None = None,
) -> Order:
    names = tuple(f"{end or 'gone'}:0" for end in ends)
    resource = Link(name, f"<link client_id='{name}'/>", interfaces=names, link_type=link_type)
    contents = Contents(resource, LinkPlacement(), (), Frame())
    joined = tuple(
        (interface, sliver(end) if end else None)
        for interface, end in zip(names, ends, strict=True)
    )
    return Order(sliver(name), SLICE, contents, generation, ends=joined)
