"""Version 2's handlers: the verbs of version 3, in the words of older clients.

Source: AM API v2; AM API facts 12.
"""

import zlib
from base64 import b64encode
from collections.abc import Collection
from datetime import datetime
from typing import Final

from gcf_am.clock import format_time
from gcf_am.errors import SearchFailed
from gcf_am.manager import create, delete, describe, list_resources, renew, shutdown
from gcf_am.manager.accounts import User
from gcf_am.model.states import OperationalState
from gcf_am.rpc.binding import Handlers, Told
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.surface import am_v2
from gcf_am.surface.version import get_version_2
from gcf_am.surface.wire import UserKeys
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

HANDLERS: Final = Handlers()

_READY: Final = "ready"
_CONFIGURING: Final = "configuring"
_FAILED: Final = "failed"
_UNKNOWN: Final = "unknown"
# What was stopped starts only when somebody calls for it, for which version 2 has no word.
_STATUS: Final = {
    OperationalState.PENDING_ALLOCATION: _CONFIGURING,
    OperationalState.NOTREADY: _UNKNOWN,
    OperationalState.CONFIGURING: _CONFIGURING,
    OperationalState.STOPPING: _CONFIGURING,
    OperationalState.READY: _READY,
    OperationalState.UPDATING_USERS: _READY,
    OperationalState.FAILED: _FAILED,
}


@HANDLERS.serves(am_v2.GET_VERSION)
def on_get_version(at: Endpoint) -> dict[str, object]:
    """GetVersion."""
    return get_version_2(at.facts)


@HANDLERS.serves(am_v2.LIST_RESOURCES)
def on_list_resources(
    at: Endpoint, grant: Grant, *, available: bool, compressed: bool, slice_urn: Urn | None
) -> str:
    """ListResources: the advertisement, or a slice's manifest."""
    if slice_urn is None:
        render = list_resources.compressed if compressed else list_resources.list_resources
        return render(at.am, only_available=available)
    found = describe.describe(at.am, grant, (slice_urn,), cancelled=False)
    if not found.slivers:
        raise SearchFailed(f"{slice_urn} has no slivers here")
    return b64encode(zlib.compress(found.rspec.encode())).decode() if compressed else found.rspec


@HANDLERS.serves(am_v2.CREATE_SLIVER)
def on_create_sliver(
    at: Endpoint,
    grant: Grant,
    slice_urn: Urn,
    rspec: str,
    users: tuple[UserKeys, ...],
    *,
    end_time: datetime | None,
) -> str:
    """CreateSliver. The grant is for this very slice: the credential had to be."""
    del slice_urn
    accounts = tuple(User(one.urn, one.keys) for one in users)
    return create.create(at.am, grant, rspec, users=accounts, end_time=end_time)


@HANDLERS.serves(am_v2.SLIVER_STATUS)
def on_sliver_status(at: Endpoint, grant: Grant, slice_urn: Urn) -> dict[str, object]:
    """SliverStatus."""
    slivers = describe.status(at.am, grant, (slice_urn,), best_effort=False)
    resources = [
        {
            "geni_urn": one.urn.text,
            "geni_status": _STATUS[one.operational],
            "geni_error": one.error,
        }
        for one in slivers
    ]
    return {
        "geni_urn": slice_urn.text,
        "geni_status": _of_all({one["geni_status"] for one in resources}),
        "geni_expires": format_time(min(one.expires for one in slivers)),
        "geni_resources": resources,
    }


@HANDLERS.serves(am_v2.RENEW_SLIVER)
def on_renew_sliver(
    at: Endpoint, grant: Grant, slice_urn: Urn, expiration_time: datetime, *, extend_alap: bool
) -> bool | Told:
    """RenewSliver. A date that may be another than was asked for is all that `output` holds."""
    renewed = renew.renew(
        at.am, grant, (slice_urn,), expiration_time, best_effort=False, alap=extend_alap
    )
    if not extend_alap:
        return True
    return Told(True, format_time(min(one.expires for one in renewed)))


@HANDLERS.serves(am_v2.DELETE_SLIVER)
def on_delete_sliver(at: Endpoint, grant: Grant, slice_urn: Urn) -> bool:
    """DeleteSliver."""
    delete.delete(at.am, grant, (slice_urn,), best_effort=False)
    return True


@HANDLERS.serves(am_v2.SHUTDOWN)
def on_shutdown(at: Endpoint, grant: Grant, slice_urn: Urn) -> bool:
    """Shutdown."""
    del slice_urn
    return shutdown.shutdown(at.am, grant)


def _of_all(statuses: Collection[str]) -> str:
    """The status of a slice whose resources have these."""
    for one in (_FAILED, _CONFIGURING):
        if one in statuses:
            return one
    return _READY if set(statuses) == {_READY} else _UNKNOWN
