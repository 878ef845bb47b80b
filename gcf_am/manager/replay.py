"""A day of the record replayed under other rules: which of its calls they would have refused.

The calls are those that the events tell of: Allocate and Update where they made slivers,
Provision and Renew. Each is judged on what was there at its moment; what is refused in the replay
is not there afterwards, so its later calls are not judged either. Slivers count as what they
became in the end, and node hours as long as they really lived, or will: how long they were
promised to live at the time was not recorded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from gcf_am.audit.event import Event
from gcf_am.errors import AmError
from gcf_am.manager.ports import Store
from gcf_am.model.share import Past, Usage
from gcf_am.model.site import Site
from gcf_am.model.sliver import Sliver
from gcf_am.policy import quotas, restrictions
from gcf_am.policy.holders import holders_of, key_in
from gcf_am.policy.quotas import Holder, Span
from gcf_am.policy.rules import NODE_HOURS, Rules, Who
from gcf_am.urn import Urn

_DAY: Final = timedelta(days=1)
_MAKES: Final = frozenset({"Allocate", "Update"})
_PROLONGS: Final = frozenset({"Provision", "Renew"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that the rules would have refused, and why."""

    at: datetime
    verb: str
    user: Urn
    slice: Urn
    slivers: int
    refusal: AmError


@dataclass(frozen=True, slots=True)
class Replay:
    """How many calls were judged, and those refused."""

    judged: int
    refused: tuple[Refused, ...]


@dataclass(slots=True)
class _Day:
    rules: Rules
    site: Site
    pasts: Mapping[Urn, Past]
    slivers: Mapping[Urn, Sliver]
    gone: set[Urn] = field(default_factory=set)


def replay(store: Store, rules: Rules, site: Site, since: datetime) -> Replay:
    """Judge the calls of the 24 hours after `since`."""
    window = max((one.window for one in rules.quotas if one.of == NODE_HOURS), default=0)
    with store.read() as unit:
        events = [one for one in unit.events(since, since + _DAY) if one.verb in _MAKES | _PROLONGS]
        pasts = {
            one.sliver: one for one in unit.pasts(since - timedelta(days=window), since + _DAY)
        }
        slivers = unit.named({Urn.parse(one.subject) for one in events})
    day = _Day(rules, site, pasts, slivers)
    judged, refused = 0, []
    for call in _calls(events):
        subjects = [
            day.pasts[urn]
            for one in call
            if (urn := Urn.parse(one.subject)) in day.pasts and urn not in day.gone
            if call[0].verb in _PROLONGS or not one.before
        ]
        if not subjects:
            continue
        judged += 1
        first = call[0]
        who = Who(Urn.parse(first.caller), subjects[0].slice)
        try:
            _judge(day, first, who, subjects)
        except AmError as refusal:
            refused.append(
                Refused(first.at, first.verb, who.user, who.slice, len(subjects), refusal)
            )
            if first.verb in _MAKES:
                day.gone.update(one.sliver for one in subjects)
    return Replay(judged, tuple(refused))


def _calls(events: Iterable[Event]) -> Iterator[list[Event]]:
    for _, call in groupby(events, key=lambda one: (one.request_id, one.verb, one.caller)):
        yield list(call)


def _judge(day: _Day, call: Event, who: Who, subjects: Sequence[Past]) -> None:
    """Raise what the rules would have raised."""
    rules = day.rules.about(who)
    mine = {one.sliver for one in subjects}
    makes = call.verb in _MAKES
    others = [one for one in day.pasts.values() if one.sliver not in day.gone | mine]
    scopes = {one.per for one in rules.quotas}
    holders = list(holders_of(who, subjects[0].slice_key, scopes, {one.owner for one in subjects}))
    # as much as can be known of the moment
    there = [one for one in others if one.there(call.at)]
    then = {one.account: _usage(one, [*there, *subjects]) for one in holders}
    before = {one.account: _usage(one, there) for one in holders} if makes else then
    quotas.judge(quotas.figures(rules, holders, before, then), prolongs=not makes)
    restrictions.judge(
        rules, who, day.site, [day.slivers[one].contents for one in mine if one in day.slivers]
    )
    end = quotas.hours_end(
        rules,
        holders,
        {
            (holder.account, one.window): _seconds(holder, others, call.at, one.window)
            for one in rules.quotas
            for holder in holders
            if one.of == NODE_HOURS
        },
        [
            Span(holder.account, one.began, None)
            for one in subjects
            for holder in holders
            if one.share.types and _is_of(holder, one)
        ],
        call.at,
    )
    if end is not None:
        end.check(call.at)


def _is_of(holder: Holder, past: Past) -> bool:
    return key_in(holder.account.scope, past) == holder.account.key


def _usage(holder: Holder, pasts: Iterable[Past]) -> Usage:
    mine = [one.share for one in pasts if _is_of(holder, one)]
    return Usage(Counter(one.types for one in mine), sum(one.vlans for one in mine))


def _seconds(holder: Holder, pasts: Iterable[Past], now: datetime, days: int) -> int:
    since = now - timedelta(days=days)
    return sum(
        max(0, int((one.share.until - max(one.began, since)).total_seconds()))
        for one in pasts
        if one.share.types and one.began <= now and _is_of(holder, one)
    )
