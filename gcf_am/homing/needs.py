"""Whether a candidate offers what a node needs."""

from gcf_am.homing.stock import Candidate, Value
from gcf_am.rspec.needs import NodeNeed


def unmet_need(need: NodeNeed, candidate: Candidate) -> str:
    """The first thing that a node is not offered; empty when it has all."""
    offered = {
        name: _texts(candidate.attributes.get(name))
        for name in ("hardware_type", "sliver_type", "disk_image")
    }
    for name, wanted in (("hardware_type", need.hardware_type), ("sliver_type", need.sliver_type)):
        if wanted is not None and wanted not in offered[name]:
            return f"it offers no {name} {wanted}"
    if (
        need.flavor is not None
        and need.flavor not in offered["hardware_type"] | offered["sliver_type"]
    ):
        return f"it offers no flavor {need.flavor}"
    if need.disk_image is not None and not any(
        one == need.disk_image or one.replace("//", "+").endswith(f"+{need.disk_image}")
        for one in offered["disk_image"]
    ):
        return f"it offers no disk_image {need.disk_image}"
    if need.exclusive is not None and candidate.attributes.get("exclusive") is not need.exclusive:
        return f"it is not {'exclusive' if need.exclusive else 'shared'}"
    interfaces = candidate.attributes.get("interfaces", 0)
    if need.interfaces and isinstance(interfaces, int) and interfaces < need.interfaces:
        return f"it has {interfaces} interfaces, not {need.interfaces}"
    return ""


def _texts(value: Value | None) -> set[str]:
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return {str(one) for one in values}
