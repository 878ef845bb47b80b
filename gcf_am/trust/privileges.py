"""What the privileges of a credential allow.

Source: GENI credentials, privilege table; AM API facts 5.4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

EVERYTHING: Final = "*"

_OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    privilege: frozenset(operations.split())
    for privilege, operations in {
        "authority": "register remove update resolve list getcredential *",
        "refresh": "remove update",
        "resolve": "resolve list getcredential",
        "sa": "getticket redeemslice redeemticket createslice createsliver deleteslice"
        " deletesliver updateslice getsliceresources loanresources stopslice startslice"
        " renewsliver resetslice listslices listnodes getpolicy sliverstatus",
        "embed": "getticket redeemslice redeemticket createslice createsliver renewsliver"
        " deleteslice deletesliver updateslice sliverstatus getsliceresources shutdown",
        "bind": "getticket loanresources redeemticket",
        "control": "updateslice createslice createsliver renewsliver sliverstatus stopslice"
        " startslice deleteslice deletesliver resetslice getsliceresources getgids",
        "info": "listslices listnodes getpolicy",
        "ma": "setbootstate getbootstate reboot getgids gettrustedcerts",
        "operator": "gettrustedcerts getgids",
    }.items()
}
# `*` means all that is usual for the target's type
_ALL_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "slice": ("refresh", "embed", "bind", "control", "info"),
    "user": ("refresh", "resolve", "info"),
    "authority": ("authority", "sa", "ma"),
    "node": ("operator",),
}

SLICE_PRIVILEGES: Final = _ALL_FOR["slice"]
USER_PRIVILEGES: Final = _ALL_FOR["user"]


@dataclass(frozen=True, slots=True)
class Privilege:
    """One privilege as a credential states it; `delegatable` tells that it may be handed on."""

    name: str
    delegatable: bool = False


def operations(
    privileges: Iterable[Privilege], target_kind: str, *, delegatable: bool = False
) -> frozenset[str]:
    """The operations these privileges allow on a target of that kind (`slice`, `user`, ...).

    With `delegatable` only those that may be handed on. Names are compared in lower case; one
    that nobody knows allows nothing.
    """
    allowed: frozenset[str] = frozenset()
    for privilege in privileges:
        if privilege.delegatable or not delegatable:
            name = privilege.name.lower()
            for each in _ALL_FOR.get(target_kind, ()) if name == EVERYTHING else (name,):
                allowed |= _OPERATIONS.get(each, frozenset())
    return allowed


def allow(allowed: frozenset[str], needs: Iterable[str]) -> bool:
    """Whether one of the needed operations is allowed."""
    return EVERYTHING in allowed or any(operation in allowed for operation in needs)


def within(part: frozenset[str], whole: frozenset[str]) -> bool:
    """Whether all operations of `part` are among those of `whole`."""
    return EVERYTHING in whole or part <= whole
