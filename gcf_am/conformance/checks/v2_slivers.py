"""Version 2: making, watching, renewing and ending all that a slice has. Source: AM API v2."""

from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.dates import read_date, write_date
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import read, schema_faults
from gcf_am.conformance.holding import with_room
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.judged import comes, document, faultless, is_free, manager
from gcf_am.conformance.judging import logins, manifests, sliver_status
from gcf_am.conformance.older import OldSlice, bare, created, empty
from gcf_am.conformance.standing import UNKNOWN
from gcf_am.conformance.trial import Trial

_LATE: Final = "2125-01-01T00:00:00Z"


def creates(trial: Trial) -> None:
    one = empty(trial)
    text = trial.succeeds(one.create())
    manifest = document(trial, text, "manifest")
    faults = schema_faults(text, "manifest")
    faults += manifests.kept_ids(read(one.request, "request"), manifest, manager(trial))
    faultless(trial, "CreateSliver answers a valid manifest of what was asked for", faults)


def becomes_ready(trial: Trial) -> None:
    one = created(trial)

    def ready() -> bool:
        told = trial.succeeds(one.call("SliverStatus")).get("geni_status")
        trial.expect(told != "failed", "geni_status gets ready", told)
        return bool(told == "ready")

    comes(trial, ready, "geni_status gets ready by itself")


def creates_again(trial: Trial) -> None:
    one = created(trial)
    trial.refuses(one.create(), 17)


def creates_unreadable(trial: Trial) -> None:
    one = empty(trial)
    trial.refuses(one.create("<rspec"), 1)
    _has_nothing(trial, one)


def _has_nothing(trial: Trial, one: OldSlice) -> None:
    answer = one.call("SliverStatus")
    trial.expect(answer.code in {12, 2, 15}, "nothing was made", answer.brief)


def creates_all_or_nothing(trial: Trial) -> None:
    one = empty(trial, 2)
    broken = editing.names(one.request)[1]
    node = editing.with_attribute(
        editing.only(one.request, broken),
        "component_id",
        f"{trial.nodes(1, bound=False)[0].component_id}-there-is-none",
    )
    trial.refuses(one.create(editing.together(editing.without(one.request, broken), node)))
    _has_nothing(trial, one)


def creates_without_credentials(trial: Trial) -> None:
    one = empty(trial)
    trial.forbids(one.caller.call("CreateSliver", one.urn, [], one.request, [], {}))
    _has_nothing(trial, one)


def creates_with_user_credential(trial: Trial) -> None:
    one = empty(trial)
    mine = bare(trial.user_credentials())
    trial.forbids(one.caller.call("CreateSliver", one.urn, mine, one.request, [], {}))
    _has_nothing(trial, one)


def creates_for_nobody(trial: Trial) -> None:
    one = empty(trial)
    trial.refuses(one.call("CreateSliver", one.request, [{"keys": []}]), 1)
    _has_nothing(trial, one)


def creates_with_structs(trial: Trial) -> None:
    one = empty(trial)
    arguments: tuple[Any, ...] = (one.urn, one.slice.credentials, one.request, [], {})
    answer = with_room(trial, lambda: one.caller.call("CreateSliver", *arguments))
    trial.succeeds(answer)


def creates_without_options(trial: Trial) -> None:
    one = empty(trial)
    answer = one.caller.call("CreateSliver", one.urn, one.credentials, one.request, [])
    trial.refuses(answer, 1)


def creates_with_unknown_option(trial: Trial) -> None:
    one = empty(trial)
    answer = with_room(
        trial, lambda: one.call("CreateSliver", one.request, [], conformance_unknown=[1])
    )
    trial.succeeds(answer)


def login(trial: Trial) -> None:
    users = [one for one in trial.target.users if one.get("keys")]
    if not users:
        trial.skip("the configuration has no user with an SSH key")
    one = created(trial)

    def ready() -> bool:
        return bool(trial.succeeds(one.call("SliverStatus")).get("geni_status") == "ready")

    trial.until(lambda: ready() or None, "a slice that is ready")
    options = {**GENI3, "geni_slice_urn": one.urn}
    answer = one.caller.call("ListResources", one.credentials, options)
    manifest = document(trial, trial.succeeds(answer), "manifest")
    faults = [
        *logins.some(manifest, manager(trial)),
        *logins.well_formed(manifest),
    ]
    faultless(trial, "the manifest tells where the users log in", faults)


def status_shape(trial: Trial) -> None:
    one = created(trial)
    value = trial.succeeds(one.call("SliverStatus"))
    faultless(trial, "geni_urn, geni_status, geni_resources", sliver_status.shape(value))
    told = value["geni_urn"]
    trial.expect(told.lower() == one.urn.lower(), f"geni_urn is {one.urn}", told)


def status_words(trial: Trial) -> None:
    value = trial.succeeds(created(trial).call("SliverStatus"))
    faults = sliver_status.words(value)
    faultless(trial, "configuring, ready, failed or unknown", faults)


def status_summary(trial: Trial) -> None:
    value = trial.succeeds(created(trial, 2).call("SliverStatus"))
    faultless(trial, "geni_status sums up the resources", sliver_status.summary(value))


def status_covers(trial: Trial) -> None:
    one = empty(trial, 2)
    manifest = document(trial, trial.succeeds(one.create()), "manifest")
    told = sliver_status.urns(trial.succeeds(one.call("SliverStatus")))
    has = set(manifests.slivers(manifest).values())
    trial.expect(told == has, f"geni_resources are the manifest's slivers: {sorted(has)}", told)


def status_empty(trial: Trial) -> None:
    one = empty(trial)
    trial.refuses(one.call("SliverStatus"), *UNKNOWN)


def status_needs_right(trial: Trial) -> None:
    one = created(trial)
    mine = bare(trial.user_credentials())
    trial.forbids(one.caller.call("SliverStatus", one.urn, mine, {}))


def renews(trial: Trial) -> None:
    one = created(trial)
    until = write_date(trial.now() + timedelta(minutes=10))
    answer = one.call("RenewSliver", until)
    if answer.code in {7, 13, 19}:
        trial.cannot_tell(f"this time is not within the limits here: {answer.brief}")
    value = trial.succeeds(answer)
    trial.expect(value is True, "RenewSliver answers true", value)


def renews_beyond(trial: Trial) -> None:
    one = created(trial)
    answer = one.call("RenewSliver", _LATE)
    if answer.code == 0:
        trial.expect(answer.value is False, "an error, or false", answer.value)
    else:
        trial.refuses(answer, 19, 7, 1, 2)


def renews_alap(trial: Trial) -> None:
    one = created(trial)
    answer = one.call("RenewSliver", _LATE, geni_extend_alap=True)
    value = trial.succeeds(answer)
    trial.expect(value is True, "RenewSliver answers true", value)
    given = read_date(answer.output)
    trial.expect(given is not None, "output holds the date that was granted", answer.output)
    most = one.slice.expires
    trial.expect(given is not None and given <= most, f"not after the credential: {most}", given)


def renews_malformed(trial: Trial) -> None:
    trial.refuses(created(trial).call("RenewSliver", "whenever"), 1)


def renews_past(trial: Trial) -> None:
    trial.refuses(created(trial).call("RenewSliver", "2001-01-01T00:00:00Z"), 19, 1, 2)


def renews_empty(trial: Trial) -> None:
    until = write_date(trial.now() + timedelta(minutes=10))
    trial.refuses(empty(trial).call("RenewSliver", until), *UNKNOWN)


def deletes(trial: Trial) -> None:
    one = created(trial)
    value = trial.succeeds(one.call("DeleteSliver"))
    trial.expect(value is True, "DeleteSliver answers true", value)
    _has_nothing(trial, one)


def deletes_twice(trial: Trial) -> None:
    one = created(trial)
    trial.succeeds(one.call("DeleteSliver"))
    trial.refuses(one.call("DeleteSliver"), *UNKNOWN)


def deletes_with_user_credential(trial: Trial) -> None:
    one = created(trial)
    mine = bare(trial.user_credentials())
    trial.forbids(one.caller.call("DeleteSliver", one.urn, mine, {}))
    trial.succeeds(one.call("SliverStatus"))


def deletes_frees(trial: Trial) -> None:
    chosen = trial.nodes(1, exclusive=True)
    component = chosen[0].component_id
    one = empty(trial)
    trial.succeeds(one.create(compose(chosen, bound=True)))
    trial.expect(not is_free(trial, component), f"{component} is held", "available")
    trial.succeeds(one.call("DeleteSliver"))
    comes(trial, lambda: is_free(trial, component), "DeleteSliver frees the node")


def shuts_no_sliver_down(trial: Trial) -> None:
    one = created(trial)
    sliver = f"{one.urn.rpartition('+slice+')[0]}+sliver+one"
    trial.refuses(one.caller.call("Shutdown", sliver, one.credentials, {}), 1, *DENIED)
    trial.succeeds(one.call("SliverStatus"))


_V2: Final = frozenset({Profile.V2})
_NEEDS: Final = (Need.WRITES,)
_TWO: Final = (Need.WRITES, Need.SECOND_NODE)
MUST, SHOULD, MAY = Severity.MUST, Severity.SHOULD, Severity.MAY

CHECKS: Final = (
    Check("v2.creates", "v2 CreateSliver", "CreateSliver answers the manifest of what was asked for, to plain credentials", "AM API v2, CreateSliver; R274, R280", MUST, creates, _V2, _NEEDS),
    Check("v2.becomes-ready", "v2 CreateSliver", "What CreateSliver makes gets ready by itself", "AM API v2, CreateSliver; R274", MUST, becomes_ready, _V2, _NEEDS),
    Check("v2.creates-again", "v2 CreateSliver", "A slice that has slivers gets no more: 17", "AM API v2, CreateSliver; R275", MUST, creates_again, _V2, _NEEDS),
    Check("v2.creates-unreadable", "v2 CreateSliver", "An rspec that is no XML is a bad argument", "AM API v2, CreateSliver; R143", MUST, creates_unreadable, _V2, _NEEDS),
    Check("v2.creates-all-or-nothing", "v2 CreateSliver", "Where a part cannot be had, nothing is made", "AM API v2, CreateSliver; R150", MUST, creates_all_or_nothing, _V2, _TWO),
    Check("v2.creates-without-credentials", "v2 CreateSliver", "Without a credential CreateSliver is forbidden", "AM API v2, credentials; R097", MUST, creates_without_credentials, _V2, _NEEDS),
    Check("v2.creates-with-user-credential", "v2 CreateSliver", "A user credential does not allow CreateSliver", "AM API v2, credentials; R073", MUST, creates_with_user_credential, _V2, _NEEDS),
    Check("v2.creates-for-nobody", "v2 CreateSliver", "A user without a URN is a bad argument", "AM API v2, users; R166", MUST, creates_for_nobody, _V2, _NEEDS),
    Check("v2.creates-with-structs", "v2 CreateSliver", "Credentials as structs are taken, too", "AM API v3, credentials; R089", MAY, creates_with_structs, _V2, _NEEDS),
    Check("v2.creates-without-options", "v2 CreateSliver", "options are mandatory", "AM API v2, options; R021", SHOULD, creates_without_options, _V2, _NEEDS),
    Check("v2.creates-with-unknown-option", "v2 CreateSliver", "Options that are not known are ignored", "AM API v2, options; R020", MUST, creates_with_unknown_option, _V2, _NEEDS),
    Check("v2.login", "v2 ListResources", "The manifest of a slice that is ready tells where its users log in", "AM API v2, CreateSliver; R165", MUST, login, _V2, _NEEDS),
    Check("v2.status-shape", "v2 SliverStatus", "SliverStatus has geni_urn, geni_status and geni_resources", "AM API v2, SliverStatus; R276", MUST, status_shape, _V2, _NEEDS),
    Check("v2.status-words", "v2 SliverStatus", "geni_status is one of four words", "AM API v2, SliverStatus; R277", MUST, status_words, _V2, _NEEDS),
    Check("v2.status-summary", "v2 SliverStatus", "geni_status sums up the resources", "AM API v2, SliverStatus", MUST, status_summary, _V2, _TWO),
    Check("v2.status-covers", "v2 SliverStatus", "geni_resources are the manifest's slivers", "AM API v2, SliverStatus; R276", MUST, status_covers, _V2, _TWO),
    Check("v2.status-empty", "v2 SliverStatus", "A slice without slivers gives 12", "AM API v2, SliverStatus", MUST, status_empty, _V2, _NEEDS),
    Check("v2.status-forbidden", "v2 SliverStatus", "A user credential does not allow SliverStatus", "AM API v2, credentials; R073", MUST, status_needs_right, _V2, _NEEDS),
    Check("v2.renews", "v2 RenewSliver", "RenewSliver within limits answers true", "AM API v2, RenewSliver; R278", MUST, renews, _V2, _NEEDS),
    Check("v2.renews-beyond", "v2 RenewSliver", "RenewSliver beyond limits fails", "AM API v2, RenewSliver; R278", MUST, renews_beyond, _V2, _NEEDS),
    Check("v2.renews-alap", "v2 RenewSliver", "With geni_extend_alap the latest date is granted, and told", "AM API v2, RenewSliver; R278", SHOULD, renews_alap, _V2, _NEEDS),
    Check("v2.renews-malformed", "v2 RenewSliver", "A time that is no date is a bad argument", "AM API v2, RenewSliver; R192", MUST, renews_malformed, _V2, _NEEDS),
    Check("v2.renews-past", "v2 RenewSliver", "RenewSliver into the past fails", "AM API v2, RenewSliver; R191", MUST, renews_past, _V2, _NEEDS),
    Check("v2.renews-empty", "v2 RenewSliver", "A slice without slivers gives 12", "AM API v2, RenewSliver", MUST, renews_empty, _V2, _NEEDS),
    Check("v2.deletes", "v2 DeleteSliver", "DeleteSliver answers true, and nothing is left", "AM API v2, DeleteSliver; R279", MUST, deletes, _V2, _NEEDS),
    Check("v2.deletes-twice", "v2 DeleteSliver", "DeleteSliver again gives 12", "AM API v2, DeleteSliver; R279", MUST, deletes_twice, _V2, _NEEDS),
    Check("v2.deletes-forbidden", "v2 DeleteSliver", "A user credential does not allow DeleteSliver", "AM API v2, credentials; R073", MUST, deletes_with_user_credential, _V2, _NEEDS),
    Check("v2.deletes-frees", "v2 DeleteSliver", "DeleteSliver frees the nodes", "AM API v2, DeleteSliver; R214", MUST, deletes_frees, _V2, _NEEDS, alone=True),
    Check("v2.shuts-no-sliver-down", "v2 Shutdown", "Shutdown of something else than a slice is refused", "AM API v2, Shutdown; R220", MUST, shuts_no_sliver_down, _V2, _NEEDS),
)  # fmt: skip
