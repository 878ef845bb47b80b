"""A sliver as seed 002 sees it, and the ways its operational state can go."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.properties.verbs.wishes import Contents, Link

ALLOCATED, PROVISIONED, UPDATING = "geni_allocated", "geni_provisioned", "geni_updating"
UNALLOCATED = "geni_unallocated"
PENDING, NOTREADY, READY = "geni_pending_allocation", "geni_notready", "geni_ready"
CONFIGURING, STOPPING, UPDATING_USERS = "geni_configuring", "geni_stopping", "geni_updating_users"

# action -> the states it is defined in, the state it leads to, and where that ends
ACTIONS = {
    "geni_start": ({NOTREADY}, CONFIGURING, READY),
    "geni_restart": ({READY}, CONFIGURING, READY),
    "geni_reload": ({READY}, CONFIGURING, READY),
    "geni_stop": ({READY}, STOPPING, NOTREADY),
    "geni_update_users": ({READY}, UPDATING_USERS, READY),
}


@dataclass(frozen=True)
class Told:
    """One entry of geni_slivers."""

    urn: str
    expires: str
    allocation: str
    operational: str
    next: str
    error: str

    @classmethod
    def of(cls, struct: dict[str, str]) -> Told:
        return cls(
            struct["geni_sliver_urn"],
            struct["geni_expires"],
            struct["geni_allocation_status"],
            struct["geni_operational_status"],
            struct["geni_next_allocation_status"],
            struct["geni_error"],
        )


@dataclass(frozen=True)
class Sliver:
    """`now` is what is reserved or provisioned; `then` is what the next Provision makes of an
    updating one, None if that removes it.

    `way` are the operational states it may be in, in the order it passes them by itself; it rests
    in the last. `could` tells that the ends of a link were perhaps all ready since it was started.
    `guarantee` is what the last Update promised to preserve.
    """

    urn: str
    slice: str
    now: Contents
    expires: str
    state: str = ALLOCATED
    then: Contents | None = None
    way: tuple[str, ...] = (PENDING,)
    could: bool = False
    guarantee: str | None = None

    @property
    def is_link(self) -> bool:
        return isinstance(self.now.wish, Link)

    @property
    def future(self) -> Contents | None:
        """What it is after the next Provision."""
        return self.then if self.state == UPDATING else self.now

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """The client_ids it has, or will have."""
        return self.now.wish.names | (self.then.wish.names if self.then else frozenset())

    @property
    def interfaces(self) -> frozenset[str]:
        return self.now.interfaces | (self.then.interfaces if self.then else frozenset())

    @property
    def next(self) -> str:
        """geni_next_allocation_status."""
        if self.state == PROVISIONED:
            return ""
        return UNALLOCATED if self.state == UPDATING and self.then is None else PROVISIONED

    @property
    def possible(self) -> tuple[str, ...]:
        """The states it may be in now: no link is ready before its ends are (decision 8)."""
        waits = self.is_link and self.way == (CONFIGURING, READY) and not self.could
        return self.way[:1] if waits else self.way

    def seen(self, operational: str) -> Sliver:
        """Its operational state was seen: it will not be in an earlier one again."""
        assert operational in self.way, (operational, self)
        way = self.way[self.way.index(operational) :]
        if self.is_link and way != self.way and operational == READY:
            assert self.could, f"ready before its ends were: {self}"
        return replace(self, way=way)

    def told(self, told: Told) -> Sliver:
        """The server told of it, and it was as it must be."""
        assert told.urn == self.urn
        shown = (told.allocation, told.next, told.expires)
        assert shown == (self.state, self.next, self.expires), (told, self)
        return self.seen(told.operational)
