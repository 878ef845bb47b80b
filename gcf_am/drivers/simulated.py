"""The simulated driver: makes slivers of nothing, and says so.

It keeps every promise of the port, over restarts and with several processes, and fails on
demand. Its nodes cannot be logged in to: their host names end in `.sim.invalid`, which never
resolves (RFC 6761 6.4), and the port is 22, because tools expect both in a manifest.
"""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from gcf_am.drivers.faults import Kind
from gcf_am.drivers.machine import machine
from gcf_am.drivers.settings import Settings, makes, read_settings
from gcf_am.drivers.shaping import impairs, shaping
from gcf_am.drivers.world import Made, Room, World
from gcf_am.errors import ConfigError
from gcf_am.manager.inspection import Finding, Machine
from gcf_am.manager.ports import DriverError, Observed, Order
from gcf_am.model.preserve import Guarantee, guarantee
from gcf_am.model.site import Site
from gcf_am.model.sliver import Access, Contents, NodePlacement
from gcf_am.model.topology import Link, Node
from gcf_am.rspec.services import services_of
from gcf_am.urn import Urn

_NOT_IN_A_LABEL: Final = re.compile(r"[^a-z0-9]+", re.ASCII)
_SSH: Final = 22

# What a method makes of what stands (None: nothing ever stood); it may raise DriverError.
_Change = Callable[[Room, Made | None, Order], Made]


class SimulatedDriver:
    """Makes slivers true in a world that is only pretended."""

    name = "simulated"
    # nothing ends by itself here
    look_every = 300.0
    addresses = False

    def __init__(self, settings: Settings, world: World) -> None:
        self.world = world
        self._settings = settings
        self._released = threading.Event()

    def release(self) -> None:
        """End every call that hangs, now and from now on; they then do what they were asked."""
        self._released.set()

    def probe(self, site: Site) -> Sequence[str]:
        """What it lacks: sliver types of the site that its settings do not name."""
        offered = {kind.name for host in site.hosts for kind in host.sliver_types}
        return [
            f"sliver type {one} is not among driver.settings.sliver_types"
            for one in sorted(offered)
            if not makes(self._settings.sliver_types, one)
        ]

    def place(self) -> str:
        """The world in its directory on this machine; any number of processes work in it."""
        return f"simulated {self.world.name} {machine()}".rstrip()

    def check(self, contents: Contents) -> None:
        """Whether the settings name such sliver and link types, and let traffic be shaped."""
        if isinstance(contents.placement, NodePlacement):
            _check_type("sliver", self._settings.sliver_types, contents.placement.sliver_type)
        if isinstance(contents.resource, Link):
            _check_type("link", self._settings.link_types, contents.resource.link_type)
        if impairs(contents.resource) and not self._settings.shapes:
            raise DriverError(
                "traffic is not shaped here: no pipes, no latency, no packet loss", lasting=True
            )

    def keeps(self, before: Contents, after: Contents) -> Guarantee:
        """No more than any driver."""
        return guarantee(before, after)

    def prepare(self, order: Order) -> None:
        """Build it, or give what is built its new contents."""
        self._change("prepare", order, _prepare)

    def start(self, order: Order) -> Access | None:
        """Bring it up; a link needs its ends to be there."""
        self._change("start", order, _start)
        return _access(order)

    def stop(self, order: Order) -> None:
        """Take it down."""
        self._change("stop", order, _stop)

    def restart(self, order: Order) -> Access | None:
        """Down and up again."""
        self._change("restart", order, _start)
        return _access(order)

    def reload(self, order: Order) -> Access | None:
        """Up from nothing: its services are due again."""
        self._change("reload", order, _reload)
        return _access(order)

    def run_services(self, order: Order, wanted: Callable[[], bool]) -> None:
        """Note that the node's services were asked for; nothing is fetched and nothing runs."""
        del wanted  # it takes no time
        self._change("run_services", order, _run_services)

    def update_users(self, order: Order) -> None:
        """Give it exactly these accounts."""
        self._change("update_users", order, _update_users)

    def freeze(self, order: Order) -> None:
        """Keep it as it stands; whatever else is under way is older and changes nothing more."""
        self._change("freeze", order, _freeze)

    def thaw(self, order: Order) -> Access | None:
        """Let it go on."""
        self._change("thaw", order, _thaw)
        return _access(order) if self._runs(order) else None

    def destroy(self, order: Order) -> None:
        """Remove it; the order's generation is remembered, so that no older order revives it."""
        self._change("destroy", order, _destroy)

    def observe(self, orders: Sequence[Order]) -> Mapping[Urn, Observed]:
        """What stands for each order, and what else stands."""
        hidden = {order.sliver for order in orders if not self._meet("observe", order)}
        self._pause("observe")
        with self.world.change() as room:
            standing = {made.sliver: made for made in room.standing()}
        seen = {
            Urn.parse(text): _observed(made, made.ends, standing) for text, made in standing.items()
        }
        for order in orders:
            made = standing.get(order.sliver.text)
            if made is None or order.sliver in hidden:
                seen[order.sliver] = Observed(exists=False)
            else:
                seen[order.sliver] = _observed(made, _ends(order), standing)
        return seen

    def nodes(self) -> Sequence[Machine]:
        """What is pretended; there is no process, memory or time to tell of."""
        with self.world.change() as room:
            standing = room.standing()
        return [
            Machine(Urn.parse(one.sliver), Urn.parse(one.slice), one.client_id, one.running)
            for one in standing
            if one.kind == "node"
        ]

    def console(self, sliver: Urn) -> str | None:
        """That there is none, since nothing runs, and what would have been done in the node."""
        with self.world.change() as room:
            made = room.find(sliver.text)
        if made is None or not made.built or made.kind != "node":
            return None
        runs = "runs" if made.running else "does not run"
        told = [f"{made.client_id} is simulated: it {runs} and prints nothing"]
        if made.ran and not made.due:
            told += [f"not done, only noted: {one}" for one in made.services]
        return "\n".join([*told, ""])

    def examine(self) -> Iterable[Finding]:
        """Nothing can be wrong with what is only pretended, once its world could be opened."""
        return [("simulated world", "")]

    def _change(self, method: str, order: Order, change: _Change) -> None:
        honest = self._meet(method, order)
        self._pause(method)
        if not honest:
            return
        with self.world.change() as room:
            made = room.find(order.sliver.text)
            # decision 5: an order that is older than one seen does nothing; nor does one that
            # is not newer than the order which destroyed the sliver
            stale = made is not None and (
                order.generation < made.generation
                or (order.generation == made.generation and not made.built)
            )
            if not stale:
                room.put(change(room, made, order))

    def _runs(self, order: Order) -> bool:
        with self.world.change() as room:
            made = room.find(order.sliver.text)
        return made is not None and made.running and not made.frozen

    def _meet(self, method: str, order: Order) -> bool:
        """Meet a fault: fail, hang, or answer False for a lie."""
        if not self._settings.faults.rules:
            return True
        with self.world.change() as room:
            rule = self._settings.faults.meet(method, order, room)
        if rule is None:
            return True
        name = order.contents.resource.client_id
        if rule.kind is Kind.FAILS:
            self._pause(method)
            raise DriverError(
                rule.text or f"simulated: {method} of {name} failed", lasting=rule.lasting
            )
        if rule.kind is Kind.HANGS and not self._released.wait(self._settings.timeout):
            took = f"simulated: {method} of {name} did not end within {self._settings.timeout:g} s"
            raise DriverError(rule.text or took, lasting=rule.lasting)
        return rule.kind is not Kind.LIES

    def _pause(self, method: str) -> None:
        delay = self._settings.delay.get(method, 0.0)
        if delay:
            threading.Event().wait(delay)


def make(settings: Mapping[str, object]) -> SimulatedDriver:
    """The driver for these settings; raises ConfigError naming the key that is wrong."""
    read = read_settings(settings)
    try:
        return SimulatedDriver(read, World(read.directory))
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"driver.settings.directory: {read.directory} cannot be used") from error


def _check_type(of: str, known: Sequence[str], wanted: str | None) -> None:
    if wanted is not None and not makes(known, wanted):
        raise DriverError(
            f"{of} type {wanted} is not made here; there are {', '.join(known)}", lasting=True
        )


def _prepare(_room: Room, made: Made | None, order: Order) -> Made:
    built = _as_ordered(order, made, running=made is not None and made.running)
    fresh = made is None or not made.built or made.material != built.material
    if fresh or (made is not None and made.services != built.services):
        # nothing was done yet on a disk that was made anew
        return replace(built, due=bool(built.services))
    return built


def _start(room: Room, made: Made | None, order: Order) -> Made:
    standing = _must_stand(made, order)
    for end in _ends(order):
        if not room.stands(end):
            raise DriverError(f"the link's end at {end} is not there")
    return _as_ordered(order, standing, running=True)


def _reload(room: Room, made: Made | None, order: Order) -> Made:
    standing = _must_stand(made, order)
    return _start(room, replace(standing, due=bool(standing.services)), order)


def _run_services(_room: Room, made: Made | None, order: Order) -> Made:
    standing = _must_stand(made, order)
    if not standing.running:
        raise DriverError(f"{order.contents.resource.client_id} does not run", lasting=True)
    return replace(
        _as_ordered(order, standing, running=True), due=False, ran=standing.ran + standing.due
    )


def _stop(_room: Room, made: Made | None, order: Order) -> Made:
    standing = _must_stand(made, order)
    return replace(standing, generation=order.generation, running=False, frozen=False, ended=False)


def _freeze(_room: Room, made: Made | None, order: Order) -> Made:
    if made is None or not made.built:
        # orders older than this one build nothing, this one's successors do
        return _as_ordered(order, made, running=False).destroyed(order.generation - 1)
    return replace(made, generation=order.generation, frozen=True)


def _thaw(_room: Room, made: Made | None, order: Order) -> Made:
    if made is None or not made.built:
        return _freeze(_room, made, order)
    if made.frozen and made.ended:
        raise DriverError(f"{made.client_id} ended while it was frozen", lasting=True)
    return replace(made, generation=order.generation, frozen=False)


def _update_users(_room: Room, made: Made | None, order: Order) -> Made:
    standing = _must_stand(made, order)
    if not standing.running:
        raise DriverError(f"{order.contents.resource.client_id} does not run", lasting=True)
    return _as_ordered(order, standing, running=True)


def _destroy(_room: Room, made: Made | None, order: Order) -> Made:
    return _as_ordered(order, made, running=False).destroyed(order.generation)


def _must_stand(made: Made | None, order: Order) -> Made:
    if made is None or not made.built:
        name = order.contents.resource.client_id
        raise DriverError(f"nothing is built for {name}", lasting=True)
    return made


def _as_ordered(order: Order, before: Made | None, *, running: bool) -> Made:
    place, resource = order.contents.placement, order.contents.resource
    node = isinstance(place, NodePlacement)
    return Made(
        order.sliver.text,
        order.slice.text,
        order.contents.resource.client_id,
        "node" if node else "link",
        order.generation,
        running=running,
        material=repr(place),
        users=order.logins,
        ends=_ends(order),
        shaping=shaping(resource),
        services=_services(resource) if isinstance(resource, Node) else (),
        due=before is not None and before.due,
        ran=0 if before is None else before.ran,
    )


def _services(node: Node) -> tuple[str, ...]:
    """What would be done in it, in words."""
    asked = services_of(node)
    return (
        *(f"install {one.url} to {one.path}" for one in asked.installs),
        *(f"execute by {one.shell or 'sh'}: {one.command}" for one in asked.executes),
    )


def _observed(made: Made, ends: Sequence[str], standing: Mapping[str, Made]) -> Observed:
    lacking = [end for end in ends if end not in standing]
    if made.kind == "link" and lacking:
        return Observed(exists=True, error=f"the link's end at {lacking[0]} is not there")
    access = None
    running = made.running and not made.frozen
    if made.kind == "node" and running:
        access = Access(_hostname(made.client_id, Urn.parse(made.slice), made.sliver), _SSH)
    return Observed(exists=True, running=running, access=access)


def _ends(order: Order) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sliver.text for _, sliver in order.ends if sliver is not None))


def _access(order: Order) -> Access | None:
    if not isinstance(order.contents.placement, NodePlacement):
        return None
    name = order.contents.resource.client_id
    return Access(_hostname(name, order.slice, order.sliver.text), _SSH)


def _hostname(client_id: str, slice_urn: Urn, sliver: str) -> str:
    """`<client_id>.<slice>.sim.invalid`; a client_id that is no label is made one that differs."""
    label = _NOT_IN_A_LABEL.sub("-", client_id.lower()).strip("-")[:48]
    if label != client_id:
        label = f"{label or 'node'}-{sha256(sliver.encode()).hexdigest()[:8]}"
    return f"{label}.{slice_urn.name.lower()}.sim.invalid"
