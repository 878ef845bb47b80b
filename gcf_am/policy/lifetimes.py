"""How long rules let slivers live, in place of what is configured for everybody."""

from dataclasses import replace
from datetime import timedelta

from gcf_am.model.lease import Terms
from gcf_am.policy.rules import Rules


def terms_of(rules: Rules, configured: Terms, *, allocated: bool) -> Terms:
    """The terms of slivers that are only allocated, or of all others.

    `rules` are those about one slice; where they say nothing the configured ones count.
    """
    if not rules.lifetimes:
        return configured
    [said] = rules.lifetimes
    if allocated:
        first = timedelta(minutes=said.allocated_minutes)
        longest = timedelta(minutes=said.allocated_most_minutes)
    else:
        first = timedelta(hours=said.provisioned_hours)
        longest = timedelta(hours=said.provisioned_most_hours)
    return replace(
        configured,
        first=first or configured.first,
        longest=longest or configured.longest,
        renewal=timedelta(hours=said.renewal_hours) or None,
        total=timedelta(hours=said.total_hours) or None,
    )
