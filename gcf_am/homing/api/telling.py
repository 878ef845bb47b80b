"""A plan as JSON. Source: Homing API v1, Create a plan, Response Parameters."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from gcf_am.clock import format_time
from gcf_am.homing.plans.booking import Booking, Held
from gcf_am.homing.plans.plan import Plan

# What a solution tells beside its recommendations.
_ABOUT = ("objective", "optimal", "bound", "gap", "engine", "timed_out", "warnings", "infeasible")


def plan_to_json(plan: Plan, bookings: Sequence[Booking], base: str) -> dict[str, Any]:
    """The plan; `base` is the service's URL without a slash at its end."""
    solution = plan.solution or {}
    told: dict[str, Any] = {
        "id": plan.id,
        "transaction_id": plan.asked.transaction_id,
        "name": plan.asked.name,
        "status": plan.status.value,
        "message": plan.message,
        "links": [{"href": f"{base}/v1/plans/{plan.id}", "rel": "self"}],
        "recommendations": _recommendations(solution.get("recommendations", []), bookings),
        "created": format_time(plan.created),
        "updated": format_time(plan.updated),
    }
    about = {name: solution[name] for name in _ABOUT if solution.get(name) is not None}
    if about:
        told["solution"] = about
    if bookings:
        told["reservations"] = [booking_to_json(one) for one in bookings]
    if plan.excluded:
        told["excluded"] = [
            {"aggregate": one.aggregate, "candidate": one.candidate, "reason": one.reason}
            for one in plan.excluded
        ]
    return told


def _recommendations(found: Any, bookings: Sequence[Booking]) -> list[dict[str, Any]]:
    """Only the first one is reserved: its demands tell their slivers."""
    told: list[dict[str, Any]] = deepcopy(list(found))
    for booking in bookings:
        if told and booking.state in {Held.HELD, Held.PROVISIONED}:
            for name, urn in booking.slivers.items():
                if name in told[0]:
                    told[0][name]["attributes"]["reservation"] = {
                        "sliver_urn": urn,
                        "slice_urn": booking.slice_urn,
                        "aggregate": booking.aggregate,
                        "url": booking.url,
                        "expires": _time(booking),
                    }
    return told


def booking_to_json(one: Booking) -> dict[str, Any]:
    """What is, or was, reserved at one aggregate."""
    return {
        "aggregate": one.aggregate,
        "url": one.url,
        "slice_urn": one.slice_urn,
        "state": one.state.value,
        "attempt": one.attempt,
        "slivers": one.slivers,
        "expires": _time(one),
        "error": one.error,
    }


def _time(one: Booking) -> str:
    return "" if one.expires is None else format_time(one.expires)
