"""What is refused although it is legal, and what is done beside what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree

from gcf_am.xmlrpc.fault import Fault
from tests.sabotage.bends import (
    BEST_EFFORT,
    RSPEC,
    accepting,
    advertisements,
    as_they_are,
    asking,
    drop_elements,
    drop_location,
    elements,
    entries_of,
    instead,
    manifests,
    named,
    no_effect,
    on_all,
    recoded,
    refusal,
    slivers,
    slivers_of,
    told,
    urns_of,
    went_well,
    with_option,
    without_option,
)
from tests.sabotage.board import Asked, Bend, Misbehaviour


def _if_request(pattern: str, *methods: str) -> Bend:
    """Requests of which the text is such are refused."""

    def answer(asked: Asked) -> object:
        if len(asked.params) > 2 and re.search(pattern, str(asked.params[2])):
            return refusal(1, "such a request is not taken")
        return asked.serve()

    return instead(answer, *(methods or ("Allocate",)))


def _users(wrong: Callable[[dict[str, Any]], bool]) -> Bend:
    def answer(asked: Asked) -> object:
        if any(
            wrong(one) for one in asked.options.get("geni_users") or () if isinstance(one, dict)
        ):
            return refusal(1, "such a user is not taken")
        return asked.serve()

    return instead(answer, "Provision")


def _users_wanted(asked: Asked) -> object:
    return asked.serve() if asked.options.get("geni_users") else refusal(1, "geni_users is missing")


def _one_key(asked: Asked) -> None:
    for one in asked.options.get("geni_users") or ():
        if isinstance(one, dict) and isinstance(one.get("keys"), list):
            one["keys"] = one["keys"][:1]


class _Sulking:
    """After a refused request the next one is refused, too."""

    def __init__(self) -> None:
        self.offended = False

    def __call__(self, asked: Asked) -> object:
        if self.offended:
            self.offended = False
            return refusal(2, "the last request was wrong")
        struct = asked.serve()
        self.offended = not went_well(struct)
        return struct


class _Counting:
    """Each answer of GetVersion tells another software."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, asked: Asked) -> object:
        struct = asked.serve()
        self.count += 1
        struct["value"]["geni_am_code_version"] = f"1.0.{self.count}"
        return struct


class _Keeping:
    """What somebody had once is never said to be available again."""

    def __init__(self) -> None:
        self.had: set[str] = set()

    def __call__(self, asked: Asked) -> object:
        struct = asked.serve()
        if not went_well(struct):
            return struct
        if asked.method == "ListResources":
            struct["value"] = elements(self._taken)(struct["value"])
        else:
            text = struct["value"]["geni_rspec"]
            self.had.update(re.findall(r'component_id="([^"]*)"', text))
        return struct

    def _taken(self, root: etree._Element) -> None:
        for node in root.iter(f"{RSPEC}node"):
            for one in node.iter(f"{RSPEC}available"):
                if node.get("component_id") in self.had:
                    one.set("now", "false")


def _doubled(asked: Asked) -> object:
    struct = asked.serve()
    named = asked.params[0]
    if went_well(struct) and isinstance(named, list) and len(set(map(str, named))) < len(named):
        struct["value"]["geni_slivers"] *= 2
    return struct


def _not_later(asked: Asked) -> object:
    now = [one["geni_expires"] for one in entries_of(asked)]
    if now and isinstance(asked.params[2], str) and asked.params[2][:19] > max(now)[:19]:
        return refusal(19, "slivers are only renewed to a sooner time")
    return asked.serve()


def _and_starts(asked: Asked) -> object:
    struct = asked.serve()
    asked.serve("PerformOperationalAction", [*asked.params[:2], "geni_start", {}])
    return struct


class _Renewing:
    """Whatever the call is, slivers get another time to live; each time another one."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, asked: Asked) -> object:
        struct = asked.serve()
        self.count += 1
        until = datetime.now(UTC) + timedelta(hours=1, minutes=self.count)
        asked.serve("Renew", [*asked.params[:2], until.isoformat(), {"geni_best_effort": True}])
        return struct


def _latest_alap(asked: Asked) -> None:
    if asked.options.get("geni_extend_alap"):
        asked.params[2] = "2099-01-01T00:00:00Z"


def _no_fraction(asked: Asked) -> object:
    if re.search(r":\d\d\.\d", str(asked.params[2])):
        return refusal(1, "a time has whole seconds")
    return asked.serve()


def _never_stops(asked: Asked) -> object:
    return no_effect(asked) if asked.params[2] == "geni_stop" else asked.serve()


def _never_updates_users(asked: Asked) -> object:
    if asked.params[2] == "geni_update_users" and "geni_users" in asked.options:
        return refusal(13, "accounts stay as they are")
    return asked.serve()


class _Endless:
    """Whatever is told of when slivers end, they do not."""

    def __call__(self, asked: Asked) -> object:
        wish = asked.options.pop("geni_end_time", None)
        if asked.method == "Renew":
            wish, asked.params[2] = asked.params[2], "2099-01-01T00:00:00Z"
            asked.options["geni_extend_alap"] = True
        struct = asked.serve()
        if wish is not None and went_well(struct):
            for one in slivers_of(struct["value"]):
                one["geni_expires"] = wish
        return struct


def _next_always(one: dict[str, Any]) -> None:
    if one["geni_allocation_status"] == "geni_provisioned":
        one["geni_next_allocation_status"] = "geni_provisioned"


def _one_form(asked: Asked) -> object:
    return refusal(1, "four arguments are expected") if len(asked.params) > 4 else asked.serve()


def _grumbles(asked: Asked) -> object:
    """In best effort everything has some error."""
    struct = asked.serve()
    if asked.options.get("geni_best_effort") and went_well(struct):
        for one in slivers_of(struct["value"]):
            one["geni_error"] = one["geni_error"] or "it could have been worse"
    return struct


def _keeps_new(asked: Asked) -> object:
    """Cancel leaves what is allocated."""
    urns = urns_of(entries_of(asked), geni_allocation_status="geni_updating")
    return asked.serve(params=[urns, *asked.params[1:]]) if urns else asked.serve()


def _second_delete_faults(asked: Asked) -> object:
    struct = asked.serve()
    if struct["code"]["geni_code"] == 12:
        raise Fault(12, "KeyError")
    return struct


def _same_component(root: etree._Element) -> None:
    nodes = [one for one in root.iter(f"{RSPEC}node") if "component_id" in one.attrib]
    for one in nodes[1:]:
        one.set("component_id", nodes[0].get("component_id", ""))


def _bare_extensions(root: etree._Element) -> None:
    for one in root.iter(etree.Element):
        for name in list(one.attrib):
            if "://" in str(name) and "w3.org" not in str(name):
                del one.attrib[name]


def _renamed_interfaces(root: etree._Element) -> None:
    for one in root.iter(f"{RSPEC}interface"):
        one.set("client_id", one.get("client_id", "") + "x")


def _renamed_refs(root: etree._Element) -> None:
    for one in root.iter(f"{RSPEC}interface_ref"):
        one.set("client_id", one.get("client_id", "") + "x")


ROWS: Final = (
    Misbehaviour(
        "prefix-refused",
        "The RSpec namespace may have no prefix.",
        ("request.prefixed",),
        _if_request(r"<\w+:rspec"),
    ),
    Misbehaviour(
        "declaration-refused",
        "A request may have no XML declaration.",
        ("request.declared",),
        _if_request(r"^\s*<\?xml "),
    ),
    Misbehaviour(
        "comments-refused",
        "A request may have no comments.",
        ("request.commented",),
        _if_request("<!--"),
    ),
    Misbehaviour(
        "dates-refused", "A request may not be dated.", ("request.dated",), _if_request("generated")
    ),
    Misbehaviour(
        "location-refused",
        "A request may not name its schema.",
        ("request.located",),
        _if_request("schemaLocation"),
    ),
    Misbehaviour(
        "sliver-id-refused",
        "A request may have no sliver_id.",
        ("request.sliver-id",),
        _if_request("sliver_id"),
    ),
    Misbehaviour(
        "unbound-refused",
        "Each node must name its component.",
        ("request.unbound", "fed4fire.unbound"),
        _if_request(r"^(?!.*component_id)(?s:.*)"),
    ),
    Misbehaviour(
        "others-refused",
        "A request may have no nodes of other aggregates.",
        ("request.others-beside",),
        _if_request(r'component_manager_id="(?!urn:publicid:IDN\+gcf\.local\+)'),
    ),
    Misbehaviour(
        "update-form",
        "Update takes one form of arguments only.",
        ("update.five-arguments",),
        instead(_one_form, "Update"),
    ),
    Misbehaviour(
        "padded-keys-refused",
        "A key may not end with a new line.",
        ("logins.padded-keys",),
        _users(lambda one: any(str(key).endswith("\n") for key in one.get("keys", ()))),
    ),
    Misbehaviour(
        "foreign-users-refused",
        "Users must be of our authority.",
        ("logins.foreign-user",),
        _users(lambda one: "+gcf.local+" not in str(one.get("urn"))),
    ),
    Misbehaviour(
        "users-wanted",
        "geni_users may not be left out.",
        ("logins.nobody",),
        instead(_users_wanted, "Provision"),
    ),
    Misbehaviour(
        "one-key",
        "Of each user's keys only the first counts.",
        ("logins.all-keys",),
        asking(_one_key, "Provision"),
    ),
    Misbehaviour(
        "sulking",
        "After a refused request the next one is refused, too.",
        ("allocate.after-refusal",),
        instead(_Sulking(), "Allocate"),
    ),
    Misbehaviour(
        "versions-vary",
        "Each GetVersion answers something else.",
        ("getversion.same-twice", "race.versions"),
        instead(_Counting(), "GetVersion"),
    ),
    Misbehaviour(
        "never-freed",
        "What somebody had once is never said to be available again.",
        (
            "update.delete-frees",
            "update.provision-frees",
            "cancel.frees",
            "delete.frees",
            "times.frees",
        ),
        instead(_Keeping(), "Allocate", "Update", "ListResources"),
        endless=True,
    ),
    Misbehaviour(
        "told-otherwise",
        "Status tells other states than Describe.",
        ("describe.as-status",),
        slivers(lambda one: one.update(geni_operational_status="geni_failed"), "Status"),
    ),
    Misbehaviour(
        "named-twice-told-twice",
        "A sliver that is named twice is told of twice.",
        ("describe.named-twice", "status.named-twice"),
        instead(_doubled, "Status", "Describe"),
    ),
    Misbehaviour(
        "never-seen-forbidden",
        "A slice that was never seen is forbidden.",
        ("status.never-seen", "renew.nothing-there", "cancel.empty-slice"),
        recoded(12, 3),
    ),
    Misbehaviour(
        "provision-renews",
        "Provision changes when slivers expire that it is not about.",
        ("provision.twice",),
        instead(_Renewing(), "Provision"),
    ),
    Misbehaviour(
        "renew-never-later",
        "Renew to a later time is refused.",
        ("renew.longer-again",),
        instead(_not_later, "Renew"),
    ),
    Misbehaviour(
        "renew-all",
        "Renew of one sliver renews all.",
        ("renew.only-named",),
        on_all("Renew"),
    ),
    Misbehaviour(
        "renew-starts",
        "Renew starts slivers.",
        ("renew.states-stay",),
        instead(_and_starts, "Renew"),
    ),
    Misbehaviour(
        "renew-alap-latest",
        "geni_extend_alap always gives the latest time.",
        ("renew.alap-within",),
        asking(_latest_alap, "Renew"),
    ),
    Misbehaviour(
        "renew-no-fraction",
        "A time may have no fraction of a second.",
        ("renew.with-fraction",),
        instead(_no_fraction, "Renew"),
    ),
    Misbehaviour(
        "action-renews",
        "An action changes when slivers expire.",
        ("perform.allocation-stays",),
        instead(_Renewing(), "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-on-all",
        "An action on one sliver is one on all.",
        ("perform.only-named",),
        on_all("PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-never-stops",
        "geni_stop does nothing.",
        ("perform.stop", "perform.start-again"),
        instead(_never_stops, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-no-users",
        "geni_update_users is never taken.",
        ("perform.users-updated",),
        instead(_never_updates_users, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "action-users-anywhere",
        "geni_update_users is taken where nothing runs.",
        ("perform.users-not-ready",),
        accepting(7, as_they_are, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "endless",
        "Slivers do not end when they are said to.",
        (
            "times.allocated-ends",
            "times.provisioned-ends",
            "times.running-ends",
            "times.expired-unknown",
            "renew.allocated-limit",
        ),
        instead(_Endless(), "Allocate", "Provision", "Renew", "Update"),
        endless=True,
    ),
    Misbehaviour(
        "next-never-empty",
        "geni_next_allocation_status of provisioned slivers is not empty.",
        (
            "update.provisioned-next-empty",
            "update.next-empty-in-describe",
            "update.next-empty-in-status",
            "update.next-empty-in-renew",
            "cancel.next-empty",
        ),
        slivers(_next_always),
    ),
    Misbehaviour(
        "best-effort-grumbles",
        "In best effort there is an error where nothing failed.",
        ("update.best-effort-all-fine", "provision.best-effort-all-fine"),
        instead(_grumbles, *BEST_EFFORT, "Update", "Cancel"),
    ),
    Misbehaviour(
        "update-end-time-ignored",
        "Update ignores geni_end_time.",
        ("update.end-time-malformed",),
        without_option("geni_end_time", "Update"),
    ),
    Misbehaviour(
        "describe-cancelled-always",
        "Describe always tells what Cancel would leave.",
        ("update.describe-pending", "update.describe-default"),
        with_option("geni_cancelled", True, "Describe"),
    ),
    Misbehaviour(
        "cancel-all",
        "Cancel of one sliver cancels all.",
        ("cancel.one-of-two",),
        on_all("Cancel"),
    ),
    Misbehaviour(
        "cancel-keeps-new",
        "Cancel leaves what an Update added.",
        ("cancel.new-of-update-goes",),
        instead(_keeps_new, "Cancel"),
    ),
    Misbehaviour(
        "cancel-entries",
        "Cancel does not tell when slivers expire.",
        ("cancel.entries-complete",),
        slivers(lambda one: one.pop("geni_expires"), "Cancel"),
    ),
    Misbehaviour(
        "delete-again-fault",
        "Delete of what is gone gets a Fault.",
        ("race.deleted-twice",),
        instead(_second_delete_faults, "Delete"),
    ),
    Misbehaviour(
        "one-component",
        "All nodes are said to be on one component.",
        ("manifest.exclusives-differ",),
        manifests(elements(_same_component)),
    ),
    Misbehaviour(
        "extension-attributes-dropped",
        "Attributes of unknown namespaces are missing.",
        ("manifest.extension-attributes",),
        manifests(elements(_bare_extensions)),
    ),
    Misbehaviour(
        "interfaces-renamed",
        "Interfaces have other client_ids than asked.",
        ("manifest.interfaces",),
        manifests(elements(_renamed_interfaces)),
    ),
    Misbehaviour(
        "link-ends-renamed",
        "Links end at interfaces that no node has.",
        ("manifest.link-ends",),
        manifests(elements(_renamed_refs)),
    ),
    Misbehaviour(
        "addresses-dropped",
        "Addresses of interfaces are missing.",
        ("manifest.addresses",),
        manifests(drop_elements(named("ip"))),
    ),
    Misbehaviour(
        "manifest-no-location",
        "The manifest names no schema.",
        ("manifest.schema-location",),
        manifests(drop_location),
    ),
    Misbehaviour(
        "ad-no-hardware",
        "Nodes have no hardware type.",
        ("fed4fire.hardware-types",),
        advertisements(drop_elements(named("hardware_type"))),
    ),
    Misbehaviour(
        "ad-no-images",
        "Sliver types have no disk images.",
        ("fed4fire.disk-images",),
        advertisements(drop_elements(named("disk_image"))),
    ),
    Misbehaviour(
        "ad-no-location",
        "Nodes tell no country.",
        ("fed4fire.countries",),
        advertisements(drop_elements(named("location"))),
    ),
    Misbehaviour(
        "credential-type-odd",
        "A credential type has a blank.",
        ("draft.credential-type-characters",),
        told(
            lambda v: {
                **v,
                "geni_credential_types": [
                    *v["geni_credential_types"],
                    {"geni_type": "my own", "geni_version": "1"},
                ],
            },
            "GetVersion",
        ),
    ),
    Misbehaviour(
        "version-not-ascii",
        "GetVersion is not ASCII.",
        ("draft.ascii-version",),
        told(lambda v: {**v, "urn": v["urn"] + "é"}, "GetVersion"),
    ),
    Misbehaviour(
        "slivers-not-ascii",
        "What is told of slivers is not ASCII.",
        ("draft.ascii-slivers",),
        slivers(lambda one: one.update(geni_error="é")),
    ),
)
