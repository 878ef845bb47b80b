"""Quotas: what is counted, when it is too much, and until when node hours last."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gcf_am.errors import TooBig
from gcf_am.model.share import Account, Share, Usage
from gcf_am.policy.rules import NODE_HOURS, Quota, Rules

# An hour's quota that lasts for less than this is used up.
LEAST = timedelta(minutes=1)


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


def judge(
    rules: Rules,
    holders: Iterable[Holder],
    before: Mapping[Account, Usage],
    then: Mapping[Account, Usage],
    *,
    prolongs: bool,
) -> None:
    """Raise TooBig, naming each rule that is broken, when a call would leave too much behind.

    What is too much already may stay or become less, but a call that only `prolongs` what is
    there is refused too: a site that lowers a quota ends what is beyond it in time.
    """
    broken = []
    for quota in rules.quotas:
        if quota.of == NODE_HOURS:
            continue
        for holder in holders:
            if holder.account.scope != quota.per:
                continue
            had = figure(quota, before[holder.account], rules)
            has = figure(quota, then[holder.account], rules)
            if has > quota.most and (has > had or (has == had and prolongs)):
                broken.append((quota, _told(quota, holder, had, has)))
    if broken:
        raise TooBig("; ".join(words for _, words in broken), rule=broken[0][0].name)


def _told(quota: Quota, holder: Holder, had: int, has: int) -> str:
    left = quota.most - had
    fits = f"{left} more would fit" if left > 0 else "nothing more fits"
    if left < 0:
        fits = f"{-left} must go first"
    would = f", and would have {has}" if has != had else ""
    return f"{quota.told}; {holder.name} has {had}{would}: {fits}"


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
            found.append(HoursEnd(now + timedelta(seconds=left // len(mine)), quota, words))
    return min(found, key=lambda one: one.at, default=None)


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
