"""Requests in few words, and slivers made of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from gcf_am.model.site import Site
from gcf_am.model.sliver import Access, Contents, LinkPlacement, Login, NodePlacement, Sliver
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Node, Topology
from gcf_am.rspec.advertisement import Advertisement
from gcf_am.rspec.manifest import Entry
from gcf_am.rspec.request import read_request
from gcf_am.safexml import load, parse
from gcf_am.urn import Urn

RSPECS = Path(__file__).resolve().parents[3] / "rspecs"
MANAGER = Urn.parse("urn:publicid:IDN+gcf.local+authority+am")
OTHER = "urn:publicid:IDN+other.example+authority+cm"
RSPEC = "http://www.geni.net/resources/rspec/3"
EXPIRES = datetime(2030, 1, 31, 12, tzinfo=UTC)
LOGINS = (
    Login("urn:publicid:IDN+gcf.local+user+alice", "alice", ("ssh-ed25519 AAAA a", "ssh-rsa B b")),
    Login("urn:publicid:IDN+gcf.local+user+bob", "bob", ()),
)


def advertise(site: Site, held: Mapping[tuple[str, str], int], *, only_available: bool) -> str:
    advertisement = Advertisement(site)
    advertisement.hold(held)
    return advertisement.text(only_available=only_available)


def request(body: str, *, kind: str = "request", more: str = "") -> str:
    return f'<rspec xmlns="{RSPEC}" type="{kind}" {more}>\n{body}\n</rspec>'


def read(body: str, *, manifest_allowed: bool = False, more: str = "") -> Topology:
    return read_request(
        request(body, more=more), manager=MANAGER, manifest_allowed=manifest_allowed
    )


def entries(
    topology: Topology, *, running: bool = False, preserve: str | None = None
) -> list[Entry]:
    """Slivers that hold what was asked for, put somewhere."""
    found = []
    for number, resource in enumerate(topology.resources):
        placement: NodePlacement | LinkPlacement
        if isinstance(resource, Node):
            placement = NodePlacement(
                component_id=f"urn:publicid:IDN+gcf.local+node+vmhost{number}",
                sliver_type=resource.sliver_type or "default-vm",
                disk_image=resource.disk_image or "ubuntu",
                exclusive=bool(resource.exclusive),
            )
        else:
            placement = LinkPlacement(
                vlan=100 + number,
                ends=tuple(
                    (end, f"urn:publicid:IDN+gcf.local+interface+vmhost{n}:eth1")
                    for n, end in enumerate(resource.interfaces)
                    if end not in topology.foreign_interfaces
                ),
            )
        contents = Contents(resource, placement, (), topology.frame)
        sliver = Sliver(
            urn=Urn.of("gcf.local", "sliver", str(number)),
            slice_key=1,
            contents=contents,
            allocation=AllocationState.PROVISIONED,
            operational=OperationalState.READY,
            expires=EXPIRES,
            logins=LOGINS,
            access=Access(f"vmhost{number}.gcf.local", 30000 + number)
            if running and isinstance(resource, Node)
            else None,
        )
        found.append(Entry(sliver, contents, preserve))
    return found


def assert_valid(text: str, schema: str) -> None:
    assert load(schema).errors(parse(text, limit=2**26)) == []
