"""What POST /v1/plans takes, and in which words it refuses."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.homing.api.asked import read_asked
from gcf_am.homing.api.errors import BadRequest
from gcf_am.homing.plans.plan import Asked

ID = "ee1c5269-c7f0-492a-8652-f0ceb15ed3bc"


def fetched(url: str) -> str:
    return f"fetched {url}"


def read(body: object, header: str = "") -> Asked:
    text = body if isinstance(body, str) else json.dumps(body)
    return read_asked(text.encode(), owner="urn:o", transaction_id=header, fetch=fetched)


def refused(body: object) -> str:
    with pytest.raises(BadRequest) as caught:
        read(body)
    return str(caught.value)


def test_defaults() -> None:
    asked = read({"template": "t"})
    assert (asked.limit, asked.seconds, asked.files, asked.reserve) == (1, 60, {}, False)
    assert asked.name == f"plan-{asked.id}"


def test_all_that_is_documented() -> None:
    asked = read(
        {"name": "n", "id": ID.upper(), "template": "t", "template_url": "u", "files": {"a": "b"},
         "transaction_id": ID, "timeout": 0.5, "limit": 3}, "ignored",
    )  # fmt: skip
    assert (asked.name, asked.id, asked.template, asked.transaction_id) == ("n", ID, "t", ID)
    assert (asked.files, asked.seconds, asked.limit) == ({"a": "b"}, 30, 3)
    assert read({"template_url": "u"}, ID).template == "fetched u"
    assert read({"template": "t"}, ID).transaction_id == ID


def test_a_template_as_an_object_is_json_that_yaml_reads() -> None:
    assert json.loads(read({"template": {"a": ["ü", 1]}}).template) == {"a": ["ü", 1]}


@pytest.mark.parametrize("key", ["num_solution", "num_solutions"])
def test_synonyms_of_limit(key: str) -> None:
    assert read({"template": "t", key: 4}).limit == 4
    assert "limit" in refused({"template": "t", key: 4, "limit": 4})


def test_the_documents_own_refusal() -> None:
    assert refused({"name": "pl an", "template": "t"}) == (
        "-> name -> pl an did not pass validation against callable: plan_name_type (must contain "
        "only uppercase and lowercase letters, decimal digits, hyphens, periods, underscores, and "
        "tildes [RFC 3986, Section 2.3])"
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"id": "x"}, "UUID"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": "1"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"limit": 0}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"files": {"a": 1}}, "files"),
        ({"limits": 1}, "did you mean limit"),
        ({"template": 1}, "template"),
        ({"template": "a\0b"}, "NUL"),
        ({"template": "a\ud800"}, "half a pair"),
        ({"credentials": [{"geni_type": "geni_sfa"}]}, "geni_value"),
        ({"reserve": 1}, "reserve"),
        ({"transaction_id": "a\nb"}, "transaction_id"),
    ],
)
def test_refusals(more: dict[str, object], says: str) -> None:
    assert says in refused({"template": "t", **more})


def test_a_template_is_required() -> None:
    assert "template is required" in refused({"name": "n"})


def test_duplicate_keys_are_told_with_their_line() -> None:
    assert "duplicate key on line 3: a" in refused(
        '{"template": "t", "files":\n{"a": "x",\n"a": "y"}}'
    )


@pytest.mark.parametrize("body", ["", "[]", "{", "NaN", '{"limit": NaN, "template": "t"}', "1" * 5000,
                                  "[" * 5000])  # fmt: skip
def test_what_is_no_json_object(body: str) -> None:
    assert "request body" in refused(body)


@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]",:"aé\\u0d8tempnl10-.', max_size=60).map(str.encode)
)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(BadRequest):
        read_asked(body, owner="urn:o", transaction_id="", fetch=fetched)
