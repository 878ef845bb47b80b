"""From a recommendation to bookings: one request RSpec for each aggregate and slice."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gcf_am.errors import GcfAmError
from gcf_am.homing.plans.booking import Booking, Held, Options
from gcf_am.homing.reserve.wanted import Wanted
from gcf_am.rspec.composing import ChosenNode, compose_request


class Unreservable(GcfAmError):
    """A recommendation cannot be reserved as the template wants it."""


def bookings_for(
    choices: Mapping[str, Mapping[str, Any]],
    wanted: Sequence[Wanted],
    *,
    plan: str,
    attempt: int,
    slice_urn: str,
    url_of: Callable[[str], str | None],
) -> list[Booking]:
    """What is to be asked of each aggregate.

    `choices` is a recommendation as its JSON has it; `slice_urn` the slice of reservations that
    name none; `url_of` answers where an aggregate is. A demand that lives on a sliver that is
    there already needs none. Raises Unreservable.
    """
    made = []
    for one in wanted:
        places: dict[str, dict[str, ChosenNode]] = {}
        for demand in one.demands:
            chosen = choices[demand]["candidate"]
            if chosen["inventory_type"] == "cloud":
                node = _node(demand, choices[demand], one)
                places.setdefault(chosen["location_id"], {})[demand] = node
        _check_links(one, places)
        for manager, nodes in places.items():
            url = url_of(manager)
            target = one.slice_urn or slice_urn
            if url is None:
                raise Unreservable(f"nobody here knows where {manager} answers")
            if not target:
                raise Unreservable(
                    "no slice is known: send its credential, or name slice_urn in the request"
                )
            links = [link for link in one.links if {*link.nodes} <= nodes.keys()]
            made.append(
                Booking(
                    key=0,
                    plan=plan,
                    attempt=attempt,
                    aggregate=manager,
                    url=url,
                    slice_urn=target,
                    request=compose_request(tuple(nodes.values()), links),
                    names={
                        **{name: node.component_id for name, node in nodes.items()},
                        **{link.client_id: "" for link in links},
                    },
                    state=Held.PLANNED,
                    slivers={},
                    expires=None,
                    error="",
                    options=Options(one.end_time, one.provision, one.users),
                )
            )
    return made


def _node(demand: str, choice: Mapping[str, Any], wanted: Wanted) -> ChosenNode:
    advertised = choice["attributes"].get("exclusive")
    exclusive = advertised if isinstance(advertised, bool) else None
    return ChosenNode(
        client_id=demand,
        component_id=choice["candidate"]["candidate_id"],
        manager=choice["candidate"]["location_id"],
        exclusive=exclusive if wanted.exclusive is None else wanted.exclusive,
        sliver_type=wanted.sliver_type,
        disk_image=wanted.disk_image,
        hardware_type=wanted.hardware_type,
    )


def _check_links(wanted: Wanted, places: Mapping[str, Mapping[str, ChosenNode]]) -> None:
    for link in wanted.links:
        if not any({*link.nodes} <= nodes.keys() for nodes in places.values()):
            raise Unreservable(
                f"{' and '.join(link.nodes)} live at different aggregates, and no stitching path "
                "between those is advertised"
            )
