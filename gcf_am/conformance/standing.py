"""How things stand at the aggregate: what a slice has now, and whether a call changed it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.dates import read_date
from gcf_am.conformance.holding import Holding, here, slivers_of
from gcf_am.conformance.judged import faultless, manager
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.judging.manifests import authority
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.verdict import Undecided

if TYPE_CHECKING:
    from gcf_am.conformance.trial import Trial

Sliver = Mapping[str, Any]
# No such sliver, or none any more: SEARCHFAILED, EXPIRED or ERROR, as AM API v3 lets each method
# answer
UNKNOWN = (12, 15, 2)
# What no call may change that is refused
MEMBERS = ("geni_allocation_status", "geni_operational_status", "geni_expires")


def standing(trial: "Trial", one: SliceUnderTest | Holding) -> dict[str, Sliver]:
    """What Status tells of each sliver that is there, by URN."""
    answer = trial.call("Status", [one.urn], one.credentials, {})
    if answer.code in {12, 15}:
        return {}
    if answer.code != 0:
        raise Undecided(f"the slivers' states are not told: {answer.brief}")
    return {str(row.get("geni_sliver_urn")): row for row in here(answer)}


def nothing_there(trial: "Trial", one: SliceUnderTest | Holding) -> None:
    """The slice has no slivers; the rule did not hold otherwise."""
    left = standing(trial, one)
    trial.expect(not left, "nothing is reserved", f"the slice has {sorted(left)}")


def as_before(trial: "Trial", held: Holding, before: Mapping[str, Sliver]) -> None:
    """States and expiries are what they were; the rule did not hold otherwise."""
    faultless(trial, "nothing changes", changes(trial, held, before))


def changes(trial: "Trial", held: Holding, before: Mapping[str, Sliver]) -> list[str]:
    """Which states and expiries are not what they were, and which slivers are new."""
    after = standing(trial, held)
    faults = slivers.same(before, after, before, *MEMBERS)
    return faults + [f"{urn} is new" for urn in after if urn not in before]


def nowhere(trial: "Trial") -> str:
    """The URN of a sliver that there never was."""
    name = f"conform-{trial.chance.getrandbits(64):x}"
    return f"urn:publicid:IDN+{authority(manager(trial))}+sliver+{name}"


def sliver(trial: "Trial", answer: Answer, urn: str) -> Sliver:
    """What an answer that succeeds tells of a sliver; the rule did not hold without."""
    trial.succeeds(answer)
    found = [one for one in slivers_of(answer) if one["geni_sliver_urn"] == urn]
    trial.expect(len(found) == 1, f"the answer tells of {urn}, once", answer.text)
    return found[0]


def expiry(trial: "Trial", told: Sliver) -> datetime:
    """When a sliver ends; the rule did not hold where that is no date."""
    end = read_date(told.get("geni_expires"))
    if end is None:
        trial.expect(False, "geni_expires is an RFC 3339 date with a zone", dict(told))
        raise Undecided("no expiry")
    return end


def latest(trial: "Trial", told: Sequence[Sliver]) -> datetime:
    """The latest expiry among slivers."""
    return max(expiry(trial, one) for one in told)
