"""What a client wants matched becomes a condition of the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, literal

from gcf_am.clearinghouse.living import lives
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.tables import (
    KeyRow,
    MemberRow,
    ProjectRow,
    SliceRow,
    SliverInfoRow,
)
from gcf_am.urn import Urn

Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])

# Names and addresses are compared without regard to letter case.
_COLUMNS: Final[Mapping[str, Any]] = {
    "SLICE_URN": SliceRow.urn_key,
    "SLICE_UID": SliceRow.uuid,
    "SLICE_PROJECT_URN": ProjectRow.urn_key,
    "SLIVER_INFO_URN": SliverInfoRow.urn_key,
    "SLIVER_INFO_SLICE_URN": SliceRow.urn_key,
    "SLIVER_INFO_AGGREGATE_URN": SliverInfoRow.aggregate_key,
    "SLIVER_INFO_CREATOR_URN": SliverInfoRow.creator_key,
    "PROJECT_URN": ProjectRow.urn_key,
    "PROJECT_UID": ProjectRow.uuid,
    "PROJECT_NAME": func.lower(ProjectRow.name),
    "MEMBER_URN": MemberRow.urn_key,
    "MEMBER_UID": MemberRow.uuid,
    "MEMBER_USERNAME": func.lower(MemberRow.name),
    "MEMBER_FIRSTNAME": func.lower(MemberRow.first_name),
    "MEMBER_LASTNAME": func.lower(MemberRow.last_name),
    "MEMBER_EMAIL": func.lower(MemberRow.email),
    "KEY_MEMBER": MemberRow.urn_key,
    "KEY_ID": KeyRow.key_id,
    "KEY_TYPE": KeyRow.kind,
}
_EXPIRED: Final[Mapping[str, type[SliceRow] | type[ProjectRow]]] = {
    "SLICE_EXPIRED": SliceRow,
    "PROJECT_EXPIRED": ProjectRow,
}


def matching(query: Q, match: Mapping[str, tuple[object, ...]] | None, now: datetime) -> Q:
    """The query for those that have one of the values in each of the fields."""
    conditions = [_one(name, values, now) for name, values in (match or {}).items()]
    return query.where(and_(*conditions)) if conditions else query


def _one(name: str, values: tuple[object, ...], now: datetime) -> ColumnElement[bool]:
    if name in _EXPIRED:
        living = lives(_EXPIRED[name], now)
        both = {one is True for one in values}
        if len(both) != 1:
            return literal(bool(both))
        return ~living if True in both else living
    column: ColumnElement[Any] = _COLUMNS[name]
    return column.in_([_stored(one) for one in values])


def _stored(value: object) -> str:
    return key_of(value) if isinstance(value, Urn) else str(value).lower()
