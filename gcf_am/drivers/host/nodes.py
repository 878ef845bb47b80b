"""The node half: a node's disk, its namespaces, its first process, its accounts."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gcf_am.drivers.host import bundle, dress, services
from gcf_am.drivers.host.cgroups import is_frozen, is_to_freeze
from gcf_am.drivers.host.console import wait_until_kept
from gcf_am.drivers.host.doors import wait_for_login
from gcf_am.drivers.host.gatekeeper import Gatekeeper
from gcf_am.drivers.host.images import LOCK, Images, name_of
from gcf_am.drivers.host.journal import Journal, Made, tag_of
from gcf_am.drivers.host.network import Ids, Network
from gcf_am.drivers.host.nics import nics_of
from gcf_am.drivers.host.removal import remove_tree
from gcf_am.drivers.host.runtime import Launch, Runtime, alive, boot, last_words
from gcf_am.drivers.host.settings import Settings
from gcf_am.manager.ports import DriverError, Observed, Order
from gcf_am.model.preserve import Guarantee
from gcf_am.model.sliver import Access, Contents, Login, NodePlacement
from gcf_am.model.topology import Node
from gcf_am.rspec.services import Install, services_of

_IDS: Final = 65536
_NOT_IN_A_LABEL: Final = re.compile(r"[^a-z0-9-]+", re.ASCII)
_COMMAND: Final = ("/usr/sbin/sshd", "-D", "-e", "-f", dress.CONFIG)
# How long a node may take to end by itself, in seconds.
_GRACE: Final = 2.0


class Nodes:
    """All nodes of one journal."""

    def __init__(self, settings: Settings, journal: Journal, network: Network) -> None:
        self._settings = settings
        self._journal = journal
        self._network = network
        self._runtime = Runtime(settings.directory, journal.owner)
        self._gate = Gatekeeper(settings.directory, settings.address)
        self.images = Images(settings.directory / "images", settings.image, settings.images)
        self._runtime.forget_earlier_boots()

    def check(self, contents: Contents) -> None:
        """Whether it can have such interfaces and services; raises DriverError."""
        if isinstance(contents.resource, Node):
            nics_of("", contents.resource.interfaces, ())
            services.check(contents.resource, self._settings.fetch)

    def keeps(self, before: Contents, after: Contents) -> Guarantee:
        """What `build` keeps of a node that changes like that."""
        old, new = before.placement, after.placement
        if not isinstance(old, NodePlacement) or not isinstance(new, NodePlacement):
            return Guarantee.NONE
        try:
            if self.images.resolve(old.disk_image) != self.images.resolve(new.disk_image):
                return Guarantee.NONE
        except DriverError:
            return Guarantee.NONE
        if old.sliver_type != new.sliver_type:
            return Guarantee.PERSISTENT_STATE
        # its interfaces come and go while it runs
        return Guarantee.DYNAMIC_STATE

    def build(self, made: Made | None, order: Order) -> None:
        """Make it as ordered; what runs keeps running, over a fresh disk when the image differs."""
        place, resource = _of(order)
        image = self.images.resolve(place.disk_image)
        before = made if made is not None and made.built else None
        wanted = Made(
            order.sliver.text,
            tag_of(order.sliver.text),
            "node",
            order.generation,
            slice=order.slice.text,
            client_id=resource.client_id,
            sliver_type=place.sliver_type,
            logins=order.logins,
        )
        if before is not None:
            wanted = replace(
                wanted,
                # as long as its disk is over it
                image=before.image,
                seat=before.seat,
                port=before.port,
                net=before.net,
                running=before.running,
                done=before.done,
            )
        nics = nics_of(wanted.sliver, resource.interfaces, before.nics if before else ())
        wanted = replace(wanted, nics=nics, process=before.process if before else None)
        running = before is not None and alive(before.process)
        other_disk = before is None or name_of(before.image) != image
        other_limits = before is not None and before.sliver_type != place.sliver_type
        if running and (other_disk or other_limits):
            wanted = self._halt(wanted)
        if other_disk:
            wanted = self._without_disk(wanted, image)
        wanted = self._plug(self._seated(wanted))
        if running and wanted.process is None:
            self._boot(wanted)
        elif running and before is not None and before.logins != order.logins:
            self._dress(wanted, order.logins)

    def start(self, made: Made, order: Order) -> Access:
        """Bring it up; what runs already gets the ordered accounts."""
        made = self._plug(replace(made, generation=order.generation, logins=order.logins))
        if alive(made.process):
            self._dress(made, order.logins)
        else:
            made = self._boot(made)
        return self._reached(self._ready(made))

    def stop(self, made: Made, order: Order) -> None:
        """Take it down; its disk and its place in the network stay."""
        self._halt(replace(made, generation=order.generation, running=False))

    def restart(self, made: Made, order: Order) -> Access:
        """Down and up again: a new first process, the same disk, addresses, keys and port."""
        halted = self._halt(replace(made, generation=order.generation, logins=order.logins))
        return self._reached(self._ready(self._boot(self._plug(halted))))

    def reload(self, made: Made, order: Order) -> Access:
        """Down, and up with a fresh disk of its image; the same addresses, host key and port."""
        halted = self._halt(replace(made, generation=order.generation, logins=order.logins))
        fresh = self._without_disk(halted, name_of(halted.image))
        return self._reached(self._ready(self._boot(self._plug(fresh))))

    def run_services(self, made: Made, order: Order, wanted: Callable[[], bool]) -> None:
        """What its request wants done in it, unless that was done on this disk."""
        newly = made.logins != order.logins
        made = replace(made, generation=order.generation, logins=order.logins)
        self._journal.put(made)
        process = made.process
        if process is None or not alive(process):
            raise DriverError(self._end_of(made), lasting=True)
        if newly:
            self._dress(made, order.logins)
        asked = services_of(_of(order)[1])
        digest = services.digest(asked)
        if digest == made.done:
            return

        def still() -> bool:
            return wanted() and self._goes_on(made)

        def put(one: Install) -> None:
            self._runtime.install(process, self._archive(made, one), seconds, still)

        def run(words: Sequence[str], seconds: float) -> tuple[int | None, str]:
            return self._runtime.run(made.tag, process, words, seconds, still)

        seconds = self._settings.run_seconds
        services.install(asked.installs, put)
        services.execute(asked.executes, run, seconds)
        self._journal.put(replace(made, done=digest))

    def update_users(self, made: Made, order: Order) -> None:
        """Make its accounts exactly those ordered."""
        if not alive(made.process):
            raise DriverError(f"{made.client_id} does not run", lasting=True)
        made = replace(made, generation=order.generation, logins=order.logins)
        self._journal.put(made)
        self._dress(made, order.logins)

    def freeze(self, made: Made) -> None:
        """Let nothing in it run; close its port, which ends the logins through it."""
        process = made.process
        try:
            if process is not None and alive(process) and not is_frozen(process.pid):
                self._runtime.pause(made.tag)
        except DriverError:
            # one that was told to before has stopped meanwhile
            if process is not None and alive(process) and not is_frozen(process.pid):
                raise
        finally:
            self._gate.close()

    def unfreeze(self, made: Made) -> None:
        """Let what is in it go on."""
        process = made.process
        if process is not None and alive(process) and is_to_freeze(process.pid):
            self._runtime.resume(made.tag)

    def thaw(self, made: Made, order: Order) -> Access | None:
        """After that, let logins in again; answers how, where it was to run."""
        made = replace(made, generation=order.generation)
        self._journal.put(made)
        if not made.running:
            return None
        if not alive(made.process):
            raise DriverError(self._end_of(made, " while it was frozen"), lasting=True)
        return self._access(self._opened(made))

    def remove(self, made: Made) -> None:
        """Remove every trace of it but its journal entry."""
        self.remove_orphan(made.tag)

    def removed(self) -> None:
        """After its journal entry said that it is gone: close its port, tidy up."""
        self._gate.close()
        self._runtime.forget()

    def observe(self, made: Made, *, frozen: bool) -> Observed:
        """What is there of it."""
        if made.process is not None and alive(made.process):
            if frozen:
                return Observed(exists=True, running=not is_to_freeze(made.process.pid))
            return Observed(exists=True, running=True, access=self._access(made))
        if not made.running:
            return Observed(exists=True)
        return Observed(exists=True, error=self._end_of(made))

    def _end_of(self, made: Made, when: str = "") -> str:
        """Why it does not run, in words."""
        if made.process is not None and made.process.boot != boot():
            return f"it ended{when}: the machine was booted since; its disk is kept"
        return f"it ended{when}; its console ends with: {last_words(self.console(made))}"

    def tend(self, standing: Mapping[str, Made]) -> None:
        """See that logins come in where nodes run: a gate that was killed is started again."""
        if any(alive(one.process) for one in standing.values()):
            self._gate.look()
        else:
            self._gate.close()

    def tags(self) -> frozenset[str]:
        """The tags of all that is there, known or not."""
        found = (self._settings.directory / "nodes").glob("*")
        return self._runtime.tags() | {one.name for one in found} | self._network.found().nodes

    def remove_orphan(self, tag: str) -> None:
        """Remove what nothing is known of but its tag."""
        self._runtime.remove(tag)
        self._network.close_node(tag)
        remove_tree(self._settings.directory / "nodes" / tag)

    def console(self, made: Made) -> Path:
        """Where what it prints is kept, see `console`; not there before it runs."""
        return self._directory(made) / "console"

    def container(self, made: Made) -> str:
        """The name of its container and of its cgroups."""
        return self._runtime.name(made.tag)

    def _seated(self, made: Made) -> Made:
        """The node with a port and a range of ids, in the journal before anything is made."""
        if made.port is not None and made.port in self._settings.ports:
            self._journal.put(made)
            return made
        return self._journal.seat(made, self._settings.ports)

    def _plug(self, made: Made) -> Made:
        """Its namespaces, and in them exactly its interfaces; there after a boot, too."""
        self._journal.put(made)
        pinned = self._network.open_node(made.tag, self._ids(made))
        for _, nic in made.nics:
            self._network.plug(made.tag, nic)
        for name in self._network.plugged(made.tag) - {nic.name for _, nic in made.nics}:
            self._network.unplug(made.tag, name)
        made = replace(made, net=str(pinned.net))
        self._journal.put(made)
        return made

    def _boot(self, made: Made) -> Made:
        """Start its first process."""
        init = bundle.init_program()
        limits = self._settings.limits(made.sliver_type)
        if init is None or limits is None:
            raise DriverError(f"sliver type {made.sliver_type} is not made here", lasting=True)
        self._runtime.remove(made.tag)
        made = replace(made, running=True)
        self._journal.put(made)
        directory = self._directory(made)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        ids = self._ids(made)
        pinned = self._network.open_node(made.tag, ids)
        hostname = _hostname(made)
        name = self.container(made)
        container = bundle.Container(hostname, pinned, ids, limits, name, init, _COMMAND)
        launch = Launch(
            config=bundle.config(container),
            layers=[(one.place, str(one.directory)) for one in self.images.layers(made.image)],
            disk=directory / "disk",
            disk_mb=limits.disk_mb,
            user=pinned.user,
            first_id=ids.first,
            console=self.console(made),
            wear=self._wear(made, hostname, directory),
        )
        made = replace(made, process=self._runtime.start(made.tag, launch))
        self._journal.put(made)
        # a freeze from here on finds the process; one from before is found here
        if not self._goes_on(made):
            raise DriverError("it ended, or was frozen, while it started")
        return made

    def _ready(self, made: Made) -> Made:
        """The node when it can be logged in to."""
        seconds = self._settings.boot_seconds
        try:
            wait_for_login(Path(made.net), seconds, still=lambda: self._goes_on(made))
        except DriverError as error:
            said = last_words(self.console(made))
            raise DriverError(f"{error}; its console ends with: {said}") from error
        return self._opened(made)

    def _goes_on(self, made: Made) -> bool:
        """Whether it runs and nobody froze it meanwhile."""
        return alive(made.process) and made.sliver not in self._journal.frozen()

    def _opened(self, made: Made) -> Made:
        """The node when its port is open; it may have become another one."""
        tried = 0
        while (why := self._gate.look().get(made.port or 0)) is not None:
            # another program has the port: take the next one, unless it was told already
            tried += 1
            if tried > len(self._settings.ports):
                raise DriverError(f"no port for logins can be opened: {why}")
            made = self._journal.seat(made, self._settings.ports)
        return made

    def _archive(self, made: Made, one: Install) -> Mapping[str, Any]:
        """What is to be told of an archive to be installed."""
        return {
            "url": one.url,
            "path": one.path,
            "origins": self._settings.fetch.entries,
            "most": self._settings.fetch_mb << 20,
            "directory": str(self._directory(made)),
        }

    def _reached(self, made: Made) -> Access:
        """How to log in to it."""
        access = self._access(made)
        if access is None:
            raise DriverError("it has no port for logins")
        return access

    def _halt(self, made: Made) -> Made:
        self._journal.put(made)
        if made.process is not None:
            self._runtime.end(made.process, _GRACE)
        self._runtime.remove(made.tag)
        # who was told that it ended reads its last words
        wait_until_kept(self.console(made))
        made = replace(made, process=None)
        self._journal.put(made)
        return made

    def _without_disk(self, made: Made, image: str) -> Made:
        """A node that does not run, without all that it wrote, over the image as it is now.

        The journal says so when it is done: whoever is killed before does it again.
        """
        (self._directory(made) / "disk").unlink(missing_ok=True)
        # a version that the journal names is not removed
        with self._journal.alone(LOCK):
            made = replace(made, image=self.images.newest(image), done="")
            self._journal.put(made)
        return made

    def _dress(self, made: Made, logins: tuple[Login, ...]) -> None:
        if made.process is None:
            raise DriverError(f"{made.client_id} does not run", lasting=True)
        self._runtime.dress(made.process, {"logins": _told(logins)})

    def _wear(self, made: Made, hostname: str, directory: Path) -> Mapping[str, Any]:
        identity = directory / "host_key"
        if not identity.exists():
            identity.touch(0o600)
            identity.write_bytes(_new_key())
        return {
            "hostname": hostname,
            "hosts": _HOSTS.format(hostname),
            # one for each disk, as for a machine that was installed
            "machine_id": uuid.uuid5(uuid.NAMESPACE_URL, made.sliver).hex,
            "host_key": identity.read_text("ascii"),
            "logins": _told(made.logins),
        }

    def _access(self, made: Made) -> Access | None:
        return None if made.port is None else Access(self._settings.hostname, made.port)

    def _ids(self, made: Made) -> Ids:
        if made.seat is None:
            raise DriverError("it has no range of user ids")
        return Ids(self._settings.ids + made.seat * _IDS, _IDS)

    def _directory(self, made: Made) -> Path:
        return self._settings.directory / "nodes" / made.tag


_HOSTS: Final = "127.0.0.1 localhost\n127.0.1.1 {}\n::1 localhost ip6-localhost ip6-loopback\n"


def _of(order: Order) -> tuple[NodePlacement, Node]:
    place, resource = order.contents.placement, order.contents.resource
    if not isinstance(place, NodePlacement) or not isinstance(resource, Node):
        raise DriverError("an order for a node that is none", lasting=True)
    return place, resource


def _told(logins: tuple[Login, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.name, one.keys) for one in logins]


def _hostname(made: Made) -> str:
    """The client_id; one that is no host name is made one that differs from others' (RFC 1123)."""
    label = _NOT_IN_A_LABEL.sub("-", made.client_id.lower()).strip("-")
    if label == made.client_id.lower() and len(label) < 64:
        return made.client_id
    return f"{label[:48] or 'node'}-{sha256(made.sliver.encode()).hexdigest()[:8]}".lstrip("-")


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
