"""The log of a store that is older than its log begins with what is there."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from gcf_am.audit.event import Event, Kind, write_details
from gcf_am.audit.replay import Standing, State
from gcf_am.audit.telling import told
from gcf_am.manager.ports import holds_of
from gcf_am.model.sliver import Sliver
from gcf_am.store.tables import AUDIT
from gcf_am.store.unit import SqlUnit

_PAGE = 500


def begin_log(connection: Connection, now: datetime) -> None:
    """Record the state as it stands, if that was never done; for a database at this schema."""
    if connection.execute(select(AUDIT.c.begun)).scalar_one():
        return
    unit = SqlUnit(connection, authority="", writes=True)
    state = _state(unit, now)
    if state.slivers or state.shut:
        details = write_details(state.write())
        unit.record([Event(now, "", "", "baseline", "", kind=Kind.BASELINE, details=details)])
    connection.execute(update(AUDIT).values(begun=True))


def _state(unit: SqlUnit, now: datetime) -> State:
    state = State(shut={(one.urn.text, one.uuid) for one in unit.all_shut_down()})
    after = ""
    while page := unit.kept(after, _PAGE):
        state.slivers.update((one.urn.text, _standing(unit, one, now)) for one in page)
        after = page[-1].urn.text
    return state


def _standing(unit: SqlUnit, sliver: Sliver, now: datetime) -> Standing:
    of = unit.slice_of(sliver.slice_key)
    return Standing(
        sliver.urn.text,
        (of.urn.text, of.uuid),
        sliver.allocation.value,
        sliver.operational.value,
        sliver.error,
        now,
        told(sliver, holds_of(sliver), holding=True),
    )
