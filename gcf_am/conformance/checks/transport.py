"""XML-RPC and the return struct. Source: AM API v3, Common Concepts; the XML-RPC specification."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.judged import faultless
from gcf_am.conformance.trial import Trial

# The verbs of version 3 with how many arguments they take; the first one is an array of the verbs
# here, and a text of the others.
_ARRAYS: Final = {
    "ListResources": 2,
    "Describe": 3,
    "Provision": 3,
    "Renew": 4,
    "Status": 3,
    "PerformOperationalAction": 4,
    "Delete": 3,
}
_TEXTS: Final = {"Allocate": 4, "Shutdown": 3}
_LEAKS: Final = ("Traceback (most recent call last)", 'File "/', "SELECT ", "INSERT INTO")


def _body(trial: Trial, text: str, what: str) -> Answer:
    return trial.post(trial.me, "GetVersion", text.encode(), f"{what}:\n{text}")


def content_type(trial: Trial) -> None:
    told = trial.call("GetVersion").content_type
    trial.expect(told.split(";")[0].strip().lower() == "text/xml", "Content-Type: text/xml", told)


def _no_call(trial: Trial, answer: Answer) -> None:
    told = answer.fault is not None or 400 <= answer.status < 500
    trial.expect(told, "an XML-RPC Fault, or HTTP 4xx", answer.brief)
    trial.expect(trial.call("GetVersion").code == 0, "and it goes on answering", "it does not")


def malformed(trial: Trial) -> None:
    _no_call(trial, _body(trial, "<methodCall><methodName>GetVersion", "XML that is cut off"))


def no_xml(trial: Trial) -> None:
    _no_call(trial, _body(trial, "GetVersion", "a body that is no XML"))


def empty_body(trial: Trial) -> None:
    _no_call(trial, _body(trial, "", "an empty body"))


def no_call(trial: Trial) -> None:
    _no_call(trial, _body(trial, "<methodResponse/>", "XML that is no methodCall"))


def unknown_method(trial: Trial) -> None:
    answer = trial.call("ConformanceKnowsNoSuchMethod")
    trial.expect(answer.fault is not None, "an XML-RPC Fault", answer.brief)


def doctype(trial: Trial) -> None:
    text = (
        '<?xml version="1.0"?><!DOCTYPE methodCall [<!ENTITY word "GetVersion">]>'
        "<methodCall><methodName>&word;</methodName><params/></methodCall>"
    )
    _no_call(trial, _body(trial, text, "a call with a document type and an entity"))


def int_as_i4(trial: Trial) -> None:
    text = (
        "<?xml version='1.0'?><methodCall><methodName>GetVersion</methodName><params><param><value>"
        "<struct><member><name>conformance_unknown</name><value><i4>1</i4></value></member>"
        "</struct></value></param></params></methodCall>"
    )
    trial.succeeds(_body(trial, text, "an int written as i4"))


def bare_text(trial: Trial) -> None:
    text = (
        "<?xml version='1.0'?><methodCall><methodName>GetVersion</methodName><params><param><value>"
        "<struct><member><name>conformance_unknown</name><value>a text</value></member>"
        "</struct></value></param></params></methodCall>"
    )
    trial.succeeds(_body(trial, text, "a string without its element"))


def other_scripts(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion", {"conformance_unknown": "Ελληνικά, 中文, é"}))


def _answers(trial: Trial) -> Iterator[Answer]:
    """A success, and refusals of several kinds."""
    yield trial.call("GetVersion")
    yield trial.call("ListResources", trial.user_credentials(), {})
    yield trial.call("ListResources", trial.user_credentials(), dict(GENI3))
    yield trial.call("Status", [], [], {})
    yield trial.call("Describe", ["conformance: no URN"], [], {})


def members(trial: Trial) -> None:
    for answer in _answers(trial):
        there = set(answer.raw) if isinstance(answer.raw, Mapping) else set()
        wanted = {"code", "value", "output"}
        trial.expect(wanted <= there, "a struct of code, value and output", answer.text[:300])


def needed_members(trial: Trial) -> None:
    for answer in _answers(trial):
        there = set(answer.raw) if isinstance(answer.raw, Mapping) else set()
        wanted = {"code", "value" if answer.code == 0 else "output"}
        trial.expect(wanted <= there, f"a struct of {sorted(wanted)}", answer.text[:300])


def code_is_int(trial: Trial) -> None:
    for answer in _answers(trial):
        trial.expect(answer.code is not None, "code.geni_code is an int", answer.brief)


def output_is_text(trial: Trial) -> None:
    for answer in _answers(trial):
        told = answer.raw if isinstance(answer.raw, Mapping) else {}
        held = isinstance(answer.output, str) or (answer.code == 0 and "output" not in told)
        trial.expect(held, 'output is a text, "" if need be', f"{answer.method}: {answer.output!r}")


def reasons(trial: Trial) -> None:
    for answer in _answers(trial):
        if answer.code != 0:
            trial.refuses(answer)


def plain_values(trial: Trial) -> None:
    for answer in _answers(trial):
        trial.expect(answer.ended is None, "an answer", answer.brief)
        faults = [
            f"{answer.method}: {place} is {type(one).__name__}"
            for place, one in _leaves(answer.raw, "")
            if not isinstance(one, str | int | float)
        ]
        faultless(trial, "no nil, dateTime or base64 in an answer", faults)


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{place}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, f"{place}[{number}]")
    else:
        yield place.lstrip("."), value


def am_code(trial: Trial) -> None:
    for answer in _answers(trial):
        code = answer.raw.get("code") if isinstance(answer.raw, Mapping) else None
        told = code.get("am_code", 0) if isinstance(code, Mapping) else None
        trial.expect(type(told) is int, "am_code is an int", f"{answer.method}: {told!r}")


def am_type(trial: Trial) -> None:
    for answer in _answers(trial):
        code = answer.raw.get("code") if isinstance(answer.raw, Mapping) else None
        told = code.get("am_type", "none") if isinstance(code, Mapping) else None
        held = isinstance(told, str) and told.isascii() and told.isalnum()
        trial.expect(held, "am_type is alphanumeric text", f"{answer.method}: {told!r}")


def no_leaks(trial: Trial) -> None:
    odd: tuple[Any, ...] = ([[]], {"a": {"b": []}}, "\u2028", -1, [{"geni_value": []}])
    answers = [trial.call("Status", one, one, one) for one in odd]
    answers += [trial.call("Describe", [one], [one], {"geni_rspec_version": one}) for one in odd]
    for answer in answers:
        told = answer.text
        leaks = [one for one in _LEAKS if one in told]
        trial.expect(not leaks, "an error tells nothing of the aggregate's inside", told[:500])
        trial.expect(answer.code is not None, "a return struct, and no Fault", answer.brief)


def int_as_boolean(trial: Trial) -> None:
    options = {**GENI3, "geni_available": 1, "geni_compressed": 0}
    trial.succeeds(trial.call("ListResources", trial.user_credentials(), options))


def _missing(method: str) -> Callable[[Trial], None]:
    def missing(trial: Trial) -> None:
        trial.refuses(trial.call(method), 1)
        trial.refuses(trial.call(method, "urn:publicid:IDN+a+slice+b"), 1)

    return missing


def _surplus(method: str, count: int) -> Callable[[Trial], None]:
    def surplus(trial: Trial) -> None:
        first: Any = [] if method in _ARRAYS else "urn:publicid:IDN+a+slice+b"
        middle: list[Any] = [[], ""][: count - 2]
        arguments = [first, *middle, {}, {}, {}, {}]
        trial.refuses(trial.call(method, *arguments), 1, *DENIED)

    return surplus


def _wrong_first(method: str, count: int) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        middle = [""] if count == 4 else []
        first: list[Any] = [5] if count == 2 else [5, trial.slice().credentials]
        trial.refuses(trial.call(method, *first, *middle, {}), 1)

    return wrong


def _wrong_options(method: str, count: int) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        one = trial.slice()
        first: list[Any] = [] if method == "ListResources" else [[one.urn]]
        first = [one.urn] if method in _TEXTS else first
        credentials = trial.user_credentials() if method == "ListResources" else one.credentials
        middle = [""] if count == 4 else []
        arguments = [*first, credentials, *middle, "no struct"]
        trial.refuses(trial.call(method, *arguments), 1)

    return wrong


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_STRUCT: Final = "AM API v3, Common Concepts, return struct"
_ARGUMENTS: Final = "AM API v3, Common Concepts, arguments"
_XML: Final = "XML-RPC specification"

CHECKS: Final = (
    Check("transport.content-type", "transport", "Answers are text/xml", f"{_XML}; R006", MUST, content_type),
    Check("transport.malformed-xml", "transport", "A body that is cut off is refused, and the server lives", f"{_XML}; R008", MUST, malformed),
    Check("transport.no-xml", "transport", "A body that is no XML is refused, and the server lives", f"{_XML}; R008", MUST, no_xml),
    Check("transport.empty-body", "transport", "An empty body is refused, and the server lives", f"{_XML}; R008", MUST, empty_body),
    Check("transport.no-call", "transport", "XML that is no methodCall is refused, and the server lives", f"{_XML}; R008", MUST, no_call),
    Check("transport.unknown-method", "transport", "An unknown method is an XML-RPC Fault", f"{_XML}; R009", MUST, unknown_method),
    Check("transport.doctype", "transport", "A call with a document type is refused", "AM API v3, XML input; R024", SHOULD, doctype),
    Check("transport.int-as-i4", "transport", "i4 is an int", _XML, MUST, int_as_i4),
    Check("transport.bare-text", "transport", "A value without a type is a string", _XML, MUST, bare_text),
    Check("transport.other-scripts", "transport", "Text of other scripts in a call is no error", _XML, MUST, other_scripts),
    Check("transport.needed-members", "transport", "A success has code and value, a refusal code and output", _STRUCT, MUST, needed_members),
    Check("transport.struct-members", "transport", "Every answer has code, value and output", f"{_STRUCT}; R013", SHOULD, members),
    Check("transport.code-is-int", "transport", "geni_code is an int in every answer", f"{_STRUCT}; R014", MUST, code_is_int),
    Check("transport.output-is-text", "transport", "output is text where it is told, never nil", f"{_STRUCT}; R015", MUST, output_is_text),
    Check("transport.plain-values", "transport", "No answer has nil, dateTime.iso8601 or base64", f"{_STRUCT}; R016", MUST, plain_values),
    Check("transport.reasons", "transport", "Every refusal tells a reason", f"{_STRUCT}; R017", MUST, reasons),
    Check("transport.am-type", "transport", "am_type is alphanumeric", f"{_STRUCT}; R018", MUST, am_type),
    Check("transport.am-code", "transport", "am_code is an int", f"{_STRUCT}; R019", SHOULD, am_code),
    Check("transport.no-leaks", "transport", "Odd arguments are refused in a return struct that tells nothing of the inside", f"{_STRUCT}; R012", MUST, no_leaks),
    Check("transport.int-as-boolean", "transport", "1 and 0 are understood as booleans", "AM API v3, Common Concepts, options; R022", SHOULD, int_as_boolean),
    *(Check(f"transport.missing-arguments-{method.lower()}", method, f"{method} with missing arguments is a bad argument, and no Fault", f"{_ARGUMENTS}; R010", SHOULD, _missing(method)) for method in (*_ARRAYS, *_TEXTS)),
    *(Check(f"transport.surplus-arguments-{method.lower()}", method, f"{method} with too many arguments is refused in a return struct, and no Fault", f"{_ARGUMENTS}; R010", SHOULD, _surplus(method, count)) for method, count in (_ARRAYS | _TEXTS).items()),
    *(Check(f"transport.wrong-first-{method.lower()}", method, f"{method} with an int where its first argument belongs is a bad argument", f"{_ARGUMENTS}; R011", MUST, _wrong_first(method, count)) for method, count in (_ARRAYS | _TEXTS).items()),
    *(Check(f"transport.options-are-a-struct-{method.lower()}", method, f"{method} with a text where options belong is a bad argument", f"{_ARGUMENTS}; R011", MUST, _wrong_options(method, count)) for method, count in (_ARRAYS | _TEXTS).items()),
)  # fmt: skip
