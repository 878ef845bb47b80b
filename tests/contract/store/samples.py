"""Slices and slivers to put into a store."""

from datetime import UTC, datetime, timedelta

from gcf_am.audit.event import Event
from gcf_am.manager.ports import Unit
from gcf_am.model.sliver import Amount, Contents, LinkPlacement, NodePlacement, Sliver, Step
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Foreign, Frame, Link, Node
from gcf_am.urn import Urn

NOW = datetime(2030, 1, 31, 12, 0, 0, 123456, UTC)
HOUR = timedelta(hours=1)
AUTHORITY = "gcf.local"
FRAME = Frame(
    namespaces=(("", "http://www.geni.net/resources/rspec/3"),),
    attributes=(("type", "request"),),
    foreign=(Foreign(2, "<x:note xmlns:x='urn:x'>gr\u00fc\u00dfe</x:note>"),),
)
OTHER_FRAME = Frame(attributes=(("type", "manifest"),))


def host(name: str) -> str:
    return f"urn:publicid:IDN+{AUTHORITY}+node+{name}"


def slots(name: str, amount: int = 1) -> Amount:
    return Amount(host(name), "slots", amount)


def bandwidth(name: str, amount: int) -> Amount:
    return Amount(f"urn:publicid:IDN+{AUTHORITY}+link+{name}", "bandwidth", amount)


def slice_urn(name: str = "lovelace") -> Urn:
    return Urn.of(AUTHORITY, "slice", name)


def slice_key(unit: Unit, name: str = "lovelace") -> int:
    return unit.lock_slice(slice_urn(name), f"uuid of {name}").key


def node_contents(client_id: str, *holds: Amount, frame: Frame = FRAME) -> Contents:
    return Contents(
        Node(client_id, f"<node client_id='{client_id}'/>"),
        NodePlacement(host("pc1"), "container", None, exclusive=False),
        holds,
        frame,
    )


def link_contents(client_id: str, *holds: Amount, frame: Frame = FRAME) -> Contents:
    return Contents(
        Link(client_id, f"<link client_id='{client_id}'/>"), LinkPlacement(), holds, frame
    )


def node(
    unit: Unit,
    key: int,
    client_id: str = "alpha",
    *holds: Amount,
    frame: Frame = FRAME,
    allocation: AllocationState = AllocationState.ALLOCATED,
    expires: datetime = NOW + HOUR,
    step: Step | None = None,
) -> Sliver:
    return Sliver(
        unit.new_urns(1)[0],
        key,
        node_contents(client_id, *holds, frame=frame),
        allocation,
        OperationalState.PENDING_ALLOCATION,
        expires,
        step=step,
    )


def event(subject: str, verb: str = "Allocate", at: datetime = NOW) -> Event:
    return Event(
        at, "r-1", "urn:publicid:IDN+gcf.local+user+alice", verb, subject, "", "geni_allocated"
    )
