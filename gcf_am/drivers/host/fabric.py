"""The network half of the host driver: one owner's namespaces, bridges, ports and limits.

A lock of the owner's directory, which ends with its process, keeps the fabric from being removed
while anybody works in it. Texts are kept with ports (`ifalias`) and bridges that tell which
limits they have; they are taken away before and put there after the limits are changed, so that
a process which is killed in between leaves something that is done again.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final

from gcf_am.drivers.host import features, links, names, namespaces, qdiscs, rules, shaping
from gcf_am.drivers.host.netlink import handle, interface_names, told
from gcf_am.drivers.host.network import End, Features, Found, Ids, LinkShape, Namespaces, Nic
from gcf_am.manager.ports import DriverError

_UNSURE: Final = "?"


class Fabric:
    """The network of one owner."""

    def __init__(self, owner: str) -> None:
        self._names = names.Names(owner)
        self._probing = Lock()

    def features(self) -> Features:
        """What the kernel can do, tried once."""
        with self._probing, told("the kernel cannot be tried"):
            return self._features

    @cached_property
    def _features(self) -> Features:
        return features.probe()

    def lacks(self) -> Sequence[str]:
        """What keeps it from working on this machine at all."""
        return features.lacks()

    def check(self, shape: LinkShape) -> None:
        """Refuse, naming the property, what this kernel cannot do."""
        shaping.check(shape, self.features())

    def open_node(self, tag: str, ids: Ids) -> Namespaces:
        """A node's namespaces, made where missing."""
        user, net = self._names.user(tag), self._names.net(tag)
        with told("the node's namespaces cannot be made"), self._locked(fcntl.LOCK_SH):
            if not namespaces.stands(user):
                namespaces.unpin(net)  # it would belong to another one
                namespaces.make_user(user, ids)
            if not namespaces.stands(net):
                namespaces.make_net_of(user, net)
            with handle(net) as node:
                links.lo_up(node)
        return Namespaces(net, user)

    def close_node(self, tag: str) -> None:
        """Remove a node's namespaces and what is plugged into it."""
        with told("the node's namespaces cannot be removed"), self._locked(fcntl.LOCK_SH):
            # a namespace ends some time after it is let go; its interfaces end now
            ports = self._ports(tag)
            with self._if_there() as fabric:
                for port in ports if fabric is not None else ():
                    links.remove(fabric, port)
            namespaces.unpin(self._names.net(tag))
            namespaces.unpin(self._names.user(tag))
        self._sweep()

    def plug(self, tag: str, nic: Nic) -> None:
        """Give the node this interface."""
        port, net = names.port(End(tag, nic.name)), self._names.net(tag)
        with told(f"the interface {nic.name} cannot be made"), self._in_fabric() as fabric:
            namespace = os.open(net, os.O_RDONLY | os.O_CLOEXEC)
            try:
                with handle(net) as node:
                    links.plug(fabric, node, namespace, port, nic)
            finally:
                os.close(namespace)

    def unplug(self, tag: str, nic: str) -> None:
        """Take the interface away."""
        port = names.port(End(tag, nic))
        with told(f"the interface {nic} cannot be removed"), self._if_there() as fabric:
            if fabric is not None:
                links.remove(fabric, port)

    def plugged(self, tag: str) -> frozenset[str]:
        """The names of the interfaces the node was given, whatever its root named them."""
        with told("what stands cannot be found out"):
            ends = [names.end_of(port) for port in self._ports(tag)]
        return frozenset(end.nic for end in ends if end is not None)

    def join(self, tag: str, ends: Sequence[End], shape: LinkShape) -> None:
        """Make the link join exactly these ends in this shape."""
        self.check(shape)
        name = names.bridge(tag)
        made = shaping.plan(name, ends, shape, netem="netem" in self.features().packet_loss)
        with told("the link cannot be made"), self._in_fabric() as fabric:
            ports = {end: _port(fabric, end) for end in ends}
            bridge = links.make_bridge(fabric, name)
            wanted = {one.index for one in ports.values()}
            for one in links.members(fabric, bridge):
                if one.index not in wanted:
                    _free(fabric, one)
            # limits come first: not one frame passes without them
            # rules belong to a port, not to its name
            told_of = [*made.rules, *sorted(wanted)] if made.rules else []
            with _as_told(fabric, bridge, told_of) as changed:
                if changed:
                    rules.replace(self._names.fabric, name, made.rules)
            for end, port in ports.items():
                lanes = made.lanes[end]
                with _as_told(fabric, port, lanes) as changed:
                    if changed:
                        qdiscs.put(fabric, port.index, lanes)
                links.attach(fabric, port, bridge)
            links.wait_until_forwarding(fabric, bridge)

    def part(self, tag: str) -> None:
        """Remove the link; the interfaces at its ends stay, joined to nothing."""
        name = names.bridge(tag)
        with told("the link cannot be removed"), self._if_there() as fabric:
            if fabric is not None:
                self._part(fabric, name)
        self._sweep()

    def found(self) -> Found:
        """What stands now, half made or whole."""
        ends: dict[str, set[End]] = {}
        with told("what stands cannot be found out"):
            there = [one for one in self._inside() if names.link_of(one) is not None]
            with self._if_there() as fabric:
                if fabric is not None and there:
                    bridges = {
                        one.index: ends.setdefault(name, set())
                        for name in there
                        if (one := links.find(fabric, name)) is not None
                    }
                    for port, bridge in links.joined(fabric):
                        end = names.end_of(port)
                        if end is not None and bridge in bridges:
                            bridges[bridge].add(end)
        return Found(
            self._nodes(),
            {link: frozenset(ends[name]) for name in ends if (link := names.link_of(name))},
        )

    def _part(self, fabric: Any, name: str) -> None:
        bridge = links.find(fabric, name)
        if bridge is None:
            return
        for one in links.members(fabric, bridge):
            _free(fabric, one)
        if bridge.alias:
            rules.replace(self._names.fabric, name, [])
        links.remove(fabric, name)

    def _inside(self) -> Sequence[str]:
        """The names of all interfaces of the fabric."""
        if namespaces.stands(self._names.fabric):
            with suppress(FileNotFoundError):
                return interface_names(self._names.fabric)
        return ()

    def _ports(self, tag: str) -> Sequence[str]:
        """The ports of a node."""
        found = ((one, names.end_of(one)) for one in self._inside())
        return [one for one, end in found if end is not None and end.node == tag]

    def _nodes(self) -> frozenset[str]:
        """Nodes of whom a pin, or the file for one, is there."""
        found = {self._names.node_of(one) for one in _listed(names.NETNS)}
        return frozenset({one for one in found if one} | set(_listed(self._names.directory)))

    @contextmanager
    def _in_fabric(self) -> Iterator[Any]:
        """A handle in the fabric, which is made where missing and not removed meanwhile."""
        while True:
            if not namespaces.stands(self._names.fabric):
                with self._locked(fcntl.LOCK_EX):
                    if not namespaces.stands(self._names.fabric):
                        namespaces.make_silent_net(self._names.fabric)
            with self._locked(fcntl.LOCK_SH), self._if_there() as fabric:
                if fabric is not None:
                    yield fabric
                    return

    @contextmanager
    def _if_there(self) -> Iterator[Any]:
        """A handle in the fabric, None where there is no fabric."""
        with ExitStack() as stack:
            found = None
            if namespaces.stands(self._names.fabric):
                with suppress(FileNotFoundError):
                    found = stack.enter_context(handle(self._names.fabric))
            yield found

    def _sweep(self) -> None:
        """Remove the fabric and the directory when neither a node nor a link is left."""
        if self._nodes() or self.found().links:
            return
        with told("the fabric cannot be removed"), self._locked(fcntl.LOCK_EX):
            # another one may have begun to make something meanwhile
            if not self._nodes() and not self.found().links:
                namespaces.unpin(self._names.fabric)
                self._names.directory.rmdir()

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """The lock of the owner's directory; the directory is there."""
        while (lock := self._lock(how)) is None:
            pass
        try:
            yield
        finally:
            os.close(lock)

    def _lock(self, how: int) -> int | None:
        """Wait for the lock; None when the directory was removed meanwhile."""
        directory = self._names.directory
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, how)
            if os.path.samestat(os.fstat(lock), directory.stat()):
                return lock
        except FileNotFoundError:
            pass
        os.close(lock)
        return None


@contextmanager
def _as_told(route: Any, interface: links.Interface, limits: Sequence[object]) -> Iterator[bool]:
    """Whether the limits differ from those that were told before; afterwards they are told."""
    wanted = sha256(repr(limits).encode()).hexdigest()[:32] if limits else ""
    if wanted == interface.alias:
        yield False
        return
    links.mark(route, interface, _UNSURE)
    yield True
    links.mark(route, interface, wanted)


def _free(fabric: Any, port: links.Interface) -> None:
    """Take a port out of its link, and its limits away."""
    links.detach(fabric, port)
    with _as_told(fabric, port, ()) as changed:
        if changed:
            qdiscs.put(fabric, port.index, ())


def _port(fabric: Any, end: End) -> links.Interface:
    found = links.find(fabric, names.port(end))
    if found is None:
        raise DriverError(f"an end of the link is not there: {end.nic} of node {end.node}")
    return found


def _listed(directory: Path) -> Sequence[str]:
    try:
        return [one.name for one in directory.iterdir()]
    except FileNotFoundError:
        return ()
