"""The host driver: nodes are containers of this machine, links are bridges between them."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

from gcf_am.drivers.host import bundle, hierarchies
from gcf_am.drivers.host.cables import Cables
from gcf_am.drivers.host.fabric import Fabric
from gcf_am.drivers.host.gallery import Gallery
from gcf_am.drivers.host.inspector import Inspector
from gcf_am.drivers.host.journal import Journal, Made, tag_of
from gcf_am.drivers.host.network import Network
from gcf_am.drivers.host.nodes import Nodes
from gcf_am.drivers.host.runtime import RUNC
from gcf_am.drivers.host.settings import Settings, read_settings
from gcf_am.drivers.machine import machine
from gcf_am.errors import ConfigError
from gcf_am.manager.inspection import Finding, Machine
from gcf_am.manager.ports import DriverError, Observed, Order
from gcf_am.model.preserve import Guarantee, guarantee
from gcf_am.model.site import DiskImage, Site
from gcf_am.model.sliver import Access, Contents, NodePlacement
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)
_SSHD: Final = "/usr/sbin/sshd"


class HostDriver:
    """Makes slivers true on this machine."""

    name = "host"
    # a node that ended is geni_failed within ten seconds, a gate that was killed back within five
    look_every = 4.0
    addresses = True

    def __init__(self, settings: Settings, journal: Journal, network: Network) -> None:
        self._settings = settings
        self._journal = journal
        self._network = network
        self._nodes = Nodes(settings, journal, network)
        self._cables = Cables(journal, network)
        # for the operator's commands
        self.gallery = Gallery(settings, journal)
        self._inspector = Inspector(settings, journal, network, self._nodes)

    def probe(self, site: Site) -> Sequence[str]:
        """What the machine lacks, and what the site offers that is not made here."""
        lacks = []
        if os.geteuid() != 0:
            lacks.append("it does not run as root")
        if shutil.which(RUNC) is None:
            lacks.append("there is no runc (Debian: runc)")
        if not os.access(_SSHD, os.X_OK):
            lacks.append("there is no sshd (Debian: openssh-server)")
        if bundle.init_program() is None:
            lacks.append("there is no tini-static (Debian: tini)")
        if why := hierarchies.lacks():
            lacks.append(f"nodes cannot be limited: {why}")
        if not lacks:
            lacks += self._network.lacks()
        kinds = {kind.name: kind for host in site.hosts for kind in host.sliver_types}
        if not kinds:
            lacks.append("the site offers no nodes")
        for name, kind in sorted(kinds.items()):
            if self._settings.limits(name) is None:
                lacks.append(f"sliver type {name} is not among driver.settings.sliver_types")
            for image in kind.images:
                try:
                    self._nodes.images.resolve(image.name)
                except DriverError as error:
                    lacks.append(str(error))
        return lacks

    def place(self) -> str:
        """The machine, and the driver's directory; any number of processes work in it."""
        return f"host {self._journal.owner} {machine()}".rstrip()

    def images(self) -> Sequence[DiskImage]:
        """The images that the operator added."""
        return self._nodes.images.added()

    def check(self, contents: Contents) -> None:
        """Whether there is such a sliver type and image, and whether links can be like that."""
        place = contents.placement
        if isinstance(place, NodePlacement):
            if self._settings.limits(place.sliver_type) is None:
                raise DriverError(
                    f"sliver type {place.sliver_type} is not made here; there are "
                    f"{', '.join(self._settings.sliver_types)}",
                    lasting=True,
                )
            self._nodes.images.resolve(place.disk_image)
            self._nodes.check(contents)
        else:
            self._cables.check(contents)

    def keeps(self, before: Contents, after: Contents) -> Guarantee:
        """Of a node all that runs, unless its image or its limits become others."""
        least = guarantee(before, after)
        if isinstance(before.placement, NodePlacement) and least is not Guarantee.NO_DISRUPTION:
            return self._nodes.keeps(before, after)
        return least

    def prepare(self, order: Order) -> None:
        """Build it, or give what is built its new contents."""

        def build(made: Made | None) -> None:
            if _is_node(order):
                self._nodes.build(made, order)
            else:
                self._cables.build(made, order)

        self._alone(order, build)

    def start(self, order: Order) -> Access | None:
        """Bring it up; a link needs its ends to be there."""
        return self._bring_up(order, self._nodes.start)

    def restart(self, order: Order) -> Access | None:
        """Down and up again."""
        return self._bring_up(order, self._nodes.restart)

    def reload(self, order: Order) -> Access | None:
        """Up with a fresh disk; a link has none and is only restarted."""
        return self._bring_up(order, self._nodes.reload)

    def run_services(self, order: Order, wanted: Callable[[], bool]) -> None:
        """Do in a node what its request wants done there."""

        def run(found: Made | None) -> None:
            made = _standing(found, order)
            if _is_node(order):
                self._nodes.run_services(made, order, wanted)

        self._alone(order, run)

    def stop(self, order: Order) -> None:
        """Take it down."""

        def halt(found: Made | None) -> None:
            made = _standing(found, order)
            if _is_node(order):
                self._nodes.stop(made, order)
            else:
                self._cables.stop(made, order)

        self._alone(order, halt)

    def update_users(self, order: Order) -> None:
        """Give it exactly these accounts."""

        def update(found: Made | None) -> None:
            made = _standing(found, order)
            if _is_node(order):
                self._nodes.update_users(made, order)

        self._alone(order, update)

    def freeze(self, order: Order) -> None:
        """Pause it or part it; does not wait for work under way, which ends by doing the same."""
        text = order.sliver.text
        with self._alone_frozen(text):
            if self._journal.freeze(text, order.generation):
                self._cut(text)

    def thaw(self, order: Order) -> Access | None:
        """Let it go on."""
        access: list[Access | None] = []

        def thaw(made: Made | None) -> None:
            if made is None or not made.built:
                return
            if made.kind == "node":
                access.append(self._nodes.thaw(made, order))
            else:
                self._cables.thaw(made, order)

        self._alone(order, thaw)
        return access[0] if access else None

    def destroy(self, order: Order) -> None:
        """Remove it; the order's generation is remembered, so that no older order revives it."""

        def remove(made: Made | None) -> None:
            kind = "node" if _is_node(order) else "link"
            if made is None:
                tag = tag_of(order.sliver.text)
                made = Made(order.sliver.text, tag, kind, order.generation, built=False)
            if made.built:
                # on a full disk there is room to write that down when it is gone
                with suppress(DriverError):
                    self._journal.put(replace(made, generation=order.generation))
                (self._nodes if made.kind == "node" else self._cables).remove(made)
            self._journal.put(made.destroyed(order.generation))
            if made.kind == "node":
                self._nodes.removed()

        # it ends as it stands
        self._alone(order, remove, unfreeze=False)

    def observe(self, orders: Sequence[Order]) -> Mapping[Urn, Observed]:
        """What stands for each order, and what else stands."""
        self._remove_orphans()
        self._tidy()
        standing = self._journal.standing()
        frozen = self._journal.frozen()
        self._nodes.tend({text: one for text, one in standing.items() if text not in frozen})
        joined = self._network.found().links if standing else {}
        asked = {order.sliver.text: order for order in orders}
        seen = {order.sliver: Observed(exists=False) for order in orders}
        for text, made in standing.items():
            if made.kind == "node":
                seen[Urn.parse(text)] = self._nodes.observe(made, frozen=text in frozen)
                continue
            order = asked.get(text)
            ends = made.ends if order is None else _ends(order)
            seen[Urn.parse(text)] = self._cables.observe(
                made, ends, standing, joined, frozen=text in frozen
            )
        return seen

    def nodes(self) -> Sequence[Machine]:
        """What stands for nodes, by sliver."""
        return self._inspector.nodes()

    def console(self, sliver: Urn) -> str | None:
        """The newest that the node's first processes printed."""
        return self._inspector.console(sliver)

    def examine(self) -> Iterable[Finding]:
        """Look for what is wrong with nodes, their way in, and what they need."""
        return self._inspector.examine()

    def _remove_orphans(self) -> None:
        """Remove what bears this driver's name and is not in its journal.

        The journal is written before anything is made, so what was made since is in it.
        """
        found = self._nodes.tags() | self._network.found().links.keys()
        for tag in found - {one.tag for one in self._journal.standing().values()}:
            with self._journal.alone(tag):
                if tag not in {one.tag for one in self._journal.standing().values()}:
                    _log.warning("%s is nobody's and is removed", tag)
                    self._nodes.remove_orphan(tag)
                    self._network.part(tag)

    def _tidy(self) -> None:
        try:
            self.gallery.tidy()
        except OSError as error:
            _log.warning("images that nobody uses cannot be removed: %s", error)

    def _bring_up(self, order: Order, nodes: Callable[[Made, Order], Access]) -> Access | None:
        access: list[Access] = []

        def bring_up(found: Made | None) -> None:
            made = _standing(found, order)
            if _is_node(order):
                access.append(nodes(made, order))
            else:
                self._cables.start(made, order)

        self._alone(order, bring_up)
        return access[0] if access else None

    def _alone(
        self, order: Order, work: Callable[[Made | None], None], *, unfreeze: bool = True
    ) -> None:
        """Do the work unless the order is stale, with the sliver to oneself.

        What is frozen is not any more then; what is frozen meanwhile is afterwards.

        Decision 5: an order that is older than one seen does nothing; nor does one that is not
        newer than the order which destroyed the sliver.
        """
        text = order.sliver.text
        try:
            with self._journal.alone(tag_of(text)):
                made = self._journal.find(text)
                if made is not None and (
                    order.generation < made.generation
                    or (order.generation == made.generation and not made.built)
                ):
                    return
                if not self._thawed(order, made, unfreeze=unfreeze):
                    return
                try:
                    work(made)
                finally:
                    self._cut_if_frozen(text)
        except OSError as error:
            raise DriverError(f"this machine refused: {error.strerror or error}") from error

    def _thawed(self, order: Order, made: Made | None, *, unfreeze: bool) -> bool:
        """Whether it is not frozen any more; it stays so for an order from before that."""
        text = order.sliver.text
        with self._alone_frozen(text):
            frozen = self._journal.frozen().get(text)
            if frozen is None:
                return True
            if order.generation < frozen:
                return False
            if unfreeze and made is not None and made.kind == "node":
                self._nodes.unfreeze(made)
            self._journal.thaw(text)
        return True

    def _cut_if_frozen(self, text: str) -> None:
        with self._alone_frozen(text):
            if text in self._journal.frozen():
                self._cut(text)

    def _cut(self, text: str) -> None:
        made = self._journal.find(text)
        if made is not None and made.kind == "node":
            self._nodes.freeze(made)
        elif made is not None:
            self._network.part(made.tag)

    @contextmanager
    def _alone_frozen(self, text: str) -> Iterator[None]:
        """Nobody else freezes or thaws this sliver meanwhile, whoever works on it."""
        try:
            with self._journal.alone(f"{tag_of(text)} frozen"):
                yield
        except OSError as error:
            raise DriverError(f"this machine refused: {error.strerror or error}") from error


def make(settings: Mapping[str, object]) -> HostDriver:
    """The driver for these settings; raises ConfigError naming the key that is wrong."""
    read = read_settings(settings)
    try:
        journal = Journal(read.directory)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"driver.settings.directory: {read.directory} cannot be used") from error
    return HostDriver(read, journal, Fabric(journal.owner))


def _is_node(order: Order) -> bool:
    return isinstance(order.contents.placement, NodePlacement)


def _ends(order: Order) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, None if one is None else one.text) for name, one in order.ends)


def _standing(made: Made | None, order: Order) -> Made:
    if made is None or not made.built:
        name = order.contents.resource.client_id
        raise DriverError(f"nothing is built for {name}", lasting=True)
    return made
