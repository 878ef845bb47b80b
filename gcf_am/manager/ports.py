"""What the manager needs of a store and of a driver, with their promises."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from gcf_am.audit.event import Event
from gcf_am.clock import Clock
from gcf_am.model.preserve import Guarantee
from gcf_am.model.share import Account, Kept, Past, Share, Usage
from gcf_am.model.site import Site
from gcf_am.model.sliver import Access, Amount, Contents, Login, Slice, Sliver
from gcf_am.model.states import AllocationState
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Lease:
    """A reconciler's right to work on one sliver until `until`; void when the sliver moved on."""

    sliver: Sliver
    owner: str
    until: datetime


class Duty(Enum):
    """What only one process does at a time, of all that work on a store.

    PLACE is a place's and not a process's: where the slivers stand (manager.placed). SWEEP is to
    let go of what is old, TELL to tell a slice authority of slivers.
    """

    PLACE = "place"
    SWEEP = "sweep"
    TELL = "tell"


@dataclass(frozen=True, slots=True)
class News:
    """Slivers that changed; of those that were made the maker's URN, else an empty text.

    `since` is where the reader's bookmark is, `last` where it belongs once all is dealt with.
    """

    since: int
    last: int
    makers: Mapping[Urn, str]


class Unit(Protocol):
    """One transaction; nothing it did is seen by others before it ends well.

    Leaving the block commits, an exception rolls back. No driver or network call inside.
    """

    def find_slice(self, urn: Urn, uuid: str) -> Slice | None:
        """The slice with this URN and UUID, if a call ever named it."""
        ...

    def find_slices(self, urn: Urn, uuids: Collection[str]) -> tuple[Slice, ...]:
        """Those with this URN and one of the UUIDs, oldest first."""
        ...

    def slices_named(self, urn: Urn) -> tuple[Slice, ...]:
        """Every slice that ever had this URN, oldest first; an operator knows no UUID."""
        ...

    def slice_of(self, key: int) -> Slice:
        """The slice with this key."""
        ...

    def lock_slice(self, urn: Urn, uuid: str) -> Slice:
        """The same, made where missing, and locked until the unit ends (decision 1).

        Meanwhile no other unit locks a slice of this URN, nor makes one, and none changes slivers
        of this slice but what it says of leases: whoever does so locks their slice first.
        """
        ...

    def lock_slices(self, urn: Urn, uuid: str, *others: str) -> tuple[Slice, ...]:
        """The same, and behind it those that are there with this URN and one of other UUIDs."""
        ...

    def shut_down(self, slice_key: int, *, on: bool) -> None:
        """Mark the slice as shut down, or release it."""
        ...

    def slivers(self, slice_key: int) -> tuple[Sliver, ...]:
        """The slice's slivers that are not geni_unallocated, oldest first (also expired ones)."""
        ...

    def links(self, slice_key: int) -> tuple[Sliver, ...]:
        """Those of them that are links."""
        ...

    def named(self, urns: Collection[Urn]) -> dict[Urn, Sliver]:
        """Slivers by URN, of any slice and state, records of the past included."""
        ...

    def lock_components(self, components: Collection[str]) -> None:
        """Lock the rows of components, in id order, until the unit ends (decision 1).

        Locked once more, before anything was written, those it had may be others' in between:
        what is held must be read again.
        """
        ...

    def held(self, *, without: Collection[Urn] = ()) -> Mapping[tuple[str, str], int]:
        """Sums of open holds by (component, dimension), those of `without` left out."""
        ...

    def new_urns(self, count: int) -> tuple[Urn, ...]:
        """So many sliver URNs that were never used and never will be again; in one statement."""
        ...

    def add(self, slivers: Iterable[Sliver]) -> None:
        """Remember new slivers and open their holds."""
        ...

    def save(self, slivers: Iterable[Sliver], *, was: Iterable[Sliver] = ()) -> None:
        """Write slivers; their open holds become `holds_of` each.

        An unallocated sliver to whom no step is owed holds nothing (decision 2). Leases stay; a
        retry time ends where the generation rose. Who tells what all of them were, as this unit
        found them, spares it reading what they held.
        """
        ...

    def lock_accounts(self, accounts: Collection[Account]) -> None:
        """Lock accounts until the unit ends: after slices, before components, in one order."""
        ...

    def open_shares(
        self, owner: Urn, began: datetime, slice_key: int, opened: Mapping[Urn, Share]
    ) -> None:
        """Write what new slivers of a slice, made by `owner`, take of quotas."""
        ...

    def set_shares(self, changed: Mapping[Urn, tuple[Share, Share]]) -> None:
        """Overwrite what slivers take of quotas; what they took, and what they take now."""
        ...

    def keepers(self, slice_key: int) -> Mapping[Urn, Kept]:
        """Whose the slice's live slivers are, and since when they are there."""
        ...

    def usage(self, scope: str, keys: Collection[str]) -> Mapping[str, Usage]:
        """What the accounts of one scope with these keys have now; in one statement."""
        ...

    def node_seconds(self, scope: str, keys: Collection[str], since: datetime) -> Mapping[str, int]:
        """How long the accounts' nodes lived after `since` and will live, in one statement."""
        ...

    def record(self, told: Iterable[Event]) -> None:
        """Write event rows."""
        ...

    def events(self, since: datetime, until: datetime) -> tuple[Event, ...]:
        """The changes from a time to before another, in order; not those of users forgotten since."""
        ...

    def news(self, limit: int, fresh: tuple[datetime, datetime] | None = None) -> News:
        """The slivers of the next rows of the record, so many at most, behind the bookmark.

        They end before the first row that was written after the first of the `fresh` times, and
        not after the second.
        """
        ...

    def heard(self, last: int) -> None:
        """Put the bookmark there; it never goes back."""
        ...

    def pasts(self, since: datetime, until: datetime) -> tuple[Past, ...]:
        """The slivers that were there at some time between, oldest first; also what is gone."""
        ...

    def remove_ended(self, before: datetime, limit: int) -> int:
        """Remove records of slivers that are over, so many at most; answers how many.

        Those count that would have expired before; what a driver still has to destroy stays.
        """
        ...

    def remove_frames(self, after: str, limit: int) -> str | None:
        """Remove frames of no sliver, from a page of all behind the digest `after`.

        Answers where the next page begins, None after the last.
        """
        ...

    def expired(self, now: datetime, limit: int) -> tuple[Sliver, ...]:
        """Live slivers whose time is up and whose slice is not shut down."""
        ...

    def lease_work(
        self, owner: str, now: datetime, until: datetime, limit: int, *, services: int = 0
    ) -> list[Lease]:
        """Take slivers with a `step` that nobody works on; their retry time must have come.

        Oldest first, but before all others those that are to be frozen; besides the `limit` so
        many who owe `services`, which may take long.
        """
        ...

    def owed(self, now: datetime) -> bool:
        """Whether lease_work would find anything; cheap."""
        ...

    def take(self, duty: Duty, owner: str, now: datetime, until: datetime | None = None) -> bool:
        """Have a duty until then, or without end; False while another owner has it."""
        ...

    def holder(self, duty: Duty) -> str | None:
        """Who has a duty, or had it last; None where nobody did, or who did left it."""
        ...

    def leave(self, duty: Duty, owner: str) -> None:
        """Have a duty no more, if it was this owner's."""
        ...

    def extend(self, lease: Lease, until: datetime) -> bool:
        """Hold a lease until then; False when owner or generation are no longer the lease's."""
        ...

    def settled(self, after: str, limit: int) -> tuple[Sliver, ...]:
        """Provisioned and updating slivers to whom no step is owed, over all slices.

        A page of at most `limit` in the order of their URNs' texts, beginning behind `after`.
        """
        ...

    def kept(self, after: str, limit: int) -> tuple[Sliver, ...]:
        """Slivers that are live or that a driver still has to destroy, over all slices.

        A page of at most `limit` in the order of their URNs' texts, beginning behind `after`.
        """
        ...

    def wake(self, urns: Collection[Urn]) -> None:
        """End the retry times of these slivers; whoever works on one goes on."""
        ...

    def revoke(self, urns: Collection[Urn]) -> None:
        """Take the leases of these slivers away: their next step waits for nobody's work."""
        ...

    def still_mine(self, lease: Lease) -> Sliver | None:
        """The sliver as it is now, if owner and generation are still the lease's.

        A unit that writes has it locked.
        """
        ...

    def mine(self, of: Sequence[Lease]) -> list[Sliver | None]:
        """The same for each of several leases, whose slivers are all of one slice."""
        ...

    def release(self, lease: Lease, *, retry_at: datetime | None = None) -> None:
        """Give a lease back; with `retry_at` nobody takes the sliver before that time."""
        ...


class Store(Protocol):
    """Remembers slices, slivers, holds and events over restarts.

    Every method raises DatabaseError when the database cannot be used, Busy when a lock could
    not be had in time (after one more try, decision 1).
    """

    def read(self) -> AbstractContextManager[Unit]:
        """A unit that only reads, on one snapshot."""
        ...

    def write(self) -> AbstractContextManager[Unit]:
        """A unit that writes."""
        ...

    def held_since(self, version: int) -> tuple[int, Mapping[tuple[str, str], int]]:
        """A number that rises whenever a hold opens or closes, and what changed after another.

        That is the sums of open holds by (component, dimension) that may have changed, also to 0;
        after version 0 all of them. It costs what changed, and next to nothing when nothing did.
        Source: decision 2.
        """
        ...

    def ahead(self, clock: Clock) -> timedelta:
        """By how much at least a clock is ahead of the database's, where that has its own."""
        ...

    def schema(self) -> str:
        """The name of the schema that the database has now; cheap."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What a driver is asked to work on.

    `contents` is what shall be true; `generation` tells an old order from a new one (a driver
    ignores an order older than one it has seen for the sliver); `ends` are, for a link, the node
    slivers' URNs and the client_ids of the interfaces it joins: (interface, sliver URN or None
    where the end lies elsewhere or is gone).
    """

    sliver: Urn
    slice: Urn
    contents: Contents
    generation: int
    logins: tuple[Login, ...] = ()
    ends: tuple[tuple[str, Urn | None], ...] = ()


class DriverError(Exception):
    """A driver could not do it; the text is for the experimenter.

    `lasting` is False when trying again may help.
    """

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Observed:
    """What a driver finds of a sliver: `exists`, `running`, how to log in, what is wrong.

    What is frozen does not run.
    """

    exists: bool
    running: bool = False
    access: Access | None = None
    error: str = ""


class Driver(Protocol):
    """Makes slivers true.

    Every method but `check` and `keeps` may block for as long as `timeout`, is called from a bounded pool and
    never inside a transaction, and is idempotent: called again with the same order it ends in the
    same state. Raises DriverError, nothing else. `name` is that of its entry point, by which the
    server's processes make it again.

    `addresses`: its interfaces are real, so those that a request leaves without an address shall
    get one, and clashes are refused; an order's interfaces have a MAC address then.

    `look_every` is how often it is to be observed, in seconds: as often as it matters that what
    ends by itself is noticed.
    """

    name: str
    look_every: float
    addresses: bool

    def probe(self, site: Site) -> Sequence[str]:
        """What this machine lacks to serve the site, in words; empty when it can."""
        ...

    def check(self, contents: Contents) -> None:
        """Whether it can make this; at once, without side effects. Raises DriverError."""
        ...

    def keeps(self, before: Contents, after: Contents) -> Guarantee:
        """What survives in a sliver that runs when `prepare` changes it so; at once.

        At least what `model.preserve.guarantee` answers.
        """
        ...

    def prepare(self, order: Order) -> None:
        """Build it, or change what is built into `contents`; do not start what does not run.

        What runs goes on running, as `keeps` said.
        """
        ...

    def start(self, order: Order) -> Access | None:
        """Bring it up; returns when it is usable. Nodes answer how to log in.

        What the request wants done in a node is for `run_services`.
        """
        ...

    def run_services(self, order: Order, wanted: Callable[[], bool]) -> None:
        """Do in a node what its request wants: installs, then executes, then its post-boot script.

        Asked for after start, restart and reload, when the links that were to come up are joined;
        done once for each disk, and for services that are not those of before. What fails ends
        it, with a lasting DriverError. It may take longer than other methods and asks `wanted`
        every few seconds: where that is False it ends at once, as failed for now.
        """
        ...

    def stop(self, order: Order) -> None:
        """Take it down, keeping its disk."""
        ...

    def restart(self, order: Order) -> Access | None:
        """Take it down and bring it up again."""
        ...

    def reload(self, order: Order) -> Access | None:
        """Give the node a fresh disk of its image and bring it up, whether it ran or not.

        What it wrote is gone, addresses and login stay, and its `boot_script` runs again.
        """
        ...

    def update_users(self, order: Order) -> None:
        """Make the node's accounts exactly `logins`."""
        ...

    def freeze(self, order: Order) -> None:
        """Stop it where it is and cut it off: nothing in it runs, nobody gets in, no frame passes.

        Disk, memory, addresses and accounts stay as they are, over restarts of the aggregate,
        until it is thawed, or another order that is newer thaws it to do its work. This alone is
        called also while another method works on the sliver: it does not wait for that, and what
        that one still makes is frozen, too. Well when nothing is built.
        """
        ...

    def thaw(self, order: Order) -> Access | None:
        """Let what was frozen go on; answers as `start`. Well when it is not frozen.

        Raises a lasting DriverError when what ran has ended meanwhile.
        """
        ...

    def destroy(self, order: Order) -> None:
        """Remove every trace; returns when nothing of it is left."""
        ...

    def observe(self, orders: Sequence[Order]) -> Mapping[Urn, Observed]:
        """What is really there: of each order's sliver, and of all else the driver ever made here.

        So what a store believes gone, and is not, comes to light.
        """
        ...


def holding(sliver: Sliver) -> bool:
    """Whether it holds anything: it is live, or what a driver made of it is still there.

    Source: decision 2.
    """
    return sliver.allocation is not AllocationState.UNALLOCATED or sliver.step is not None


def holds_of(sliver: Sliver) -> tuple[Amount, ...]:
    """What a live sliver holds: while updating, the larger of old and new in each dimension.

    Source: decision 3.
    """
    most: dict[tuple[str, str], int] = {}
    for contents in (sliver.contents, sliver.pending):
        for one in contents.holds if contents is not None else ():
            key = (one.component, one.dimension)
            most[key] = max(most.get(key, 0), one.amount)
    return tuple(Amount(*key, amount) for key, amount in sorted(most.items()))
