"""Renew: another expiry, or none. Source: AM API v3, Renew."""

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.holding import Holding, slivers_of
from gcf_am.conformance.judged import faultless
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.standing import UNKNOWN, as_before, expiry, latest, nowhere, standing
from gcf_am.conformance.trial import Trial


def _asked(trial: Trial, held: Holding, until: Any, urns: Any = None, **options: Any) -> Answer:
    named = [held.urn] if urns is None else urns
    return trial.call("Renew", named, held.credentials, until, options)


def _sooner(trial: Trial, held: Holding) -> datetime:
    """A time between now and when the slivers end: within all limits, whatever those are."""
    now = trial.now()
    end = latest(trial, list(standing(trial, held).values()))
    return (now + (end - now) / 2).replace(microsecond=0)


def _granted(trial: Trial, answer: Answer) -> Any:
    """The value for a time that is sooner than the present expiry.

    That may be refused (R197), for a reason of policy: 7, 13 or 19. Then it cannot be told which
    other time would be within limits.
    """
    if answer.code in {7, 13, 19}:
        trial.cannot_tell(f"an expiry is not brought forward here, as it need not: {answer.brief}")
    return trial.succeeds(answer)


def _ends(trial: Trial, held: Holding, answer: Answer, wanted: datetime) -> None:
    _granted(trial, answer)
    told = slivers_of(answer)
    trial.expect({one["geni_sliver_urn"] for one in told} == set(held.urns),
                 "the answer tells of all slivers", answer.text)  # fmt: skip
    for one in [*told, *standing(trial, held).values()]:
        end = expiry(trial, one)
        trial.expect(end == wanted, f"geni_expires is {write_date(wanted)}", write_date(end))


def as_asked(trial: Trial) -> None:
    held = trial.provisioned()
    wanted = _sooner(trial, held)
    _ends(trial, held, _asked(trial, held, write_date(wanted)), wanted)


def longer_again(trial: Trial) -> None:
    held = trial.provisioned()
    end = latest(trial, list(standing(trial, held).values()))
    _granted(trial, _asked(trial, held, write_date(_sooner(trial, held))))
    answer = _asked(trial, held, write_date(end))
    trial.succeeds(answer)
    _ends(trial, held, answer, end)


def sooner(trial: Trial) -> None:
    held = trial.provisioned()
    wanted = trial.now().replace(microsecond=0) + timedelta(minutes=3)
    answer = _asked(trial, held, write_date(wanted))
    trial.succeeds(answer)
    _ends(trial, held, answer, wanted)


def allocated(trial: Trial) -> None:
    held = trial.allocated()
    wanted = _sooner(trial, held)
    _ends(trial, held, _asked(trial, held, write_date(wanted)), wanted)


def entries(trial: Trial) -> None:
    held = trial.provisioned()
    value = _granted(trial, _asked(trial, held, write_date(_sooner(trial, held))))
    trial.expect(isinstance(value, list), "value is an array of slivers", type(value).__name__)
    faultless(trial, "each sliver is told whole",
              slivers.complete(value, "geni_operational_status"))  # fmt: skip


def _refused(trial: Trial, held: Holding, until: Any, *codes: int, **options: Any) -> None:
    """Refused, and the expiry stays."""
    before = standing(trial, held)
    trial.refuses(_asked(trial, held, until, **options), *codes)
    as_before(trial, held, before)


def beyond_credential(trial: Trial) -> None:
    held = trial.provisioned()
    _refused(trial, held, write_date(held.slice.expires + timedelta(days=1)))


def beyond_policy(trial: Trial) -> None:
    held = trial.provisioned()
    _refused(trial, held, write_date(trial.now() + timedelta(days=4000)))


def out_of_range(trial: Trial) -> None:
    held = trial.provisioned()
    _refused(trial, held, write_date(held.slice.expires + timedelta(days=1)), 19, 1, 7)


def into_the_past(trial: Trial) -> None:
    held = trial.provisioned()
    _refused(trial, held, write_date(trial.now() - timedelta(hours=1)), 19, 1)


def no_date(trial: Trial) -> None:
    held = trial.allocated()
    for one in ("tomorrow", "", "2030-13-01T00:00:00Z", "1893456000"):
        _refused(trial, held, one, 1)


def no_text(trial: Trial) -> None:
    _refused(trial, trial.allocated(), 5, 1)


def missing(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(trial.call("Renew", [held.urn], held.credentials, {}), 1)
    as_before(trial, held, before)


def alap(trial: Trial) -> None:
    held = trial.provisioned()
    before = latest(trial, list(standing(trial, held).values()))
    beyond = write_date(held.slice.expires + timedelta(days=1))
    answer = _asked(trial, held, beyond, geni_extend_alap=True)
    trial.succeeds(answer)
    for one in slivers_of(answer):
        end = expiry(trial, one)
        trial.expect(end <= held.slice.expires, "the credential bounds it", write_date(end))
        trial.expect(end >= before, "as late as is allowed, and not sooner than before",
                     f"{write_date(end)}, before {write_date(before)}")  # fmt: skip


def alap_within(trial: Trial) -> None:
    held = trial.provisioned()
    wanted = _sooner(trial, held)
    answer = _asked(trial, held, write_date(wanted), geni_extend_alap=True)
    _ends(trial, held, answer, wanted)


def allocated_limit(trial: Trial) -> None:
    held, other = trial.provisioned(), trial.allocated()
    end = latest(trial, list(standing(trial, held).values()))
    limit = latest(trial, list(standing(trial, other).values()))
    if end <= limit:
        trial.skip("what is provisioned ends no later here than what is only allocated")
    answer = _asked(trial, other, write_date(other.slice.expires + timedelta(days=1)))
    trial.refuses(answer)
    answer = _asked(trial, other, write_date(end), geni_extend_alap=True)
    trial.succeeds(answer)
    got = latest(trial, slivers_of(answer))
    trial.expect(got < end, "what is only allocated obeys its shorter limit", write_date(got))


def best_effort(trial: Trial) -> None:
    held = trial.provisioned()
    _granted(trial, _asked(trial, held, write_date(_sooner(trial, held))))
    wanted, lost = _sooner(trial, held), nowhere(trial)
    answer = _asked(trial, held, write_date(wanted), [*held.urns, lost], geni_best_effort=True)
    value = trial.succeeds(answer)
    faultless(trial, "what failed is told with geni_error",
              slivers.failures_told(value, [lost], held.urns))  # fmt: skip
    for one in standing(trial, held).values():
        end = expiry(trial, one)
        trial.expect(end == wanted, "the others are renewed", write_date(end))


def best_effort_none(trial: Trial) -> None:
    held = trial.provisioned()
    before = standing(trial, held)
    beyond = write_date(held.slice.expires + timedelta(days=1))
    value = trial.succeeds(_asked(trial, held, beyond, geni_best_effort=True))
    faultless(trial, "each sliver that could not be renewed has geni_error",
              slivers.failures_told(value, held.urns, []))  # fmt: skip
    as_before(trial, held, before)


def all_or_nothing(trial: Trial) -> None:
    held = trial.provisioned()
    before = standing(trial, held)
    until = write_date(_sooner(trial, held))
    trial.refuses(_asked(trial, held, until, [*held.urns, nowhere(trial)]), *UNKNOWN)
    as_before(trial, held, before)


def only_named(trial: Trial) -> None:
    held = trial.provisioned(2)
    first, second, *_ = held.parts()
    before = standing(trial, held)
    wanted = _sooner(trial, held)
    value = _granted(trial, _asked(trial, held, write_date(wanted), [first]))
    told = sorted(slivers.by_urn(value))
    trial.expect(told == [first], f"only {first} is told of", told)
    after = standing(trial, held)
    faultless(trial, "the other one keeps its expiry",
              slivers.same(before, after, [second], "geni_expires"))  # fmt: skip
    end = expiry(trial, after[first])
    trial.expect(end == wanted, f"{first} ends as asked", write_date(end))


def unknown_sliver(trial: Trial) -> None:
    held = trial.allocated()
    until = write_date(_sooner(trial, held))
    trial.refuses(_asked(trial, held, until, [nowhere(trial)]), *UNKNOWN)


def nothing_there(trial: Trial) -> None:
    one = trial.slice()
    until = write_date(trial.now() + timedelta(minutes=5))
    answer = trial.call("Renew", [one.urn], one.credentials, until, {})
    if answer.code == 0:
        trial.expect(not slivers_of(answer), "no slivers, or 12", answer.text)
    else:
        trial.refuses(answer, *UNKNOWN)


def with_offset(trial: Trial) -> None:
    held = trial.provisioned()
    wanted = _sooner(trial, held)
    text = wanted.astimezone(timezone(timedelta(hours=2))).isoformat()
    _ends(trial, held, _asked(trial, held, text), wanted)


def with_fraction(trial: Trial) -> None:
    held = trial.provisioned()
    wanted = _sooner(trial, held)
    answer = _asked(trial, held, wanted.strftime("%Y-%m-%dT%H:%M:%S.250Z"))
    _granted(trial, answer)
    for one in slivers_of(answer):
        late = abs(expiry(trial, one) - wanted)
        trial.expect(late <= timedelta(seconds=1), "to the second as asked", dict(one))


def states_stay(trial: Trial) -> None:
    held = trial.provisioned()
    before = standing(trial, held)
    _granted(trial, _asked(trial, held, write_date(_sooner(trial, held))))
    members = ("geni_allocation_status", "geni_operational_status")
    faultless(trial, "Renew changes expiries only",
              slivers.same(before, standing(trial, held), before, *members))  # fmt: skip


def unknown_option(trial: Trial) -> None:
    held = trial.allocated()
    until = write_date(_sooner(trial, held))
    _granted(trial, _asked(trial, held, until, conformance_unknown={"x": [1]}))


def another_slices(trial: Trial) -> None:
    held, other = trial.allocated(), trial.slice()
    before = standing(trial, held)
    until = write_date(_sooner(trial, held))
    trial.forbids(trial.call("Renew", held.urns, other.credentials, until, {}))
    as_before(trial, held, before)


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_RE: Final = "AM API v3, Renew"
_DATES: Final = "AM API v3, Common Concepts, dates; RFC 3339"
_BEST: Final = "AM API v3, Common Concepts, geni_best_effort"
_WRITES: Final = (Need.WRITES,)
_PARTS: Final = (Need.WRITES, Need.PARTS)

CHECKS: Final = (
    Check("renew.as-asked", "Renew", "Within limits the expiry is what was asked for", f"{_RE}; R188", MUST, as_asked, needs=_WRITES),
    Check("renew.longer-again", "Renew", "An expiry that was brought forward can be put back", f"{_RE}; R188", MUST, longer_again, needs=_WRITES),
    Check("renew.sooner", "Renew", "An expiry sooner than the present one is granted", f"{_RE}; R197", SHOULD, sooner, needs=_WRITES),
    Check("renew.allocated", "Renew", "Allocated slivers are renewed, too", f"{_RE}; R194", MUST, allocated, needs=_WRITES),
    Check("renew.entries", "Renew", "The value is an array of slivers, each told whole", f"{_RE}; R198", MUST, entries, needs=_WRITES),
    Check("renew.states-stay", "Renew", "Renew changes no states", f"{_RE}; R198", MUST, states_stay, needs=_WRITES),
    Check("renew.beyond-credential", "Renew", "Beyond the credential's expiry it fails, and nothing changes", f"{_RE}; R189, R224", MUST, beyond_credential, needs=_WRITES),
    Check("renew.beyond-policy", "Renew", "Far beyond all limits it fails, and nothing changes", f"{_RE}; R190", MUST, beyond_policy, needs=_WRITES),
    Check("renew.out-of-range", "Renew", "Beyond limits the code is 19 (1 and 7 are tolerated)", "GENI error codes; R189", SHOULD, out_of_range, needs=_WRITES),
    Check("renew.into-the-past", "Renew", "Into the past it fails, and nothing changes", f"{_RE}; R191", MUST, into_the_past, needs=_WRITES),
    Check("renew.no-date", "Renew", "A time that is no date is a bad argument", f"{_RE}; R192", MUST, no_date, needs=_WRITES),
    Check("renew.no-text", "Renew", "A time that is no text is a bad argument", f"{_RE}; R192", MUST, no_text, needs=_WRITES),
    Check("renew.missing", "Renew", "A missing time is a bad argument", f"{_RE}; R192", MUST, missing, needs=_WRITES),
    Check("renew.alap", "Renew", "With geni_extend_alap the latest time that is allowed is granted", f"{_RE}; R193", MUST, alap, needs=_WRITES),
    Check("renew.alap-within", "Renew", "With geni_extend_alap a time within limits is granted as asked", f"{_RE}; R193", MUST, alap_within, needs=_WRITES),
    Check("renew.allocated-limit", "Renew", "What is only allocated obeys a limit of its own", f"{_RE}; R194", MUST, allocated_limit, needs=(*_WRITES, Need.SECOND_NODE)),
    Check("renew.best-effort", "Renew", "With geni_best_effort what can be renewed is", f"{_BEST}; R195, R257", MUST, best_effort, needs=_PARTS),
    Check("renew.best-effort-none", "Renew", "With geni_best_effort slivers that cannot be renewed keep their expiry and tell why", f"{_BEST}; R257", SHOULD, best_effort_none, needs=_WRITES),
    Check("renew.all-or-nothing", "Renew", "Without geni_best_effort one bad sliver fails all", f"{_BEST}; R196, R259", MUST, all_or_nothing, needs=_PARTS),
    Check("renew.only-named", "Renew", "Slivers that are not named keep their expiry", f"{_RE}; R188", MUST, only_named, needs=(*_PARTS, Need.SECOND_NODE)),
    Check("renew.unknown-sliver", "Renew", "A sliver that there is not gives 12", f"{_RE}; R199", MUST, unknown_sliver, needs=_WRITES),
    Check("renew.nothing-there", "Renew", "A slice without slivers gives 12, or no slivers", f"{_RE}", MUST, nothing_there, needs=_WRITES),
    Check("renew.with-offset", "Renew", "A time with an offset is its time of UTC", f"{_DATES}; R200", MUST, with_offset, needs=_WRITES),
    Check("renew.with-fraction", "Renew", "A time with a fraction of a second is taken", _DATES, SHOULD, with_fraction, needs=_WRITES),
    Check("renew.unknown-option", "Renew", "Options that are not known are ignored", f"{_RE}; R020", MUST, unknown_option, needs=_WRITES),
    Check("renew.another-slices-credential", "Renew", "Another slice's credential does not allow it", "GENI credentials; R072", MUST, another_slices, needs=_WRITES),
)  # fmt: skip
