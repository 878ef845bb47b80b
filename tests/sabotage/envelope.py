"""What is wrong with the return struct, with Faults, and with how arguments are taken."""

from __future__ import annotations

import xmlrpc.client
from typing import Any, Final

from gcf_am.xmlrpc.fault import Fault
from gcf_am.xmlrpc.server import request
from tests.sabotage.bends import (
    EVERY,
    ON_SLICES,
    accepting,
    answered,
    instead,
    recoded,
    refusal,
    refused,
    slivers,
    success,
    told,
    went_well,
)
from tests.sabotage.board import Asked, Bend, Crash, Misbehaviour, Replaced

_KNOWN: Final = frozenset(
    [
        "geni_rspec_version",
        "geni_available",
        "geni_compressed",
        "geni_end_time",
        "geni_best_effort",
        "geni_users",
        "geni_extend_alap",
        "geni_cancelled",
        "geni_speaking_for",
        "geni_slice_urn",
    ]
)
_TRACEBACK: Final = 'Traceback (most recent call last):\n  File "am3.py", line 7, in f\nKeyError: 1'


def _fault(struct: Any) -> None:
    raise Fault(struct["code"]["geni_code"], struct["output"])


def _fault_for(*codes: int) -> Any:
    def raised(struct: Any) -> None:
        if struct["code"]["geni_code"] in codes:
            _fault(struct)

    return refused(raised)


def _code(change: Any) -> Any:
    return answered(lambda struct: change(struct["code"]))


def _unknown_option(asked: Asked) -> object:
    odd = asked.options.keys() - _KNOWN
    return refusal(1, f"unknown options: {odd}") if odd else asked.serve()


def _no_call(asked: Asked) -> object:
    if not asked.method:
        raise Crash
    return asked.plain()


def _unknown_method(asked: Asked) -> object:
    return refusal(1, "no such method") if asked.method not in EVERY else asked.plain()


def _bare(asked: Asked) -> object:
    struct = asked.serve()
    return struct["value"] if went_well(struct) else struct


def _booleans_only(asked: Asked) -> object:
    flags = {"geni_available", "geni_compressed", "geni_best_effort", "geni_extend_alap"}
    if any(type(value) is not bool for name, value in asked.options.items() if name in flags):
        return refusal(1, "a boolean is expected")
    return asked.serve()


def _missing_options_crash(asked: Asked) -> object:
    struct = asked.serve()
    if not went_well(struct) and asked.params and not isinstance(asked.params[-1], dict):
        raise Fault(1, "TypeError: missing argument: options")
    return struct


def _binary(value: Any) -> Any:
    if isinstance(value, dict) and "geni_rspec" in value:
        return {**value, "geni_rspec": xmlrpc.client.Binary(value["geni_rspec"].encode())}
    return value


def _date(one: dict[str, Any]) -> None:
    one["geni_expires"] = xmlrpc.client.DateTime(one["geni_expires"][:19].replace("-", ""))


ROWS: Final = (
    Misbehaviour(
        "code-as-string",
        "geni_code is a string.",
        ("transport.code-is-int",),
        _code(lambda code: code.update(geni_code=str(code["geni_code"]))),
    ),
    Misbehaviour(
        "code-as-boolean",
        "geni_code of a success is false.",
        ("transport.code-is-int",),
        _code(lambda code: code.update(geni_code=code["geni_code"] or False)),
    ),
    Misbehaviour(
        "code-bare",
        "code is the number itself instead of a struct.",
        ("transport.code-is-int",),
        answered(lambda struct: struct.update(code=struct["code"]["geni_code"])),
    ),
    Misbehaviour(
        "code-missing",
        "The return struct has no code.",
        ("transport.struct-members",),
        answered(lambda s: s.pop("code")),
    ),
    Misbehaviour(
        "value-missing",
        "The return struct of a refusal has no value.",
        ("transport.struct-members",),
        refused(lambda struct: struct.pop("value")),
    ),
    Misbehaviour(
        "output-missing",
        "The return struct of a success has no output.",
        ("transport.struct-members",),
        answered(lambda struct: struct.pop("output") if went_well(struct) else None),
    ),
    Misbehaviour(
        "output-nil",
        "output of a success is nil.",
        ("transport.output-is-text",),
        answered(lambda struct: struct.update(output=None) if went_well(struct) else None),
    ),
    Misbehaviour(
        "output-empty",
        "A refusal does not say why.",
        ("transport.reasons",),
        refused(lambda struct: struct.update(output="")),
    ),
    Misbehaviour(
        "output-traceback",
        "A refusal shows the program's inside.",
        ("transport.no-leaks",),
        refused(lambda struct: struct.update(output=_TRACEBACK)),
    ),
    Misbehaviour(
        "value-nil",
        "The value of a refusal is nil.",
        ("transport.plain-values",),
        refused(lambda struct: struct.update(value=None)),
    ),
    Misbehaviour(
        "fault-for-refusal",
        "Every refusal is a Fault.",
        (
            "transport.missing-arguments-listresources",
            "transport.surplus-arguments-describe",
            "transport.wrong-first-renew",
            "transport.options-are-a-struct-status",
            "race.loser-is-told",
            "request.unknown-sliver-type",
            "request.others-component",
            "request.unknown-shared-vlan",
        ),
        refused(_fault),
    ),
    Misbehaviour(
        "fault-for-bad-arguments",
        "Wrong arguments get a Fault.",
        (
            "transport.missing-arguments-allocate",
            "transport.wrong-first-allocate",
            "transport.surplus-arguments-allocate",
            "transport.options-are-a-struct-allocate",
            "transport.options-are-a-struct-delete",
            "transport.options-are-a-struct-listresources",
            "transport.options-are-a-struct-performoperationalaction",
            "transport.options-are-a-struct-renew",
            "transport.options-are-a-struct-shutdown",
            "transport.surplus-arguments-delete",
            "transport.surplus-arguments-listresources",
            "transport.surplus-arguments-performoperationalaction",
            "transport.surplus-arguments-provision",
            "transport.surplus-arguments-renew",
            "transport.surplus-arguments-shutdown",
            "transport.surplus-arguments-status",
            "transport.wrong-first-listresources",
            "transport.wrong-first-performoperationalaction",
        ),
        _fault_for(1),
    ),
    Misbehaviour(
        "fault-for-forbidden",
        "What is forbidden gets a Fault.",
        ("listresources.no-credential",),
        _fault_for(3),
    ),
    Misbehaviour(
        "fault-for-unknown",
        "What is not there gets a Fault.",
        ("status.unknown-sliver",),
        _fault_for(12),
    ),
    Misbehaviour(
        "struct-for-anything",
        "A success is its bare value, without a return struct.",
        ("getversion.value-is-struct",),
        instead(_bare),
    ),
    Misbehaviour(
        "am-type-hyphen",
        "am_type is not alphanumeric.",
        ("transport.am-type",),
        _code(lambda code: code.update(am_type="gcf-am")),
    ),
    Misbehaviour(
        "am-type-other",
        "am_type is none of geni_am_type.",
        ("draft.am-types-agree", "draft.am-types-agree-when-refused"),
        _code(lambda code: code.update(am_type="protogeni")),
    ),
    Misbehaviour(
        "am-code-text",
        "am_code is text.",
        ("transport.am-code",),
        _code(lambda code: code.update(am_code="fine")),
    ),
    Misbehaviour(
        "error-nil",
        "geni_error is nil where there is none.",
        ("status.shape",),
        slivers(lambda one: one.update(geni_error=one["geni_error"] or None)),
    ),
    Misbehaviour(
        "dates-typed",
        "geni_expires is a dateTime.iso8601.",
        ("times.dates-told",),
        slivers(_date),
    ),
    Misbehaviour(
        "rspec-base64",
        "geni_rspec is base64 of XML-RPC.",
        ("allocate.shape",),
        told(_binary),
    ),
    Misbehaviour(
        "unknown-option-refused",
        "An option that nobody knows fails the call.",
        (
            "allocate.unknown-option",
            "describe.unknown-option",
            "status.unknown-option",
            "provision.unknown-option",
            "renew.unknown-option",
            "perform.unknown-option",
            "delete.unknown-option",
            "listresources.unknown-option",
            "update.unknown-option",
            "cancel.unknown-option",
        ),
        instead(_unknown_option),
    ),
    Misbehaviour(
        "unknown-option-refused-by-getversion",
        "GetVersion fails with an option.",
        ("getversion.unknown-option",),
        instead(_unknown_option, "GetVersion"),
    ),
    Misbehaviour(
        "booleans-strict",
        "0 and 1 are not understood as booleans.",
        ("transport.int-as-boolean",),
        instead(_booleans_only),
    ),
    Misbehaviour(
        "bad-arguments-as-error",
        "Wrong arguments give 2 instead of 1.",
        (
            "describe.urns-no-urn",
            "status.urns-user",
            "describe.urns-cut-off",
            "status.urns-blank",
            "describe.urns-number",
            "transport.missing-arguments-describe",
            "transport.wrong-first-describe",
            "transport.options-are-a-struct-describe",
        ),
        recoded(1, 2),
    ),
    Misbehaviour(
        "bad-arguments-as-server-error",
        "Wrong arguments give 5.",
        (
            "transport.missing-arguments-provision",
            "transport.wrong-first-provision",
            "transport.options-are-a-struct-provision",
        ),
        recoded(1, 5),
    ),
    Misbehaviour(
        "forbidden-as-error",
        "What is forbidden gives 2.",
        ("describe.of-another-slice", "status.of-another-slice"),
        recoded(3, 2),
    ),
    Misbehaviour(
        "unknown-as-error",
        "What is not there gives 2, components too.",
        ("allocate.unknown-component",),
        recoded(12, 2),
    ),
    Misbehaviour(
        "version-as-error",
        "Unknown RSpec versions give 1.",
        ("listresources.other-number",),
        recoded(4, 1),
    ),
    Misbehaviour(
        "unsupported-as-error",
        "What is unsupported gives 2.",
        ("perform.allocated",),
        recoded(13, 2),
    ),
    Misbehaviour(
        "out-of-range-as-error",
        "What lasts too long gives 2.",
        ("renew.out-of-range",),
        recoded(19, 2),
    ),
    Misbehaviour(
        "missing-options-crash",
        "A call without its options gets a Fault.",
        (
            "update.options-missing",
            "cancel.options-missing",
            "transport.missing-arguments-renew",
            "transport.missing-arguments-status",
            "transport.missing-arguments-performoperationalaction",
            "transport.missing-arguments-delete",
            "transport.missing-arguments-shutdown",
        ),
        instead(_missing_options_crash),
    ),
    Misbehaviour(
        "bad-arguments-accepted",
        "Whatever the arguments are, the call is said to have gone well.",
        (
            "describe.of-two-slices",
            "status.of-two-slices",
            "transport.wrong-first-shutdown",
            "transport.wrong-first-delete",
            "transport.wrong-first-status",
            "describe.urns-blank",
            "describe.urns-user",
            "status.urns-cut-off",
            "status.urns-no-urn",
            "status.urns-number",
            "update.advertisement-as-rspec",
            "update.empty-rspec",
            "update.twin-client-ids",
            "update.unreadable-rspec",
            "update.best-effort-bad-arguments",
            "cancel.empty-urns",
            "cancel.urns-no-array",
            "request.twin-interfaces",
            "request.manifest-as-request",
            "request.twin-in-slice",
        ),
        accepting(1, lambda _asked: success([]), *ON_SLICES),
    ),
    Misbehaviour(
        "malformed-crashes",
        "A body that is no XML-RPC gets HTTP 500.",
        ("transport.malformed-xml",),
        Bend(_no_call),
    ),
    Misbehaviour(
        "malformed-answered",
        "A body that is no XML-RPC gets a return struct.",
        ("transport.no-xml", "transport.empty-body", "transport.no-call", "transport.doctype"),
        Bend(lambda asked: asked.plain() if asked.method else success("")),
    ),
    Misbehaviour(
        "unknown-method-struct",
        "An unknown method gets a return struct instead of a Fault.",
        ("transport.unknown-method",),
        Bend(_unknown_method),
    ),
    Misbehaviour(
        "not-xml",
        "An answer is no XML at all.",
        ("getversion.bare",),
        instead(lambda _asked: b"Bad gateway\n"),
    ),
    Misbehaviour(
        "content-type",
        "Answers are text/html.",
        ("transport.content-type",),
        replaced=(Replaced(request, "_XML", "text/html"),),
    ),
)
