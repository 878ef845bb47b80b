"""The site's rules on a call: what its people have already, and what the call may add to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from gcf_am.manager.aggregate import Aggregate, Limits
from gcf_am.manager.ports import Unit
from gcf_am.manager.record import Change
from gcf_am.manager.standing import slice_urn
from gcf_am.model.lease import Terms
from gcf_am.model.share import SLICE, USER, Account, Kept, Usage, share, user_key
from gcf_am.model.site import Site
from gcf_am.model.sliver import Contents, Sliver
from gcf_am.policy import quotas, restrictions
from gcf_am.policy.holders import holders_of
from gcf_am.policy.lifetimes import terms_of
from gcf_am.policy.quotas import Figure, Holder, Span
from gcf_am.policy.rules import NODE_HOURS, Rules, Who
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn

# What goes on with slivers that are there, and adds none.
_PROLONGS = frozenset({"Provision", "Renew"})


@dataclass(frozen=True)
class Court:
    """The rules about one call, and all that is to be known to apply them: values only.

    `holders` are those whose accounts the call may concern, `usage` and `seconds` (of nodes,
    within each window) are what they have before it.
    """

    limits: Limits
    rules: Rules
    who: Who
    now: datetime
    site: Site
    kept: Mapping[Urn, Kept]
    holders: tuple[Holder, ...]
    usage: Mapping[Account, Usage]
    seconds: Mapping[tuple[Account, int], int]

    def judge(self, verb: str, changes: Sequence[Change]) -> None:
        """Judge the state after these changes; raises TooBig or Refused, naming the rule.

        `verb` is Allocate, Update, Provision or Renew. A renewal that prolongs nothing is fine.
        """
        if verb == "Renew":
            changes = [one for one in changes if _later(one)]
            if not changes:
                return
        quotas.judge(self.figures(changes), prolongs=verb in _PROLONGS)
        self.judge_use(
            _wanted(one.after)
            for one in changes
            if verb in _PROLONGS or one.before is None or _moved(one)
        )

    def figures(self, changes: Sequence[Change]) -> list[Figure]:
        """What quotas say of the state after these changes, and of the one before."""
        then = {
            holder.account: quotas.after(
                self.usage[holder.account],
                [share(one.after, self.now) for one in self._of(holder, changes)],
                [
                    share(one.before, self.now)
                    for one in self._of(holder, changes)
                    if one.before is not None
                ],
            )
            for holder in self.holders
        }
        return quotas.figures(self.rules, self.holders, self.usage, then)

    def judge_use(self, contents: Iterable[Contents]) -> None:
        """Raise Refused, naming the rule, when one of these may not be used by them."""
        restrictions.judge(self.rules, self.who, self.site, contents)

    @cached_property
    def permitted(self) -> Site:
        """The site without what they may not use."""
        return self.permitted_of(self.site)

    def permitted_of(self, site: Site) -> Site:
        """A part of the site without what they may not use."""
        return restrictions.permitted(self.rules, self.who, site)

    def terms(
        self, *, allocated: bool, slivers: Iterable[Sliver] = (), new: int = 0, spent: bool = False
    ) -> Terms:
        """How long these slivers, and so many new nodes, may live from now on.

        Raises TooBig when the node hours of somebody are used up, unless that is `spent` already
        and only a later end is refused.
        """
        limits = self.limits.allocated if allocated else self.limits.provisioned
        terms = terms_of(self.rules, limits, allocated=allocated)
        end = quotas.hours_end(
            self.rules, self.holders, self.seconds, self._spans(slivers, new), self.now
        )
        if end is None:
            return terms
        if not spent:
            end.check(self.now)
        return replace(terms, latest=end.at, why=end.why)

    def began(self, sliver: Sliver) -> datetime:
        """When the sliver was allocated."""
        kept = self.kept.get(sliver.urn)
        return self.now if kept is None else kept.began

    def _of(self, holder: Holder, changes: Iterable[Change]) -> list[Change]:
        return [one for one in changes if self._counts(holder, one.after.urn)]

    def _counts(self, holder: Holder, urn: Urn) -> bool:
        if holder.account.scope != USER:
            return True
        kept = self.kept.get(urn)
        owner = user_key(self.who.user) if kept is None else kept.owner
        return holder.account.key == owner

    def _spans(self, slivers: Iterable[Sliver], new: int) -> Iterable[Span]:
        nodes = [one for one in slivers if one.kind == "node"]
        for holder in self.holders:
            for one in nodes:
                if self._counts(holder, one.urn):
                    yield Span(holder.account, self.began(one), one.expires)
            if holder.account.scope != USER or holder.account.key == user_key(self.who.user):
                yield from [Span(holder.account, self.now, None)] * new


def convene(am: Aggregate, unit: Unit, grant: Grant, slice_key: int, site: Site) -> Court:
    """The court for a call, within its unit: the slice is locked, no component is yet.

    What is counted is locked first, so that of two calls which race for the last unit of a quota
    one sees what the other took (decision 1's order: slice, accounts, components).
    """
    who = Who(grant.subject, slice_urn(grant))
    rules = am.policy().about(who)
    return open_court(rules, am.limits, unit, who, slice_key, site, grant.at, lock=True)


def open_court(
    rules: Rules,
    limits: Limits,
    unit: Unit,
    who: Who,
    slice_key: int,
    site: Site,
    now: datetime,
    *,
    lock: bool = False,
) -> Court:
    """The same for anybody and any rules about them, also without locks, to try them out."""
    counted = {one.per for one in rules.quotas if one.of != NODE_HOURS}
    lasting = {(one.per, one.window) for one in rules.quotas if one.of == NODE_HOURS}
    scopes = counted | {scope for scope, _ in lasting}
    aged = any(one.total_hours for one in rules.lifetimes)
    kept = unit.keepers(slice_key) if aged or lasting or USER in scopes else {}
    owners = {one.owner for one in kept.values()}
    holders = tuple(holders_of(who, slice_key, scopes, owners))
    if lock:
        unit.lock_accounts([one.account for one in holders if one.account.scope != SLICE])
    keys: dict[str, list[str]] = {}
    for one in holders:
        keys.setdefault(one.account.scope, []).append(one.account.key)
    return Court(
        limits,
        rules,
        who,
        now,
        site,
        kept,
        holders,
        {
            Account(scope, key): found
            for scope, mine in keys.items()
            for key, found in unit.usage(scope, mine).items()
        },
        {
            (Account(scope, key), days): found
            for scope, days in sorted(lasting)
            if scope in keys
            for key, found in unit.node_seconds(
                scope, keys[scope], now - timedelta(days=days)
            ).items()
        },
    )


def _later(change: Change) -> bool:
    return change.before is not None and change.after.expires > change.before.expires


def _wanted(sliver: Sliver) -> Contents:
    return sliver.pending or sliver.contents


def _moved(change: Change) -> bool:
    """Whether a node is to be something else, or somewhere else, than it is."""
    assert change.before is not None
    return _wanted(change.after).placement not in {
        _wanted(change.before).placement,
        change.before.contents.placement,
    }
