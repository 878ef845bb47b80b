"""What is wrong with Update and Cancel of the version 4 draft."""

from __future__ import annotations

from typing import Any, Final

from tests.sabotage.bends import (
    GENI3,
    accepting,
    empty,
    entries_of,
    instead,
    listed,
    manifests,
    on_all,
    recoded,
    refusal,
    slice_of,
    slivers,
    slivers_of,
    told,
    untold,
    urns_of,
    went_well,
    without_option,
)
from tests.sabotage.board import Asked, Misbehaviour


def _then(method: str, *more: object) -> Any:
    """The call, and after a success another one on the slice."""

    def both(asked: Asked) -> object:
        struct = asked.serve()
        if went_well(struct):
            asked.serve(method, [slice_of(asked), asked.params[1], *more])
        return struct

    return both


def _first(method: str, *more: object) -> Any:
    """Another call on the slice, and then the call."""

    def both(asked: Asked) -> object:
        asked.serve(method, [slice_of(asked), asked.params[1], *more])
        return asked.serve()

    return both


def _touches_others(asked: Asked) -> object:
    """Slivers that were not named are stopped, too."""
    struct = asked.serve()
    if went_well(struct):
        named = urns_of(slivers_of(struct["value"]))
        others = [one for one in urns_of(entries_of(asked, slice_of(asked))) if one not in named]
        if others:
            asked.serve("Delete", [others, asked.params[1], {}])
    return struct


def _state(state: str, *methods: str) -> Any:
    return slivers(lambda one: one.update(geni_allocation_status=state), *methods)


def _does_nothing(asked: Asked) -> object:
    return asked.serve("Describe", [asked.params[0], asked.params[1], GENI3])


def _only_where_slivers(asked: Asked) -> object:
    return asked.serve() if entries_of(asked) else refusal(12, "nothing to be updated")


def _requests_only(asked: Asked) -> object:
    if 'type="manifest"' in str(asked.params[2]):
        return refusal(1, "a request is expected")
    return asked.serve()


def _once(asked: Asked) -> object:
    states = [one["geni_allocation_status"] for one in entries_of(asked, slice_of(asked))]
    return refusal(14, "an Update is pending") if "geni_updating" in states else asked.serve()


def _not_while_updating(asked: Asked) -> object:
    states = [one["geni_allocation_status"] for one in entries_of(asked)]
    return refusal(14, "an Update is pending") if "geni_updating" in states else asked.serve()


def _keeps_marked(asked: Asked) -> object:
    """What an Update left out stays: it is cancelled before the rest is provisioned."""
    marked = urns_of(
        entries_of(asked),
        geni_allocation_status="geni_updating",
        geni_next_allocation_status="geni_unallocated",
    )
    if marked:
        asked.serve("Cancel", [marked, asked.params[1], {}])
    return asked.serve()


def _operational(one: dict[str, Any]) -> None:
    if one["geni_allocation_status"] == "geni_updating":
        one["geni_operational_status"] = "geni_configuring"


def _next_none(one: dict[str, Any]) -> None:
    one["geni_next_allocation_status"] = ""


def _expiry(one: dict[str, Any]) -> None:
    if one["geni_allocation_status"] == "geni_updating":
        one["geni_expires"] = one["geni_expires"][:17] + "59Z"


def _gone_at_once(asked: Asked) -> object:
    struct = asked.serve()
    if went_well(struct):
        changed = slivers_of(struct["value"])
        going = urns_of(changed, geni_next_allocation_status="geni_unallocated")
        if going:
            asked.serve("Delete", [going, asked.params[1], {}])
    return struct


def _cancel_first(asked: Asked) -> object:
    updating = urns_of(entries_of(asked), geni_allocation_status="geni_updating")
    if updating:
        asked.serve("Cancel", [updating, asked.params[1], {}])
    return asked.serve()


ROWS: Final = (
    Misbehaviour(
        "update-touches-others",
        "Update deletes slivers that were not named.",
        ("update.unnamed-untouched",),
        instead(_touches_others, "Update"),
    ),
    Misbehaviour(
        "update-at-once",
        "Update makes changes at once, without Provision.",
        ("update.provisioned-becomes-updating",),
        instead(_then("Provision", GENI3), "Update"),
    ),
    Misbehaviour(
        "update-no-effect",
        "Update changes nothing.",
        (
            "update.next-is-provisioned",
            "update.all-named-are-updating",
            "update.shows-the-change",
            "update.allocated-at-once",
            "update.absent-is-marked",
            "update.absent-allocated-goes",
            "update.new-is-allocated",
        ),
        instead(_does_nothing, "Update"),
    ),
    Misbehaviour(
        "update-of-all",
        "Update of one sliver is taken for one of the slice.",
        ("update.outside-urns-unchanged",),
        on_all("Update"),
    ),
    Misbehaviour(
        "update-changes-expiry",
        "Update changes when provisioned slivers expire.",
        ("update.expiry-kept", "update.second-keeps-state"),
        slivers(_expiry, "Update", "Status", "Describe"),
    ),
    Misbehaviour(
        "update-changes-operation",
        "Update changes the operational state.",
        ("update.operational-status-kept",),
        slivers(_operational, "Update", "Status", "Describe"),
    ),
    Misbehaviour(
        "update-next-missing",
        "geni_next_allocation_status is empty while updating.",
        ("update.allocated-next", "update.next-while-updating"),
        slivers(_next_none, "Update", "Status", "Describe"),
    ),
    Misbehaviour(
        "update-state",
        "Slivers that are updating are said to be provisioned.",
        ("update.absent-allocated-listed",),
        _state("geni_provisioned", "Update"),
    ),
    Misbehaviour(
        "update-no-manifest",
        "Update gives no manifest.",
        ("update.returns-rspec-and-slivers", "update.manifest-valid"),
        told(lambda v: {"geni_slivers": v["geni_slivers"]}, "Update"),
    ),
    Misbehaviour(
        "update-tells-nothing",
        "Update tells of no slivers.",
        ("update.entries-complete", "update.allocated-fresh-expiry"),
        listed(lambda _all: [], "Update"),
    ),
    Misbehaviour(
        "update-urns-optional",
        "Update takes empty urns.",
        ("update.empty-urns", "update.urns-no-array"),
        accepting(1, empty, "Update"),
    ),
    Misbehaviour(
        "update-unknown",
        "Update of an unknown sliver is a success.",
        ("update.unknown-sliver", "update.too-much-changes-nothing"),
        accepting(12, empty, "Update"),
    ),
    Misbehaviour(
        "update-needs-slivers",
        "Update of a slice without slivers is refused.",
        ("update.empty-slice-allocates", "update.empty-slice-ignores-ids"),
        instead(_only_where_slivers, "Update"),
    ),
    Misbehaviour(
        "update-requests-only",
        "Update takes no manifest.",
        ("update.manifest-is-a-request",),
        instead(_requests_only, "Update"),
    ),
    Misbehaviour(
        "update-once",
        "A second Update is refused.",
        ("update.second-replaces",),
        instead(_once, "Update"),
    ),
    Misbehaviour(
        "update-best-effort-ignored",
        "Update and Cancel ignore geni_best_effort.",
        (
            "update.unknown-sliver-best-effort",
            "update.best-effort-partly",
            "cancel.unknown-sliver-best-effort",
        ),
        without_option("geni_best_effort", "Update", "Cancel"),
    ),
    Misbehaviour(
        "update-removed-at-once",
        "What an Update leaves out is gone at once.",
        ("update.absent-lives-until-provision",),
        instead(_gone_at_once, "Update"),
    ),
    Misbehaviour(
        "provision-keeps-marked",
        "Provision keeps what an Update left out.",
        ("update.provision-ends-marked",),
        instead(_keeps_marked, "Provision"),
    ),
    Misbehaviour(
        "provision-cancels",
        "Provision undoes an Update instead of carrying it out.",
        ("update.provision-commits",),
        instead(_cancel_first, "Provision"),
    ),
    Misbehaviour(
        "cancel-deletes",
        "Cancel deletes provisioned slivers, too.",
        ("cancel.operational-status-kept", "cancel.expiry-kept", "cancel.ignores-provisioned"),
        instead(_then("Delete", {}), "Cancel"),
    ),
    Misbehaviour(
        "cancel-no-effect",
        "Cancel does nothing.",
        ("cancel.allocated-deleted",),
        instead(_does_nothing, "Cancel"),
    ),
    Misbehaviour(
        "cancel-provisions",
        "Cancel carries the Update out.",
        ("cancel.manifest-as-before", "cancel.marked-stays", "cancel.original-after-two"),
        instead(_first("Provision", GENI3), "Cancel"),
    ),
    Misbehaviour(
        "cancel-state",
        "What was cancelled is said to be updating still.",
        ("cancel.provisioned-again", "cancel.allocated-listed"),
        _state("geni_updating", "Cancel"),
    ),
    Misbehaviour(
        "cancel-no-urn",
        "Cancel does not tell the slice.",
        ("cancel.returns-rspec-urn-slivers",),
        untold("geni_urn", "Cancel"),
    ),
    Misbehaviour(
        "cancel-no-manifest",
        "Cancel gives no manifest.",
        ("cancel.manifest-valid",),
        untold("geni_rspec", "Cancel"),
    ),
    Misbehaviour(
        "cancel-unknown",
        "Cancel of an unknown sliver is a success.",
        ("cancel.unknown-sliver",),
        accepting(12, empty, "Cancel"),
    ),
    Misbehaviour(
        "cancelled-ignored",
        "geni_cancelled is ignored.",
        ("update.describe-cancelled", "update.describe-cancelled-omits"),
        without_option("geni_cancelled", "Describe"),
    ),
    Misbehaviour(
        "delete-not-while-updating",
        "Delete of what is updating is refused.",
        ("update.delete-updating", "update.delete-mixed"),
        instead(_not_while_updating, "Delete"),
    ),
    Misbehaviour(
        "renew-not-while-updating",
        "Renew of what is updating is refused.",
        ("update.renew-updating",),
        instead(_not_while_updating, "Renew"),
    ),
    Misbehaviour(
        "action-while-updating",
        "Actions on what is updating give 2.",
        ("update.action-refused",),
        recoded(14, 0, "PerformOperationalAction"),
    ),
    Misbehaviour(
        "update-preserve-odd",
        "What an Update preserves is told with a word of our own.",
        ("update.preserve-legal",),
        manifests(lambda text: text.replace('guarantee="', 'guarantee="surely-'), "Update"),
    ),
)
