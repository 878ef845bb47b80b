"""One transaction as the manager sees it; what it promises stands in manager.ports.Unit."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from gcf_am.audit.event import Event, Kind
from gcf_am.manager.ports import Duty, Lease, News, holding, holds_of
from gcf_am.model.share import Account, Kept, Past, Share, Usage
from gcf_am.model.sliver import Slice, Sliver
from gcf_am.store import duties, events, holds, leases, news, retention, shares, slices, sums
from gcf_am.store import slivers as sliver_rows
from gcf_am.store.counters import sliver_numbers
from gcf_am.store.frames import Frames
from gcf_am.store.slices import key_of
from gcf_am.store.sums import Sums
from gcf_am.store.tables import EVENTS
from gcf_am.store.tallies import Tallies
from gcf_am.store.transaction import Transaction
from gcf_am.urn import Urn

# inline: nobody asks for the keys that the rows get
_RECORD: Final = insert(EVENTS).inline()


class SqlUnit:
    """A manager.ports.Unit on one connection, for one thread."""

    def __init__(
        self, connection: Connection, *, authority: str, writes: bool, sums: Sums | None = None
    ) -> None:
        self._transaction = Transaction(connection, writes=writes)
        self._writes = writes
        self._frames = Frames(self._transaction)
        self._components = holds.Components(self._transaction)
        self._authority = authority
        self._sums = sums or Sums()
        # what it changed of sums, None where no hold opened or closed
        self._deltas: dict[tuple[str, str], int] | None = None
        self._tallies = Tallies()
        # those whose rows this unit has locked: nobody else changes them
        self._locked: dict[int, Slice] = {}

    def commit(self) -> None:
        """Make the unit's work lasting; Store.write() calls it where the block ends well."""
        if self._deltas is not None:
            sums.add(self._transaction, self._deltas)
        self._tallies.write(self._transaction)
        self._transaction.commit()

    def find_slice(self, urn: Urn, uuid: str) -> Slice | None:
        """The slice, if a call ever named it."""
        return slices.find_slice(self._transaction, urn, uuid)

    def find_slices(self, urn: Urn, uuids: Collection[str]) -> tuple[Slice, ...]:
        """Those with this URN and one of the UUIDs."""
        return slices.find_slices(self._transaction, urn, uuids)

    def slices_named(self, urn: Urn) -> tuple[Slice, ...]:
        """Every slice that ever had this URN, oldest first."""
        return slices.slices_named(self._transaction, urn)

    def slice_of(self, key: int) -> Slice:
        """The slice with this key; raises DatabaseError when there is none."""
        return self._locked.get(key) or slices.slice_of(self._transaction, key)

    def lock_slice(self, urn: Urn, uuid: str) -> Slice:
        """The slice, made where missing, locked."""
        return self.lock_slices(urn, uuid)[0]

    def lock_slices(self, urn: Urn, uuid: str, *others: str) -> tuple[Slice, ...]:
        """The same, and those that are there with the other UUIDs."""
        locked = slices.lock_slice(self._transaction, urn, uuid, others)
        self._locked.update({one.key: one for one in locked})
        return locked

    def shut_down(self, slice_key: int, *, on: bool) -> None:
        """Mark the slice as shut down, or release it."""
        slices.shut_down(self._transaction, slice_key, on=on)
        self._locked.pop(slice_key, None)

    def slivers(self, slice_key: int) -> tuple[Sliver, ...]:
        """The slice's slivers that are not unallocated, oldest first."""
        return sliver_rows.of_slice(self._transaction, self._frames, slice_key)

    def links(self, slice_key: int) -> tuple[Sliver, ...]:
        """Those of them that are links."""
        return sliver_rows.of_slice(self._transaction, self._frames, slice_key, kind="link")

    def named(self, urns: Collection[Urn]) -> dict[Urn, Sliver]:
        """Slivers by URN, records of the past included."""
        return sliver_rows.named(self._transaction, self._frames, urns)

    def lock_components(self, components: Collection[str]) -> None:
        """Lock the rows of components."""
        self._components.lock(components)

    def held(self, *, without: Collection[Urn] = ()) -> Mapping[tuple[str, str], int]:
        """Sums of open holds by component and dimension."""
        found = self._sums.now(self._transaction)
        if not without and self._deltas is None:
            return found
        mine = holds.of_slivers(self._transaction, {key_of(urn) for urn in without})
        left = Counter(found)
        left.update(self._deltas or {})
        left.subtract(mine)
        return {key: amount for key, amount in left.items() if amount}

    def new_urns(self, count: int) -> tuple[Urn, ...]:
        """So many sliver URNs that were never used."""
        numbers = sliver_numbers(self._transaction, count)
        return tuple(Urn.of(self._authority, "sliver", str(one)) for one in numbers)

    def add(self, slivers: Iterable[Sliver]) -> None:
        """Remember new slivers and open their holds."""
        if made := tuple(slivers):
            sliver_rows.add(self._transaction, self._frames, made)
            self._changed(holds.open_holds(self._transaction, _holds(made)))

    def save(self, slivers: Iterable[Sliver], *, was: Iterable[Sliver] = ()) -> None:
        """Write slivers; a record that owes its driver nothing holds nothing."""
        if saved := tuple({one.urn: one for one in slivers}.values()):
            before = {one.urn: one for one in was}
            found = before.keys() == {one.urn for one in saved}
            sliver_rows.save(self._transaction, self._frames, saved, found=found)
            now = (
                _holds(before.values())
                if found
                else holds.of_each(self._transaction, [key_of(one.urn) for one in saved])
            )
            self._changed(holds.set_holds(self._transaction, now, _holds(saved)))

    def lock_accounts(self, accounts: Collection[Account]) -> None:
        """Lock accounts."""
        shares.lock(self._transaction, accounts)

    def open_shares(
        self, owner: Urn, began: datetime, slice_key: int, opened: Mapping[Urn, Share]
    ) -> None:
        """Write the shares of new slivers of a slice."""
        in_slice = self.slice_of(slice_key)
        shares.open_shares(self._transaction, self._tallies, owner, began, in_slice, opened)

    def set_shares(self, changed: Mapping[Urn, tuple[Share, Share]]) -> None:
        """Overwrite the shares of slivers."""
        shares.set_shares(self._transaction, self._tallies, changed)

    def keepers(self, slice_key: int) -> Mapping[Urn, Kept]:
        """Whose a slice's live slivers are."""
        return shares.keepers(self._transaction, slice_key)

    def usage(self, scope: str, keys: Collection[str]) -> Mapping[str, Usage]:
        """What accounts of one scope have now."""
        return shares.usage(self._transaction, self._tallies, scope, keys)

    def node_seconds(self, scope: str, keys: Collection[str], since: datetime) -> Mapping[str, int]:
        """The seconds of the nodes of accounts."""
        return shares.node_seconds(self._transaction, scope, keys, since)

    def record(self, told: Iterable[Event]) -> None:
        """Write event rows."""
        if rows := [events.write_event(one) for one in told]:
            self._transaction.push(_RECORD, rows)

    def events(self, since: datetime, until: datetime) -> tuple[Event, ...]:
        """The changes of a time, of users that are known."""
        wanted = select(EVENTS).where(
            EVENTS.c.kind == Kind.CHANGE,
            EVENTS.c.at >= since,
            EVENTS.c.at < until,
            EVENTS.c.caller != "",
        )
        rows = self._transaction.read(wanted.order_by(EVENTS.c.id)).mappings()
        return tuple(events.read_row(row).event for row in rows)

    def news(self, limit: int, fresh: tuple[datetime, datetime] | None = None) -> News:
        """The slivers of the next changes behind the bookmark, up to those of the fresh time."""
        return news.news(self._transaction, limit, fresh)

    def heard(self, last: int) -> None:
        """Put the bookmark there."""
        news.heard(self._transaction, last)

    def pasts(self, since: datetime, until: datetime) -> tuple[Past, ...]:
        """The slivers that were there at some time between."""
        return shares.pasts(self._transaction, since, until)

    def remove_ended(self, before: datetime, limit: int) -> int:
        """Remove records of slivers that would have expired before."""
        return retention.remove_ended(self._transaction, before, limit)

    def remove_frames(self, after: str, limit: int) -> str | None:
        """Remove what no sliver points to from a page of frames."""
        return retention.remove_frames(self._transaction, after, limit)

    def all_shut_down(self) -> tuple[Slice, ...]:
        """The slices that are shut down."""
        return slices.all_shut_down(self._transaction)

    def expired(self, now: datetime, limit: int) -> tuple[Sliver, ...]:
        """Live slivers whose time is up and whose slice is not shut down."""
        return sliver_rows.expired(self._transaction, self._frames, now, limit)

    def lease_work(
        self, owner: str, now: datetime, until: datetime, limit: int, *, services: int = 0
    ) -> list[Lease]:
        """Take slivers with a step that nobody works on."""
        return leases.lease_work(
            self._transaction, self._frames, owner, now, until, limit, services
        )

    def extend(self, lease: Lease, until: datetime) -> bool:
        """Hold a lease until then; False when it is void."""
        return leases.extend(self._transaction, lease, until)

    def owed(self, now: datetime) -> bool:
        """Whether there is anything to lease."""
        return leases.owed(self._transaction, now)

    def take(self, duty: Duty, owner: str, now: datetime, until: datetime | None = None) -> bool:
        """Have a duty until then, unless another has it."""
        return duties.take(self._transaction, duty, owner, now, until)

    def holder(self, duty: Duty) -> str | None:
        """Who has a duty, or had it last."""
        return duties.holder(self._transaction, duty)

    def leave(self, duty: Duty, owner: str) -> None:
        """Have a duty no more."""
        duties.leave(self._transaction, duty, owner)

    def settled(self, after: str, limit: int) -> tuple[Sliver, ...]:
        """A page of provisioned and updating slivers to whom no step is owed."""
        return sliver_rows.settled(self._transaction, self._frames, after, limit)

    def kept(self, after: str, limit: int) -> tuple[Sliver, ...]:
        """A page of the slivers that are live or not yet destroyed."""
        return sliver_rows.kept(self._transaction, self._frames, after, limit)

    def revoke(self, urns: Collection[Urn]) -> None:
        """Take the leases of these slivers away."""
        leases.revoke(self._transaction, urns)

    def wake(self, urns: Collection[Urn]) -> None:
        """End the retry times of these slivers."""
        leases.wake(self._transaction, urns)

    def still_mine(self, lease: Lease) -> Sliver | None:
        """The sliver as it is now, locked where the unit writes, unless the lease is void."""
        return self.mine([lease])[0]

    def mine(self, of: Sequence[Lease]) -> list[Sliver | None]:
        """The same for each of several leases, all in one slice."""
        if self._writes:
            # as a verb does: the slice's row first (decision 1)
            [key] = {one.sliver.slice_key for one in of}
            locked = slices.lock_slice_of(self._transaction, key)
            self._locked[locked.key] = locked
        return leases.mine(self._transaction, self._frames, of, lock=self._writes)

    def release(self, lease: Lease, *, retry_at: datetime | None = None) -> None:
        """Give a lease back."""
        leases.release(self._transaction, lease, retry_at)

    def _changed(self, deltas: holds.Deltas | None) -> None:
        """Keep for the end how sums change."""
        if deltas is not None:
            self._deltas = self._deltas or {}
            for key, delta in deltas.items():
                self._deltas[key] = self._deltas.get(key, 0) + delta


def _holds(of: Iterable[Sliver]) -> dict[tuple[str, str, str], int]:
    return {
        (key_of(one.urn), hold.component, hold.dimension): hold.amount
        for one in of
        # decision 2: a hold outlives the sliver until the driver has destroyed what it made
        if holding(one)
        for hold in holds_of(one)
    }
