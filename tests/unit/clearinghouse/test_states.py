"""What the state of an operation of the Federation API does at run time."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from gcf_am.clearinghouse.federation import Federation
from gcf_am.clearinghouse.handlers import SR, Handlers
from gcf_am.surface.ch_v2 import REGISTRY
from gcf_am.surface.lifecycle import Lifecycle
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_response, write_call
from tests.surface.lives import GONE, OLD, TRIAL, counted
from tests.unit.clearinghouse.house import House

ROOTS = "get_trust_roots"


def handlers(name: str, life: Lifecycle, *, gone: bool = False) -> Handlers:
    """The registry with another life of one operation, or of one older name."""
    operations = tuple(
        replace(one, life=life)
        if one.name == name
        else replace(
            one,
            old_names=tuple(
                replace(old, life=life) if old.name == name else old for old in one.old_names
            ),
        )
        for one in REGISTRY.operations
    )
    made = Handlers(replace(REGISTRY, operations=operations))
    made._bound = {key: one for key, one in SR._bound.items() if not (gone and key == name)}
    return made


def call(quiet: House, served: Handlers, name: str, *parameters: object) -> Any:
    call = Call(write_call(name, parameters))
    return read_response(Federation(served, quiet.desk).answer(call))


def test_what_is_deprecated_works_with_advice(
    quiet: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = quiet.done("SR", None, ROOTS)
    answer = call(quiet, handlers(ROOTS, OLD), ROOTS)
    assert (answer["code"], answer["value"]) == (0, before)
    told = "is deprecated: It is slow. Use am/3/Status instead."
    assert answer["output"] == f"{ROOTS} {told}"
    old = call(quiet, handlers("lookup_aggregates", OLD), "lookup_aggregates", {})
    assert (old["code"], old["output"]) == (0, f"lookup_aggregates {told}")
    assert call(quiet, handlers(ROOTS, TRIAL), ROOTS)["output"] == ""
    assert counted(caplog) == {
        "deprecated": {"ch/2/SR/get_trust_roots": 1, "ch/2/SR/lookup/SERVICE/lookup_aggregates": 1}
    }


def test_what_is_removed_gives_advice_and_no_fault(
    quiet: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    told = "is removed: It is unsafe. Use am/3/Status instead."
    answer = call(quiet, handlers(ROOTS, GONE, gone=True), ROOTS)
    assert answer["code"] == 100
    assert f"{ROOTS} {told}" in answer["output"]
    old = call(quiet, handlers("lookup_aggregates", GONE), "lookup_aggregates", {})
    assert (old["code"], f"lookup_aggregates {told}" in old["output"]) == (100, True)
    assert counted(caplog) == {
        "removed": {"ch/2/SR/get_trust_roots": 1, "ch/2/SR/lookup/SERVICE/lookup_aggregates": 1}
    }


def test_what_is_removed_has_no_handler(quiet: House) -> None:
    with pytest.raises(TypeError, match=ROOTS):
        Federation(handlers(ROOTS, GONE), quiet.desk)
    with pytest.raises(TypeError, match=ROOTS):
        Federation(handlers(ROOTS, OLD, gone=True), quiet.desk)
