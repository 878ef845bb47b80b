"""All checks, by area; a new area is a module with a table CHECKS, registered here."""

from typing import Final

from gcf_am.conformance.check import Check, Profile
from gcf_am.conformance.checks import allocate, getversion

ALL: Final[tuple[Check, ...]] = (
    *getversion.CHECKS,
    *allocate.CHECKS,
)


def of(profile: Profile | None) -> tuple[Check, ...]:
    """The checks that a profile is held to; all without one."""
    return tuple(one for one in ALL if profile is None or profile in one.profiles)
