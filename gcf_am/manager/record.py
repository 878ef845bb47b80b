"""Event rows: each change writes one in its own transaction (decision 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import Event, Unit
from gcf_am.model.share import Share, share
from gcf_am.model.sliver import Sliver
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Change:
    """A sliver before and after; `before` is None for a new one."""

    before: Sliver | None
    after: Sliver


@dataclass(frozen=True, slots=True)
class Author:
    """On whose behalf something changes: the caller of a verb, or the aggregate itself.

    `tool` is the URN of the tool that spoke for the caller, empty where none did.
    """

    verb: str
    caller: str
    request_id: str
    at: datetime
    tool: str = ""

    @classmethod
    def of(cls, grant: Grant, verb: str) -> "Author":
        """The caller of a verb, at the moment the call was judged."""
        tool = grant.tool.text if grant.tool is not None else ""
        return cls(verb, grant.subject.text, grant.request_id, grant.at, tool)

    @classmethod
    def itself(cls, am: Aggregate, doing: str, at: datetime) -> "Author":
        """The aggregate, doing what nobody called for."""
        return cls(doing, am.urn.text, "", at)


def write(unit: Unit, author: Author, changes: Iterable[Change]) -> None:
    """Remember the changes and who made them, with their holds and shares."""
    told = list(changes)
    unit.add(one.after for one in told if one.before is None)
    unit.save(one.after for one in told if one.before is not None)
    _share(unit, author, told)
    unit.record(
        Event(
            author.at,
            author.request_id,
            author.caller,
            author.verb,
            one.after.urn.text,
            _words(one.before),
            _words(one.after),
            author.tool,
        )
        for one in told
    )


def _share(unit: Unit, author: Author, changes: Iterable[Change]) -> None:
    made: dict[int, dict[Urn, Share]] = {}
    changed: dict[Urn, Share] = {}
    for one in changes:
        after = share(one.after, author.at)
        if one.before is None:
            made.setdefault(one.after.slice_key, {})[one.after.urn] = after
        elif share(one.before, author.at) != after:
            changed[one.after.urn] = after
    for slice_key, opened in made.items():
        unit.open_shares(Urn.parse(author.caller), author.at, slice_key, opened)
    if changed:
        unit.set_shares(changed)


def _words(sliver: Sliver | None) -> str:
    if sliver is None:
        return ""
    error = f" {sliver.error}" if sliver.error else ""
    return f"{sliver.allocation}/{sliver.operational}{error}"
