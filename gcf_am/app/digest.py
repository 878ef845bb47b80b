"""What was read of a large inventory, in a form that is read again soon.

A line that tells what it is of, a JSON document, and the template. What many hosts have in common
stands there once, and ports are told by number: so they are one value each in memory, too.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from gcf_am import __version__
from gcf_am.model.features import Counts, Feature
from gcf_am.model.site import DiskImage, Host, Port, Site, SliverType, Wire
from gcf_am.urn import Urn

# Rises when what is written changes its form or meaning.
_FORM: Final = 1


def name_of(data: bytes, manager: Urn) -> bytes:
    """What tells the digests of an inventory and manager, made by this release, from others."""
    return _hash(f"{_FORM} {__version__} {manager} {_hash(data)}".encode()).encode()


def write_digest(name: bytes, site: Site) -> bytes:
    """The digest of that name."""
    pool: list[Any] = []
    places: dict[object, int] = {}

    def put(value: object, told: Any) -> int:
        """The place of a value that many may have."""
        if value not in places:
            places[value] = len(pool)
            pool.append(told)
        return places[value]

    ports = {port.component_id: place for place, port in enumerate(_ports(site.hosts))}
    document = {
        "manager": site.manager.text,
        "version": site.version,
        "template": _hash(site.template),
        "hosts": [
            [
                one.component_id,
                one.name,
                one.exclusive,
                one.slots,
                put(one.hardware_types, one.hardware_types),
                put(one.sliver_types, [asdict(kind) for kind in one.sliver_types]),
                [[port.component_id, port.role, port.capacity, port.aliases] for port in one.ports],
                one.available,
                one.switch,
                one.aliases,
                one.loopback,
                put(one.features, [asdict(feature) for feature in one.features]),
            ]
            for one in site.hosts
        ],
        "wires": [
            [
                one.component_id,
                [ports[port] for port in one.ports],
                one.capacity,
                one.latency,
                one.packet_loss,
            ]
            for one in site.wires
        ],
        "pool": pool,
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    return b"\n".join((name, text, site.template))


def read_digest(name: bytes, digest: bytes) -> Site | None:
    """The site; None when it is no digest of that name, or is not whole."""
    found, _, rest = digest.partition(b"\n")
    if found != name:
        return None
    text, _, template = rest.partition(b"\n")
    try:
        told = json.loads(text)
        return _site(told, template) if told["template"] == _hash(template) else None
    except (ValueError, LookupError, TypeError):
        return None


def _site(told: dict[str, Any], template: bytes) -> Site:
    pool = told["pool"]
    hardware: dict[int, tuple[str, ...]] = {}
    kinds: dict[int, tuple[SliverType, ...]] = {}
    features: dict[int, tuple[Feature, ...]] = {}
    hosts = []
    for row in told["hosts"]:
        (
            component_id,
            name,
            exclusive,
            slots,
            of_hardware,
            of_kinds,
            of_ports,
            *more,
            of_features,
        ) = row
        available, switch, aliases, loopback = more
        if of_hardware not in hardware:
            hardware[of_hardware] = tuple(pool[of_hardware])
        if of_kinds not in kinds:
            kinds[of_kinds] = tuple(map(_kind, pool[of_kinds]))
        if of_features not in features:
            features[of_features] = tuple(map(_feature, pool[of_features]))
        hosts.append(
            Host(
                component_id,
                name,
                exclusive,
                slots,
                hardware[of_hardware],
                kinds[of_kinds],
                tuple(
                    Port(port, role, capacity, tuple(others))
                    for port, role, capacity, others in of_ports
                ),
                available,
                switch,
                tuple(aliases),
                loopback,
                features[of_features],
            )
        )
    ports = [port.component_id for port in _ports(hosts)]
    wires = (
        Wire(name, tuple(ports[place] for place in ends), *more)
        for name, ends, *more in told["wires"]
    )
    return Site(Urn.parse(told["manager"]), tuple(hosts), tuple(wires), told["version"], template)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _ports(hosts: Iterable[Host]) -> Iterable[Port]:
    return (port for host in hosts for port in host.ports)


def _kind(told: dict[str, Any]) -> SliverType:
    return SliverType(told["name"], tuple(DiskImage(**one) for one in told["images"]))


def _feature(told: dict[str, Any]) -> Feature:
    counts = told.pop("counts")
    return Feature(**told, counts=None if counts is None else Counts(counts))
