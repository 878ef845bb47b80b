"""What is wrong with the verbs between Allocate and Shutdown."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from typing import Any, Final

from tests.sabotage.bends import (
    BEST_EFFORT,
    GENI3,
    accepting,
    all_told,
    as_they_are,
    asking,
    drop_attribute,
    drop_elements,
    empty,
    entries_of,
    in_days,
    instead,
    listed,
    manifests,
    named,
    no_effect,
    on_all,
    recoded,
    refusal,
    set_attribute,
    slice_of,
    slivers,
    slivers_of,
    success,
    told,
    untold,
    urns_of,
    went_well,
    with_option,
    without_option,
)
from tests.sabotage.board import Asked, Misbehaviour

_STRUCTS: Final = ("Describe", "Provision", "Status", "Update", "Cancel")


def _with_version(asked: Asked) -> object:
    return asked.serve(params=[*asked.params[:2], {**asked.options, **GENI3}])


def _empty(asked: Asked) -> object:
    """A success that tells of nothing."""
    return empty(asked) if asked.method in _STRUCTS else success([])


def _says_gone(asked: Asked) -> object:
    struct = no_effect(asked)
    assert isinstance(struct, dict)
    for one in slivers_of(struct["value"]) if went_well(struct) else ():
        one["geni_allocation_status"] = "geni_unallocated"
        one["geni_next_allocation_status"] = ""
    return struct


def _renewed_while_refusing(asked: Asked) -> object:
    struct = asked.serve()
    if struct["code"]["geni_code"] == 19:
        latest = {**asked.options, "geni_extend_alap": True}
        asked.serve(params=[*asked.params[:3], latest])
    return struct


def _acts_on_first(asked: Asked) -> object:
    """A call that fails has been done to those slivers that it could be done to."""
    struct = asked.serve()
    if not went_well(struct) and asked.options.get("geni_best_effort") in {None, False}:
        options = {**asked.options, "geni_best_effort": True}
        asked.serve(params=[*asked.params[:-1], options])
    return struct


def _renew_touches_ops(asked: Asked) -> object:
    """To look at slivers renews them."""
    struct = asked.serve()
    asked.serve(
        "Renew", [asked.params[0], asked.params[1], in_days(1 / 24), {"geni_best_effort": True}]
    )
    return struct


def _for_minutes(asked: Asked) -> None:
    asked.options["geni_end_time"] = in_days(2 / 1440)


def _zone_ignored(asked: Asked) -> None:
    when = asked.params[2]
    if isinstance(when, str) and len(when) > 19 and when[19] in "+-":
        asked.params[2] = when[:19] + "Z"


def _no_sooner(asked: Asked) -> object:
    now = [one["geni_expires"] for one in entries_of(asked)]
    if now and isinstance(asked.params[2], str) and asked.params[2][:19] < min(now)[:19]:
        return refusal(19, "slivers are only renewed to a later time")
    return asked.serve()


def _any_user_entry(asked: Asked) -> None:
    users = asked.options.get("geni_users")
    if isinstance(users, list):
        asked.options["geni_users"] = [
            one for one in users if isinstance(one, dict) and {"urn", "keys"} <= one.keys()
        ]


def _keys_wanted(asked: Asked) -> object:
    users = asked.options.get("geni_users") or []
    if any(isinstance(one, dict) and one.get("keys") == [] for one in users):
        return refusal(1, "a user without keys")
    return asked.serve()


def _stays_allocated(one: dict[str, Any]) -> None:
    one["geni_allocation_status"] = "geni_allocated"
    one["geni_next_allocation_status"] = "geni_provisioned"


def _urn_text(asked: Asked) -> None:
    if isinstance(asked.params[0], str):
        asked.params[0] = [asked.params[0]]


def _first_urn(asked: Asked) -> None:
    if isinstance(asked.params[0], list):
        asked.params[0] = asked.params[0][:1]


def _slice_of_credential(asked: Asked) -> None:
    if asked.params[0] == []:
        for one in asked.params[1]:
            if found := re.search(r"<target_urn>([^<]*\+slice\+[^<]*)<", str(one)):
                asked.params[0] = [found[1]]


def _swap_next(one: dict[str, Any]) -> None:
    one["geni_next_allocation_status"] = "" if one["geni_next_allocation_status"] else "geni_ready"


def _one_left(asked: Asked) -> object:
    """Delete of a slice leaves its last sliver alone, and says that it is gone."""
    entries = entries_of(asked)
    if len(entries) < 2 or "+slice+" not in str(asked.params[0]):
        return asked.serve()
    gone = asked.serve(params=[urns_of(entries[:-1]), *asked.params[1:]])
    last = {**entries[-1], "geni_allocation_status": "geni_unallocated"}
    last["geni_next_allocation_status"] = ""
    last["geni_operational_status"] = "geni_pending_allocation"
    if went_well(gone):
        gone["value"].append(last)
    return gone


def _restart_stops(asked: Asked) -> None:
    if asked.params[2] == "geni_restart":
        asked.params[2] = "geni_stop"


def _start_stops(asked: Asked) -> object:
    if asked.params[2] in {"geni_start", "geni_stop"}:
        return no_effect(asked)
    return asked.serve()


def _no_users_needed(asked: Asked) -> None:
    if asked.params[2] == "geni_update_users":
        asked.options.setdefault("geni_users", [])


def _plain_rspec(asked: Asked) -> object:
    compressed = asked.options.pop("geni_compressed", False)
    struct = asked.serve()
    if compressed and went_well(struct):
        for one in slivers_of(struct["value"]):
            text = one["geni_sliver_urn"].encode()
            one["geni_sliver_urn"] = b64encode(zlib.compress(text)).decode()
    return struct


def _best_effort_overrides(asked: Asked) -> object:
    struct = asked.serve()
    if struct["code"]["geni_code"] in {1, 3} and asked.options.get("geni_best_effort"):
        return _empty(asked)
    return struct


ROWS: Final = (
    # ------------------------------------------------------------------------------- Provision
    Misbehaviour(
        "provision-no-state",
        "After Provision slivers are said to be allocated still.",
        ("provision.becomes-provisioned",),
        slivers(_stays_allocated, "Provision"),
    ),
    Misbehaviour(
        "provision-no-effect",
        "Provision does nothing.",
        ("provision.rest-of-slice",),
        instead(
            lambda asked: asked.serve("Describe", [*asked.params[:2], {**asked.options, **GENI3}]),
            "Provision",
        ),
        endless=True,
    ),
    Misbehaviour(
        "provision-short",
        "Provision leaves slivers the short life of a reservation.",
        ("allocate.shorter",),
        asking(_for_minutes, "Provision"),
    ),
    Misbehaviour(
        "provision-pending",
        "What is provisioned is pending allocation for ever.",
        ("provision.moves-on",),
        slivers(
            lambda one: one.update(geni_operational_status="geni_pending_allocation"),
            "Provision",
            "Status",
            "Describe",
        ),
        endless=True,
    ),
    Misbehaviour(
        "provision-version-optional",
        "Provision needs no geni_rspec_version.",
        ("provision.without-version",),
        accepting(1, _with_version, "Provision"),
    ),
    Misbehaviour(
        "provision-version-any",
        "Provision takes any geni_rspec_version.",
        ("provision.other-version",),
        accepting(4, _with_version, "Provision"),
    ),
    Misbehaviour(
        "provision-tells-all",
        "Provision tells of slivers that it was not about.",
        ("manifest.only-new-provisioned",),
        instead(lambda asked: all_told(asked, slice_of(asked)), "Provision"),
    ),
    Misbehaviour(
        "provision-does-all",
        "Provision of one sliver provisions the slice.",
        ("provision.only-named",),
        on_all("Provision"),
    ),
    Misbehaviour(
        "provision-unknown",
        "Provision of an unknown sliver is a success.",
        ("provision.nothing-there",),
        accepting(12, _empty, "Provision"),
    ),
    Misbehaviour(
        "provision-in-part",
        "A Provision that fails has provisioned what it could.",
        ("provision.unknown-sliver",),
        instead(_acts_on_first, "Provision"),
    ),
    Misbehaviour(
        "login-no-port",
        "Logins in the manifest have no port.",
        ("logins.well-formed",),
        manifests(drop_attribute("login", "port")),
    ),
    Misbehaviour(
        "login-no-username",
        "Logins in the manifest have no username.",
        ("logins.well-formed",),
        manifests(drop_attribute("login", "username")),
    ),
    Misbehaviour(
        "login-no-hostname",
        "Logins in the manifest have no hostname.",
        ("logins.well-formed",),
        manifests(drop_attribute("login", "hostname")),
    ),
    Misbehaviour(
        "login-by-password",
        "Logins are by password.",
        ("logins.well-formed",),
        manifests(set_attribute("login", "authentication", "password")),
    ),
    Misbehaviour(
        "login-missing",
        "The manifest has no logins.",
        ("logins.told", "logins.for-each-user"),
        manifests(drop_elements(named("login"))),
    ),
    Misbehaviour(
        "users-unchecked",
        "geni_users with an entry that lacks urn or keys is taken.",
        ("logins.without-urn", "logins.without-keys"),
        asking(_any_user_entry, "Provision", "PerformOperationalAction"),
    ),
    Misbehaviour(
        "users-need-keys",
        "A user without keys is refused.",
        ("logins.no-keys",),
        instead(_keys_wanted, "Provision"),
    ),
    Misbehaviour(
        "users-ignored",
        "geni_users is ignored.",
        ("logins.no-array", "logins.keys-no-texts"),
        without_option("geni_users", "Provision"),
    ),
    # ------------------------------------------------------------------------ Describe, Status
    Misbehaviour(
        "describe-no-urn",
        "Describe does not tell the slice.",
        ("describe.names-the-slice",),
        untold("geni_urn", "Describe"),
    ),
    Misbehaviour(
        "describe-no-rspec",
        "Describe gives no manifest.",
        ("describe.shape",),
        untold("geni_rspec", "Describe"),
    ),
    Misbehaviour(
        "describe-empty-refused",
        "Describe of a slice without slivers is refused.",
        ("describe.never-seen",),
        instead(
            lambda asked: (
                s
                if not went_well(s := asked.serve()) or s["value"]["geni_slivers"]
                else refusal(12)
            ),
            "Describe",
        ),
    ),
    Misbehaviour(
        "describe-unknown",
        "Describe of an unknown sliver is an empty success.",
        ("describe.unknown-sliver",),
        accepting(12, _empty, "Describe"),
    ),
    Misbehaviour(
        "describe-all",
        "Describe of one sliver tells of all.",
        ("describe.part", "manifest.part-described"),
        on_all("Describe"),
    ),
    Misbehaviour(
        "describe-version-optional",
        "Describe needs no geni_rspec_version.",
        ("describe.without-version",),
        accepting(1, _with_version, "Describe"),
    ),
    Misbehaviour(
        "describe-version-any",
        "Describe takes any geni_rspec_version.",
        ("describe.other-version",),
        accepting(4, _with_version, "Describe"),
    ),
    Misbehaviour(
        "describe-not-compressed",
        "Describe ignores geni_compressed.",
        ("describe.compressed",),
        without_option("geni_compressed", "Describe"),
    ),
    Misbehaviour(
        "describe-compresses-urns",
        "Describe compresses URNs instead of the manifest.",
        ("describe.compressed",),
        instead(_plain_rspec, "Describe"),
    ),
    Misbehaviour(
        "describe-changes",
        "Describe changes when slivers expire.",
        ("describe.changes-nothing",),
        instead(_renew_touches_ops, "Describe"),
    ),
    Misbehaviour(
        "status-changes",
        "Status changes when slivers expire.",
        ("status.changes-nothing",),
        instead(
            lambda asked: (
                asked.plain() if "geni_best_effort" in asked.options else _renew_touches_ops(asked)
            ),
            "Status",
        ),
    ),
    Misbehaviour(
        "status-no-urn",
        "Status does not tell the slice.",
        ("status.names-the-slice",),
        told(lambda v: {"geni_slivers": v["geni_slivers"]}, "Status"),
    ),
    Misbehaviour(
        "status-no-error",
        "Status has no geni_error.",
        ("status.shape",),
        slivers(lambda one: one.pop("geni_error"), "Status"),
    ),
    Misbehaviour(
        "status-unknown",
        "Status of what is unknown is an empty success.",
        ("status.unknown-sliver",),
        accepting(12, _empty, "Status"),
    ),
    Misbehaviour(
        "status-all",
        "Status of one sliver tells of all.",
        ("status.part",),
        on_all("Status"),
    ),
    Misbehaviour(
        "next-wrong",
        "geni_next_allocation_status is wrong.",
        ("status.next-of-allocated", "status.next-of-provisioned"),
        slivers(_swap_next, "Status", "Describe"),
    ),
    Misbehaviour(
        "urns-as-text",
        "urns may be a string.",
        ("describe.urns-text", "status.urns-text"),
        asking(_urn_text, *BEST_EFFORT, "Describe"),
    ),
    Misbehaviour(
        "urns-first-only",
        "Of urns only the first is looked at.",
        (
            "describe.slice-and-sliver",
            "status.slice-and-sliver",
            "describe.urns-two-slices",
            "status.urns-two-slices",
        ),
        asking(_first_urn, *BEST_EFFORT, "Describe"),
    ),
    Misbehaviour(
        "urns-empty-means-all",
        "Empty urns mean the slice of the credential.",
        ("describe.urns-none", "status.urns-none"),
        asking(_slice_of_credential, *BEST_EFFORT, "Describe"),
    ),
    # ------------------------------------------------------------------------------------ Renew
    Misbehaviour(
        "renew-beyond-accepted",
        "Renew beyond what is granted is said to have gone well.",
        ("renew.into-the-past",),
        accepting(19, as_they_are, "Renew"),
    ),
    Misbehaviour(
        "renew-while-refusing",
        "A Renew that is refused has changed the time.",
        ("renew.beyond-credential",),
        instead(_renewed_while_refusing, "Renew"),
    ),
    Misbehaviour(
        "renew-no-effect",
        "Renew does nothing.",
        ("renew.as-asked", "renew.allocated"),
        instead(no_effect, "Renew"),
    ),
    Misbehaviour(
        "renew-bad-time",
        "Renew takes what is no time.",
        ("renew.no-date", "renew.no-text", "renew.missing"),
        accepting(1, as_they_are, "Renew"),
    ),
    Misbehaviour(
        "renew-alap-ignored",
        "geni_extend_alap is ignored.",
        ("renew.alap",),
        without_option("geni_extend_alap", "Renew"),
    ),
    Misbehaviour(
        "renew-alap-always",
        "A time that is too late is cut although nobody said so.",
        ("renew.beyond-policy",),
        with_option("geni_extend_alap", True, "Renew"),
    ),
    Misbehaviour(
        "renew-zone-ignored",
        "Renew ignores the time's zone.",
        ("renew.with-offset",),
        asking(_zone_ignored, "Renew"),
    ),
    Misbehaviour(
        "renew-never-sooner",
        "Renew to a sooner time is refused.",
        ("renew.sooner",),
        instead(_no_sooner, "Renew"),
    ),
    Misbehaviour(
        "renew-empty",
        "Renew tells of no slivers.",
        ("renew.entries",),
        listed(lambda _all: [], "Renew"),
    ),
    Misbehaviour(
        "renew-unknown",
        "Renew of an unknown sliver is a success.",
        ("renew.unknown-sliver",),
        accepting(12, _empty, "Renew"),
    ),
    Misbehaviour(
        "renew-in-part",
        "A Renew that fails has renewed what it could.",
        ("renew.all-or-nothing",),
        instead(_acts_on_first, "Renew"),
    ),
    Misbehaviour(
        "renew-struct",
        "Renew gives a struct instead of a list.",
        ("renew.entries",),
        told(lambda v: {"geni_slivers": v}, "Renew"),
    ),
    # ----------------------------------------------------------------- PerformOperationalAction
    Misbehaviour(
        "action-unknown-accepted",
        "Any action is said to have gone well.",
        ("perform.wrong-state",),
        accepting(13, as_they_are, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-unknown-code",
        "An unknown action gives 1.",
        ("perform.unknown-action",),
        recoded(13, 1, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-empty-accepted",
        "An empty action is said to have gone well.",
        ("perform.empty-action", "perform.no-text"),
        accepting(1, as_they_are, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-no-effect",
        "geni_start and geni_stop do nothing.",
        ("perform.start", "perform.as-advertised"),
        instead(_start_stops, "PerformOperationalAction"),
        endless=True,
    ),
    Misbehaviour(
        "action-restart-stops",
        "geni_restart stops.",
        ("perform.restart",),
        asking(_restart_stops, "PerformOperationalAction"),
        endless=True,
    ),
    Misbehaviour(
        "action-in-part",
        "An action that fails has been done to some.",
        ("perform.all-or-nothing",),
        instead(_acts_on_first, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-old-status",
        "The answer to an action tells no operational state.",
        ("perform.entries",),
        slivers(lambda one: one.pop("geni_operational_status"), "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-users-optional",
        "geni_update_users needs no geni_users.",
        ("perform.users-missing",),
        asking(_no_users_needed, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-tells-nothing",
        "The answer to an action tells of no slivers.",
        ("perform.entries",),
        listed(lambda _all: [], "PerformOperationalAction"),
    ),
    # ----------------------------------------------------------------------------------- Delete
    Misbehaviour(
        "delete-no-effect",
        "Delete says that slivers are gone, and leaves them.",
        ("delete.provisioned", "delete.running", "delete.just-provisioned", "delete.again-usable"),
        instead(_says_gone, "Delete"),
    ),
    Misbehaviour(
        "delete-leaves-one",
        "Delete of a slice leaves one sliver.",
        ("delete.mixed",),
        instead(_one_left, "Delete"),
    ),
    Misbehaviour(
        "delete-unknown",
        "Delete of what is unknown is a success.",
        ("delete.twice", "delete.all-or-nothing"),
        accepting(12, lambda _asked: success([]), "Delete"),
    ),
    Misbehaviour(
        "delete-all",
        "Delete of one sliver deletes all.",
        ("delete.only-named",),
        on_all("Delete"),
    ),
    Misbehaviour(
        "delete-status",
        "What was deleted is said to be allocated.",
        ("delete.allocated",),
        slivers(lambda one: one.update(geni_allocation_status="geni_allocated"), "Delete"),
    ),
    Misbehaviour(
        "delete-tells-nothing",
        "Delete tells of no slivers.",
        ("delete.allocated",),
        listed(lambda _all: [], "Delete"),
    ),
    Misbehaviour(
        "delete-no-expires",
        "Delete does not tell when slivers would have expired.",
        ("delete.entries",),
        slivers(lambda one: one.pop("geni_expires"), "Delete"),
    ),
    # ------------------------------------------------------------------------------ best effort
    Misbehaviour(
        "best-effort-ignored",
        "geni_best_effort is ignored.",
        ("perform.best-effort",),
        without_option("geni_best_effort", *BEST_EFFORT),
    ),
    Misbehaviour(
        "best-effort-always",
        "Every call is made in best effort.",
        ("status.unknown-sliver",),
        with_option("geni_best_effort", True, *BEST_EFFORT),
    ),
    Misbehaviour(
        "best-effort-silent",
        "In best effort slivers that failed are not told of.",
        ("renew.best-effort", "delete.best-effort"),
        listed(lambda all_: [one for one in all_ if not one["geni_error"]], *BEST_EFFORT),
    ),
    Misbehaviour(
        "best-effort-no-reason",
        "In best effort no geni_error says why.",
        (
            "status.best-effort",
            "provision.best-effort",
            "renew.best-effort-none",
            "perform.wrong-state-best-effort",
        ),
        slivers(lambda one: one.update(geni_error=""), *BEST_EFFORT),
    ),
    Misbehaviour(
        "best-effort-overrides",
        "Best effort makes a success of bad arguments.",
        ("provision.best-effort-bad-arguments", "delete.best-effort-forbidden"),
        instead(_best_effort_overrides, *BEST_EFFORT),
    ),
    # --------------------------------------------------------------------------------- Shutdown
    Misbehaviour(
        "shutdown-no-effect",
        "Shutdown says true, and does nothing.",
        (
            "shutdown.nothing-more",
            "shutdown.with-slivers",
            "shutdown.another-slices-credential",
            "shutdown.no-credentials",
        ),
        instead(lambda _asked: success(True), "Shutdown"),
    ),
    Misbehaviour(
        "shutdown-text",
        "Shutdown gives text.",
        ("shutdown.empty", "shutdown.twice"),
        told(lambda _value: "true", "Shutdown"),
    ),
    Misbehaviour(
        "shutdown-takes-slivers",
        "Shutdown takes a sliver's URN.",
        ("shutdown.sliver", "shutdown.no-urn"),
        accepting(1, lambda _asked: success(True), "Shutdown"),
    ),
)
