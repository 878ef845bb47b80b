"""Version 2 of the API as its clients speak it: one call makes all, credentials are plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.holding import with_room
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.verdict import Undecided

if TYPE_CHECKING:
    from gcf_am.conformance.inquiry import Caller
    from gcf_am.conformance.trial import Trial


def old(trial: "Trial") -> "Caller":
    """The experimenter at the address of version 2; Skipped where it is not served."""
    return trial.with_identity(trial.person().shown, url=trial.url("2"))


def bare(credentials: Sequence[Mapping[str, Any]]) -> list[str]:
    """Credentials as version 2 has them: texts."""
    return [str(one["geni_value"]) for one in credentials]


@dataclass(frozen=True, slots=True)
class OldSlice:
    """A slice and who calls on it in version 2; `request` is what CreateSliver asks for."""

    trial: "Trial"
    caller: "Caller"
    slice: SliceUnderTest
    request: str

    @property
    def urn(self) -> str:
        """The slice's URN."""
        return self.slice.urn

    @property
    def credentials(self) -> list[str]:
        """What calls on the slice carry."""
        return bare(self.slice.credentials)

    def call(self, method: str, *middle: Any, **options: Any) -> Answer:
        """A call that begins with the slice and its credentials."""
        return self.caller.call(method, self.urn, self.credentials, *middle, options)

    def create(self, request: str | None = None) -> Answer:
        """CreateSliver; waits a little for what others just gave back."""
        users = [dict(one) for one in self.trial.target.users]
        wanted = self.request if request is None else request
        return with_room(self.trial, lambda: self.call("CreateSliver", wanted, users))


def empty(trial: "Trial", count: int = 1) -> OldSlice:
    """A slice without slivers, and a request for so many nodes."""
    caller = old(trial)
    return OldSlice(trial, caller, trial.slice(), trial.request(count))


def created(trial: "Trial", count: int = 1) -> OldSlice:
    """A slice for which CreateSliver was called; Undecided where that failed."""
    one = empty(trial, count)
    answer = one.create()
    if answer.code != 0:
        raise Undecided(f"nothing could be made: {answer.brief}")
    return one
