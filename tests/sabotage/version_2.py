"""What is wrong with version 2 of the API."""

from __future__ import annotations

from typing import Any, Final

from tests.sabotage.bends import answered, instead, refusal, success, told
from tests.sabotage.board import Asked, Bend, Misbehaviour


def _status(change: Any) -> Bend:
    def changed(value: Any) -> Any:
        change(value)
        return value

    return told(changed, "SliverStatus", version=2)


def _no_bare_strings(asked: Asked) -> object:
    if any(isinstance(one, list) and one and isinstance(one[0], str) for one in asked.params[1:2]):
        return refusal(1, "credentials are structs")
    return asked.serve()


def _everything_well(asked: Asked) -> object:
    struct = asked.serve()
    return success(True) if struct["code"]["geni_code"] else struct


def _without_slice(asked: Asked) -> object:
    asked.options.pop("geni_slice_urn", None)
    return asked.serve()


ROWS: Final = (
    Misbehaviour(
        "v2-api-number",
        "GetVersion of version 2 says 3.",
        (),
        answered(lambda s: s["value"].update(geni_api=3), "GetVersion", version=2),
    ),
    Misbehaviour(
        "v2-api-beside",
        "GetVersion of version 2 has no geni_api beside its value.",
        (),
        answered(lambda struct: struct.pop("geni_api"), "GetVersion", version=2),
    ),
    Misbehaviour(
        "v2-manifest-struct",
        "CreateSliver gives a struct.",
        (),
        told(lambda text: {"geni_rspec": text}, "CreateSliver", version=2),
    ),
    Misbehaviour(
        "v2-manifest-type",
        "CreateSliver gives a request back.",
        (),
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
        (),
        _status(lambda value: value.update(geni_status="ok")),
    ),
    Misbehaviour(
        "v2-status-no-resources",
        "SliverStatus has no geni_resources.",
        (),
        _status(lambda value: value.pop("geni_resources")),
    ),
    Misbehaviour(
        "v2-status-no-urn",
        "SliverStatus has no geni_urn.",
        (),
        _status(lambda value: value.pop("geni_urn")),
    ),
    Misbehaviour(
        "v2-status-resource-error",
        "A resource in SliverStatus has no geni_error.",
        (),
        _status(lambda value: [one.pop("geni_error") for one in value["geni_resources"]]),
    ),
    Misbehaviour(
        "v2-never-ready",
        "Nodes are configuring for ever.",
        (),
        _status(lambda value: value.update(geni_status="configuring")),
    ),
    Misbehaviour(
        "v2-renew-list",
        "RenewSliver gives a list.",
        (),
        told(lambda _value: [], "RenewSliver", version=2),
    ),
    Misbehaviour(
        "v2-renew-beyond",
        "RenewSliver beyond what is granted is said to have gone well.",
        (),
        instead(_everything_well, "RenewSliver", version=2),
    ),
    Misbehaviour(
        "v2-delete-no-effect",
        "DeleteSliver does nothing.",
        (),
        instead(lambda _asked: success(True), "DeleteSliver", version=2),
    ),
    Misbehaviour(
        "v2-delete-list",
        "DeleteSliver gives a list.",
        (),
        told(lambda _value: [], "DeleteSliver", version=2),
    ),
    Misbehaviour(
        "v2-create-twice",
        "CreateSliver on a slice with slivers gives an empty success.",
        (),
        instead(_everything_well, "CreateSliver", version=2),
    ),
    Misbehaviour(
        "v2-bare-refused",
        "Version 2 takes no credentials that are bare strings.",
        (),
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
        (),
        instead(_everything_well, "ListResources", version=2),
    ),
    Misbehaviour(
        "v2-no-slice-manifest",
        "ListResources of version 2 ignores geni_slice_urn.",
        (),
        instead(_without_slice, "ListResources", version=2),
    ),
)
