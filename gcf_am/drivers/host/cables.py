"""The link half: which ends a link joins, and how."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gcf_am.drivers.host.journal import Journal, Made, tag_of
from gcf_am.drivers.host.network import End, LinkShape, Network, Way
from gcf_am.manager.ports import DriverError, Observed, Order
from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Link

# One segment of Ethernet on one machine; a tag of its own is nothing that anybody there could see.
_TYPES: Final = ("lan", "vlan")
Ends = tuple[tuple[str, str | None], ...]


class Cables:
    """All links of one journal."""

    def __init__(self, journal: Journal, network: Network) -> None:
        self._journal = journal
        self._network = network

    def check(self, contents: Contents) -> None:
        """Whether a link can be like that on this kernel; raises DriverError naming why not."""
        link = _link(contents)
        if link.link_type is not None and link.link_type.lower() not in _TYPES:
            raise DriverError(
                f"link type {link.link_type[:80]} is not made here; there are {', '.join(_TYPES)}",
                lasting=True,
            )
        names = {one: End(one, "") for one in link.interfaces}
        self._network.check(_shape(link, names))

    def build(self, made: Made | None, order: Order) -> None:
        """Remember it; a link that runs joins what it shall join from now on."""
        running = made is not None and made.built and made.running
        wanted = Made(
            order.sliver.text,
            tag_of(order.sliver.text),
            "link",
            order.generation,
            slice=order.slice.text,
            client_id=order.contents.resource.client_id,
            running=running,
            ends=_ends(order),
        )
        self._journal.put(wanted)
        if running:
            self._join(wanted, order)

    def start(self, made: Made, order: Order) -> None:
        """Join the ends; those that are gone, or lie elsewhere, are left out (decision 8)."""
        made = replace(made, generation=order.generation, ends=_ends(order))
        self._join(made, order)

    def thaw(self, made: Made, order: Order) -> None:
        """Join the ends again if it was to."""
        if made.running:
            self.start(made, order)

    def stop(self, made: Made, order: Order) -> None:
        """Part the ends."""
        self._journal.put(replace(made, generation=order.generation, running=False))
        self._network.part(made.tag)

    def remove(self, made: Made) -> None:
        """Remove every trace of it but its journal entry."""
        self._network.part(made.tag)

    def observe(
        self,
        made: Made,
        ends: Ends,
        standing: Mapping[str, Made],
        joined: Mapping[str, frozenset[End]],
        *,
        frozen: bool,
    ) -> Observed:
        """What is there of it: it runs when all its ends are there and really joined."""
        if frozen:
            return Observed(exists=True, running=bool(joined.get(made.tag)))
        try:
            wanted = _found(ends, standing)
        except DriverError as error:
            return Observed(exists=True, error=str(error))
        if not made.running:
            return Observed(exists=True)
        if not frozenset(wanted.values()) <= joined.get(made.tag, frozenset()):
            return Observed(exists=True, error="an end of the link is not joined to it")
        return Observed(exists=True, running=True)

    def _join(self, made: Made, order: Order) -> None:
        ends = _found(made.ends, self._journal.standing())
        self._journal.put(replace(made, running=True))
        link = _link(order.contents)
        self._network.join(made.tag, list(ends.values()), _shape(link, ends))


def _link(contents: Contents) -> Link:
    if not isinstance(contents.resource, Link):
        raise DriverError("an order for a link that is none", lasting=True)
    return contents.resource


def _ends(order: Order) -> Ends:
    return tuple((name, None if one is None else one.text) for name, one in order.ends)


def _found(ends: Ends, standing: Mapping[str, Made]) -> dict[str, End]:
    """The ends that are here, by the interfaces' client_ids; raises DriverError: one is not."""
    found = {}
    for interface, sliver in ends:
        if sliver is None:
            continue
        node = standing.get(sliver)
        nic = None if node is None else dict(node.nics).get(interface)
        if node is None or nic is None:
            raise DriverError(f"the link's end {interface} is not there")
        found[interface] = End(node.tag, nic.name)
    return found


def _shape(link: Link, ends: Mapping[str, End]) -> LinkShape:
    """The link's properties, as far as both their ends are here."""
    return LinkShape(
        tuple(
            Way(ends[one.source], ends[one.dest], one.capacity, one.latency, one.packet_loss)
            for one in link.properties
            if one.source in ends and one.dest in ends
        )
    )
