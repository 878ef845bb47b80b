"""Describe and Status: what a slice has. Source: AM API v3, Describe, Status; Common Concepts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.documents.reading import canonical
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.judged import document, faultless, manifest_of, unpacked
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.standing import MEMBERS, UNKNOWN, as_before, nowhere, sliver, standing
from gcf_am.conformance.trial import Trial

_BOTH: Final = ("Describe", "Status")


def _asked(trial: Trial, method: str, urns: Any, credentials: Any, **options: Any) -> Answer:
    given = {**GENI3, **options} if method == "Describe" else options
    return trial.call(method, urns, credentials, given)


def shape(trial: Trial) -> None:
    held = trial.allocated()
    value = trial.succeeds(_asked(trial, "Describe", [held.urn], held.credentials))
    faultless(trial, "value has geni_rspec, geni_urn and geni_slivers", slivers.shape(
        value, {"geni_rspec": str, "geni_urn": str, "geni_slivers": list}))  # fmt: skip
    faultless(trial, "each sliver is told whole",
              slivers.complete(value, "geni_operational_status"))  # fmt: skip


def status_shape(trial: Trial) -> None:
    held = trial.provisioned()
    value = trial.succeeds(_asked(trial, "Status", [held.urn], held.credentials))
    faultless(trial, "value has geni_urn and geni_slivers", slivers.shape(
        value, {"geni_urn": str, "geni_slivers": list}))  # fmt: skip
    faultless(trial, "each sliver is told whole, geni_error among it",
              slivers.complete(value, "geni_operational_status", "geni_error"))  # fmt: skip


def _names_slice(method: str) -> Callable[[Trial], None]:
    def names_slice(trial: Trial) -> None:
        held = trial.allocated()
        value = trial.succeeds(_asked(trial, method, held.urns, held.credentials))
        told = str(value.get("geni_urn"))
        # R051: with its letter case, too
        trial.expect(told == held.urn, f"geni_urn is {held.urn}", told)

    return names_slice


def without_version(trial: Trial) -> None:
    one = trial.slice()
    trial.refuses(trial.call("Describe", [one.urn], one.credentials, {}), 1)


def other_version(trial: Trial) -> None:
    one = trial.slice()
    version = {"geni_rspec_version": {"type": "GENI", "version": "99"}}
    trial.refuses(trial.call("Describe", [one.urn], one.credentials, version), 4)


def never_seen(trial: Trial) -> None:
    one = trial.slice(fresh=True)
    value = trial.succeeds(_asked(trial, "Describe", [one.urn], one.credentials))
    trial.expect(value.get("geni_slivers") == [], "geni_slivers is empty", value)
    manifest = manifest_of(trial, value)
    there = manifests.slivers(manifest)
    trial.expect(not there, "the manifest has no node and no link", sorted(there))


def status_never_seen(trial: Trial) -> None:
    one = trial.slice(fresh=True)
    answer = _asked(trial, "Status", [one.urn], one.credentials)
    if answer.code == 0:
        trial.expect(not slivers.entries(answer.value), "no slivers, or 12", answer.text)
    else:
        trial.refuses(answer, *UNKNOWN)


def _unknown_sliver(method: str) -> Callable[[Trial], None]:
    def unknown_sliver(trial: Trial) -> None:
        held = trial.allocated()
        trial.refuses(_asked(trial, method, [nowhere(trial)], held.credentials), *UNKNOWN)
        if not trial.abilities.single_allocation:
            both = [*held.urns, nowhere(trial)]
            trial.refuses(_asked(trial, method, both, held.credentials), *UNKNOWN)

    return unknown_sliver


def status_best_effort(trial: Trial) -> None:
    held = trial.allocated()
    lost = nowhere(trial)
    urns = [*held.urns, lost]
    answer = _asked(trial, "Status", urns, held.credentials, geni_best_effort=True)
    faults = slivers.failures_told(trial.succeeds(answer), [lost], held.urns)
    faultless(trial, "every sliver that was named is told, what failed with geni_error", faults)


def compressed(trial: Trial) -> None:
    held = trial.allocated()
    plain = manifest_of(trial, trial.succeeds(_asked(trial, "Describe", [held.urn],
                                                     held.credentials)))  # fmt: skip
    answer = _asked(trial, "Describe", [held.urn], held.credentials, geni_compressed=True)
    value = trial.succeeds(answer)
    expected = "geni_rspec is base64 of zlib of the manifest"
    text = unpacked(trial, value.get("geni_rspec"), expected)
    packed = document(trial, text, "manifest")
    same = canonical(packed, "generated") == canonical(plain, "generated")
    trial.expect(same, "the manifest of before", text)
    there = set(slivers.by_urn(value))
    trial.expect(there == set(held.urns), "only geni_rspec is compressed", answer.text)


def _part(method: str) -> Callable[[Trial], None]:
    def part(trial: Trial) -> None:
        held = trial.allocated(2)
        (first, *_) = held.parts()
        value = trial.succeeds(_asked(trial, method, [first], held.credentials))
        there = sorted(slivers.by_urn(value))
        trial.expect(there == [first], f"only {first} is told of", there)

    return part


def _twice_named(method: str) -> Callable[[Trial], None]:
    def twice_named(trial: Trial) -> None:
        held = trial.allocated()
        value = trial.succeeds(_asked(trial, method, held.urns * 2, held.credentials))
        there = [one.get("geni_sliver_urn") for one in slivers.entries(value)]
        trial.expect(len(there) == len(set(there)), "each sliver is told once", there)

    return twice_named


def _bad_urns(method: str, bad: Callable[[Trial, str], Any]) -> Callable[[Trial], None]:
    def bad_urns(trial: Trial) -> None:
        one = trial.slice()
        urns = bad(trial, one.urn)
        # whoever looks first at what the credential covers finds that it is not this
        other = isinstance(urns, list) and any(_is_urn(urn) and urn != one.urn for urn in urns)
        codes = (1, *DENIED) if other else (1,)
        trial.refuses(_asked(trial, method, urns, one.credentials), *codes)

    return bad_urns


def _is_urn(urn: object) -> bool:
    return isinstance(urn, str) and len(urn.split("+")) == 4 and not urn.count(" ")


def _slice_and_sliver(method: str) -> Callable[[Trial], None]:
    def slice_and_sliver(trial: Trial) -> None:
        held = trial.allocated()
        urns = [held.urn, *held.urns]
        trial.refuses(_asked(trial, method, urns, held.credentials), 1)

    return slice_and_sliver


def _of_two_slices(method: str) -> Callable[[Trial], None]:
    def of_two_slices(trial: Trial) -> None:
        one, other = trial.allocated(), trial.allocated()
        credentials = [*one.credentials, *other.credentials]
        trial.refuses(_asked(trial, method, [*one.urns, *other.urns], credentials), 1, *DENIED)

    return of_two_slices


def _of_another(method: str) -> Callable[[Trial], None]:
    def of_another(trial: Trial) -> None:
        held = trial.allocated()
        trial.forbids(_asked(trial, method, held.urns, trial.slice().credentials))

    return of_another


def _changes_nothing(method: str) -> Callable[[Trial], None]:
    def changes_nothing(trial: Trial) -> None:
        held = trial.allocated()
        before = standing(trial, held)
        for _ in range(3):
            trial.succeeds(_asked(trial, method, [held.urn], held.credentials))
        as_before(trial, held, before)

    return changes_nothing


def _unknown_option(method: str) -> Callable[[Trial], None]:
    def unknown_option(trial: Trial) -> None:
        held = trial.allocated()
        options = {"conformance_unknown": {"x": [1]}}
        trial.succeeds(_asked(trial, method, [held.urn], held.credentials, **options))

    return unknown_option


def next_of_allocated(trial: Trial) -> None:
    held = trial.allocated()
    faults = slivers.all_are(
        list(standing(trial, held).values()),
        held.urns,
        next_allocation_status="geni_provisioned",
    )
    faultless(trial, "geni_next_allocation_status of what is allocated", faults)


def next_of_provisioned(trial: Trial) -> None:
    held = trial.provisioned()
    told = standing(trial, held)
    faults = slivers.all_are(list(told.values()), held.urns, next_allocation_status="")
    faultless(trial, "geni_next_allocation_status of what is provisioned", faults)


def capitals(trial: Trial) -> None:
    held = trial.allocated()
    head, _, name = held.urn.rpartition("+")
    answer = _asked(trial, "Status", [f"{head}+{name.upper()}"], held.credentials)
    sliver(trial, answer, held.urns[0])


def case_kept(trial: Trial) -> None:
    held = trial.allocated()
    head, _, name = held.urn.rpartition("+")
    other = f"{head}+{name.upper()}"
    told = trial.succeeds(_asked(trial, "Status", [other], held.credentials)).get("geni_urn")
    kept = told in {held.urn, other}
    trial.expect(kept, "geni_urn is written as in the call, or as it was first", told)


def under_single(trial: Trial) -> None:
    if not trial.abilities.single_allocation:
        trial.skip("geni_single_allocation is 0: slivers may be named one by one")
    held = trial.allocated(2)
    before = standing(trial, held)
    until = write_date(trial.now() + timedelta(minutes=5))
    (first, *_) = held.parts()
    calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("Describe", (held.credentials, dict(GENI3))),
        ("Renew", (held.credentials, until, {})),
        ("Delete", (held.credentials, {})),
    )
    for method, rest in calls:
        trial.refuses(trial.call(method, [first], *rest), 13)
    as_before(trial, held, before)
    trial.succeeds(trial.call("Describe", held.urns, held.credentials, dict(GENI3)))


def same_of_both(trial: Trial) -> None:
    held = trial.allocated(2)
    described = slivers.by_urn(trial.succeeds(
        _asked(trial, "Describe", [held.urn], held.credentials)))  # fmt: skip
    told = standing(trial, held)
    faultless(trial, "Describe and Status tell the same",
              slivers.same(told, described, told, *MEMBERS))  # fmt: skip


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_URNS: Final = "AM API v3, Common Concepts, urns"
_WRITES: Final = (Need.WRITES,)
_TWO: Final = (Need.WRITES, Need.SECOND_NODE)
_PARTS: Final = (*_TWO, Need.PARTS)
_DRAFT: Final = frozenset({Profile.V4_DRAFT})
_UPDATE: Final = (Need.WRITES, Need.UPDATE)
_BAD: Final[tuple[tuple[str, str, Callable[[Trial, str], Any]], ...]] = (
    ("none", "No URN at all is a bad argument", lambda _, __: []),
    ("text", "A text where an array of URNs belongs is a bad argument", lambda _, urn: urn),
    ("no-urn", "What is no URN is a bad argument", lambda _, __: ["conformance"]),
    ("user", "A user's URN is a bad argument", lambda trial, _: [trial.person().urn]),
    ("cut-off", "A URN without a name is a bad argument", lambda _, urn: [urn.rpartition("+")[0]]),
    ("blank", "A URN with a blank in it is a bad argument", lambda _, urn: [f"{urn} x"]),
    ("number", "A number among URNs is a bad argument", lambda _, urn: [urn, 5]),
    ("two-slices", "Two slices are a bad argument", lambda trial, urn: [urn, trial.slice().urn]),
)

CHECKS: Final = (
    Check("describe.shape", "Describe", "Describe answers geni_rspec, geni_urn and geni_slivers", "AM API v3, Describe; R175", MUST, shape, needs=_WRITES),
    Check("status.shape", "Status", "Status answers geni_urn and geni_slivers, each with geni_error", "AM API v3, Status; R181", MUST, status_shape, needs=_WRITES),
    Check("describe.without-version", "Describe", "geni_rspec_version is mandatory", "AM API v3, Describe; R176", MUST, without_version),
    Check("describe.other-version", "Describe", "A version that is not offered gives 4", "AM API v3, Describe; R176", MUST, other_version),
    Check("describe.never-seen", "Describe", "A slice that was never seen has an empty manifest and no slivers", "AM API v3, Describe; R177", MUST, never_seen),
    Check("status.never-seen", "Status", "A slice that was never seen has no slivers, or gives 12", "AM API v3, Status; R183", MUST, status_never_seen),
    Check("status.best-effort", "Status", "With geni_best_effort an unknown sliver is told with geni_error", "AM API v3, Status; R182", SHOULD, status_best_effort, needs=(Need.WRITES, Need.PARTS)),
    Check("describe.compressed", "Describe", "geni_compressed compresses geni_rspec, and nothing else", "AM API v3, Describe; R179", MUST, compressed, needs=_WRITES),
    Check("status.next-of-allocated", "Status", "What is allocated is to be geni_provisioned next", "AM API draft, Change Set C, Changes to Status; R187", SHOULD, next_of_allocated, _DRAFT, _UPDATE),
    Check("status.next-of-provisioned", "Status", "What is provisioned has an empty next status", "AM API draft, Change Set C, Changes to Status; R187", SHOULD, next_of_provisioned, _DRAFT, _UPDATE),
    Check("status.capitals", "Status", "Letter case of a slice's name tells nothing apart", "GENI identifiers; R050", MUST, capitals, needs=_WRITES),
    Check("status.case-kept", "Status", "A slice's URN is told as it was written", "GENI identifiers; R051", MUST, case_kept, needs=_WRITES),
    Check("describe.part-under-single", "Describe", "With geni_single_allocation a part of a slice cannot be described, renewed or deleted", "AM API v3, geni_single_allocation; R251", MUST, under_single, needs=_TWO),
    Check("describe.as-status", "Describe", "Describe and Status tell the same of slivers", "AM API v3, Describe", MUST, same_of_both, needs=_TWO),
    *(Check(f"{method.lower()}.names-the-slice", method, "geni_urn is the slice's URN, also where slivers are named", f"AM API v3, {method}; R175, R181", MUST, _names_slice(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.unknown-sliver", method, "A sliver that there is not gives 12 (15 and 2 are legal), also beside one that there is", f"AM API v3, {method}; R178, R182", MUST, _unknown_sliver(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.part", method, "Only the slivers that were named are told of", f"AM API v3, {method}; R180", MUST, _part(method), needs=_PARTS) for method in _BOTH),
    *(Check(f"{method.lower()}.named-twice", method, "A sliver that is named twice is told of once", _URNS, SHOULD, _twice_named(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.slice-and-sliver", method, "A slice and slivers in one call are a bad argument", f"{_URNS}; R184", MUST, _slice_and_sliver(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.of-two-slices", method, "Slivers of two slices in one call are refused", f"{_URNS}; R184", MUST, _of_two_slices(method), needs=_TWO) for method in _BOTH),
    *(Check(f"{method.lower()}.of-another-slice", method, "A sliver of a slice that the credential is not for gives 3", f"{_URNS}; R185", MUST, _of_another(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.changes-nothing", method, f"{method} changes neither states nor expiries", f"AM API v3, {method}; R186", MUST, _changes_nothing(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.unknown-option", method, "Options that are not known are ignored", f"AM API v3, {method}; R020", MUST, _unknown_option(method), needs=_WRITES) for method in _BOTH),
    *(Check(f"{method.lower()}.urns-{name}", method, rule, f"{_URNS}; R048, R184", MUST, _bad_urns(method, bad)) for name, rule, bad in _BAD for method in _BOTH),
)  # fmt: skip
