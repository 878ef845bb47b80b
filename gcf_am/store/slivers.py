"""The slivers table: slivers as rows and back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Update,
    bindparam,
    case,
    exists,
    insert,
    null,
    select,
    update,
)

from gcf_am.errors import DatabaseError
from gcf_am.model.sliver import Sliver, Step
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Frame
from gcf_am.store.frames import Frames, digest_of
from gcf_am.store.rows import (
    plain,
    read_access,
    read_contents,
    read_logins,
    write_access,
    write_contents,
    write_logins,
)
from gcf_am.store.slices import key_of
from gcf_am.store.tables import EXPIRES, KEPT, SLICES, SLIVERS
from gcf_am.store.transaction import Transaction, in_parts
from gcf_am.urn import Urn

# Named one by one, so that an index on the column serves.
LIVE: Final = SLIVERS.c.allocation.in_(
    [one.value for one in AllocationState if one is not AllocationState.UNALLOCATED]
)


def those(
    *conditions: ColumnElement[bool], order: ColumnElement[Any] = SLIVERS.c.key
) -> Select[*tuple[Any, ...]]:
    """What `find` takes: slivers for which all conditions hold; oldest first unless told otherwise."""
    return select(SLIVERS).where(*conditions).order_by(order)


def find(
    transaction: Transaction,
    frames: Frames,
    wanted: Select[*tuple[Any, ...]],
    **values: object,
) -> tuple[Sliver, ...]:
    """The slivers that are wanted, with `values` for its parameters."""
    rows = transaction.read(wanted, **values).mappings().all()
    digests = {row["frame"] for row in rows} | {row["pending_frame"] for row in rows} - {None}
    known = frames.read(digests)
    return tuple(_sliver(row, known) for row in rows)


_OF_SLICE: Final = those(SLIVERS.c.slice_key == bindparam("of"), LIVE)
_OF_KIND: Final = _OF_SLICE.where(SLIVERS.c.kind == bindparam("of_kind"))
_NAMED: Final = those(SLIVERS.c.urn.in_(bindparam("named", expanding=True)))
# looked up for each sliver found; slices are many, as none is ever forgotten
_IS_OPEN: Final = exists().where(SLICES.c.key == SLIVERS.c.slice_key, SLICES.c.shut_down.is_(False))
_EXPIRED: Final = those(
    EXPIRES, SLIVERS.c.expires <= bindparam("now"), _IS_OPEN, order=SLIVERS.c.expires
).limit(bindparam("most", type_=Integer))

_KEPT: Final = those(KEPT, SLIVERS.c.urn > bindparam("behind"), order=SLIVERS.c.urn).limit(
    bindparam("most", type_=Integer)
)
# all of the site's, in pages: in the order of the one index, without sorting them for each page
_SETTLED: Final = _KEPT.where(
    SLIVERS.c.allocation.not_in(
        [AllocationState.ALLOCATED.value, AllocationState.UNALLOCATED.value]
    ),
    SLIVERS.c.step.is_(None),
)


def of_slice(
    transaction: Transaction, frames: Frames, key: int, *, kind: str | None = None
) -> tuple[Sliver, ...]:
    """The slice's slivers that are not unallocated, of one kind where it is given."""
    if kind is None:
        return find(transaction, frames, _OF_SLICE, of=key)
    return find(transaction, frames, _OF_KIND, of=key, of_kind=kind)


def named(transaction: Transaction, frames: Frames, urns: Collection[Urn]) -> dict[Urn, Sliver]:
    """Slivers by URN, of any slice and state."""
    found: dict[Urn, Sliver] = {}
    for part in in_parts({key_of(urn) for urn in urns}):
        of_part = find(transaction, frames, _NAMED, named=part)
        found.update({one.urn: one for one in of_part})
    return found


def expired(
    transaction: Transaction, frames: Frames, now: datetime, limit: int
) -> tuple[Sliver, ...]:
    """Live slivers whose time is up and whose slice is not shut down, longest overdue first."""
    return find(transaction, frames, _EXPIRED, now=now, most=limit)


def settled(transaction: Transaction, frames: Frames, after: str, limit: int) -> tuple[Sliver, ...]:
    """A page of the slivers that a driver made and that owe nothing, behind the URN `after`."""
    return _page(transaction, frames, _SETTLED, after, limit)


def kept(transaction: Transaction, frames: Frames, after: str, limit: int) -> tuple[Sliver, ...]:
    """A page of the slivers that are live or not yet destroyed, behind the URN `after`."""
    return _page(transaction, frames, _KEPT, after, limit)


def _page(
    transaction: Transaction,
    frames: Frames,
    wanted: Select[*tuple[Any, ...]],
    after: str,
    limit: int,
) -> tuple[Sliver, ...]:
    key = key_of(Urn.parse(after)) if after else ""
    return find(transaction, frames, wanted, behind=key, most=limit)


def add(transaction: Transaction, frames: Frames, slivers: Sequence[Sliver]) -> None:
    """Write rows that were not there."""
    frames.keep(_frames(slivers))
    transaction.push(_ADD, [write_sliver(one) for one in slivers])


def save(
    transaction: Transaction, frames: Frames, slivers: Sequence[Sliver], *, found: bool = False
) -> None:
    """Overwrite rows; leases stay, but a new step does not wait for an old one's retry time.

    Raises DatabaseError where there are none, unless the unit has `found` them.
    """
    frames.keep(_frames(slivers))
    rows = [write_sliver(one) | {"new_generation": one.generation} for one in slivers]
    rows = [{"saved": row.pop("urn"), **row} for row in rows]
    if found:
        transaction.push(_SAVE, rows)
    elif transaction.write(_SAVE, rows).rowcount != len(rows):
        raise DatabaseError("a sliver was to be saved that was never added")


def _overwriting() -> Update:
    """Sets whatever write_sliver writes; what waits for its retry goes on at once if it is new."""
    # A parameter that is named as its column would set the column, also in a condition.
    fresh = SLIVERS.c.generation != bindparam("new_generation")
    kept = {"key", "urn", "lease_owner", "lease_until", "retry_at"}
    values: dict[str, ColumnElement[Any]] = {
        one.name: bindparam(one.name) for one in SLIVERS.c if one.name not in kept
    }
    values["retry_at"] = case((fresh, null()), else_=SLIVERS.c.retry_at)
    return update(SLIVERS).where(SLIVERS.c.urn == bindparam("saved")).values(values)


# inline: nobody asks for the keys that the rows get
_ADD: Final = insert(SLIVERS).inline()
_SAVE: Final = _overwriting()


def _frames(slivers: Iterable[Sliver]) -> set[Frame]:
    both = (contents for one in slivers for contents in (one.contents, one.pending))
    return {contents.frame for contents in both if contents is not None}


def write_sliver(sliver: Sliver) -> dict[str, Any]:
    """A sliver as it is inserted; its frames are kept beside it."""
    pending = sliver.pending
    return {
        "urn": key_of(sliver.urn),
        "spelling": sliver.urn.text,
        "slice_key": sliver.slice_key,
        "kind": sliver.kind,
        "client_id": sliver.client_id,
        "allocation": sliver.allocation.value,
        "operational": sliver.operational.value,
        "expires": sliver.expires,
        "contents": write_contents(sliver.contents),
        "frame": digest_of(sliver.contents.frame),
        "pending": None if pending is None else write_contents(pending),
        "pending_frame": None if pending is None else digest_of(pending.frame),
        "step": None if sliver.step is None else sliver.step.value,
        "error": plain(sliver.error),
        "logins": write_logins(sliver.logins),
        "access": None if sliver.access is None else write_access(sliver.access),
        "touched": sliver.touched,
        "generation": sliver.generation,
    }


def _sliver(row: Any, frames: dict[str, Frame]) -> Sliver:
    try:
        return Sliver(
            urn=Urn.parse(row["spelling"]),
            slice_key=row["slice_key"],
            contents=read_contents(row["contents"], frames[row["frame"]]),
            allocation=AllocationState(row["allocation"]),
            operational=OperationalState(row["operational"]),
            expires=row["expires"],
            pending=None
            if row["pending"] is None
            else read_contents(row["pending"], frames[row["pending_frame"]]),
            step=None if row["step"] is None else Step(row["step"]),
            error=row["error"],
            logins=read_logins(row["logins"]),
            access=None if row["access"] is None else read_access(row["access"]),
            touched=row["touched"],
            generation=row["generation"],
        )
    except (ValueError, LookupError) as error:
        raise DatabaseError("the aggregate's database holds a sliver that is unreadable") from error
