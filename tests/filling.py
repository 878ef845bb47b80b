"""Fills a store with slivers, as so many calls would have left it.

For measurements with much around: one by one the calls would take hours. What is written is what
Allocate and Delete write:

- live slivers are reservations of a node each, evenly over the site's shared hosts and then on
  exclusive ones, with their holds, shares and events. No driver has seen them, so none is missed;
- past ones were reserved and deleted again over the last 300 days: record, share, two events;
- events are sealed, so that the chain holds, and replay tells what stands in the tables;
- the bookmark of who tells slice authorities is behind them: they count as told.

Rows of calls, which no sliver needs, are left out. Nobody else may use the store meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import func, insert, select, update

from gcf_am.audit.row import Row, sealed
from gcf_am.audit.telling import difference, told
from gcf_am.manager import record
from gcf_am.manager.ending import ended
from gcf_am.manager.ports import holds_of
from gcf_am.manager.record import Author, Change
from gcf_am.model.share import share
from gcf_am.model.site import Host, Site
from gcf_am.model.sliver import Amount, Contents, NodePlacement, Slice, Sliver
from gcf_am.model.states import AllocationEvent, AllocationState, OperationalState
from gcf_am.rspec.request import read_request
from gcf_am.store import news
from gcf_am.store.engine import Database, open_database
from gcf_am.store.events import write_event, write_seal
from gcf_am.store.frames import Frames
from gcf_am.store.log import PAGE, SqlLog
from gcf_am.store.shares import write_shares
from gcf_am.store.slivers import write_sliver
from gcf_am.store.tables import AUDIT, EVENTS, SHARES, SLIVERS
from gcf_am.store.transaction import Transaction
from gcf_am.store.unit import SqlUnit
from gcf_am.urn import Urn

# The live slivers of one slice, and those of its past ones that were there together.
PER_SLICE: Final = 10
# So many such lots in one transaction.
_LOTS: Final = 200
_USERS: Final = 100
_LASTS: Final = timedelta(days=300)
_RESERVED: Final = timedelta(minutes=10)
_BUSY_SECONDS: Final = 60.0
# Whoever served the store before may have the sealer's lease for some seconds still.
_LATER: Final = timedelta(days=1)
_REQUEST: Final = (
    '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="request">'
    + "".join(f'<node client_id="node-{one}"/>' for one in range(PER_SLICE))
    + "</rspec>"
)


class NoRoomError(Exception):
    """The site does not hold so many slivers."""


def fill(url: str, site: Site, *, live: int, past: int, now: datetime) -> None:
    """Add so many live slivers, which expire in 300 days, and so many past ones.

    `url` is the database's, at this release's schema; the slivers are of the site's authority, ten
    live ones in a slice, and of a hundred users. Raises NoRoomError where the site has no room.
    """
    database = open_database(url, busy_seconds=_BUSY_SECONDS)
    try:
        filling = _Filling(database, site, now)
        hosts = filling.free(live)
        filling.seal()  # what waits goes before what is written sealed
        filling.past(past, slices=max(1, live // PER_SLICE))
        filling.live(hosts)
        filling.seal()
        filling.tell()
    finally:
        database.close()


class _Filling:
    def __init__(self, database: Database, site: Site, now: datetime) -> None:
        self._database = database
        self._site = site
        self._now = now
        self._authority = site.manager.authority
        topology = read_request(_REQUEST, manager=site.manager)
        self._nodes, self._frame = topology.nodes, topology.frame
        self._known: dict[tuple[str, int], Contents] = {}

    def free(self, wanted: int) -> list[Host]:
        """A host for each of so many slivers, in turns."""
        with self._database.reading() as connection:
            held = SqlUnit(connection, authority="", writes=False).held()
        found = list(islice(_seats(self._site, held), wanted))
        if len(found) < wanted:
            raise NoRoomError(f"the site has room for {len(found)} slivers, not for {wanted}")
        return found

    def live(self, hosts: Sequence[Host]) -> None:
        """Reserve, and keep."""
        lots = [hosts[at : at + PER_SLICE] for at in range(0, len(hosts), PER_SLICE)]
        for first in range(0, len(lots), _LOTS):
            with self._database.writing() as connection:
                unit = SqlUnit(connection, authority=self._authority, writes=True)
                page = lots[first : first + _LOTS]
                unit.lock_components({host.component_id for lot in page for host in lot})
                for number, lot in enumerate(page, first):
                    here = self._slice(unit, number)
                    made = self._reserved(unit, here, lot, self._now + _LASTS)
                    author = self._author("Allocate", number, self._now)
                    record.write(unit, author, [Change(None, one) for one in made])
                unit.commit()

    def past(self, wanted: int, *, slices: int) -> None:
        """Reserve, and delete again: what is left of that, sealed as it is written."""
        hosts = list(islice(_seats(self._site, {}), wanted))
        lots = [min(PER_SLICE, wanted - at) for at in range(0, wanted, PER_SLICE)]
        step = _LASTS / (len(lots) + 1)
        for first in range(0, len(lots), _LOTS):
            with self._database.writing() as connection:
                unit = SqlUnit(connection, authority=self._authority, writes=True)
                transaction = Transaction(connection, writes=True)
                pasts = _Pasts(transaction)
                for number, size in enumerate(lots[first : first + _LOTS], first):
                    began = self._now - _LASTS + number * step
                    mine = [hosts[(number * PER_SLICE + one) % len(hosts)] for one in range(size)]
                    here = self._slice(unit, number % slices)
                    made = self._reserved(unit, here, mine, began + _RESERVED)
                    pasts.add(
                        here,
                        made,
                        self._author("Allocate", number % slices, began),
                        self._author("Delete", number % slices, began + min(step, _RESERVED) / 2),
                    )
                pasts.write()
                unit.commit()

    def seal(self) -> None:
        """Seal what is not yet, whoever did so before; the lease is free again afterwards."""
        log = SqlLog(self._database)
        while log.seal("filling", self._now + _LATER, self._now) == PAGE:
            pass

    def tell(self) -> None:
        """Put the bookmark behind all that was written."""
        with self._database.writing() as connection:
            transaction = Transaction(connection, writes=True)
            last = transaction.read(select(func.max(EVENTS.c.seq))).scalar_one() or 0
            news.heard(transaction, last)
            transaction.commit()

    def _slice(self, unit: SqlUnit, number: int) -> Slice:
        urn = Urn.of(self._authority, "slice", f"filled-{number}")
        return unit.lock_slice(urn, str(uuid5(NAMESPACE_URL, urn.text)))

    def _author(self, verb: str, number: int, at: datetime) -> Author:
        user = Urn.of(self._authority, "user", f"user-{number % _USERS}")
        return Author(verb, user.text, f"filled-{number}", at)

    def _reserved(
        self, unit: SqlUnit, here: Slice, hosts: Sequence[Host], expires: datetime
    ) -> list[Sliver]:
        return [
            Sliver(
                urn,
                here.key,
                self._contents(host, place),
                AllocationState.ALLOCATED,
                OperationalState.PENDING_ALLOCATION,
                expires,
            )
            for place, (urn, host) in enumerate(zip(unit.new_urns(len(hosts)), hosts, strict=True))
        ]

    def _contents(self, host: Host, place: int) -> Contents:
        """What the node of a lot at this place is on the host, as placement makes it."""
        key = (host.component_id, place)
        if key not in self._known:
            kind = host.sliver_types[0]
            image = next((one for one in kind.images if one.default), next(iter(kind.images), None))
            self._known[key] = Contents(
                self._nodes[place],
                NodePlacement(
                    host.component_id,
                    kind.name,
                    None if image is None else image.name,
                    host.exclusive,
                ),
                (Amount(host.component_id, "slots", host.slots if host.exclusive else 1),),
                self._frame,
            )
        return self._known[key]


class _Pasts:
    """The rows of one transaction, sealed behind those that are there."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._slivers: list[dict[str, Any]] = []
        self._shares: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._frames = Frames(transaction)
        head = transaction.read(select(AUDIT.c.seq, AUDIT.c.hash)).one()
        self._seq, self._hash = int(head.seq), str(head.hash)

    def add(self, here: Slice, made: Sequence[Sliver], begin: Author, end: Author) -> None:
        """Slivers that were reserved by `begin` and ended by `end`."""
        over = [ended(one, AllocationEvent.DELETE) for one in made]
        self._frames.keep({one.contents.frame for one in made})
        self._slivers += map(write_sliver, over)
        self._shares += write_shares(
            Urn.parse(begin.caller),
            begin.at,
            here,
            {one.urn: share(one, end.at) for one in over},
        )
        at_first = [told(one, holds_of(one), holding=True) for one in made]
        self._record(here, begin, made, "", _words(made[0]), at_first)
        at_last = [
            difference(before, told(one, (), holding=False))
            for before, one in zip(at_first, over, strict=True)
        ]
        self._record(here, end, over, _words(made[0]), _words(over[0]), at_last)

    def write(self) -> None:
        """Write them, and where the chain ends now."""
        self._transaction.write(insert(SLIVERS), self._slivers)
        self._transaction.write(insert(SHARES), self._shares)
        self._transaction.write(insert(EVENTS), self._events)
        self._transaction.write(update(AUDIT).values(seq=self._seq, hash=self._hash))

    def _record(
        self,
        here: Slice,
        author: Author,
        slivers: Sequence[Sliver],
        before: str,
        after: str,
        details: Sequence[Mapping[str, object]],
    ) -> None:
        for sliver, one in zip(slivers, details, strict=True):
            event = author.did(sliver.urn, here, before, after, one)
            row = sealed(Row(event), self._seq + 1, self._hash)
            self._seq, self._hash = self._seq + 1, row.hash
            self._events.append(write_event(event) | write_seal(row))


def _words(sliver: Sliver) -> str:
    return f"{sliver.allocation}/{sliver.operational}"


def _seats(site: Site, held: Mapping[tuple[str, str], int]) -> Iterator[Host]:
    """The hosts as often as they have a slot left: shared ones in turns, then exclusive ones."""
    shared = [
        (host, host.slots - held.get((host.component_id, "slots"), 0))
        for host in site.hosts
        if host.sliver_types and not host.switch and not host.exclusive and host.available
    ]
    for number in range(max((left for _, left in shared), default=0)):
        yield from (host for host, left in shared if left > number)
    for host in site.hosts:
        free = host.exclusive and host.sliver_types and not host.switch and host.available
        if free and (host.component_id, "slots") not in held:
            yield host
