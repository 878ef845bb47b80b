"""The tallies table: what the live slivers of each account come to, so that it need not be counted.

Tallies are kept beside the shares, in the transactions that change these; as those of an authority
are everybody's, they are written last of all, in one order (`locks`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, select

from gcf_am.model.share import AUTHORITY, PROJECT, SCOPES, SLICE, USER
from gcf_am.store.locks import adding
from gcf_am.store.tables import SHARES, TALLIES
from gcf_am.store.transaction import Transaction, in_parts

# The columns of a share that name its accounts.
COLUMNS: Final[Mapping[str, str]] = {
    USER: "owner",
    SLICE: "slice_key",
    PROJECT: "project",
    AUTHORITY: "authority",
}
# Scope, key and types.
Key = tuple[str, str, str]

_THESE: Final = select(SHARES).where(SHARES.c.sliver.in_(bindparam("slivers", expanding=True)))
_OF: Final = select(TALLIES).where(
    TALLIES.c.scope == bindparam("of_scope"),
    TALLIES.c.account.in_(bindparam("accounts", expanding=True)),
)


@dataclass(slots=True)
class Tallies:
    """By how much a unit changes tallies, kept until its end."""

    slivers: Counter[Key] = field(default_factory=Counter)
    vlans: Counter[Key] = field(default_factory=Counter)

    def take(self, shares: Iterable[Mapping[str, Any]], sign: int = 1) -> None:
        """Count these rows of the shares table, or with -1 count them no more."""
        for row in shares:
            if row["live"]:
                for scope in SCOPES:
                    key = (scope, str(row[COLUMNS[scope]]), row["types"])
                    self.slivers[key] += sign
                    self.vlans[key] += sign * row["vlans"]

    def write(self, transaction: Transaction) -> None:
        """Change the table."""
        changed = sorted(key for key in self.slivers if self.slivers[key] or self.vlans[key])
        if not changed:
            return
        transaction.push(
            adding(TALLIES, "slivers", "vlans", shared=transaction.shared),
            [
                {
                    "scope": key[0],
                    "account": key[1],
                    "types": key[2],
                    "slivers": self.slivers[key],
                    "vlans": self.vlans[key],
                }
                for key in changed
            ],
        )

    def of(
        self, transaction: Transaction, scope: str, accounts: Collection[str]
    ) -> Iterator[tuple[str, str, int, int]]:
        """Account, types, slivers and VLAN tags, as they are with what this unit changes."""
        slivers, vlans = Counter[Key](), Counter[Key]()
        for part in in_parts(accounts):
            for row in transaction.read(_OF, of_scope=scope, accounts=part).mappings():
                key = (scope, row["account"], row["types"])
                slivers[key], vlans[key] = row["slivers"], row["vlans"]
        for key, more in self.slivers.items():
            if key[0] == scope and key[1] in accounts:
                slivers[key] += more
                vlans[key] += self.vlans[key]
        for key, count in slivers.items():
            if count:
                yield key[1], key[2], count, vlans[key]


def shares_of(transaction: Transaction, slivers: Collection[str]) -> list[Mapping[str, Any]]:
    """The rows of the shares table of these slivers, by the keys of their URNs."""
    found: list[Mapping[str, Any]] = []
    for part in in_parts(slivers):
        found += map(dict, transaction.read(_THESE, slivers=part).mappings())
    return found
