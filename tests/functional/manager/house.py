"""A whole aggregate in one process: real store, RSpecs, driver and reconciler; the clock is ours.

The site has two exclusive machines (pc1, pc2), and two shared ones (vm1 with four slots, vm2 with
two), all on one switch with 1 Gbit/s wires.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gcf_am.drivers import simulated
from gcf_am.manager.accounts import User
from gcf_am.manager.act import perform
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.allocate import allocate
from gcf_am.manager.cancel import cancel
from gcf_am.manager.delete import delete
from gcf_am.manager.describe import describe, status
from gcf_am.manager.provision import provision
from gcf_am.manager.record import Author
from gcf_am.manager.renew import renew
from gcf_am.manager.report import Manifest, Report
from gcf_am.manager.shutdown import purge, release, shut, shutdown
from gcf_am.manager.update import update
from gcf_am.model.sliver import Sliver
from gcf_am.reconciler.loop import Reconciler
from gcf_am.rspec.inventory import read_site
from gcf_am.store import open_store
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MANAGER = Urn.of("gcf.local", "authority", "am")
KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFqxb9mDzZ5hQ6Jd8Jf0m1tYkq1rVv0m4yJpQbLz3h5K alice@laptop"
)
ALICE = User("urn:publicid:IDN+gcf.local+user+alice", (KEY,))
RSPEC = "http://www.geni.net/resources/rspec/3"


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@dataclass
class House:
    """The aggregate and its reconciler."""

    am: Aggregate
    clock: Clock
    reconciler: Reconciler
    driver: simulated.SimulatedDriver

    def slice(self, name: str = "s1", *, authority: str = "gcf.local", **changes: Any) -> Caller:
        """A slice of alice's, with credentials for ten days."""
        urn = Urn.of(authority, "slice", name)
        now = self.clock.now()
        until = now + timedelta(days=10)
        grant = Grant(Urn.parse(ALICE.urn), "test", "request-1", now, until, urn, f"uuid-of-{name}")
        return Caller(self, urn, replace(grant, **changes))

    def work(self) -> None:
        """Let the reconciler do all that is owed now."""
        for _ in range(200):
            if not self.reconciler.run_once():
                return
        raise AssertionError("the reconciler does not come to rest")

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.time += timedelta(**span)

    def held(self) -> dict[tuple[str, str], int]:
        with self.am.store.read() as unit:
            return dict(unit.held())

    def sliver(self, urn: Urn) -> Sliver:
        with self.am.store.read() as unit:
            return unit.named([urn])[urn]

    def standing(self) -> set[str]:
        """The URNs of what stands in the driver's world."""
        with self.driver.world.change() as room:
            return {one.sliver for one in room.standing()}

    def shut(self, urn: Urn) -> int | None:
        """As `gcf-am shutdown` does; `release` and `purge` likewise."""
        return shut(self.am.store, urn, self._operator("shutdown"))

    def release(self, urn: Urn) -> int | None:
        return release(self.am.store, urn, self._operator("release"))

    def purge(self, urn: Urn) -> int | None:
        return purge(self.am.store, urn, self._operator("purge"))

    def _operator(self, doing: str) -> Author:
        return Author.itself(self.am, doing, self.clock.now())

    def with_am(self, **changes: Any) -> House:
        """The same house under other settings."""
        am = replace(self.am, **changes)
        return House(am, self.clock, Reconciler(am, workers=8, owner="house"), self.driver)


@dataclass
class Caller:
    """Calls the verbs for one slice; `urns` default to the slice itself."""

    house: House
    urn: Urn
    right: Grant

    @property
    def grant(self) -> Grant:
        """The right as it is judged anew for each call."""
        return replace(self.right, at=self.house.clock.now())

    @property
    def am(self) -> Aggregate:
        return self.house.am

    def urns(self, urns: tuple[Urn, ...]) -> tuple[Urn, ...]:
        return urns or (self.urn,)

    def allocate(self, rspec: str, *, end_time: datetime | None = None) -> Manifest:
        return allocate(self.am, self.grant, rspec, end_time=end_time)

    def provision(
        self,
        *urns: Urn,
        best_effort: bool = False,
        end_time: datetime | None = None,
        users: tuple[User, ...] = (ALICE,),
    ) -> Manifest:
        return provision(
            self.am,
            self.grant,
            self.urns(urns),
            best_effort=best_effort,
            end_time=end_time,
            users=users,
        )

    def update(
        self,
        rspec: str,
        *urns: Urn,
        best_effort: bool = False,
        end_time: datetime | None = None,
    ) -> Manifest:
        return update(
            self.am, self.grant, self.urns(urns), rspec, best_effort=best_effort, end_time=end_time
        )

    def cancel(self, *urns: Urn, best_effort: bool = False) -> Manifest:
        return cancel(self.am, self.grant, self.urns(urns), best_effort=best_effort)

    def delete(self, *urns: Urn, best_effort: bool = False) -> tuple[Report, ...]:
        return delete(self.am, self.grant, self.urns(urns), best_effort=best_effort)

    def describe(self, *urns: Urn, cancelled: bool = False) -> Manifest:
        return describe(self.am, self.grant, self.urns(urns), cancelled=cancelled)

    def status(self, *urns: Urn, best_effort: bool = False) -> tuple[Report, ...]:
        return status(self.am, self.grant, self.urns(urns), best_effort=best_effort)

    def renew(
        self, until: datetime, *urns: Urn, best_effort: bool = False, alap: bool = False
    ) -> tuple[Report, ...]:
        return renew(
            self.am, self.grant, self.urns(urns), until, best_effort=best_effort, alap=alap
        )

    def act(
        self,
        action: str,
        *urns: Urn,
        best_effort: bool = False,
        users: tuple[User, ...] | None = None,
    ) -> tuple[Report, ...]:
        return perform(
            self.am, self.grant, self.urns(urns), action, best_effort=best_effort, users=users
        )

    def shutdown(self) -> bool:
        return shutdown(self.am, self.grant)

    def provisioned(self, rspec: str) -> dict[str, Urn]:
        """Allocate, provision and let it be prepared; the slivers by client_id."""
        made = self.allocate(rspec)
        self.provision(*(one.urn for one in made.slivers))
        self.house.work()
        return {one.client_id: one.urn for one in made.slivers}

    def running(self, rspec: str) -> dict[str, Urn]:
        """The same, started."""
        made = self.provisioned(rspec)
        self.act("geni_start", *made.values())
        self.house.work()
        return made

    def states(self) -> dict[str, tuple[str, str]]:
        """Allocation and operational state by client_id."""
        return {
            one.client_id: (one.allocation.value, one.operational.value)
            for one in self.describe().slivers
        }


def node(
    name: str,
    *interfaces: str,
    host: str | None = None,
    exclusive: bool | None = None,
    sliver_type: str | None = None,
    sliver_id: Urn | None = None,
) -> str:
    """A node of a request; `host` binds it."""
    wishes = ""
    if host is not None:
        wishes += f' component_id="urn:publicid:IDN+gcf.local+node+{host}"'
    if exclusive is not None:
        wishes += f' exclusive="{str(exclusive).lower()}"'
    if sliver_id is not None:
        wishes += f' sliver_id="{sliver_id}"'
    inside = "".join(f'<interface client_id="{one}"/>' for one in interfaces)
    if sliver_type is not None:
        inside += f'<sliver_type name="{sliver_type}"/>'
    return f'<node client_id="{name}"{wishes}>{inside}</node>'


def link(name: str, *ends: str, capacity: int | None = None, sliver_id: Urn | None = None) -> str:
    """A link of a request; `capacity` in kbit/s."""
    named = f' sliver_id="{sliver_id}"' if sliver_id is not None else ""
    inside = "".join(f'<interface_ref client_id="{one}"/>' for one in ends)
    if capacity is not None:
        inside += (
            f'<property source_id="{ends[0]}" dest_id="{ends[1]}" capacity="{capacity}"/>'
            f'<property source_id="{ends[1]}" dest_id="{ends[0]}" capacity="{capacity}"/>'
        )
    return f'<link client_id="{name}"{named}>{inside}</link>'


def request(*resources: str) -> str:
    """A request RSpec of these nodes and links."""
    return f'<rspec xmlns="{RSPEC}" type="request">{"".join(resources)}</rspec>'


def pair(capacity: int | None = None) -> str:
    """Two nodes and a link between them."""
    return request(node("a", "a:0"), node("b", "b:0"), link("lan", "a:0", "b:0", capacity=capacity))


def build(directory: Path, url: str | None = None, /, **driver_settings: object) -> House:
    """Build the house in a directory that holds a store, if that is not at `url`."""
    clock = Clock()
    store = open_store(url or f"sqlite:///{directory / 'store.sqlite'}", authority="gcf.local")
    driver = simulated.make({"directory": str(directory / "world"), **driver_settings})
    site = read_site(_INVENTORY.encode(), manager=MANAGER)
    am = Aggregate(MANAGER, store, driver, clock, lambda: site)
    return House(am, clock, Reconciler(am, workers=8, owner="house"), driver)


def _host(name: str, kind: str, slots: int, ports: int, *, exclusive: bool) -> str:
    interfaces = "".join(
        f'<interface component_id="urn:publicid:IDN+gcf.local+interface+{name}:eth{number}"/>'
        for number in range(ports)
    )
    return (
        f'<node component_id="urn:publicid:IDN+gcf.local+node+{name}" component_name="{name}"'
        f' component_manager_id="{MANAGER}" exclusive="{str(exclusive).lower()}">'
        f'<available now="true"/><hardware_type name="{kind}">'
        f'<emulab:node_type type_slots="{slots}"/></hardware_type>'
        f"{_TYPES[kind]}{interfaces}</node>"
    )


def _wire(host: str, port: int) -> str:
    ends = [
        f"urn:publicid:IDN+gcf.local+interface+{host}:eth{port}",
        f"urn:publicid:IDN+gcf.local+interface+sw:eth{_SWITCH_PORTS.index((host, port))}",
    ]
    references = "".join(f'<interface_ref component_id="{one}"/>' for one in ends)
    properties = "".join(
        f'<property source_id="{one}" dest_id="{other}" capacity="1000000"/>'
        for one, other in (ends, ends[::-1])
    )
    return (
        f'<link component_id="urn:publicid:IDN+gcf.local+link+{host}.{port}"'
        f' component_name="{host}.{port}"><component_manager name="{MANAGER}"/>'
        f'{references}{properties}<link_type name="lan"/></link>'
    )


_TYPES = {
    "switch": "",
    "pc": '<sliver_type name="raw-pc"><disk_image name="debian"/></sliver_type>',
    "vm": '<sliver_type name="vm"><disk_image name="debian"/><disk_image name="alpine"/>'
    "</sliver_type>",
}
_SWITCH_PORTS = [("pc1", 0), ("pc1", 1), ("pc2", 0), ("pc2", 1), ("vm1", 0), ("vm2", 0)]
_INVENTORY = (
    f'<rspec xmlns="{RSPEC}" type="advertisement"'
    ' xmlns:emulab="http://www.protogeni.net/resources/rspec/ext/emulab/1">'
    + _host("sw", "switch", 1, len(_SWITCH_PORTS), exclusive=True)
    + _host("pc1", "pc", 1, 2, exclusive=True)
    + _host("pc2", "pc", 1, 2, exclusive=True)
    + _host("vm1", "vm", 4, 1, exclusive=False)
    + _host("vm2", "vm", 2, 1, exclusive=False)
    + "".join(_wire(host, port) for host, port in _SWITCH_PORTS)
    + "</rspec>"
)
