"""An aggregate with a real store and simulated machines, whose slivers the tests write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gcf_am.drivers import simulated
from gcf_am.drivers.simulated import SimulatedDriver
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import Driver, Observed, Store
from gcf_am.manager.record import Author
from gcf_am.manager.shutdown import release, shut
from gcf_am.model.site import Site
from gcf_am.model.sliver import (
    Amount,
    Contents,
    LinkPlacement,
    NodePlacement,
    Sliver,
    Step,
)
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Frame, Interface, Link, Node, Script
from gcf_am.store.repository import open_store
from gcf_am.store.upgrade import upgrade
from gcf_am.urn import Urn

MANAGER = Urn.parse("urn:publicid:IDN+am.test+authority+am")
SLICE = Urn.parse("urn:publicid:IDN+ch.test+slice+mine")
HOST = "urn:publicid:IDN+am.test+node+host"
START = datetime(2030, 1, 1, tzinfo=UTC)

READY = OperationalState.READY
NOTREADY = OperationalState.NOTREADY
FAILED = OperationalState.FAILED
CONFIGURING = OperationalState.CONFIGURING
PENDING = OperationalState.PENDING_ALLOCATION
STOPPING = OperationalState.STOPPING
PROVISIONED = AllocationState.PROVISIONED
UNALLOCATED = AllocationState.UNALLOCATED


@dataclass
class Watch:
    """A clock that stands until it is put forward."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


def sqlite(directory: Path) -> Store:
    """A store on a new SQLite file, or on the one that is there."""
    url = f"sqlite:///{directory / 'store.sqlite'}"
    upgrade(url)
    return open_store(url, authority="am.test")


def machines(directory: Path, **settings: object) -> SimulatedDriver:
    return simulated.make({"directory": str(directory / "machines"), **settings})


@dataclass
class Testbed:
    """The aggregate, and short words for what a verb would have done."""

    __test__ = False  # its name is no test's

    store: Store
    driver: Driver
    watch: Watch

    @property
    def aggregate(self) -> Aggregate:
        site = Site(MANAGER, (), (), "1")
        return Aggregate(MANAGER, self.store, self.driver, self.watch, lambda: site)

    def node(self, name: str, *, script: str | None = None, **changes: object) -> Urn:
        """A node that was provisioned just now."""
        resource = Node(
            name,
            f"<node client_id='{name}'/>",
            interfaces=(Interface(f"{name}:0"),),
            boot_script=None if script is None else Script("sh", script),
        )
        placement = NodePlacement(HOST, "container", None, False)
        return self._add(
            Contents(resource, placement, (Amount(HOST, "slots", 1),), Frame()), changes
        )

    def link(self, name: str, *ends: str, **changes: object) -> Urn:
        """A link between nodes, likewise."""
        resource = Link(
            name, f"<link client_id='{name}'/>", interfaces=tuple(f"{e}:0" for e in ends)
        )
        return self._add(Contents(resource, LinkPlacement(), (), Frame()), changes)

    def _add(self, contents: Contents, changes: dict[str, object]) -> Urn:
        with self.store.write() as unit:
            home = unit.lock_slice(SLICE, "uuid")
            sliver = Sliver(
                unit.new_urns(1)[0],
                home.key,
                contents,
                PROVISIONED,
                PENDING,
                START + timedelta(days=7),
                step=Step.PREPARE,
                touched=True,
                generation=1,
            )
            unit.add([replace(sliver, **changes)])  # type: ignore[arg-type]
        return sliver.urn

    def order(self, urns: Sequence[Urn] | Urn, **changes: object) -> None:
        """Change slivers as a verb does: with a new generation."""
        for urn in [urns] if isinstance(urns, Urn) else urns:
            with self.store.write() as unit:
                unit.lock_slice(SLICE, "uuid")
                now = unit.named([urn])[urn]
                after = replace(now, generation=now.generation + 1, **changes)  # type: ignore[arg-type]
                unit.save([after])

    def start(self, *urns: Urn) -> None:
        """geni_start."""
        self.order(urns, operational=CONFIGURING, step=Step.START)

    def delete(self, *urns: Urn) -> None:
        """Delete."""
        self.order(urns, allocation=UNALLOCATED, step=Step.DESTROY)

    def shut(self) -> None:
        """Shutdown of the slice."""
        shut(self.store, SLICE, Author("shutdown", MANAGER.text, "", self.watch.now()))

    def release(self) -> None:
        """What the operator does about it."""
        release(self.store, SLICE, Author("release", MANAGER.text, "", self.watch.now()))

    def sliver(self, urn: Urn) -> Sliver:
        with self.store.read() as unit:
            return unit.named([urn])[urn]

    def held(self) -> int:
        """How many of the host's slots are held."""
        with self.store.read() as unit:
            return unit.held().get((HOST, "slots"), 0)

    def there(self) -> dict[Urn, Observed]:
        """What the machines say, asked past all faults."""
        return dict(self.driver.observe([]))
