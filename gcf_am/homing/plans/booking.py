"""What is reserved at one aggregate for a plan, written down before it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Held(StrEnum):
    """How far a booking is.

    planned: the aggregate has not been asked. calling: it may have been, what came of it is not
    known. held: slivers are allocated. provisioned: they are ours to keep. refused: the
    aggregate said no. releasing: they are to go. released: nothing is left of it. leaked:
    giving them back never succeeded; they end by themselves at `expires`.
    """

    PLANNED = "planned"
    CALLING = "calling"
    HELD = "held"
    PROVISIONED = "provisioned"
    REFUSED = "refused"
    RELEASING = "releasing"
    RELEASED = "released"
    LEAKED = "leaked"


# What ought not to stay as it is in a plan that has ended.
UNSETTLED: Final = (Held.CALLING, Held.RELEASING)
# What may be of slivers at the aggregate.
LIVE: Final = (Held.CALLING, Held.HELD, Held.PROVISIONED, Held.RELEASING)


@dataclass(frozen=True, slots=True)
class Options:
    """How slivers are wanted: until when, provisioned and started too, and for whom (structs of
    `urn` and `keys`).
    """

    end_time: datetime | None = None
    provision: bool = False
    users: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """One aggregate's part of a reservation.

    `aggregate` is its URN, `url` where it answers, `request` the request RSpec, `names` the
    client_ids in it (demand names) with the components they are bound to (links: ""), `slivers`
    URNs by those names. `attempt` counts the plan's
    attempts from 1. `before` are the slivers that the slice had there already, which are not ours
    to touch. `error` is why it was refused or not given back, in the aggregate's words.
    """

    key: int
    plan: str
    attempt: int
    aggregate: str
    url: str
    slice_urn: str
    request: str
    names: dict[str, str]
    state: Held
    slivers: dict[str, str]
    expires: datetime | None
    error: str
    options: Options = Options()
    before: frozenset[str] = frozenset()
