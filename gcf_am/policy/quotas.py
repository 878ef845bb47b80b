"""Quotas: what is counted, when it is too much, and until when node hours last."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gcf_am.errors import TooBig
from gcf_am.model.share import Account, Share, Usage
from gcf_am.policy.rules import NODE_HOURS, Quota, Rules

# An hour's quota that lasts for less than this is used up.
LEAST: Final = timedelta(minutes=1)
_FAR: Final = 10**9  # seconds: some thirty years


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody whom a quota counts for, and what to call them."""

    account: Account
    name: str


def after(before: Usage, taken: Iterable[Share], given: Iterable[Share]) -> Usage:
    """What an account has when it no longer has the shares `given`, but those `taken`."""
    slivers = Counter(before.slivers)
    vlans = before.vlans
    for sign, shares in ((1, taken), (-1, given)):
        for one in shares:
            if one.live:
                slivers[one.types] += sign
                vlans += sign * one.vlans
    return Usage(slivers, vlans)


def figure(quota: Quota, usage: Usage, rules: Rules) -> int:
    """How much of what the quota counts there is in it."""
    groups = usage.slivers.items()
    match quota.of:
        case "slivers":
            return sum(count for _, count in groups)
        case "nodes":
            return sum(count for types, count in groups if types)
        case "links":
            return sum(count for types, count in groups if not types)
        case "cores":
            return sum(count * rules.cores_of(types) for types, count in groups)
        case _:
            return usage.vlans


@dataclass(frozen=True, slots=True)
class Figure:
    """What one quota says of one holder: what they had before a call, and have after it."""

    quota: Quota
    holder: Holder
    had: int
    has: int

    def broken(self, *, prolongs: bool) -> bool:
        """Whether the call leaves too much behind.

        What is too much already may stay or become less, but a call that only `prolongs` what is
        there is refused too: a site that lowers a quota ends what is beyond it in time.
        """
        return self.has > self.quota.most and (
            self.has > self.had or (self.has == self.had and prolongs)
        )

    @property
    def told(self) -> str:
        """The rule, the limit, what there is, and what would fit."""
        left = self.quota.most - self.had
        fits = f"{left} more would fit" if left > 0 else "nothing more fits"
        if left < 0:
            fits = f"{-left} must go first"
        would = f", and would have {self.has}" if self.has != self.had else ""
        return f"{self.quota.told}; {self.holder.name} has {self.had}{would}: {fits}"


def figures(
    rules: Rules,
    holders: Iterable[Holder],
    before: Mapping[Account, Usage],
    then: Mapping[Account, Usage],
) -> list[Figure]:
    """What every quota says of everybody whom it counts for; those of node hours left out."""
    return [
        Figure(
            quota,
            holder,
            figure(quota, before[holder.account], rules),
            figure(quota, then[holder.account], rules),
        )
        for quota in rules.quotas
        for holder in holders
        if quota.of != NODE_HOURS and holder.account.scope == quota.per
    ]


def judge(found: Iterable[Figure], *, prolongs: bool) -> None:
    """Raise TooBig, naming each rule that is broken."""
    broken = [one for one in found if one.broken(prolongs=prolongs)]
    if broken:
        raise TooBig("; ".join(one.told for one in broken), rule=broken[0].quota.name)


@dataclass(frozen=True, slots=True)
class Span:
    """A node of an account: when it began, and when it ends as things stand (None: a new one)."""

    account: Account
    began: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class HoursEnd:
    """Until when node hours last, the quota that sets it, and words that say so."""

    at: datetime
    quota: Quota
    why: str

    def check(self, now: datetime) -> None:
        """Raise TooBig where no time is left."""
        if self.at < now + LEAST:
            raise TooBig(f"{self.why}: nothing more fits", rule=self.quota.name)


def hours_end(
    rules: Rules,
    holders: Iterable[Holder],
    seconds: Mapping[tuple[Account, int], int],
    nodes: Iterable[Span],
    now: datetime,
) -> HoursEnd | None:
    """Until when these nodes can all live with the node hours that are left.

    `seconds` are those of each account within each window, these nodes' among them. None where no
    quota is about node hours.
    """
    spans = list(nodes)
    found: list[HoursEnd] = []
    for quota in rules.quotas:
        if quota.of != NODE_HOURS:
            continue
        for holder in holders:
            mine = [one for one in spans if one.account == holder.account]
            if holder.account.scope != quota.per or not mine:
                continue
            used = seconds[holder.account, quota.window]
            since = now - timedelta(days=quota.window)
            for one in mine:
                start = max(one.began, since)
                if one.until is not None:
                    used -= _seconds(one.until - start)
                used += _seconds(now - start)
            left = quota.most * 3600 - used
            words = f"{quota.told}; {holder.name} has {used / 3600:.1f}"
            # a quota that nobody ever reaches, or that was lowered to a fraction, is no date
            each = max(-_FAR, min(left // len(mine), _FAR))
            found.append(HoursEnd(now + timedelta(seconds=each), quota, words))
    return min(found, key=lambda one: one.at, default=None)


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
