"""What a verb tells of each sliver, and the manifest around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.parting import future
from gcf_am.model.sliver import Contents, Sliver
from gcf_am.model.states import AllocationState, OperationalState, next_allocation
from gcf_am.rspec.manifest import Entry, write_manifest
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Report:
    """One entry of geni_slivers; `error` is empty when there is none, never null.

    `next_allocation` is empty unless the sliver is allocated or updating (Change Set C).
    """

    urn: Urn
    expires: datetime
    allocation: AllocationState
    operational: OperationalState
    next_allocation: str = ""
    error: str = ""
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest RSpec with the slivers it tells of; `urn` is the slice."""

    rspec: str
    slivers: tuple[Report, ...]
    urn: Urn


def report(sliver: Sliver, error: str = "") -> Report:
    """The sliver as it is; `error` (of this call) goes before the one it carries."""
    removal = sliver.allocation is AllocationState.UPDATING and sliver.pending is None
    return Report(
        sliver.urn,
        sliver.expires,
        sliver.allocation,
        sliver.operational,
        next_allocation(sliver.allocation, removal=removal),
        error or sliver.error,
        sliver.client_id,
    )


def absent(urn: Urn, error: str, now: datetime, client_id: str = "") -> Report:
    """A sliver that is not here: the caller named it, or it could not be made (best effort)."""
    return Report(
        urn,
        now,
        AllocationState.UNALLOCATED,
        OperationalState.PENDING_ALLOCATION,
        error=error,
        client_id=client_id,
    )


def manifest(
    am: Aggregate, slivers: Iterable[Sliver], beside: Iterable[Sliver], *, foreign: bool
) -> str:
    """The manifest of these slivers as they will be after the next Provision.

    Of those that are updating it tells what Provision will keep; those that it removes are
    absent. `beside` are the slice's live slivers, whose links give interfaces their ports;
    `foreign` puts in what other aggregates have in the same documents.
    """
    entries = []
    for sliver in slivers:
        contents = future(sliver)
        if contents is None or sliver.allocation is AllocationState.UNALLOCATED:
            continue
        updating = sliver.allocation is AllocationState.UPDATING
        preserve = am.driver.keeps(sliver.contents, contents).value if updating else None
        entries.append(Entry(sliver, contents, preserve))
    links = [contents for one in beside if (contents := _link(one, future(one))) is not None]
    return write_manifest(entries, manager=am.urn, links=links, foreign=foreign)


def present_manifest(
    slivers: Iterable[Sliver], beside: Iterable[Sliver], *, manager: Urn, foreign: bool
) -> str:
    """The manifest of these slivers as they would be if everything pending were cancelled."""
    entries = [Entry(one, one.contents) for one in slivers]
    links = [contents for one in beside if (contents := _link(one, one.contents)) is not None]
    return write_manifest(entries, manager=manager, links=links, foreign=foreign)


def _link(sliver: Sliver, contents: Contents | None) -> Contents | None:
    live = sliver.allocation is not AllocationState.UNALLOCATED
    return contents if live and sliver.kind == "link" else None
