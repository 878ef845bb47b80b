"""The slice a call is about: found or locked, and whether it may still be worked on."""

from collections.abc import Sequence

from gcf_am.errors import Forbidden
from gcf_am.manager.ports import Unit
from gcf_am.model.sliver import Slice
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

# A slice that was shut down by name alone, or before any call named it, stands under no UUID.
NO_UUID = ""


def locked(unit: Unit, grant: Grant) -> Slice:
    """The slice of the grant, its row locked until the unit ends (decision 1).

    Raises Forbidden when it was shut down, unless an operator calls.
    """
    urn = slice_urn(grant)
    uuid = grant.slice_uuid
    if uuid is None:
        newest = _newest(unit.slices_named(urn))
        uuid = newest.uuid if newest is not None else NO_UUID
    here, *others = unit.lock_slices(urn, uuid, NO_UUID)
    _refuse_shut_down(grant, here, *others)
    return here


def found(unit: Unit, grant: Grant) -> Slice | None:
    """The slice of the grant, None when no call named it yet; raises as `locked` does."""
    urn = slice_urn(grant)
    if grant.slice_uuid is None:
        named = unit.slices_named(urn)
        here = _newest(named)
    else:
        named = unit.find_slices(urn, (grant.slice_uuid, NO_UUID))
        here = next((one for one in named if one.uuid == grant.slice_uuid), None)
    _refuse_shut_down(grant, here, *(one for one in named if one.uuid == NO_UUID))
    return here


def _newest(named: Sequence[Slice]) -> Slice | None:
    """The slice that a name alone means, of those that have it, oldest first.

    The row under no UUID, which Shutdown makes, counts only where there is no other.
    """
    return max(named, key=lambda one: (one.uuid != NO_UUID, one.key), default=None)


def slice_urn(grant: Grant) -> Urn:
    """The slice that the grant is about; every verb on slivers has one."""
    if grant.slice_urn is None:
        raise Forbidden("the credentials give no rights over a slice")
    return grant.slice_urn


def _refuse_shut_down(grant: Grant, *found: Slice | None) -> None:
    """Refuse what was shut down itself, or by name alone."""
    # AM API v3, Shutdown: no experimenter call works until an operator acts (decision 17)
    if grant.operator:
        return
    if any(one is not None and one.shut_down for one in found):
        raise Forbidden("the slice was shut down here; ask the aggregate's operator")
