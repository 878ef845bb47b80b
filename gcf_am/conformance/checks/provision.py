"""Provision: making what was reserved. Source: AM API v3, Provision."""

from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.holding import Holding, rested, slivers_of
from gcf_am.conformance.judged import faultless, manifest_of
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.standing import UNKNOWN, as_before, expiry, latest, nowhere, standing
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Failed, Undecided

_RESTS: Final = ("geni_ready", "geni_notready")


def _asked(trial: Trial, held: Holding, urns: Any = None, **options: Any) -> Answer:
    users = [dict(one) for one in trial.target.users]
    given = {**GENI3, "geni_users": users, **options}
    return trial.call("Provision", [held.urn] if urns is None else urns, held.credentials, given)


def becomes_provisioned(trial: Trial) -> None:
    held = trial.allocated()
    value = trial.succeeds(_asked(trial, held))
    faultless(trial, "every sliver is geni_provisioned",
              slivers.all_are(value, held.urns, allocation_status="geni_provisioned"))  # fmt: skip
    there = list(standing(trial, held).values())
    faultless(trial, "and Status says so",
              slivers.all_are(there, held.urns, allocation_status="geni_provisioned"))  # fmt: skip


def shape(trial: Trial) -> None:
    value = trial.succeeds(_asked(trial, trial.allocated()))
    faultless(trial, "value has geni_rspec and geni_slivers",
              slivers.shape(value, {"geni_rspec": str, "geni_slivers": list}))  # fmt: skip
    faultless(trial, "each sliver is told whole",
              slivers.complete(value, "geni_operational_status"))  # fmt: skip


def expiry_within(trial: Trial) -> None:
    held = trial.allocated()
    answer = _asked(trial, held)
    trial.succeeds(answer)
    end = latest(trial, slivers_of(answer))
    trial.expect(end <= held.slice.expires, "no sliver outlives the credential", write_date(end))
    trial.expect(end > trial.now(), "the expiry is in the future", write_date(end))


def without_version(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(trial.call("Provision", [held.urn], held.credentials, {}), 1)
    as_before(trial, held, before)


def other_version(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(_asked(trial, held, geni_rspec_version={"type": "GENI", "version": "99"}), 4)
    as_before(trial, held, before)


def manifest_covers(trial: Trial) -> None:
    held = trial.allocated()
    value = trial.succeeds(_asked(trial, held))
    told = set(manifests.slivers(manifest_of(trial, value)).values())
    trial.expect(told == set(held.urns), "the manifest tells of what was provisioned", sorted(told))


def only_named(trial: Trial) -> None:
    held = trial.allocated(2)
    first, second, *_ = held.parts()
    value = trial.succeeds(_asked(trial, held, [first]))
    there = sorted(slivers.by_urn(value))
    trial.expect(there == [first], f"only {first} is told of", there)
    told = list(standing(trial, held).values())
    faultless(trial, "the other one stays allocated",
              slivers.all_are(told, [second], allocation_status="geni_allocated"))  # fmt: skip


def rest_of_slice(trial: Trial) -> None:
    held = trial.allocated(2)
    first, *others = held.parts()
    trial.succeeds(_asked(trial, held, [first]))
    trial.succeeds(_asked(trial, held))
    told = list(standing(trial, held).values())
    faultless(trial, "the slice's URN means all that is allocated",
              slivers.all_are(told, others, allocation_status="geni_provisioned"))  # fmt: skip


def unknown_sliver(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    urns = [nowhere(trial)]
    if not trial.abilities.single_allocation:
        urns = [*held.urns, *urns]
    trial.refuses(_asked(trial, held, urns), *UNKNOWN)
    as_before(trial, held, before)


def best_effort(trial: Trial) -> None:
    held = trial.allocated()
    lost = nowhere(trial)
    value = trial.succeeds(_asked(trial, held, [*held.urns, lost], geni_best_effort=True))
    faultless(trial, "what failed is told with geni_error",
              slivers.failures_told(value, [lost], held.urns))  # fmt: skip
    told = list(standing(trial, held).values())
    faultless(trial, "the others are provisioned",
              slivers.all_are(told, held.urns, allocation_status="geni_provisioned"))  # fmt: skip


def best_effort_all_fine(trial: Trial) -> None:
    held = trial.allocated()
    value = trial.succeeds(_asked(trial, held, geni_best_effort=True))
    faultless(trial, "every sliver is geni_provisioned",
              slivers.all_are(value, held.urns, allocation_status="geni_provisioned"))  # fmt: skip
    failed = [one.get("geni_error") for one in slivers.entries(value) if one.get("geni_error")]
    trial.expect(not failed, "no geni_error", failed)


def best_effort_bad_arguments(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    options = {"geni_best_effort": True}
    trial.refuses(trial.call("Provision", [held.urn], held.credentials, options), 1)
    trial.forbids(trial.call("Provision", [held.urn], [], {**GENI3, **options}))
    as_before(trial, held, before)


def nothing_to_do(trial: Trial) -> None:
    one = trial.slice()
    answer = trial.call("Provision", [one.urn], one.credentials, {**GENI3, "geni_users": []})
    trial.refuses(answer, *UNKNOWN)


def twice(trial: Trial) -> None:
    held = trial.provisioned()
    before = standing(trial, held)
    answer = _asked(trial, held)
    trial.expect(answer.code is not None, "a return struct, and no Fault", answer.brief)
    members = ("geni_allocation_status", "geni_expires")
    faultless(trial, "what is provisioned stays so, and is told of once",
              slivers.same(before, standing(trial, held), before, *members))  # fmt: skip


def moves_on(trial: Trial) -> None:
    held = trial.allocated()
    trial.succeeds(_asked(trial, held))
    try:
        slivers = rested(trial, held.slice)
    except Undecided as never:
        raise Failed("it gets to the advertised start state", never.reason) from None
    for one in slivers:
        state = one.get("geni_operational_status")
        starts = {machine.start for machine in trial.ad.machines}
        trial.expect(state in {*_RESTS, *starts}, "it gets to the advertised start state", state)


def end_time_earlier(trial: Trial) -> None:
    held = trial.allocated()
    wanted = trial.now().replace(microsecond=0) + timedelta(minutes=5)
    answer = _asked(trial, held, geni_end_time=write_date(wanted))
    trial.succeeds(answer)
    for one in slivers_of(answer):
        end = expiry(trial, one)
        trial.expect(end == wanted, f"it ends at {write_date(wanted)}, as asked", write_date(end))


def end_time_beyond(trial: Trial) -> None:
    held = trial.allocated()
    answer = _asked(trial, held, geni_end_time=write_date(trial.now() + timedelta(days=4000)))
    trial.succeeds(answer)
    end = latest(trial, slivers_of(answer))
    trial.expect(end <= held.slice.expires, "trimmed to the credential's expiry", write_date(end))


def end_time_malformed(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(_asked(trial, held, geni_end_time="tomorrow"), 1)
    as_before(trial, held, before)


def unknown_option(trial: Trial) -> None:
    trial.succeeds(_asked(trial, trial.allocated(), conformance_unknown={"x": [1]}))


def another_slices(trial: Trial) -> None:
    held, other = trial.allocated(), trial.slice()
    before = standing(trial, held)
    answer = trial.call("Provision", held.urns, other.credentials, {**GENI3, "geni_users": []})
    trial.forbids(answer)
    as_before(trial, held, before)


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_PR: Final = "AM API v3, Provision"
_BEST: Final = "AM API v3, Common Concepts, geni_best_effort"
_WRITES: Final = (Need.WRITES,)
_PARTS: Final = (Need.WRITES, Need.PARTS)
_TWO_PARTS: Final = (Need.WRITES, Need.SECOND_NODE, Need.PARTS)

CHECKS: Final = (
    Check("provision.becomes-provisioned", "Provision", "Allocated slivers become geni_provisioned", f"{_PR}; R163", MUST, becomes_provisioned, needs=_WRITES),
    Check("provision.shape", "Provision", "The value has geni_rspec and geni_slivers, each told whole", f"{_PR}; R163", MUST, shape, needs=_WRITES),
    Check("provision.expiry-within", "Provision", "No sliver outlives the credential", f"{_PR}; R163, R224", MUST, expiry_within, needs=_WRITES),
    Check("provision.without-version", "Provision", "geni_rspec_version is mandatory", f"{_PR}; R164", MUST, without_version, needs=_WRITES),
    Check("provision.other-version", "Provision", "A version that is not offered gives 4", f"{_PR}; R164", MUST, other_version, needs=_WRITES),
    Check("provision.manifest-covers", "Provision", "The manifest tells of all that was provisioned", f"{_PR}; R167", MUST, manifest_covers, needs=_WRITES),
    Check("provision.only-named", "Provision", "Slivers that are not named stay allocated", f"{_PR}; R168", MUST, only_named, needs=_TWO_PARTS),
    Check("provision.rest-of-slice", "Provision", "The slice's URN means all slivers that are allocated", f"{_PR}; R168", MUST, rest_of_slice, needs=_TWO_PARTS),
    Check("provision.unknown-sliver", "Provision", "A sliver that there is not gives 12, and nothing changes", f"{_PR}; R169", MUST, unknown_sliver, needs=_WRITES),
    Check("provision.best-effort", "Provision", "With geni_best_effort the others are provisioned all the same", f"{_BEST}; R170, R257", MUST, best_effort, needs=_PARTS),
    Check("provision.best-effort-all-fine", "Provision", "With geni_best_effort, where nothing fails, all is as without", f"{_BEST}; R256", MUST, best_effort_all_fine, needs=_WRITES),
    Check("provision.best-effort-bad-arguments", "Provision", "geni_best_effort excuses neither bad arguments nor a missing right", f"{_BEST}; R258", MUST, best_effort_bad_arguments, needs=_WRITES),
    Check("provision.nothing-there", "Provision", "A slice without slivers gives 12", f"{_PR}; R171", MUST, nothing_to_do, needs=_WRITES),
    Check("provision.twice", "Provision", "Provisioning again changes nothing", f"{_PR}", SHOULD, twice, needs=_WRITES),
    Check("provision.moves-on", "Provision", "What is provisioned gets to the advertised start state by itself", "AM API v3, Sliver Operational States; R172", MUST, moves_on, needs=_WRITES),
    Check("provision.end-time-earlier", "Provision", "An earlier geni_end_time is the expiry", f"{_PR}; R174", SHOULD, end_time_earlier, needs=_WRITES),
    Check("provision.end-time-beyond", "Provision", "A geni_end_time beyond all limits does not fail the call", f"{_PR}; R174", MUST, end_time_beyond, needs=_WRITES),
    Check("provision.end-time-malformed", "Provision", "A geni_end_time that is no date is a bad argument", f"{_PR}; R174", MUST, end_time_malformed, needs=_WRITES),
    Check("provision.unknown-option", "Provision", "Options that are not known are ignored", f"{_PR}; R020", MUST, unknown_option, needs=_WRITES),
    Check("provision.another-slices-credential", "Provision", "Another slice's credential does not allow it", "GENI credentials; R072", MUST, another_slices, needs=_WRITES),
)  # fmt: skip
