"""The policy's view of a call."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.record import Change
from gcf_am.manager.standing import slice_urn
from gcf_am.model.sliver import Sliver
from gcf_am.model.states import AllocationState
from gcf_am.policy.judge import Proposal
from gcf_am.trust.grant import Grant


def judge(
    am: Aggregate,
    grant: Grant,
    verb: str,
    now: datetime,
    changes: Sequence[Change],
    live: Iterable[Sliver],
) -> None:
    """Let the policy see the state after the changes; raises Refused when it says no."""
    after = {one.urn: one for one in live} | {one.after.urn: one.after for one in changes}
    am.policy.judge(
        Proposal(
            verb,
            grant.subject,
            slice_urn(grant),
            now,
            frozenset(one.after.urn for one in changes),
            tuple(
                one for one in after.values() if one.allocation is not AllocationState.UNALLOCATED
            ),
        )
    )
