"""What a node or link does to the traffic that passes it, in words."""

from dataclasses import fields

from gcf_am.model.topology import Link, Property, Queue, Resource


def shaping(resource: Resource) -> tuple[str, ...]:
    """One line for each direction in which capacity, latency or loss are asked for."""
    if isinstance(resource, Link):
        ways = [(one, Queue()) for one in resource.properties]
    else:
        ways = [(one.way, one.queue) for one in resource.pipes]
    told = [(way, [*_amounts(way), *_queueing(queue)]) for way, queue in ways]
    return tuple(f"{way.source} -> {way.dest}: {', '.join(how)}" for way, how in told if how)


def impairs(resource: Resource) -> bool:
    """Whether more is asked for than a network gives by itself: a shaper, latency or loss."""
    if isinstance(resource, Link):
        return any(one.latency or one.packet_loss for one in resource.properties)
    return bool(resource.pipes)


def _amounts(way: Property) -> list[str]:
    amounts = ((way.capacity, "kbit/s"), (way.latency, "ms"), (way.packet_loss, "lost"))
    return [f"{amount:g} {unit}" for amount, unit in amounts if amount is not None]


def _queueing(queue: Queue) -> list[str]:
    values = ((one.name, getattr(queue, one.name)) for one in fields(queue))
    return [f"{name} {value}" for name, value in values if value is not None]
