"""Allocate: reserving, all or nothing. Source: AM API v3, Allocate."""

from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import RSPEC
from gcf_am.conformance.holding import Holding, slivers_of, with_room
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.judged import faultless, manager
from gcf_am.conformance.judging import slivers
from gcf_am.conformance.judging.manifests import authority
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.standing import as_before, expiry, latest, nothing_there, standing
from gcf_am.conformance.trial import Trial

_LONGEST: Final = 19
# Nodes: a request for more than these is not sent to anybody
_LARGEST: Final = 500
# Too big, refused by policy, no bandwidth, not enough nodes
_TOO_MUCH: Final = (6, 7, 25, 26)


def _asked(trial: Trial, one: SliceUnderTest, rspec: Any, **options: Any) -> Answer:
    return trial.call("Allocate", one.urn, one.credentials, rspec, options)


def _given(trial: Trial, one: SliceUnderTest, rspec: Any, **options: Any) -> Answer:
    """The same for what can be had, as soon as others have given it back."""
    return with_room(trial, lambda: _asked(trial, one, rspec, **options))


def _allocated(trial: Trial, **options: Any) -> tuple[SliceUnderTest, Answer]:
    one = trial.slice()
    answer = _given(trial, one, trial.request(), **options)
    trial.succeeds(answer)
    return one, answer


def _refused(trial: Trial, rspec: Any, *codes: int, **options: Any) -> None:
    """Refused, and nothing is reserved."""
    one = trial.slice()
    trial.refuses(_asked(trial, one, rspec, **options), *codes)
    nothing_there(trial, one)


def shape(trial: Trial) -> None:
    held = trial.allocated()
    faultless(trial, "value has geni_rspec and geni_slivers",
              slivers.shape(held.answer.value, {"geni_rspec": str, "geni_slivers": list}))  # fmt: skip


def entries(trial: Trial) -> None:
    held = trial.allocated(2)
    faultless(trial, "each sliver has URN, expiry and allocation status",
              slivers.complete(held.answer.value))  # fmt: skip


def all_allocated(trial: Trial) -> None:
    one = trial.slice()
    value = trial.succeeds(_given(trial, one, trial.request()))
    found = slivers.entries(value)
    trial.expect(bool(found), "geni_slivers lists what was allocated", found)
    for sliver in found:
        said = sliver.get("geni_allocation_status")
        trial.expect(said == "geni_allocated", "every sliver is geni_allocated", said)


def pending(trial: Trial) -> None:
    held = trial.allocated()
    faultless(trial, "every sliver is geni_pending_allocation",
              slivers.all_are(_told(trial, held), held.urns,
                              operational_status="geni_pending_allocation"))  # fmt: skip


def _told(trial: Trial, held: Holding) -> list[Any]:
    """What Status tells, as a list."""
    return list(standing(trial, held).values())


def told_alike(trial: Trial) -> None:
    held = trial.allocated(2)
    there = standing(trial, held)
    trial.expect(set(there) == set(held.urns), "Status tells of what was allocated", sorted(there))
    answer = trial.call("Describe", [held.urn], held.credentials, dict(GENI3))
    described = slivers.by_urn(trial.succeeds(answer))
    trial.expect(set(described) == set(held.urns), "Describe does, too", sorted(described))


def sliver_kind(trial: Trial) -> None:
    prefix = f"urn:publicid:IDN+{authority(manager(trial))}+sliver+"
    faults = [one for one in trial.allocated().urns if not one.startswith(prefix)]
    faultless(trial, f"URNs of slivers begin with {prefix}", faults)


def expires_soon(trial: Trial) -> None:
    held = trial.allocated()
    end, now = latest(trial, held.slivers), trial.now()
    trial.expect(now < end, "it ends in the future", write_date(end))
    trial.expect(end <= held.slice.expires, "it does not outlive the credential", write_date(end))


def shorter_than_provisioned(trial: Trial) -> None:
    held = trial.allocated()
    before = latest(trial, held.slivers)
    options = {**GENI3, "geni_users": [dict(one) for one in trial.target.users]}
    answer = trial.call("Provision", [held.urn], held.credentials, options)
    trial.succeeds(answer)
    if before >= held.slice.expires:
        trial.skip("the credential ends so soon that what is allocated does, too")
    after = latest(trial, slivers_of(answer))
    trial.expect(before < after, "what is only allocated ends sooner than what is provisioned",
                 f"{write_date(before)}, then {write_date(after)}")  # fmt: skip


def unreadable(trial: Trial) -> None:
    _refused(trial, "<rspec", 1)


def no_text(trial: Trial) -> None:
    _refused(trial, "", 1)


def no_string(trial: Trial) -> None:
    _refused(trial, {"rspec": "x"}, 1)


def other_root(trial: Trial) -> None:
    _refused(trial, "<conformance/>", 4, 1)


def other_namespace(trial: Trial) -> None:
    text = trial.request().replace(RSPEC, "http://www.geni.net/resources/rspec/99")
    _refused(trial, text, 4, 1)


def advertisement(trial: Trial) -> None:
    _refused(trial, editing.with_root_attribute(trial.request(), "type", "advertisement"), 1)


def schema_invalid(trial: Trial) -> None:
    _refused(trial, trial.request(beside="<conformance/>"), 1)


def doctype(trial: Trial) -> None:
    head, _, body = trial.request().rpartition("?>")  # without a declaration all is the body
    _refused(trial, f'{head}{"?>" if head else ""}<!DOCTYPE rspec [<!ENTITY a "b">]>{body}', 1)


def too_much(trial: Trial) -> None:
    usable = trial.ad.usable
    if not usable:
        trial.skip("the advertisement has no available node")
    (node, *_) = sorted(usable, key=lambda one: not one.exclusive)
    if not node.exclusive:
        trial.skip("no node goes to one at a time: what is too much is not known")
    if len(trial.ad.nodes) > _LARGEST:
        trial.skip("the site is so large that asking for more than all of it would be a burden")
    # one more than the whole site
    _refused(trial, compose([node] * (len(trial.ad.nodes) + 1), bound=False), *_TOO_MUCH)


def unknown_component(trial: Trial) -> None:
    nowhere = f"urn:publicid:IDN+{authority(manager(trial))}+node+conformance-nowhere"
    text = editing.with_attribute(trial.request(), "component_id", nowhere)
    _refused(trial, text, 12, 1)


def one_bad_of_two(trial: Trial) -> None:
    nowhere = f"urn:publicid:IDN+{authority(manager(trial))}+node+conformance-nowhere"
    bad = editing.with_attribute(trial.request(prefix="x"), "component_id", nowhere)
    _refused(trial, editing.together(trial.request(), bad), 12, 1)


def best_effort_ignored(trial: Trial) -> None:
    nowhere = f"urn:publicid:IDN+{authority(manager(trial))}+node+conformance-nowhere"
    bad = editing.with_attribute(trial.request(prefix="x"), "component_id", nowhere)
    _refused(trial, editing.together(trial.request(), bad), 12, 1, geni_best_effort=True)


def busy_component(trial: Trial) -> None:
    (node,) = trial.nodes(1, exclusive=True)
    request = compose([node], bound=True)
    trial.allocated(request=request)
    _refused(trial, request)


def twice_on_one(trial: Trial) -> None:
    (node,) = trial.nodes(1, exclusive=True)
    _refused(trial, compose([node, node], bound=True))


def end_time_earlier(trial: Trial) -> None:
    wanted = trial.now().replace(microsecond=0) + timedelta(minutes=2)
    _, answer = _allocated(trial, geni_end_time=write_date(wanted))
    for one in slivers_of(answer):
        end = expiry(trial, one)
        trial.expect(end == wanted, f"it ends at {write_date(wanted)}, as asked", write_date(end))


def end_time_beyond(trial: Trial) -> None:
    wanted = trial.now() + timedelta(days=4000)
    one, answer = _allocated(trial, geni_end_time=write_date(wanted))
    end = latest(trial, slivers_of(answer))
    trial.expect(end <= one.expires, "the expiry is trimmed to the credential's", write_date(end))


def end_time_malformed(trial: Trial) -> None:
    _refused(trial, trial.request(), 1, geni_end_time="tomorrow")


def end_time_no_text(trial: Trial) -> None:
    _refused(trial, trial.request(), 1, geni_end_time=5)


def unknown_option(trial: Trial) -> None:
    _allocated(trial, conformance_unknown={"x": [1]})


def not_a_slice(trial: Trial) -> None:
    one = trial.slice()
    for urn in (trial.person().urn, one.urn.replace("+slice+", "+sliver+"), "conformance", ""):
        answer = trial.call("Allocate", urn, one.credentials, trial.request(), {})
        # whoever looks first at what the credential covers finds that it is not this
        trial.refuses(answer, 1, *DENIED)
    nothing_there(trial, one)


def again_single(trial: Trial) -> None:
    if trial.abilities.allocate != "geni_single":
        trial.skip(f"geni_allocate is {trial.abilities.allocate}")
    held = trial.allocated()
    before = standing(trial, held)
    trial.refuses(_asked(trial, held.slice, trial.request(prefix="m")), 13, 17)
    as_before(trial, held, before)


def again_several(trial: Trial) -> None:
    held = trial.allocated()
    before = standing(trial, held)
    answer = _given(trial, held.slice, trial.request(prefix="m"))
    trial.succeeds(answer)
    new = {one["geni_sliver_urn"] for one in slivers_of(answer)}
    old = sorted(new & set(before))
    trial.expect(bool(new) and not old, "only what is new is told", f"{old} is not")
    after = standing(trial, held)
    trial.expect(set(after) == set(before) | new, "both are there", sorted(after))
    faultless(trial, "what was there stays as it was",
              slivers.same(before, after, before, "geni_allocation_status", "geni_expires"))  # fmt: skip


def never_again(trial: Trial) -> None:
    held = trial.allocated()
    trial.succeeds(trial.call("Delete", [held.urn], held.credentials, {}))
    answer = _given(trial, held.slice, trial.request())
    trial.succeeds(answer)
    twice = {one["geni_sliver_urn"] for one in slivers_of(answer)} & set(held.urns)
    trial.expect(not twice, "no sliver's URN is given again", sorted(twice))


def slice_in_capitals(trial: Trial) -> None:
    one = trial.slice()
    head, _, name = one.urn.rpartition("+")
    urn, wanted = f"{head}+{name.upper()}", trial.request()
    answer = with_room(trial, lambda: trial.call("Allocate", urn, one.credentials, wanted, {}))
    trial.succeeds(answer)
    there = standing(trial, one)
    if not there:  # it is another slice to the aggregate, which nobody else would empty
        trial.call("Delete", [urn], one.credentials, {})
    trial.expect(bool(there), "letter case tells no slices apart", "the slice has nothing")


def long_name(trial: Trial) -> None:
    one = trial.slice()
    name = one.urn.rpartition("+")[2]
    if len(name) != _LONGEST:
        trial.skip(f"the slice's name has {len(name)} characters, not {_LONGEST}")
    trial.succeeds(_asked(trial, one, trial.request()))


def after_refusal(trial: Trial) -> None:
    one = trial.slice()
    trial.refuses(_asked(trial, one, "<rspec"), 1)
    trial.succeeds(_given(trial, one, trial.request()))


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_AL: Final = "AM API v3, Allocate"
_WRITES: Final = (Need.WRITES,)

CHECKS: Final = (
    Check("allocate.all-allocated", "Allocate", "A valid request succeeds, and all its slivers are geni_allocated", f"{_AL}; R138", MUST, all_allocated, needs=_WRITES),
    Check("allocate.shape", "Allocate", "The value has geni_rspec and geni_slivers", f"{_AL}; R138", MUST, shape, needs=_WRITES),
    Check("allocate.entries", "Allocate", "Each sliver has URN, expiry and allocation status", f"{_AL}; R138", MUST, entries, needs=(*_WRITES, Need.SECOND_NODE)),
    Check("allocate.pending", "Allocate", "Allocated slivers are geni_pending_allocation", f"{_AL}; R142", MUST, pending, needs=_WRITES),
    Check("allocate.told-alike", "Allocate", "Status and Describe tell of just what Allocate did", f"{_AL}; R140", MUST, told_alike, needs=(*_WRITES, Need.SECOND_NODE)),
    Check("allocate.sliver-kind", "Allocate", "Slivers' URNs are of the aggregate's authority, and say sliver", "GENI identifiers; R053", MUST, sliver_kind, needs=_WRITES),
    Check("allocate.expires-soon", "Allocate", "The expiry is a date in the future, not after the credential's", f"{_AL}; R141, R224", MUST, expires_soon, needs=_WRITES),
    Check("allocate.shorter", "Allocate", "What is only allocated ends sooner than what is provisioned", f"{_AL}; R141, R163", MUST, shorter_than_provisioned, needs=_WRITES),
    Check("allocate.unreadable", "Allocate", "An rspec that is no XML is a bad argument, nothing is reserved", f"{_AL}; R143", MUST, unreadable, needs=_WRITES),
    Check("allocate.no-text", "Allocate", "An empty rspec is a bad argument", f"{_AL}; R144", MUST, no_text, needs=_WRITES),
    Check("allocate.no-string", "Allocate", "An rspec that is a struct is a bad argument", f"{_AL}; R011", MUST, no_string, needs=_WRITES),
    Check("allocate.other-root", "Allocate", "XML that is no RSpec gives 4 or 1", f"{_AL}; R145", MUST, other_root, needs=_WRITES),
    Check("allocate.other-namespace", "Allocate", "An RSpec of another version gives 4 or 1", f"{_AL}; R145", MUST, other_namespace, needs=_WRITES),
    Check("allocate.advertisement", "Allocate", "An advertisement is no request", f"{_AL}; R146", MUST, advertisement, needs=_WRITES),
    Check("allocate.schema-invalid", "Allocate", "Elements that the RSpec namespace does not have are a bad argument", f"{_AL}; GENI RSpec v3, request", SHOULD, schema_invalid, needs=_WRITES),
    Check("allocate.doctype", "Allocate", "An rspec with a document type is a bad argument", "AM API v3, XML input; R024", SHOULD, doctype, needs=_WRITES),
    Check("allocate.too-much", "Allocate", "More than there is is refused, nothing is reserved", f"{_AL}; R150", MUST, too_much, needs=(*_WRITES, Need.UNBOUND)),
    Check("allocate.unknown-component", "Allocate", "A component that there is not gives 12 or 1, nothing is reserved", f"{_AL}; R151", MUST, unknown_component, needs=_WRITES),
    Check("allocate.one-bad-of-two", "Allocate", "Where a part cannot be had, nothing is reserved", f"{_AL}; R150", MUST, one_bad_of_two, needs=(*_WRITES, Need.SECOND_NODE)),
    Check("allocate.best-effort-ignored", "Allocate", "geni_best_effort does not divide a request", f"{_AL}; R260", MUST, best_effort_ignored, needs=(*_WRITES, Need.SECOND_NODE)),
    Check("allocate.busy-component", "Allocate", "A node that somebody has is refused, nothing is reserved", f"{_AL}; R152", MUST, busy_component, needs=_WRITES),
    Check("allocate.twice-on-one", "Allocate", "Two exclusive nodes are not put on one component", f"{_AL}; R150", MUST, twice_on_one, needs=_WRITES),
    Check("allocate.end-time-earlier", "Allocate", "An earlier geni_end_time is the expiry", f"{_AL}; R155", SHOULD, end_time_earlier, needs=_WRITES),
    Check("allocate.end-time-beyond", "Allocate", "A geni_end_time beyond all limits does not fail the call, and is trimmed", f"{_AL}; R156", MUST, end_time_beyond, needs=_WRITES),
    Check("allocate.end-time-malformed", "Allocate", "A geni_end_time that is no date is a bad argument", f"{_AL}; R157", MUST, end_time_malformed, needs=_WRITES),
    Check("allocate.end-time-no-text", "Allocate", "A geni_end_time that is no text is a bad argument", f"{_AL}; R157", MUST, end_time_no_text, needs=_WRITES),
    Check("allocate.unknown-option", "Allocate", "Options that are not known are ignored", f"{_AL}; R020", MUST, unknown_option, needs=_WRITES),
    Check("allocate.not-a-slice", "Allocate", "What is no slice's URN is a bad argument", f"{_AL}; R048, R158", MUST, not_a_slice, needs=_WRITES),
    Check("allocate.again-single", "Allocate", "Under geni_single a second Allocate is refused and changes nothing", f"{_AL}, geni_allocate; R159", MUST, again_single, needs=_WRITES),
    Check("allocate.again-several", "Allocate", "A second Allocate tells only of what is new", f"{_AL}, geni_allocate; R159", MUST, again_several, needs=(*_WRITES, Need.SEVERAL_ALLOCATES, Need.SECOND_NODE)),
    Check("allocate.never-again", "Allocate", "No sliver's URN is given a second time", "GENI identifiers; R054", MUST, never_again, needs=_WRITES),
    Check("allocate.slice-in-capitals", "Allocate", "Letter case of a slice's name tells nothing apart", "GENI identifiers; R050", MUST, slice_in_capitals, needs=_WRITES),
    Check("allocate.long-name", "Allocate", "A slice's name may have 19 letters, digits and hyphens", "GENI identifiers; R049", MUST, long_name, needs=_WRITES),
    Check("allocate.after-refusal", "Allocate", "A refused request does not hinder the next one", f"{_AL}; R143", MUST, after_refusal, needs=_WRITES),
)  # fmt: skip
