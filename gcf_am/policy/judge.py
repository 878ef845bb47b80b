"""A site's rules: asked at each call that takes or keeps capacity."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gcf_am.model.sliver import Sliver
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Proposal:
    """The state that a call would leave behind.

    `verb` is Allocate, Update, Provision or Renew; `changed` are the URNs of the slivers that
    the call makes or changes; `after` are all live slivers of the slice as they would then be,
    so a rule over a slice counts what is there and what is asked for alike. While a sliver is
    updating, its old and its new contents both count (decision 3).
    """

    verb: str
    subject: Urn
    slice: Urn
    at: datetime
    changed: frozenset[Urn]
    after: tuple[Sliver, ...]


class Policy(Protocol):
    """Judges proposals; quick, without side effects, called inside a transaction."""

    def judge(self, proposal: Proposal) -> None:
        """Return when the proposal is allowed; raise Refused, naming the rule, when not."""
        ...


class Permissive:
    """The site without rules: whoever holds a credential may take what there is."""

    def judge(self, proposal: Proposal) -> None:
        """Allow it."""
