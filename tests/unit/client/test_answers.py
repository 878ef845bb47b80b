import base64
import zlib

import pytest

from gcf_am.client.answers import (
    BadAnswer,
    CallRefused,
    inflated,
    slivers_of,
    strings_of,
    value_of,
    version_of,
)

SLIVER = {
    "geni_sliver_urn": "urn:publicid:IDN+a+sliver+1",
    "geni_expires": "2030-01-01T00:00:00Z",
    "geni_allocation_status": "geni_allocated",
    "geni_operational_status": "geni_pending_allocation",
    "geni_next_allocation_status": "geni_provisioned",
    "geni_error": "",
}


def test_a_value_comes_out_of_its_struct() -> None:
    assert value_of({"code": {"geni_code": 0}, "value": 7, "output": ""}) == 7


def test_a_refusal_names_code_label_and_reason() -> None:
    answer = {"code": {"geni_code": 19}, "value": "2030-01-01T00:00:00Z", "output": "too late"}
    with pytest.raises(CallRefused, match=r"^refused with OUTOFRANGE \(19\): too late$") as caught:
        value_of(answer)
    assert caught.value.hint == "2030-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "0",
        {},
        {"code": None},
        {"code": 0},
        {"code": {}},
        {"code": {"geni_code": None}},
        {"code": {"geni_code": "0"}},
        {"code": {"geni_code": False}, "value": 1},
        {"code": {"geni_code": 0}},
    ],
)
def test_what_is_no_return_struct_is_refused(answer: object) -> None:
    with pytest.raises(BadAnswer):
        value_of(answer)


def test_an_output_of_another_type_is_not_shown() -> None:
    with pytest.raises(CallRefused, match="no reason given"):
        value_of({"code": {"geni_code": 2}, "output": None})


@pytest.mark.parametrize("wrap", [list, lambda rows: {"geni_slivers": rows, "geni_rspec": "<r/>"}])
def test_slivers_are_read_from_lists_and_structs(wrap: type[list[object]]) -> None:
    read = slivers_of(wrap([SLIVER]))
    assert [one.urn for one in read.slivers] == ["urn:publicid:IDN+a+sliver+1"]
    assert read.slivers[0].next_allocation == "geni_provisioned"
    assert read.slivers[0].client_id == ""


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "text",
        {},
        {"geni_slivers": None},
        [None],
        [[]],
        [{**SLIVER, "geni_sliver_urn": None}],
        [{**SLIVER, "geni_error": None}],
        [{**SLIVER, "geni_expires": 7}],
        [{"geni_sliver_urn": "x"}],
        {"geni_slivers": [], "geni_rspec": None},
    ],
)
def test_what_holds_no_slivers_is_refused(value: object) -> None:
    with pytest.raises(BadAnswer):
        slivers_of(value)


def test_a_version_is_read_from_value_or_beside_it() -> None:
    value = {"geni_api": 3, "geni_api_versions": {"3": "https://a/"}, "urn": "urn:x"}
    version = version_of({"geni_api": 2}, value)
    assert (version.api, version.urls, version.urn) == (3, {"3": "https://a/"}, "urn:x")
    assert version_of({"geni_api": 2}, {}).api == 2


@pytest.mark.parametrize(
    "value", [None, {"geni_api": "3"}, {"geni_api": 3, "geni_api_versions": {"3": None}}]
)
def test_a_version_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(BadAnswer):
        version_of({}, value)


def test_compressed_documents_are_unpacked_and_plain_ones_taken() -> None:
    packed = base64.encodebytes(zlib.compress("<rspec>é</rspec>".encode())).decode()
    assert inflated(packed) == "<rspec>é</rspec>"
    assert inflated(" <rspec/>") == " <rspec/>"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * (64 * 1024 * 1024 + 1))
    with pytest.raises(BadAnswer, match="over 67108864 bytes"):
        inflated(base64.b64encode(bomb).decode())


@pytest.mark.parametrize(
    "text",
    [
        "no base64!",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"<rspec/>")[:-3]).decode(),
        base64.b64encode(zlib.compress(b"\xff")).decode(),
        "",
    ],
)
def test_what_cannot_be_unpacked_is_refused(text: str) -> None:
    with pytest.raises(BadAnswer):
        inflated(text)


@pytest.mark.parametrize("value", [None, 7, [7], ["a", None], {"a": 1}])
def test_strings_are_strings(value: object) -> None:
    with pytest.raises(BadAnswer, match="list of strings"):
        strings_of(value, "ListMySlices")
