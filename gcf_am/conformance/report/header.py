"""What a report says of the run as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Header:
    """Which aggregate was judged, when, and by what.

    `profile` is what it was held to, in the words of the command; `abilities` what it says of
    itself, name and value as texts; `options` what else the run was told (read-only, a request of
    one's own). `replayed` tells that recorded answers were judged.
    """

    url: str
    urn: str
    started: datetime
    version: str
    profile: str
    abilities: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    seconds: float = 0.0
    replayed: bool = False
