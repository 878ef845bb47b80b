"""All checks, by area; a new area is a module with a table CHECKS, registered here."""

from typing import Final

from gcf_am.conformance.check import Check, Profile
from gcf_am.conformance.checks import (
    allocate,
    cancel,
    carrying,
    credential,
    delegation,
    delete,
    describe,
    draft,
    fed4fire,
    getversion,
    issued,
    listresources,
    logins,
    manifest,
    perform,
    provision,
    race,
    renew,
    request,
    sending,
    shutdown,
    speaksfor,
    times,
    tls,
    transport,
    update,
    update_effects,
    update_refused,
    v2,
    v2_slivers,
)

ALL: Final[tuple[Check, ...]] = (
    *tls.CHECKS,
    *transport.CHECKS,
    *getversion.CHECKS,
    *listresources.CHECKS,
    *allocate.CHECKS,
    *describe.CHECKS,
    *provision.CHECKS,
    *renew.CHECKS,
    *perform.CHECKS,
    *delete.CHECKS,
    *shutdown.CHECKS,
    *times.CHECKS,
    *update.CHECKS,
    *update_refused.CHECKS,
    *update_effects.CHECKS,
    *cancel.CHECKS,
    *credential.CHECKS,
    *sending.CHECKS,
    *issued.CHECKS,
    *delegation.CHECKS,
    *speaksfor.CHECKS,
    *draft.CHECKS,
    *manifest.CHECKS,
    *carrying.CHECKS,
    *request.CHECKS,
    *logins.CHECKS,
    *race.CHECKS,
    *fed4fire.CHECKS,
    *v2.CHECKS,
    *v2_slivers.CHECKS,
)


def of(profile: Profile | None) -> tuple[Check, ...]:
    """The checks that a profile is held to; all without one."""
    return tuple(one for one in ALL if profile is None or profile in one.profiles)
