"""Whom quotas count a call for."""

from collections.abc import Collection, Iterator

from gcf_am.model.share import (
    AUTHORITY,
    PROJECT,
    SLICE,
    USER,
    Account,
    Past,
    authority_key,
    project_key,
    user_key,
)
from gcf_am.policy.quotas import Holder
from gcf_am.policy.rules import Who
from gcf_am.urn import Urn


def holders_of(
    who: Who, slice_key: int, scopes: Collection[str], owners: Collection[str]
) -> Iterator[Holder]:
    """Everybody, within these scopes, whom a call of theirs may concern.

    `owners` are the keys of those who have slivers in the slice.
    """
    if USER in scopes:
        for key in sorted({user_key(who.user), *owners}):
            yield Holder(Account(USER, key), Urn.of(*key.split("+", 2)).text)
    if SLICE in scopes:
        yield Holder(Account(SLICE, str(slice_key)), who.slice.text)
    # a slice may be of no project
    project = project_key(who.slice)
    if PROJECT in scopes and project:
        yield Holder(Account(PROJECT, project), f"project {project}")
    if AUTHORITY in scopes:
        authority = authority_key(who.slice)
        yield Holder(Account(AUTHORITY, authority), f"authority {authority}")


def key_in(scope: str, past: Past) -> str:
    """The key of the account of one scope that a sliver counts for."""
    return {
        USER: past.owner,
        SLICE: str(past.slice_key),
        PROJECT: project_key(past.slice),
        AUTHORITY: authority_key(past.slice),
    }[scope]
