"""What is told of slivers, by their aggregates and by their slices' people.

It is advice for who looks for a slice's slivers; what a sliver is, its aggregate knows. Source:
Federation API v2, SLIVER_INFO; FED 1.6.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from gcf_am.clearinghouse.handlers import SA, spelled, urn
from gcf_am.clearinghouse.living import find
from gcf_am.clearinghouse.matching import matching
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.slices import living
from gcf_am.clearinghouse.tables import SliceRow, SliverInfoRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.clock import format_time, whole_seconds
from gcf_am.errors import AlreadyExists, BadArgs
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation
from gcf_am.urn import Urn


@SA.serves("create/SLIVER_INFO")
def create(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """Tell of a sliver."""
    fields: Mapping[str, Any] = asked.fields
    sliver, aggregate, creator = (
        fields[f"SLIVER_INFO_{name}URN"] for name in ("", "AGGREGATE_", "CREATOR_")
    )
    one = living(turn, fields["SLIVER_INFO_SLICE_URN"])
    itself = turn.at_aggregate(key_of(aggregate))
    turn.permit(operation, f"slivers of {one.urn}", itself | turn.in_slice(one))
    before = turn.session.scalar(
        select(SliverInfoRow).where(SliverInfoRow.urn_key == key_of(sliver))
    )
    if before is not None:
        # whoever else told of it may have been wrong; the aggregate itself is not
        if not itself or sliver.namespace != aggregate.namespace:
            raise AlreadyExists(f"{sliver} is known already")
        turn.session.delete(before)
        turn.session.flush()
    until = fields.get("SLIVER_INFO_EXPIRATION")
    row = SliverInfoRow(
        urn=sliver.text,
        urn_key=key_of(sliver),
        slice=one,
        aggregate=aggregate.text,
        aggregate_key=key_of(aggregate),
        creator=creator.text,
        creator_key=key_of(creator),
        created=whole_seconds(fields.get("SLIVER_INFO_CREATION", turn.now)),
        expires=None if until is None else whole_seconds(until),
    )
    turn.session.add(row)
    turn.record("create SLIVER_INFO", row.urn)
    return told(row)


@SA.serves("lookup/SLIVER_INFO")
def lookup(turn: Turn, asked: Asked, operation: Operation) -> Mapping[str, object]:
    """The slivers that match and that the caller may hear of."""
    query = select(SliverInfoRow).join(SliverInfoRow.slice)
    if not turn.permits(operation):
        told_by = SliverInfoRow.aggregate_key == turn.actor.aggregate
        made = SliverInfoRow.creator_key == key_of(turn.actor.urn)
        query = query.where(or_(turn.mine(), told_by, made))
    rows = turn.session.scalars(matching(query, asked.match, turn.now).order_by(SliverInfoRow.id))
    name = spelled(asked, "SLIVER_INFO_URN")
    _check_slices(turn, asked, operation)
    return {
        name(Urn.parse(row.urn)): told(row)
        for row in rows
        if turn.permits(operation, turn.at_sliver(row))
    }


@SA.serves("update/SLIVER_INFO")
def update(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Tell a sliver's new end."""
    row = _known(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.at_sliver(row))
    fields: Mapping[str, Any] = asked.fields
    row.expires = whole_seconds(fields["SLIVER_INFO_EXPIRATION"])
    turn.record("update SLIVER_INFO", row.urn)
    return True


@SA.serves("delete/SLIVER_INFO")
def delete(turn: Turn, asked: Asked, operation: Operation) -> bool:
    """Tell that a sliver is no more."""
    row = _known(turn, urn(asked.about))
    turn.permit(operation, row.urn, turn.at_sliver(row))
    turn.session.delete(row)
    turn.record("delete SLIVER_INFO", row.urn)
    return True


def told(row: SliverInfoRow) -> dict[str, object]:
    """What is known of a sliver."""
    until = {} if row.expires is None else {"SLIVER_INFO_EXPIRATION": format_time(row.expires)}
    return {
        "SLIVER_INFO_URN": row.urn,
        "SLIVER_INFO_SLICE_URN": row.slice.urn,
        "SLIVER_INFO_AGGREGATE_URN": row.aggregate,
        "SLIVER_INFO_CREATOR_URN": row.creator,
        "SLIVER_INFO_CREATION": format_time(row.created),
        **until,
    }


def _check_slices(turn: Turn, asked: Asked, operation: Operation) -> None:
    """Who names a slice must have to do with it; aggregates hear only of their own slivers."""
    for one in (asked.match or {}).get("SLIVER_INFO_SLICE_URN", ()):
        row = find(turn.session, SliceRow, key_of(urn(one)), turn.now)
        if row is not None and not turn.actor.aggregate:
            turn.permit(operation, row.urn, turn.in_slice(row))


def _known(turn: Turn, about: Urn) -> SliverInfoRow:
    row = turn.session.scalar(select(SliverInfoRow).where(SliverInfoRow.urn_key == key_of(about)))
    if row is None:
        # Omni takes these words for "not recorded yet" (FED 1.2)
        raise BadArgs(f"Unknown sliver urns: {about}")
    return row
