"""A site as tables that are read at 80 columns."""

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from gcf_am.cli.tables import heading, table
from gcf_am.model.site import Host, Site, Wire

Held = Mapping[tuple[str, str], int]


def site_tables(site: Site, held: Held) -> RenderableType:
    """Hosts by hardware, switches, links by what they join; each with what is free of it."""
    switches = [one for one in site.hosts if one.switch]
    nodes = [one for one in site.hosts if not one.switch]
    parts: list[RenderableType] = [
        heading(
            f"{site.manager.authority}: {_many(len(nodes), 'node')},"
            f" {_many(len(switches), 'switch', 'switches')},"
            f" {_many(len(site.wires), 'link')} between them"
        )
    ]
    if nodes:
        parts += [Text(), _nodes(nodes, site, held)]
    if switches:
        parts += [Text(), _switches(switches, site)]
    if site.wires:
        parts += [Text(), _wires(site, held)]
    return Group(*parts)


def free_slots(host: Host, held: Held) -> int:
    """How many more slivers a host takes."""
    if not host.available or not host.sliver_types:
        return 0
    return max(0, host.slots - held.get((host.component_id, "slots"), 0))


def rate(kilobits: int | None) -> str:
    """kbit/s in words: `10 Gbit/s`; `any` for what has no limit."""
    if kilobits is None:
        return "any"
    for unit, name in ((1_000_000, "Gbit/s"), (1000, "Mbit/s")):
        if kilobits >= unit:
            return f"{kilobits / unit:g} {name}"
    return f"{kilobits} kbit/s"


def hardware(host: Host) -> str:
    """The most telling of a host's hardware types: the first, as aggregates order them."""
    return host.hardware_types[0] if host.hardware_types else "(none)"


def _nodes(nodes: list[Host], site: Site, held: Held) -> RenderableType:
    wired = {port for wire in site.wires for port in wire.ports}
    groups: dict[tuple[str, str, str], list[Host]] = {}
    for one in nodes:
        use = "exclusive" if one.exclusive else "shared"
        if not one.sliver_types:
            use = "no slivers"
        types = ", ".join(dict.fromkeys(kind.name for kind in one.sliver_types))
        groups.setdefault((hardware(one), use, types), []).append(one)
    rows = []
    for (kind, use, types), several in groups.items():
        free = [free_slots(one, held) for one in several]
        untouched = sum(
            left == one.slots for left, one in zip(free, several, strict=True) if one.sliver_types
        )
        slots = sum(one.slots for one in several if one.sliver_types)
        ports = [sum(port.component_id in wired for port in one.ports) for one in several]
        rows.append(
            (
                kind,
                use,
                f"{untouched}/{len(several)}" if slots else f"-/{len(several)}",
                f"{sum(free)}/{slots}" if slots else "-",
                _span(ports),
                types,
            )
        )
    return table(("hardware", "use", "free", "slots", "ports", "sliver types"), rows)


def _switches(switches: list[Host], site: Site) -> RenderableType:
    rows = []
    for switch in switches:
        mine = {port.component_id for port in switch.ports}
        hosts, beside = 0, dict[str, int]()
        for wire in site.wires:
            if mine.isdisjoint(wire.ports):
                continue
            for name in _others(wire, site, switch):
                if site.host[name].switch:
                    label = site.host[name].name
                    beside[label] = beside.get(label, 0) + 1
                else:
                    hosts += 1
        shown = ", ".join(f"{name} x {n}" if n > 1 else name for name, n in beside.items())
        rows.append((switch.name, str(hosts), shown or "-"))
    return table(("switch", "links to nodes", "switches beside it"), rows)


def _others(wire: Wire, site: Site, switch: Host) -> Iterable[str]:
    for port in wire.ports:
        host = site.host_of_port[port]
        if host is not switch:
            yield host.component_id


def _wires(site: Site, held: Held) -> RenderableType:
    groups: dict[tuple[str, int | None], list[Wire]] = {}
    for wire in site.wires:
        groups.setdefault((_between(wire, site), wire.capacity), []).append(wire)
    rows = []
    for (between, capacity), several in sorted(
        groups.items(), key=lambda one: (one[0][0], one[0][1] or 0)
    ):
        used = [held.get((one.component_id, "bandwidth"), 0) for one in several]
        free = "any"
        if capacity is not None:
            left = sum(capacity - taken for taken in used)
            free = f"{100 * left // (capacity * len(several))} %" if capacity else "-"
        rows.append((between, rate(capacity), str(len(several)), free))
    return table(("between", "capacity", "links", "bandwidth free"), rows)


def _between(wire: Wire, site: Site) -> str:
    kinds = sorted("switch" if site.host_of_port[port].switch else "node" for port in wire.ports)
    if len(kinds) > 2:
        return f"LAN of {len(kinds)}"
    return " and ".join(kinds)


def _span(numbers: list[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}-{high}"


def _many(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
