"""Event rows: each change writes one in its own transaction (decision 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gcf_am.audit.event import Event, write_details
from gcf_am.audit.telling import difference, told
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.ports import Unit, holding, holds_of
from gcf_am.model.share import Share, share
from gcf_am.model.sliver import Slice, Sliver
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

    `tool` is the URN of the tool that spoke for the caller, empty where none did; `fingerprint`
    is that of the peer's certificate, `credentials` the digests of the credentials it used.
    """

    verb: str
    caller: str
    request_id: str
    at: datetime
    tool: str = ""
    fingerprint: str = ""
    credentials: tuple[str, ...] = ()

    @classmethod
    def of(cls, grant: Grant, verb: str) -> "Author":
        """The caller of a verb, at the moment the call was judged."""
        tool = grant.tool.text if grant.tool is not None else ""
        return cls(
            verb,
            grant.subject.text,
            grant.request_id,
            grant.at,
            tool,
            grant.fingerprint,
            grant.credentials,
        )

    @classmethod
    def itself(cls, am: Aggregate, doing: str, at: datetime) -> "Author":
        """The aggregate, doing what nobody called for."""
        return cls(doing, am.urn.text, "", at)

    def did(
        self, subject: Urn, of: Slice, before: str, after: str, details: Mapping[str, object]
    ) -> Event:
        """The event of something the author did to a sliver, or to its slice."""
        return Event(
            at=self.at,
            request_id=self.request_id,
            caller=self.caller,
            verb=self.verb,
            subject=subject.text,
            before=before,
            after=after,
            tool=self.tool,
            slice=of.urn.text,
            uuid=of.uuid,
            fingerprint=self.fingerprint,
            credentials=" ".join(self.credentials),
            details=write_details(details),
        )


def write(unit: Unit, author: Author, changes: Iterable[Change]) -> None:
    """Remember the changes and who made them, with their holds and shares."""
    made = list(changes)
    unit.add(one.after for one in made if one.before is None)
    unit.save(
        (one.after for one in made if one.before is not None),
        was=(one.before for one in made if one.before is not None),
    )
    _share(unit, author, made)
    slices = {key: unit.slice_of(key) for key in {one.after.slice_key for one in made}}
    unit.record(
        author.did(
            one.after.urn,
            slices[one.after.slice_key],
            _words(one.before),
            _words(one.after),
            difference(None if one.before is None else _told(one.before), _told(one.after)),
        )
        for one in made
    )


def _told(sliver: Sliver) -> dict[str, object]:
    held = holding(sliver)
    return told(sliver, holds_of(sliver) if held else (), holding=held)


def _share(unit: Unit, author: Author, changes: Iterable[Change]) -> None:
    made: dict[int, dict[Urn, Share]] = {}
    changed: dict[Urn, tuple[Share, Share]] = {}
    for one in changes:
        after = share(one.after, author.at)
        if one.before is None:
            made.setdefault(one.after.slice_key, {})[one.after.urn] = after
        elif (before := share(one.before, author.at)) != after:
            changed[one.after.urn] = before, after
    for slice_key, opened in made.items():
        unit.open_shares(Urn.parse(author.caller), author.at, slice_key, opened)
    if changed:
        unit.set_shares(changed)


def _words(sliver: Sliver | None) -> str:
    if sliver is None:
        return ""
    error = f" {sliver.error}" if sliver.error else ""
    return f"{sliver.allocation}/{sliver.operational}{error}"
