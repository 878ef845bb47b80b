"""A call of the aggregate's API, version 2 or 3, and what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3, RETURN
from gcf_am.surface.codes import NUMBERS
from gcf_am.surface.elements import Extension
from gcf_am.surface.registry import SURFACE
from gcf_am.surface.shapes import Record
from tests.observing.record import SIGHT, Sight

METHODS: Final = {one.name: {method.name: method for method in one.methods} for one in (AM_2, AM_3)}
_NAMESPACES: Final = {
    one.namespace: identity for identity, one in SURFACE.items() if isinstance(one, Extension)
}
_STATES: Final = {
    "geni_allocation_status": "allocation",
    "geni_next_allocation_status": "allocation",
    "geni_operational_status": "operational",
}


def saw_call(
    version: str, name: str, parameters: Sequence[Any], answer: Any, sight: Sight = SIGHT
) -> None:
    """Note it; an answer of what is not declared is strange.

    (1) The method answers a struct, so it is served.
    (2) Its arguments and options were read, where they were as they should be.
    (3) The return struct, the code and the value.
    (4) What the value tells beside its fields: states, and what GetVersion offers.
    """
    method = METHODS[version].get(name)
    where = f"am/{version}/{name}"
    # (1) method
    sight.answered(where)
    if method is None or not isinstance(answer, Mapping):
        return
    code = answer["code"].get("geni_code")
    # (2) parameters
    parameters = method.rearrange(parameters)
    if code == 0:
        for argument, value in zip(method.arguments, parameters, strict=False):
            sight.sent(f"{where}/{argument.name}")
            _sent(argument.name, value, sight)
    options = parameters[-1] if parameters and isinstance(parameters[-1], Mapping) else {}
    for option, value in options.items():
        sight.sent(f"{where}/{option}")
        if option == "geni_rspec_version" and code == 0:
            kind = "ad" if name == "ListResources" else "request"
            sight.sent(f"rspec/{kind}/{value['type'].lower()}/{value['version']}")
    # (3) answer
    whole = {key: answer[key] for key in ("code", "output") if key in answer}
    sight.value(Record(*RETURN), whole, "am/3/return")
    for key in answer.keys() - {"code", "output", "value"}:
        if key not in dict(method.beside):
            sight.strange.add(f"{where} answered {key} beside the return struct")
    sight.answered(f"code/{code}")
    if code == NUMBERS["ERROR"]:
        # checklist 44: the dispatcher answers so for a code that the method does not declare
        sight.strange.add(f"{where} answered ERROR: it failed with a code that it does not declare")
    if (finer := answer["code"].get("am_code")) is not None:
        sight.sent(f"code/{finer}")
    if code == 0:
        sight.value(method.returns, answer["value"], where)
    elif method.hint is not None:
        sight.value(method.hint, answer["value"], where)
    # (4) beside
    _told(answer["value"], sight)


def _sent(name: str, value: Any, sight: Sight) -> None:
    """What an argument of a call that succeeded carried."""
    if name == "action":
        sight.answered(f"action/{value}")
    elif name == "rspec":
        _rspec(value, sight)
    elif name == "credentials":
        for one in value:
            if isinstance(one, Mapping):
                kind, version = one.get("geni_type"), one.get("geni_version")
                sight.sent(f"credential/{kind}/{version}")


def _rspec(text: Any, sight: Sight) -> None:
    for namespace, identity in _NAMESPACES.items():
        if namespace in str(text):
            sight.saw(identity)


def _told(value: Any, sight: Sight) -> None:
    if isinstance(value, str) and "<rspec" in value:
        _rspec(value, sight)
    if isinstance(value, list):
        for one in value:
            _told(one, sight)
    if not isinstance(value, Mapping):
        return
    for name, one in value.items():
        if name in _STATES and one:
            sight.answered(f"{_STATES[name]}/{one}")
        elif name == "geni_credential_types":
            for kind in one:
                sight.answered(f"credential/{kind['geni_type']}/{kind['geni_version']}")
        elif name in {"geni_request_rspec_versions", "geni_ad_rspec_versions"}:
            _versions(name.split("_")[1], one, sight)
        elif name != "gcfam_lifecycle":
            _told(one, sight)


def _versions(kind: str, listed: Any, sight: Sight) -> None:
    for one in listed:
        sight.answered(f"rspec/{kind}/{one['type'].lower()}/{one['version']}")
        for namespace in one["extensions"]:
            sight.answered(_NAMESPACES.get(namespace, f"rspec/ext of {namespace}"))
