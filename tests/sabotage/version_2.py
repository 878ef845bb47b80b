"""What is wrong with version 2 of the API."""

from __future__ import annotations

from typing import Any, Final

from tests.sabotage.bends import (
    answered,
    instead,
    refusal,
    sent,
    success,
    told,
    went_well,
    without_option,
)
from tests.sabotage.board import Asked, Bend, Misbehaviour


def _status(change: Any) -> Bend:
    def changed(value: Any) -> Any:
        change(value)
        return value

    return told(changed, "SliverStatus", version=2)


def _no_bare_strings(asked: Asked) -> object:
    if any(isinstance(one, str) for one in sent(asked)[:1]):
        return refusal(1, "credentials are structs")
    return asked.serve()


def _no_structs(asked: Asked) -> object:
    if any(isinstance(one, dict) for one in sent(asked)[:1]):
        return refusal(1, "credentials are strings")
    return asked.serve()


def _without_options(asked: Asked) -> object:
    return refusal(1, "there are no options") if asked.options else asked.serve()


def _everything_well(asked: Asked) -> object:
    struct = asked.serve()
    return struct if went_well(struct) else success(True)


ROWS: Final = (
    Misbehaviour(
        "v2-api-number",
        "GetVersion of version 2 says 3.",
        ("v2.says-two", "v2.lists-itself"),
        answered(lambda s: s["value"].update(geni_api=3), "GetVersion", version=2),
    ),
    Misbehaviour(
        "v2-api-beside",
        "GetVersion of version 2 has no geni_api beside its value.",
        ("v2.says-two-on-top",),
        answered(lambda struct: struct.pop("geni_api"), "GetVersion", version=2),
    ),
    Misbehaviour(
        "v2-manifest-struct",
        "CreateSliver gives a struct.",
        ("v2.creates", "v2.status-covers"),
        told(lambda text: {"geni_rspec": text}, "CreateSliver", version=2),
    ),
    Misbehaviour(
        "v2-manifest-type",
        "CreateSliver gives a request back.",
        ("v2.same-manifest",),
        told(
            lambda text: text.replace('type="manifest"', 'type="request"'),
            "CreateSliver",
            "ListResources",
            version=2,
        ),
    ),
    Misbehaviour(
        "v2-status-odd",
        "geni_status is none of version 2's.",
        ("v2.status-words", "v2.status-summary"),
        _status(lambda value: value.update(geni_status="ok")),
        endless=True,
    ),
    Misbehaviour(
        "v2-status-no-resources",
        "SliverStatus has no geni_resources.",
        ("v2.three-seen",),
        _status(lambda value: value.pop("geni_resources")),
    ),
    Misbehaviour(
        "v2-status-no-urn",
        "SliverStatus has no geni_urn.",
        ("v2.status-shape",),
        _status(lambda value: value.pop("geni_urn")),
    ),
    Misbehaviour(
        "v2-status-resource-error",
        "A resource in SliverStatus has no geni_error.",
        ("v2.status-shape",),
        _status(lambda value: [one.pop("geni_error") for one in value["geni_resources"]]),
    ),
    Misbehaviour(
        "v2-never-ready",
        "Nodes are configuring for ever.",
        ("v2.becomes-ready",),
        _status(lambda value: value.update(geni_status="configuring")),
        endless=True,
    ),
    Misbehaviour(
        "v2-renew-list",
        "RenewSliver gives a list.",
        ("v2.renews", "v2.renews-alap"),
        told(lambda _value: [], "RenewSliver", version=2),
    ),
    Misbehaviour(
        "v2-renew-beyond",
        "RenewSliver beyond what is granted is said to have gone well.",
        ("v2.renews-beyond", "v2.renews-malformed", "v2.renews-past", "v2.renews-empty"),
        instead(_everything_well, "RenewSliver", version=2),
    ),
    Misbehaviour(
        "v2-delete-no-effect",
        "DeleteSliver does nothing.",
        ("v2.deletes-twice", "v2.three-deleted", "v2.deletes-forbidden", "v2.deletes-frees"),
        instead(lambda _asked: success(True), "DeleteSliver", version=2),
        endless=True,
    ),
    Misbehaviour(
        "v2-delete-list",
        "DeleteSliver gives a list.",
        ("v2.deletes",),
        told(lambda _value: [], "DeleteSliver", version=2),
    ),
    Misbehaviour(
        "v2-create-twice",
        "CreateSliver on a slice with slivers gives an empty success.",
        (
            "v2.creates-again",
            "v2.creates-unreadable",
            "v2.creates-all-or-nothing",
            "v2.creates-without-credentials",
            "v2.creates-for-nobody",
            "v2.creates-without-options",
        ),
        instead(_everything_well, "CreateSliver", version=2),
    ),
    Misbehaviour(
        "v2-bare-refused",
        "Version 2 takes no credentials that are bare strings.",
        ("v2.creates-with-unknown-option", "v2.status-empty"),
        instead(
            _no_bare_strings,
            "CreateSliver",
            "SliverStatus",
            "RenewSliver",
            "DeleteSliver",
            version=2,
        ),
    ),
    Misbehaviour(
        "v2-version-optional",
        "ListResources of version 2 needs no geni_rspec_version.",
        ("v2.lists-without-version", "v2.lists-other-version", "v2.slice-manifest-forbidden"),
        instead(_everything_well, "ListResources", version=2),
    ),
    Misbehaviour(
        "v2-no-slice-manifest",
        "ListResources of version 2 ignores geni_slice_urn.",
        ("v2.slice-manifest", "v2.slice-manifest-empty"),
        without_option("geni_slice_urn", "ListResources", version=2),
    ),
    Misbehaviour(
        "v2-getversion-bare",
        "GetVersion of version 2 takes no options.",
        ("v2.version-unknown-option",),
        instead(_without_options, "GetVersion", version=2),
    ),
    Misbehaviour(
        "v2-ad-not-xml",
        "The advertisement of version 2 is no XML.",
        ("v2.lists", "v2.lists-compressed", "v2.lists-available"),
        told(lambda _text: "no nodes", "ListResources", version=2),
    ),
    Misbehaviour(
        "v2-for-anybody",
        "Version 2 does whatever anybody asks for.",
        ("v2.shuts-no-sliver-down",),
        instead(_everything_well, "ListResources", "SliverStatus", "Shutdown", version=2),
    ),
    Misbehaviour(
        "v2-structs-refused",
        "Version 2 takes no credentials that are structs.",
        ("v2.creates-with-structs",),
        instead(_no_structs, "CreateSliver", version=2),
    ),
)
