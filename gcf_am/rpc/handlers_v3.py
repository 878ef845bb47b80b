"""Version 3's handlers: each calls its verb and writes what the standard wants to see.

Arguments are decoded and the call is authorised before a handler runs; authorisation is by the
declaration, so no handler can forget it. The order is the standard's, as in surface.am_v3.
"""

import zlib
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from gcf_am.clock import format_time
from gcf_am.manager import (
    act,
    allocate,
    cancel,
    delete,
    describe,
    list_resources,
    provision,
    renew,
    shutdown,
    standing,
    update,
)
from gcf_am.manager.accounts import User
from gcf_am.manager.report import Manifest, Report
from gcf_am.rpc.binding import Handlers
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.surface import am_v3
from gcf_am.surface.version import get_version
from gcf_am.surface.wire import UserKeys
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

Struct = dict[str, object]

HANDLERS: Final = Handlers()


@HANDLERS.serves(am_v3.GET_VERSION)
def on_get_version(at: Endpoint) -> Struct:
    """GetVersion."""
    return get_version(at.facts)


@HANDLERS.serves(am_v3.LIST_RESOURCES)
def on_list_resources(at: Endpoint, grant: Grant, *, available: bool, compressed: bool) -> str:
    """ListResources. Everybody with a valid credential sees the same."""
    del grant
    render = list_resources.compressed if compressed else list_resources.list_resources
    return render(at.am, only_available=available)


@HANDLERS.serves(am_v3.DESCRIBE)
def on_describe(
    at: Endpoint, grant: Grant, urns: tuple[Urn, ...], *, compressed: bool, cancelled: bool
) -> Struct:
    """Describe."""
    found = describe.describe(at.am, grant, urns, cancelled=cancelled)
    struct = _manifest(found) | {"geni_urn": found.urn.text}
    if compressed:
        # AM API v3, geni_compressed: only the RSpec is
        struct["geni_rspec"] = b64encode(zlib.compress(found.rspec.encode())).decode()
    return struct


@HANDLERS.serves(am_v3.ALLOCATE)
def on_allocate(
    at: Endpoint, grant: Grant, slice_urn: Urn, rspec: str, *, end_time: datetime | None
) -> Struct:
    """Allocate. The grant is for this very slice: the credential had to be."""
    del slice_urn
    return _manifest(allocate.allocate(at.am, grant, rspec, end_time=end_time))


@HANDLERS.serves(am_v3.PROVISION)
def on_provision(
    at: Endpoint,
    grant: Grant,
    urns: tuple[Urn, ...],
    *,
    best_effort: bool,
    end_time: datetime | None,
    users: tuple[UserKeys, ...],
) -> Struct:
    """Provision."""
    accounts = _accounts(users)
    return _manifest(
        provision.provision(
            at.am, grant, urns, best_effort=best_effort, end_time=end_time, users=accounts
        )
    )


@HANDLERS.serves(am_v3.RENEW)
def on_renew(
    at: Endpoint,
    grant: Grant,
    urns: tuple[Urn, ...],
    expiration_time: datetime,
    *,
    best_effort: bool,
    extend_alap: bool,
) -> list[Struct]:
    """Renew."""
    return _slivers(
        renew.renew(at.am, grant, urns, expiration_time, best_effort=best_effort, alap=extend_alap)
    )


@HANDLERS.serves(am_v3.STATUS)
def on_status(at: Endpoint, grant: Grant, urns: tuple[Urn, ...], *, best_effort: bool) -> Struct:
    """Status."""
    slivers = describe.status(at.am, grant, urns, best_effort=best_effort)
    return {"geni_urn": standing.slice_urn(grant).text, "geni_slivers": _slivers(slivers)}


@HANDLERS.serves(am_v3.PERFORM_OPERATIONAL_ACTION)
def on_perform_operational_action(
    at: Endpoint,
    grant: Grant,
    urns: tuple[Urn, ...],
    action: str,
    *,
    best_effort: bool,
    users: tuple[UserKeys, ...] | None,
) -> list[Struct]:
    """PerformOperationalAction."""
    accounts = None if users is None else _accounts(users)
    return _slivers(
        act.perform(at.am, grant, urns, action, best_effort=best_effort, users=accounts)
    )


@HANDLERS.serves(am_v3.DELETE)
def on_delete(
    at: Endpoint, grant: Grant, urns: tuple[Urn, ...], *, best_effort: bool
) -> list[Struct]:
    """Delete."""
    return _slivers(delete.delete(at.am, grant, urns, best_effort=best_effort))


@HANDLERS.serves(am_v3.SHUTDOWN)
def on_shutdown(at: Endpoint, grant: Grant, slice_urn: Urn) -> bool:
    """Shutdown."""
    del slice_urn
    return shutdown.shutdown(at.am, grant)


@HANDLERS.serves(am_v3.UPDATE)
def on_update(
    at: Endpoint,
    grant: Grant,
    urns: tuple[Urn, ...],
    rspec: str,
    *,
    best_effort: bool,
    end_time: datetime | None,
) -> Struct:
    """Update."""
    return _manifest(
        update.update(at.am, grant, urns, rspec, best_effort=best_effort, end_time=end_time)
    )


@HANDLERS.serves(am_v3.CANCEL)
def on_cancel(at: Endpoint, grant: Grant, urns: tuple[Urn, ...], *, best_effort: bool) -> Struct:
    """Cancel."""
    left = cancel.cancel(at.am, grant, urns, best_effort=best_effort)
    return _manifest(left) | {"geni_urn": left.urn.text}


def _manifest(manifest: Manifest) -> Struct:
    return {"geni_rspec": manifest.rspec, "geni_slivers": _slivers(manifest.slivers)}


def _slivers(reports: Iterable[Report]) -> list[Struct]:
    """Each sliver's struct: every member in every method, nothing null (AM API facts 6.2)."""
    return [
        {
            "geni_sliver_urn": one.urn.text,
            "geni_expires": format_time(one.expires),
            "geni_allocation_status": one.allocation.value,
            "geni_operational_status": one.operational.value,
            "geni_next_allocation_status": str(one.next_allocation),
            "geni_error": one.error,
        }
        for one in reports
    ]


def _accounts(users: Iterable[UserKeys]) -> tuple[User, ...]:
    return tuple(User(one.urn, one.keys) for one in users)
