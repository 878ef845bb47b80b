"""The aggregates' advertisements as a controller that judges candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gcf_am.homing.inventory.provider import Context
from gcf_am.homing.needs import unmet_need
from gcf_am.homing.stock import Candidate, Verdict
from gcf_am.rspec.needs import NodeNeed

_TEXTS = ("hardware_type", "sliver_type", "disk_image")


@dataclass(frozen=True, slots=True)
class Advertised:
    """Says yes to a cloud that is advertised with a slot left and what the request names.

    Of a request it reads hardware_type, sliver_type, disk_image, exclusive and interfaces: what
    else stands there is for a reservation. A service fits as it is: who shares a sliver is its
    experimenter's business. Source: template guide, Instance Fit and Region Fit.
    """

    name: str = "am"

    def fits(
        self,
        candidates: Sequence[Candidate],
        request: Mapping[str, object],
        context: Context,  # noqa: ARG002
    ) -> Mapping[str, Verdict]:
        """A verdict for each candidate."""
        texts = {name: str(request[name]) for name in _TEXTS if request.get(name) is not None}
        exclusive, interfaces = request.get("exclusive"), request.get("interfaces")
        need = NodeNeed(
            "request",
            hardware_type=texts.get("hardware_type"),
            sliver_type=texts.get("sliver_type"),
            disk_image=texts.get("disk_image"),
            exclusive=exclusive if isinstance(exclusive, bool) else None,
            interfaces=interfaces if isinstance(interfaces, int) else 0,
        )
        return {one.id: _verdict(one, need) for one in candidates}


def _verdict(one: Candidate, need: NodeNeed) -> Verdict:
    if one.inventory_type != "cloud":
        return Verdict(fits=True)
    lacks = "it has no slot left" if one.capacity == 0 else unmet_need(need, one)
    return Verdict(not lacks, lacks)
