"""Version 2: what it says of itself, and what it lists. Source: AM API v2."""

from typing import Any, Final

from gcf_am.conformance.abilities import read_abilities
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.documents.reading import canonical, read, schema_faults
from gcf_am.conformance.holding import Holding
from gcf_am.conformance.judged import document, faultless, manager, unpacked
from gcf_am.conformance.judging import manifests, sliver_status, slivers
from gcf_am.conformance.older import OldSlice, bare, created, empty, old
from gcf_am.conformance.standing import standing
from gcf_am.conformance.trial import Trial


def says_two(trial: Trial) -> None:
    answer = old(trial).call("GetVersion")
    value = trial.succeeds(answer)
    trial.expect(type(value.get("geni_api")) is int, "geni_api is an int", value)
    trial.expect(value["geni_api"] == 2, "geni_api is 2", value["geni_api"])


def says_two_on_top(trial: Trial) -> None:
    answer = old(trial).call("GetVersion")
    trial.succeeds(answer)
    told = answer.raw.get("geni_api")
    trial.expect(told == 2, "geni_api 2 stands beside code, value and output", told)


def version_with_options(trial: Trial) -> None:
    trial.succeeds(old(trial).call("GetVersion", {}))


def version_unknown_option(trial: Trial) -> None:
    trial.succeeds(old(trial).call("GetVersion", {"conformance_unknown": 1}))


def lists_itself(trial: Trial) -> None:
    value = trial.succeeds(old(trial).call("GetVersion"))
    urls = read_abilities(value).urls
    trial.expect("2" in urls, "geni_api_versions has 2", urls)
    answer = trial.with_identity(trial.person().shown, url=urls["2"]).call("GetVersion")
    told = trial.succeeds(answer).get("geni_api")
    trial.expect(told == 2, "its address answers version 2", told)


def rspec_versions(trial: Trial) -> None:
    value = trial.succeeds(old(trial).call("GetVersion"))
    types = read_abilities(value).request_types
    trial.expect(("geni", "3") in types, "geni_request_rspec_versions has GENI 3", sorted(types))


def _listed(trial: Trial, **options: Any) -> Answer:
    mine = bare(trial.user_credentials())
    return old(trial).call("ListResources", mine, {**GENI3, **options})


def lists(trial: Trial) -> None:
    text = trial.succeeds(_listed(trial, geni_compressed=False))
    document(trial, text, "ad")
    faultless(trial, "the advertisement is valid", schema_faults(text, "ad"))


def lists_compressed(trial: Trial) -> None:
    text = trial.succeeds(_listed(trial, geni_compressed=True))
    document(trial, unpacked(trial, text, "base64 of zlib"), "ad")


def lists_available(trial: Trial) -> None:
    ad = document(trial, trial.succeeds(_listed(trial, geni_available=True)), "ad")
    taken = [
        node.get("component_id")
        for node in ad.iterfind("{*}node")
        if (now := node.find("{*}available")) is not None and now.get("now") in {"false", "0"}
    ]
    trial.expect(not taken, "only nodes that are available", taken)


def lists_without_version(trial: Trial) -> None:
    trial.refuses(old(trial).call("ListResources", bare(trial.user_credentials()), {}), 1)


def lists_other_version(trial: Trial) -> None:
    wanted = {"type": "GENI", "version": "99"}
    trial.refuses(_listed(trial, geni_rspec_version=wanted), 4)


def lists_without_credentials(trial: Trial) -> None:
    answer = old(trial).call("ListResources", [], dict(GENI3))
    if answer.code == 0:
        trial.skip("this aggregate lists its resources to anybody")
    trial.forbids(answer)


def _manifest_of_slice(one: OldSlice) -> Answer:
    options = {**GENI3, "geni_slice_urn": one.urn}
    return one.caller.call("ListResources", one.credentials, options)


def slice_manifest(trial: Trial) -> None:
    one = created(trial)
    manifest = document(trial, trial.succeeds(_manifest_of_slice(one)), "manifest")
    faults = manifests.kept_ids(read(one.request, "request"), manifest, manager(trial))
    faultless(trial, "the slice's manifest has the nodes that were asked for", faults)


def slice_manifest_empty(trial: Trial) -> None:
    one = empty(trial)
    answer = _manifest_of_slice(one)
    if answer.code == 0:
        shown = manifests.slivers(document(trial, answer.value, "manifest"))
        trial.expect(not shown, "a manifest without slivers", shown)
    else:
        trial.refuses(answer, 12, 2)


def slice_needs_right(trial: Trial) -> None:
    one = created(trial)
    options = {**GENI3, "geni_slice_urn": one.urn}
    mine = bare(trial.user_credentials())
    trial.forbids(one.caller.call("ListResources", mine, options))


def _three(trial: Trial) -> None:
    if "3" not in trial.abilities.urls:
        trial.skip("version 3 is not served")
    if trial.abilities.api == 2:
        trial.skip("it is asked at the address of version 2")


def seen_in_three(trial: Trial) -> None:
    _three(trial)
    one = created(trial)
    three = trial.with_identity(trial.person().shown, url=trial.url("3"))
    answer = three.call("Describe", [one.urn], one.slice.credentials, dict(GENI3))
    value = trial.succeeds(answer)
    status = trial.succeeds(one.call("SliverStatus"))
    urns = set(slivers.by_urn(value))
    told = sliver_status.urns(status)
    trial.expect(bool(urns) and urns == told, f"the slivers of SliverStatus: {told}", urns)


def three_seen(trial: Trial) -> None:
    _three(trial)
    caller = old(trial)
    held = trial.provisioned()
    answer = caller.call("SliverStatus", held.urn, bare(held.credentials), {})
    told = sliver_status.urns(trial.succeeds(answer))
    trial.expect(set(held.urns) == told, f"the slivers that version 3 made: {held.urns}", told)


def three_deleted(trial: Trial) -> None:
    _three(trial)
    caller = old(trial)
    held = trial.allocated()
    trial.succeeds(caller.call("DeleteSliver", held.urn, bare(held.credentials), {}))
    left = standing(trial, held)
    trial.expect(not left, "DeleteSliver ends what version 3 allocated", sorted(left))


def same_manifest(trial: Trial) -> None:
    _three(trial)
    caller = old(trial)
    held: Holding = trial.provisioned()
    options = {**GENI3, "geni_slice_urn": held.urn}
    text = trial.succeeds(caller.call("ListResources", bare(held.credentials), options))
    mine = document(trial, text, "manifest")
    value = trial.succeeds(trial.call("Describe", [held.urn], held.credentials, dict(GENI3)))
    theirs = document(trial, value["geni_rspec"], "manifest")
    held_two, held_three = manifests.slivers(mine), manifests.slivers(theirs)
    trial.expect(held_two == held_three, f"the slivers of Describe: {held_three}", held_two)
    same = canonical(mine, "expires") == canonical(theirs, "expires")
    trial.expect(same, "the manifest of Describe", "another one")


_V2: Final = frozenset({Profile.V2})
_WRITES: Final = (Need.WRITES,)
MUST, SHOULD, MAY = Severity.MUST, Severity.SHOULD, Severity.MAY

CHECKS: Final = (
    Check("v2.says-two", "v2 GetVersion", "GetVersion says geni_api 2", "AM API v2, GetVersion; R271", MUST, says_two, _V2),
    Check("v2.says-two-on-top", "v2 GetVersion", "geni_api 2 stands beside the return struct's members", "AM API v2, GetVersion; R271", MUST, says_two_on_top, _V2),
    Check("v2.version-with-options", "v2 GetVersion", "GetVersion takes options", "AM API v2, GetVersion", MUST, version_with_options, _V2),
    Check("v2.version-unknown-option", "v2 GetVersion", "Options that are not known are ignored", "AM API v2, options; R020", MUST, version_unknown_option, _V2),
    Check("v2.lists-itself", "v2 GetVersion", "geni_api_versions has 2, and its address answers", "AM API v2, GetVersion; R033", MUST, lists_itself, _V2),
    Check("v2.rspec-versions", "v2 GetVersion", "Requests of GENI 3 are taken", "AM API v2, GetVersion; R034", MUST, rspec_versions, _V2),
    Check("v2.lists", "v2 ListResources", "ListResources answers a valid advertisement", "AM API v2, ListResources; R126", MUST, lists, _V2),
    Check("v2.lists-compressed", "v2 ListResources", "geni_compressed answers base64 of zlib", "AM API v2, ListResources; R131", MUST, lists_compressed, _V2),
    Check("v2.lists-available", "v2 ListResources", "geni_available lists what is available", "AM API v2, ListResources; R128", MUST, lists_available, _V2),
    Check("v2.lists-without-version", "v2 ListResources", "geni_rspec_version is mandatory", "AM API v2, ListResources; R273", MUST, lists_without_version, _V2),
    Check("v2.lists-other-version", "v2 ListResources", "An RSpec version that is not offered is refused", "AM API v2, ListResources; R124", MUST, lists_other_version, _V2),
    Check("v2.lists-without-credentials", "v2 ListResources", "Without a credential ListResources is forbidden", "AM API v2, credentials; R134", SHOULD, lists_without_credentials, _V2),
    Check("v2.slice-manifest", "v2 ListResources", "geni_slice_urn answers the slice's manifest", "AM API v2, ListResources; R272", MUST, slice_manifest, _V2, _WRITES),
    Check("v2.slice-manifest-empty", "v2 ListResources", "A slice without slivers has no manifest, or an empty one", "AM API v2, ListResources; R272", MUST, slice_manifest_empty, _V2, _WRITES),
    Check("v2.slice-manifest-forbidden", "v2 ListResources", "A user credential does not show a slice's manifest", "AM API v2, credentials; R073", MUST, slice_needs_right, _V2, _WRITES),
    Check("v2.seen-in-three", "v2 CreateSliver", "Version 3 sees what version 2 made", "AM API v2 and v3; R281", SHOULD, seen_in_three, _V2, _WRITES),
    Check("v2.three-seen", "v2 SliverStatus", "Version 2 sees what version 3 made", "AM API v2 and v3; R281", SHOULD, three_seen, _V2, _WRITES),
    Check("v2.three-deleted", "v2 DeleteSliver", "Version 2 ends what version 3 made", "AM API v2 and v3; R281", SHOULD, three_deleted, _V2, _WRITES),
    Check("v2.same-manifest", "v2 ListResources", "Both versions show one manifest", "AM API v2 and v3; R281", MAY, same_manifest, _V2, _WRITES),
)  # fmt: skip
