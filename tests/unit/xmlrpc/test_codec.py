import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.xmlrpc.codec import (
    XmlLimits,
    read_call,
    read_response,
    write_call,
    write_fault,
    write_response,
)
from gcf_am.xmlrpc.fault import BAD_REQUEST, MALFORMED, UNKNOWN_METHOD, Fault

# What XML can hold; others are replaced, see below.
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&'\"é")
)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FEW = settings(derandomize=True, deadline=None, max_examples=60)


def call(value: str, before: str = "") -> bytes:
    return (
        f"{before}<methodCall><methodName>m</methodName><params><param>{value}</param></params>"
        "</methodCall>"
    ).encode()


def value_of(value: str) -> object:
    return read_call(call(value))[1][0]


def fault_of(data: bytes, limits: XmlLimits | None = None) -> Fault:
    with pytest.raises(Fault) as caught:
        read_call(data, limits or XmlLimits())
    return caught.value


@FEW
@given(st.lists(VALUES, max_size=4))
def test_a_call_is_read_as_it_was_written(parameters: list[object]) -> None:
    assert read_call(write_call("GetVersion", parameters)) == ("GetVersion", parameters)


@FEW
@given(VALUES)
def test_an_answer_is_read_as_it_was_written(value: object) -> None:
    read = read_response(write_response(value))
    assert read == value
    assert type(read) is type(value)


@FEW
@given(st.text())
def test_any_text_makes_an_answer_that_can_be_read(text: str) -> None:
    read = read_response(write_response(text))
    assert isinstance(read, str)
    assert len(read) == len(text)


@FEW
@given(st.binary(max_size=200))
def test_any_bytes_are_a_call_or_a_fault(data: bytes) -> None:
    with contextlib.suppress(Fault):
        read_call(data)


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    assert read_response(write_response("a\x00b\ud800c\uffffd\re")) == "a?b?c?d\re"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("<value>plain</value>", "plain"),
        ("<value/>", ""),
        ("<value> kept </value>", " kept "),
        ("<value><string/></value>", ""),
        ("<value><string>a<!-- not this -->b</string></value>", "ab"),
        ("<value><string><![CDATA[<rspec/>]]></string></value>", "<rspec/>"),
        ("<value>\n <i4> -12 </i4>\n</value>", -12),
        ("<value><int>+2147483647</int></value>", 2147483647),
        ("<value><boolean>1</boolean></value>", True),
        ("<value><double>-1.5e3</double></value>", -1500.0),
        ("<value><base64>PGE+\n w6k=</base64></value>", b"<a>\xc3\xa9"),
        ("<value><nil/></value>", None),
        (
            "<value><dateTime.iso8601>20300131T12:00:00</dateTime.iso8601></value>",
            datetime(2030, 1, 31, 12, tzinfo=UTC),
        ),
        ("<value><array><data/></array></value>", []),
        ("<value><struct/></value>", {}),
        (
            "<value><struct><member><name>a</name><value>b</value></member></struct></value>",
            {"a": "b"},
        ),
    ],
)
def test_values_are_read(written: str, value: object) -> None:
    read = value_of(written)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("<value><int>2147483648</int></value>", "no 32 bit number"),
        ("<value><int>１</int></value>", "no 32 bit number"),
        ("<value><int></int></value>", "no 32 bit number"),
        ("<value><int><int>1</int></int></value>", "<int> may not stand here"),
        ("<value><boolean>true</boolean></value>", "0 or 1"),
        ("<value><double>inf</double></value>", "no number"),
        ("<value><double>x</double></value>", "no number"),
        ("<value><base64>*</base64></value>", "no base64"),
        ("<value><dateTime.iso8601>20301331T12:00:00</dateTime.iso8601></value>", "dateTime"),
        ("<value><i8>1</i8></value>", "i8 is no XML-RPC type"),
        ("<value><int>1</int><int>2</int></value>", "one typed element"),
        ("<value>x<int>1</int></value>", "one typed element"),
        ("<value><array/></value>", "one data element"),
        ("<value><array><data><int>1</int></data></array></value>", "value elements"),
        ("<value><struct><x/></struct></value>", "one name and one value"),
        (
            (
                "<value><struct><member><name>a</name><value/></member>"
                "<member><name>a</name><value/></member></struct></value>"
            ),
            "twice",
        ),
        ("<value/><value/>", "one value"),
        ("", "one value"),
    ],
)
def test_values_that_are_none_are_bad_requests_with_a_line(written: str, says: str) -> None:
    fault = fault_of(call(written))
    assert fault.code == BAD_REQUEST
    assert says in fault.text
    assert "line 1" in fault.text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", MALFORMED),
        (b"GET / HTTP/1.1", MALFORMED),
        (b"<methodCall><methodName>m</methodCall>", MALFORMED),
        (b"<!DOCTYPE methodCall><methodCall><methodName>m</methodName></methodCall>", MALFORMED),
        (
            (
                b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
                b"<methodCall><methodName>&e;</methodName></methodCall>"
            ),
            MALFORMED,
        ),
        (b"<methodResponse/>", BAD_REQUEST),
        (b"<methodCall/>", BAD_REQUEST),
        (b"<methodCall><methodName> </methodName></methodCall>", BAD_REQUEST),
        (b"<methodCall><methodName>a</methodName><methodName>b</methodName></methodCall>", -32600),
    ],
)
def test_what_is_no_call_is_a_fault(data: bytes, code: int) -> None:
    assert fault_of(data).code == code


def test_a_call_without_params_has_none() -> None:
    assert read_call(b"<methodCall><methodName> m\n</methodName></methodCall>") == ("m", [])


def test_size_depth_and_number_are_bounded() -> None:
    small = XmlLimits(size=300, depth=12, tags=60)
    assert fault_of(call("<value>" + "x" * 300 + "</value>"), small).code == MALFORMED
    nested = "<value><array><data>" * 4 + "</data></array></value>" * 4
    assert "deep" in fault_of(call(nested), small).text
    assert fault_of(call("<value/>" * 60), small).text == "the document holds more than 60 tags"


@pytest.mark.parametrize(
    "value", [None, b"bytes", datetime(2030, 1, 1, tzinfo=UTC), {"a": None}, [b""], {1: "a"}, 1j]
)
def test_answers_hold_no_nil_base64_or_datetime(value: Any) -> None:
    with pytest.raises(TypeError):
        write_response(value)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, float("inf"), float("nan")])
def test_answers_hold_no_number_that_xmlrpc_cannot_say(value: float) -> None:
    with pytest.raises(OverflowError):
        write_response(value)


def test_faults_go_there_and_back() -> None:
    with pytest.raises(Fault) as caught:
        read_response(write_fault(Fault(UNKNOWN_METHOD, "no <such> method")))
    assert (caught.value.code, caught.value.text) == (UNKNOWN_METHOD, "no <such> method")


@pytest.mark.parametrize("data", [b"<html/>", b"<methodResponse/>", b"<methodCall/>", b"busy"])
def test_what_is_no_answer_is_a_fault_too(data: bytes) -> None:
    with pytest.raises(Fault) as caught:
        read_response(data)
    assert caught.value.code == MALFORMED
