"""What frames meet on their way through a link: worked out, without touching anything.

Frames are shaped where they leave the fabric towards a node, beyond the reach of anybody's root.
Which way they go is told by the port they came in by, never by an address that a node may forge:
the link's rules put the number of that port into the frame's priority (which does not survive
the way into a node), and HTB takes a priority of its own major number as the class.
Source: tc-htb(8), CLASSIFICATION.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any, Final

from gcf_am.drivers.host.names import port
from gcf_am.drivers.host.network import End, Features, LinkShape, Way
from gcf_am.manager.ports import DriverError

HTB: Final = 0x10000
_MINORS: Final = 0xFFFE
# bytes/s; where only latency or loss is asked for
_ANY_RATE: Final = 2**32 - 1
_LOSS_STEPS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Delay:
    """netem's part: microseconds, and the fraction lost."""

    latency: int
    jitter: int
    loss: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One HTB class: frames that came in by port `number`; bytes/s and bytes at once."""

    number: int
    rate: int
    burst: int
    delay: Delay | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The lanes at each port, by the end they lead to, and the link's rules for nft."""

    lanes: Mapping[End, tuple[Lane, ...]]
    rules: tuple[Mapping[str, Any], ...]


def check(shape: LinkShape, features: Features) -> None:
    """Refuse what the kernel cannot do or what makes no sense; raises DriverError naming it."""
    for way in shape.ways:
        for name, value, most in (
            ("capacity", way.capacity, _ANY_RATE // 125),
            ("latency", way.latency, 60_000),
            ("packet_loss", way.packet_loss, 1),
            ("jitter", way.jitter, 60_000),
        ):
            if not value:
                if name == "capacity" and value is not None:
                    raise DriverError("a capacity of 0 kbit/s passes nothing", lasting=True)
                continue
            if not isfinite(value) or not 0 < value <= most:
                raise DriverError(f"{name} {value:g} is not in 0 to {most}", lasting=True)
            if not getattr(features, name):
                raise DriverError(f"{name}: this machine's kernel cannot do that", lasting=True)


def plan(table: str, ends: Iterable[End], shape: LinkShape, *, netem: bool) -> Plan:
    """How the link `table` between these ends is shaped; loss by netem where the kernel has it."""
    numbers = number(ends)
    ways = [way for way in shape.ways if way.source in numbers and way.dest in numbers]
    lanes: dict[End, tuple[Lane, ...]] = dict.fromkeys(numbers, ())
    lossy: list[Way] = []
    for way in ways:
        loss = way.packet_loss or 0.0
        delay = None
        if netem and (way.latency or way.jitter or loss):
            delay = Delay(round((way.latency or 0) * 1000), round((way.jitter or 0) * 1000), loss)
        elif loss:
            lossy.append(way)
        if way.capacity is not None or delay is not None:
            rate = _ANY_RATE if way.capacity is None else way.capacity * 125
            # a hundredth of a second at once, and never less than two frames
            lane = Lane(numbers[way.source], rate, max(3200, rate // 100), delay)
            lanes[way.dest] = (*lanes[way.dest], lane)
    return Plan(lanes, tuple(_rules(table, numbers, ways, lossy)))


def number(ends: Iterable[End]) -> Mapping[End, int]:
    """A class number for each end: nearly always the same one, whoever else joins or leaves."""
    numbers: dict[End, int] = {}
    for end in sorted(ends):
        made = int.from_bytes(sha256(f"{end.node} {end.nic}".encode()).digest()[:2]) % _MINORS
        while 1 + made in numbers.values():
            made = (made + 1) % _MINORS
        numbers[end] = 1 + made
    return numbers


def _rules(
    table: str, numbers: Mapping[End, int], ways: Sequence[Way], lossy: Sequence[Way]
) -> Iterable[Mapping[str, Any]]:
    """Marking where frames come in, losing where they leave. Source: libnftables-json(5)."""
    if not ways:
        return
    of = {"family": "netdev", "table": table}
    yield {"add": {"table": {"family": "netdev", "name": table}}}
    for source in sorted({way.source for way in ways}):
        chain = f"from_{port(source)}"
        yield _chain(of, chain, "ingress", port(source))
        marked = {"key": {"meta": {"key": "priority"}}, "value": HTB + numbers[source]}
        yield {"add": {"rule": {**of, "chain": chain, "expr": [{"mangle": marked}]}}}
    for dest in sorted({way.dest for way in lossy}):
        chain = f"to_{port(dest)}"
        yield _chain(of, chain, "egress", port(dest))
        for way in lossy:
            if way.dest != dest:
                continue
            came = {"meta": {"key": "priority"}}
            # a dice that always or never falls so is refused
            lost = max(1, round((way.packet_loss or 0) * _LOSS_STEPS))
            dice = {"numgen": {"mode": "random", "mod": _LOSS_STEPS, "offset": 0}}
            expressions = [
                {"match": {"op": "==", "left": came, "right": HTB + numbers[way.source]}},
                {"counter": None},  # how many came
                *(
                    [{"match": {"op": "<", "left": dice, "right": lost}}]
                    if lost < _LOSS_STEPS
                    else []
                ),
                {"counter": None},  # how many were lost
                {"drop": None},
            ]
            yield {"add": {"rule": {**of, "chain": chain, "expr": expressions}}}


def _chain(of: Mapping[str, str], name: str, hook: str, device: str) -> Mapping[str, Any]:
    return {
        "add": {
            "chain": {
                **of,
                "name": name,
                "type": "filter",
                "hook": hook,
                "prio": 0,
                "dev": device,
                "policy": "accept",
            }
        }
    }
