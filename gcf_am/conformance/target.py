"""The aggregate that is judged, and what a run may do there: shared by all its checks."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gcf_am.client.credential_file import Credential
from gcf_am.client.shown import ShownComponent
from gcf_am.client.transport import Identity
from gcf_am.conformance.slices import Pool

# Verbs that may change something at an aggregate, of every version
WRITING: Final = frozenset(
    {
        "Allocate",
        "Provision",
        "Renew",
        "PerformOperationalAction",
        "Delete",
        "Shutdown",
        "Update",
        "Cancel",
        "CreateSliver",
        "RenewSliver",
        "DeleteSliver",
    }
)


@dataclass(frozen=True)
class Person:
    """Somebody who calls; `credential` asks for the user credential, `shown` are their files for TLS."""

    urn: str
    shown: Identity
    credential: Callable[[], Credential]


@dataclass(frozen=True)
class Terms:
    """What a run may do, and how.

    `request` is the request to use instead of one made of the advertisement; `bound`: requests
    name their components. `seconds` bounds each call, `patience` each wait for a state.
    `seed` is where random names begin.
    """

    seed: str
    readonly: bool = False
    request: str | None = None
    bound: bool = False
    seconds: float = 60.0
    patience: float = 120.0


@dataclass
class Target:
    """The aggregate at `url`; `people[0]` owns the slices, `operator` may shut slices down.

    `users` are structs for geni_users, `schemas` a folder of RSpec schemas, `certificates` others
    by their names. `stop` is set when the run is to end early; `shut` are URNs of slices that a
    check shut down, `taken` component URNs that checks have to themselves, `shared` answers that
    all checks have in common, by method.
    """

    url: str
    people: tuple[Person, ...]
    pool: Pool
    terms: Terms
    users: tuple[Mapping[str, Any], ...] = ()
    operator: Person | None = None
    schemas: Path | None = None
    certificates: Mapping[str, Identity] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    shut: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    shared: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, components: tuple[ShownComponent, ...], count: int) -> list[ShownComponent]:
        """So many of the components that no other check has, or none; to be given back."""
        with self.lock:
            free = [one for one in components if one.component_id not in self.taken][:count]
            if len(free) < count:
                return []
            self.taken |= {one.component_id for one in free}
            return free

    def give_back(self, components: list[str]) -> None:
        """Other checks may have them."""
        with self.lock:
            self.taken -= set(components)
