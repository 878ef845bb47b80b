"""The gate of observation: what was seen is held against what is declared, once, at the end."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gcf_am.surface.lifecycle import State
from gcf_am.surface.registry import SURFACE
from tests.observing.aggregate import saw_call
from tests.observing.federation import saw_federation
from tests.observing.homing import saw_request
from tests.observing.judging import UNSEEN, judged
from tests.observing.record import Sight

ROOT = Path(__file__).resolve().parents[2]


def answer(value: Any, code: int = 0, **more: object) -> dict[str, object]:
    return {
        "code": {"geni_code": code, "am_type": "gcfam"},
        "value": value,
        "output": "",
        **more,
    }


@pytest.fixture
def sight() -> Sight:
    return Sight()


SLIVER = {"geni_sliver_urn": "x", "geni_allocation_status": "geni_allocated"}


def test_a_call_shows_its_method_arguments_options_fields_codes_and_states(sight: Sight) -> None:
    options = {"geni_best_effort": True, "unknown": 1}
    saw_call("3", "Status", [["urn"], [], options], answer({"geni_slivers": [SLIVER]}), sight)
    assert list(judged(sight, whole=False)) == []
    assert sight.seen >= {
        "am/3",
        "am/3/Status",
        "am/3/Status/urns",
        "am/3/Status/geni_best_effort",
        "am/3/Status/geni_slivers/geni_sliver_urn",
        "am/3/return/code/geni_code",
        "code/0",
        "allocation/geni_allocated",
    }
    assert not [one for one in sight.seen if "unknown" in one]


def test_arguments_of_a_call_that_failed_prove_nothing(sight: Sight) -> None:
    saw_call("3", "Status", [["urn"], [], {}], answer("", 12), sight)
    assert {"am/3/Status", "code/12"} <= sight.seen
    assert "am/3/Status/urns" not in sight.seen


@pytest.mark.parametrize(
    ("name", "told", "strange"),
    [
        ("Status", answer({"geni_slivers": [{"x": 1}]}), "am/3/Status/geni_slivers/x"),
        ("Status", answer({"geni_slivers": [{"geni_allocation_status": "x"}]}), "allocation/x"),
        ("Status", answer("", 99), "code/99"),
        ("Status", answer("", 2), "am/3/Status answered ERROR"),
        ("Status", answer("", 1, more=1), "am/3/Status answered more beside"),
        ("_decode", answer(""), "am/3/_decode"),
        ("GetVersion", answer({"geni_credential_types": [
            {"geni_type": "x", "geni_version": "1"}]}), "credential/x/1"),
    ],
)  # fmt: skip
def test_what_is_answered_and_not_declared_is_strange(
    sight: Sight, name: str, told: Any, strange: str
) -> None:
    # checklist 67
    saw_call("3", name, [], told, sight)
    found = list(judged(sight, whole=False))
    assert len(found) == 1
    assert found[0].startswith(strange)


def test_the_clearinghouse_and_homing_are_watched_too(sight: Sight) -> None:
    row = {"SLICE_URN": "x", "SLICE_LUCK": "y"}
    told = {"code": 0, "value": {"x": row}, "output": ""}
    saw_federation("SA", "lookup", ["SLICE", [], {"match": {"SLICE_URN": "x"}}], told, sight)
    saw_federation("SA", "invented", [], {"code": 3, "value": "", "output": ""}, sight)
    saw_request("GET", "/v1/plans", {}, None, 418, None, sight)
    saw_request("GET", "/", {}, None, 200, {"versions": [], "luck": 1}, sight)
    assert sight.seen >= {
        "ch/2/SA/lookup/SLICE/match",
        "ch/2/SA/SLICE/SLICE_URN",
        "ch/2/code/NONE",
        "homing/1/versions/versions",
    }
    assert list(judged(sight, whole=False)) == [
        "ch/2/SA answered invented, which is not declared",
        "ch/2/SA/SLICE/SLICE_LUCK was answered and is not declared",
        "homing/1/list_plans answered 418, which is not declared",
        "homing/1/versions/luck was answered and is not declared",
    ]


def test_all_that_is_published_has_to_be_seen(sight: Sight) -> None:
    # checklist 68
    for identity, element in SURFACE.items():
        if element.state is State.PUBLISHED and identity != "code/7":
            sight.seen.add(identity)
    assert list(judged(sight, whole=False)) == []
    assert list(judged(sight, whole=True)) == ["code/7 is published, and no test ever saw it"]


def test_what_cannot_be_seen_is_declared_and_says_why() -> None:
    assert UNSEEN.keys() <= SURFACE.keys()
    assert all(UNSEEN.values())


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_only_a_whole_run_is_judged_by_what_it_did_not_see(workers: tuple[str, ...]) -> None:
    here = "tests/surface/test_observing.py::test_what_cannot_be_seen_is_declared_and_says_why"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, here]
    for more, status in (((), 0), (("--whole-surface",), 1)):
        done = subprocess.run(
            [*command, *more], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout
        assert ("am/3/Allocate is published, and no test ever saw it" in done.stdout) == bool(more)
