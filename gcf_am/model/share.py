"""What a sliver takes of its people's quotas, and who these people are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gcf_am.model.sliver import NodePlacement, Sliver
from gcf_am.model.states import AllocationState
from gcf_am.urn import Urn

USER: Final = "user"
SLICE: Final = "slice"
PROJECT: Final = "project"
AUTHORITY: Final = "authority"
SCOPES: Final = (USER, SLICE, PROJECT, AUTHORITY)

# The sliver types that a node is made of, now and after its next Provision; empty for links.
Types = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whose slivers are counted together; `key` tells those of one scope apart."""

    scope: str
    key: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one sliver takes.

    `until` is when it expires, or when it ended. While it is updating, what it has and what it
    will have count both (decision 3): the larger of its two types, and all of its VLAN tags.
    """

    live: bool
    until: datetime
    types: Types
    vlans: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose a live sliver is, the key of their account, and since when it is there."""

    owner: str
    began: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """What the live slivers of an account are together: how many of which types, VLAN tags."""

    slivers: Mapping[Types, int] = field(default_factory=dict)
    vlans: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """A sliver that was there from `began` until its share's `until`, whose it was and where."""

    sliver: Urn
    slice: Urn
    slice_key: int
    owner: str
    began: datetime
    share: Share

    def there(self, at: datetime) -> bool:
        """Whether it was there at that moment."""
        return self.began <= at < self.share.until


def share(sliver: Sliver, at: datetime) -> Share:
    """What the sliver takes; `at` is when it ended, if it has just ended."""
    live = sliver.allocation is not AllocationState.UNALLOCATED
    both = [one for one in (sliver.contents, sliver.pending) if one is not None]
    types = (one.placement.sliver_type for one in both if isinstance(one.placement, NodePlacement))
    tags = {hold.component for one in both for hold in one.holds if hold.dimension == "vlan"}
    return Share(
        live,
        sliver.expires if live else min(at, sliver.expires),
        tuple(dict.fromkeys(types)),
        len(tags),
    )


def user_key(user: Urn) -> str:
    """The key of a user's account."""
    return "+".join(user.key)


def project_key(slice_urn: Urn) -> str:
    """The project that a slice is of, `authority:project`; empty where it is of none.

    Source: FED 0.11: the last part of the authority in the slice's URN.
    """
    return ":".join(slice_urn.namespace) if len(slice_urn.namespace) > 1 else ""


def authority_key(slice_urn: Urn) -> str:
    """The authority that a slice is of, its project left out."""
    parts = slice_urn.namespace
    return ":".join(parts[:-1] or parts)
