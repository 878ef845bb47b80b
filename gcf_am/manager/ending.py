"""How a sliver ends: Delete, Cancel of an allocation, Update or Provision without it, expiry."""

from dataclasses import replace

from gcf_am.model.sliver import Sliver, Step
from gcf_am.model.states import AllocationEvent, OperationalState, allocation_after


def ended(sliver: Sliver, event: AllocationEvent) -> Sliver:
    """The record that remains of a live sliver.

    What a driver may have made is still to be destroyed, and its holds last until then; what an
    Update reserved beside it no driver has seen, and that is free at once (decision 2).
    """
    return replace(
        sliver,
        allocation=allocation_after(sliver.allocation, event),
        operational=OperationalState.PENDING_ALLOCATION,
        pending=None,
        step=Step.DESTROY if sliver.touched else None,
        error="",
        logins=(),
        access=None,
        generation=sliver.generation + 1,
    )
