"""The shares table: what each sliver takes of its people's quotas, and whose it is.

A share stays when its sliver is gone: node hours are counted over some days.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, case, func, insert, select, update

from gcf_am.model.share import (
    SLICE,
    Account,
    Kept,
    Past,
    Share,
    Types,
    Usage,
    authority_key,
    project_key,
)
from gcf_am.model.sliver import Slice
from gcf_am.store.holds import lock_rows
from gcf_am.store.slices import key_of
from gcf_am.store.tables import SHARES, SLICES, SLIVERS
from gcf_am.store.tallies import COLUMNS, Tallies, shares_of
from gcf_am.store.transaction import Transaction
from gcf_am.urn import Urn

_LINK: Final = ""
_ADD: Final = insert(SHARES)
_SET: Final = (
    update(SHARES)
    .where(SHARES.c.sliver == bindparam("of_sliver"))
    .values({name: bindparam(f"new_{name}") for name in ("until", "live", "types", "vlans")})
)


def lock(transaction: Transaction, accounts: Iterable[Account]) -> None:
    """Lock accounts until the transaction ends, by rows beside those of the components.

    No component bears such a name: theirs are URNs.
    """
    lock_rows(transaction, [f"account {one.scope} {one.key}" for one in accounts])


def open_shares(
    transaction: Transaction,
    tallies: Tallies,
    owner: Urn,
    began: datetime,
    in_slice: Slice,
    shares: Mapping[Urn, Share],
) -> None:
    """Write the shares of new slivers of a slice."""
    rows = write_shares(owner, began, in_slice, shares)
    transaction.push(_ADD, rows)
    tallies.take(rows)


def write_shares(
    owner: Urn, began: datetime, in_slice: Slice, shares: Mapping[Urn, Share]
) -> list[dict[str, object]]:
    """The shares of new slivers of a slice, as they are inserted."""
    whose = {
        "owner": key_of(owner),
        "slice_key": in_slice.key,
        "project": project_key(in_slice.urn),
        "authority": authority_key(in_slice.urn),
        "began": _seconds(began),
    }
    return [{"sliver": key_of(urn), **whose, **_row(one)} for urn, one in shares.items()]


def set_shares(
    transaction: Transaction, tallies: Tallies, changed: Mapping[Urn, tuple[Share, Share]]
) -> None:
    """Overwrite the shares of slivers: what they were, and what they are now."""
    after = {key_of(urn): _row(now) for urn, (_, now) in changed.items()}
    counted = [key_of(urn) for urn, (was, now) in changed.items() if _counts(was) != _counts(now)]
    for row in shares_of(transaction, counted):
        tallies.take([row], -1)
        tallies.take([{**row, **after[row["sliver"]]}])
    rows = [
        {"of_sliver": sliver, **{f"new_{key}": value for key, value in row.items()}}
        for sliver, row in after.items()
    ]
    transaction.push(_SET, rows)


def _counts(share: Share) -> tuple[bool, Types, int]:
    """What of a share tallies count: not how long it lasts."""
    return share.live, share.types, share.vlans


def keepers(transaction: Transaction, slice_key: int) -> dict[Urn, Kept]:
    """Whose a slice's live slivers are, and since when."""
    wanted = (
        select(SLIVERS.c.spelling, SHARES.c.owner, SHARES.c.began)
        .join(SLIVERS, SLIVERS.c.urn == SHARES.c.sliver)
        .where(SHARES.c.slice_key == slice_key, SHARES.c.live.in_([True]))
    )
    return {
        Urn.parse(row[0]): Kept(row[1], datetime.fromtimestamp(row[2], UTC))
        for row in transaction.read(wanted)
    }


def usage(
    transaction: Transaction, tallies: Tallies, scope: str, keys: Collection[str]
) -> dict[str, Usage]:
    """What accounts of one scope have now, by key."""
    slivers: dict[str, dict[Types, int]] = {key: {} for key in keys}
    vlans = dict.fromkeys(keys, 0)
    for key, types, count, tags in tallies.of(transaction, scope, keys):
        slivers[key][_types(types)] = count
        vlans[key] += tags
    return {key: Usage(slivers[key], vlans[key]) for key in keys}


def node_seconds(
    transaction: Transaction, scope: str, keys: Collection[str], since: datetime
) -> dict[str, int]:
    """The seconds of the nodes of accounts after `since`, those ahead included, by key."""
    column, begin = SHARES.c[COLUMNS[scope]], _seconds(since)
    lasted = SHARES.c.until - case((SHARES.c.began < begin, begin), else_=SHARES.c.began)
    wanted = (
        select(column, func.sum(lasted))
        .where(
            column.in_(_values(scope, keys)),
            # named one by one, so that the index serves the time, too
            SHARES.c.live.in_([False, True]),
            SHARES.c.until > begin,
            SHARES.c.types != _LINK,
        )
        .group_by(column)
    )
    found = dict.fromkeys(keys, 0)
    found.update({str(key): int(seconds) for key, seconds in transaction.read(wanted)})
    return found


def pasts(transaction: Transaction, since: datetime, until: datetime) -> tuple[Past, ...]:
    """The slivers that were there between two times; reads the whole table, for operators."""
    wanted = (
        select(
            SLIVERS.c.spelling.label("sliver"),
            SLICES.c.spelling.label("slice"),
            SHARES,
        )
        .join(SLIVERS, SLIVERS.c.urn == SHARES.c.sliver)
        .join(SLICES, SLICES.c.key == SHARES.c.slice_key)
        .where(SHARES.c.began < _seconds(until), SHARES.c.until > _seconds(since))
        .order_by(SHARES.c.began, SLIVERS.c.key)
    )
    return tuple(
        Past(
            Urn.parse(row[0]),
            Urn.parse(row[1]),
            row.slice_key,
            row.owner,
            datetime.fromtimestamp(row.began, UTC),
            Share(row.live, datetime.fromtimestamp(row.until, UTC), _types(row.types), row.vlans),
        )
        for row in transaction.read(wanted)
    )


def _values(scope: str, keys: Iterable[str]) -> list[object]:
    return [int(one) if scope == SLICE else one for one in keys]


def _row(share: Share) -> dict[str, object]:
    return {
        "until": _seconds(share.until),
        "live": share.live,
        "types": json.dumps(share.types) if share.types else _LINK,
        "vlans": share.vlans,
    }


def _types(text: str) -> Types:
    return tuple(json.loads(text)) if text else ()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
