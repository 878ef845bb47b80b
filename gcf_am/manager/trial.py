"""Rules tried out: what they would say to a request now. Nothing is changed, nobody is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gcf_am.errors import AmError
from gcf_am.manager.aggregate import Limits
from gcf_am.manager.foreseeing import NO_SLICE, look
from gcf_am.manager.ports import Store
from gcf_am.manager.record import Change
from gcf_am.model.lease import Terms, first_expiry
from gcf_am.model.site import Site
from gcf_am.model.sliver import Contents, Sliver
from gcf_am.model.states import AllocationState, OperationalState
from gcf_am.model.topology import Topology
from gcf_am.policy.quotas import Figure
from gcf_am.policy.rules import Rules, Who
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a request.

    `figures` are what quotas count, those of node hours left out; `expires` is when it would,
    after Allocate and after Provision, if no credential ends before; `refusal` is None when it
    would be done.
    """

    figures: tuple[Figure, ...] = ()
    expires: tuple[datetime, ...] = ()
    refusal: AmError | None = None


def try_request(
    store: Store,
    rules: Rules,
    limits: Limits,
    site: Site,
    who: Who,
    topology: Topology,
    now: datetime,
) -> Trial:
    """What Allocate, and Provision after it, would answer to `who` under these rules."""
    with store.read() as unit:
        named = unit.slices_named(who.slice)
        here = named[-1] if named else None
        outlook = look(unit, here, rules.about(who), limits, site, who, now)
    key = NO_SLICE if here is None else here.key
    court = outlook.court
    figures: tuple[Figure, ...] = ()
    try:
        contents = outlook.placed(topology)
        changes = _made(contents, key, now)
        figures = tuple(court.figures(changes))
        court.judge("Allocate", changes)
        nodes = len(topology.nodes)
        expires = [_expiry(court.terms(allocated=one, new=nodes), now) for one in (True, False)]
    except AmError as refusal:
        return Trial(figures, refusal=refusal)
    return Trial(figures, tuple(expires))


def _expiry(terms: Terms, now: datetime) -> datetime:
    return first_expiry(terms, now=now, credential=datetime.max.replace(tzinfo=UTC), wish=None)


def _made(contents: Sequence[Contents], slice_key: int, now: datetime) -> list[Change]:
    return [
        Change(
            None,
            Sliver(
                Urn.of("trial", "sliver", str(number)),
                slice_key,
                one,
                AllocationState.ALLOCATED,
                OperationalState.PENDING_ALLOCATION,
                now,
            ),
        )
        for number, one in enumerate(contents)
    ]
