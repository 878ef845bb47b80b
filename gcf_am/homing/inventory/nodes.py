"""Advertised nodes and slivers as candidates."""

from collections.abc import Iterable, Mapping
from typing import Final

from gcf_am.homing.stock import Candidate, Point, Value
from gcf_am.rspec.offers import Held, Offer
from gcf_am.urn import Urn

Places = Mapping[str, Point]
# by category and the aggregate's URN
Zones = Mapping[str, Mapping[str, str]]

# Two sites in one cell of so many degrees may be hit by the same disaster.
_CELL: Final = 0.5
# About a kilometre: nodes this near to each other, of one aggregate, are one site.
_SITE: Final = 2
_DEGREES_PER_HOUR: Final = 15


def cloud_of(offer: Offer, provider: str, places: Places, zones: Zones) -> Candidate:
    """A node where a sliver can be made."""
    host, point = offer.host, point_of(offer, places)
    around = zones_of(offer.manager, point, offer.country, zones)
    images = {image.name for one in host.sliver_types for image in one.images}
    attributes: dict[str, Value] = {
        "component_name": host.name,
        "hardware_type": _each(host.hardware_types),
        "sliver_type": _each(one.name for one in host.sliver_types),
        "disk_image": _each(images),
        "exclusive": host.exclusive,
        "interfaces": len(host.ports),
        "feature": _each(one.name for one in host.features if not one.adds),
        "cloud_owner": _authority(offer.manager),
        "cloud_region_version": "3",
        # amounts that a host has for all its slivers, such as memory
        **{one.name: one.weight for one in host.features if one.adds},
        **_zone_attributes(around),
    }
    if offer.slots is not None:
        attributes["slots"] = offer.slots
    return Candidate(
        id=host.component_id,
        inventory_type="cloud",
        provider=provider,
        location_id=offer.manager,
        point=point,
        attributes=attributes,
        zones=around,
        capacity=offer.slots,
        attachment=host.component_id,
    )


def service_of(
    held: Held, slice_urn: str, offer: Offer | None, provider: str, places: Places, zones: Zones
) -> Candidate:
    """A sliver that exists, where its node is; `offer` is that node if it is advertised."""
    point = places.get(held.manager) if offer is None else point_of(offer, places)
    around = zones_of(held.manager, point, "" if offer is None else offer.country, zones)
    return Candidate(
        id=held.sliver_urn,
        inventory_type="service",
        provider=provider,
        location_id=held.manager,
        point=point,
        host_id=held.component_id,
        service_resource_id=held.sliver_urn,
        attributes={
            "client_id": held.client_id,
            "sliver_type": held.sliver_type,
            "service_id": slice_urn,
            "cloud_owner": _authority(held.manager),
            **_zone_attributes(around),
        },
        zones=around,
        attachment=held.component_id,
    )


def point_of(offer: Offer, places: Places) -> Point | None:
    """Where a node is: as it tells, else as its aggregate's operator told us."""
    if offer.latitude is not None and offer.longitude is not None:
        return Point(offer.latitude, offer.longitude)
    return places.get(offer.manager)


def zones_of(manager: str, point: Point | None, country: str, told: Zones) -> dict[str, str]:
    """The zones of a place at an aggregate; what is told by hand goes first."""
    found = {"region": manager, "maintenance": manager, "country": country}
    if point is not None:
        latitude, longitude = point.latitude, point.longitude
        found["complex"] = f"{_authority(manager)} {latitude:.{_SITE}f} {longitude:.{_SITE}f}"
        found["time"] = f"UTC{round(longitude / _DEGREES_PER_HOUR):+d}"
        found["disaster"] = f"{latitude // _CELL * _CELL:.1f} {longitude // _CELL * _CELL:.1f}"
    found |= {name: by[manager] for name, by in told.items() if manager in by}
    return {name: zone for name, zone in found.items() if zone}


def _zone_attributes(zones: Mapping[str, str]) -> dict[str, Value]:
    names = {"complex": "complex_name", "country": "country"}
    return {names[name]: zone for name, zone in zones.items() if name in names}


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(filter(None, values))))


def _authority(manager: str) -> str:
    try:
        return Urn.parse(manager).authority
    except ValueError:
        return manager
