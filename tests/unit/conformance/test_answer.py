"""What came is kept, and a member that is missing is the aggregate's fault."""

from xmlrpc.client import dumps

import pytest

from gcf_am.conformance.answer import Answer, read
from gcf_am.conformance.verdict import Failed


def answer(value: object) -> Answer:
    body = dumps((value,), methodresponse=True)  # type: ignore[arg-type]
    told = {"status": 200, "reason": "OK", "content_type": "text/xml", "ended": None}
    return read("Status", {**told, "body": body, "seconds": 0.0})


def test_a_missing_member_fails_the_check_that_reads_it() -> None:
    came = answer({"code": {"geni_code": 0}, "value": {"geni_slivers": [{"geni_error": ""}]}})
    assert came.value["geni_slivers"] == [{"geni_error": ""}]
    assert came.value.get("geni_urn") is None
    with pytest.raises(Failed) as failed:
        came.value["geni_slivers"][0]["geni_expires"]
    assert (failed.value.expected, failed.value.got) == (
        "a member 'geni_expires'",
        "only geni_error",
    )


def test_what_is_no_int_is_no_code() -> None:
    odds: list[object] = ["0", False, [], {}]
    for odd in odds:
        assert answer({"code": {"geni_code": odd}}).code is None
    assert answer({"code": {"geni_code": 3}}).code == 3
    assert answer([]).code is None
