"""The declaration of Homing against what reads its requests and templates."""

import pytest

from gcf_am.homing.api.application import check_declared
from gcf_am.homing.api.asked import _SYNONYMS, KEYS
from gcf_am.homing.api.document import _PLAN, openapi
from gcf_am.homing.plans.plan import Status
from gcf_am.homing.template.constraints import _TYPES
from gcf_am.homing.template.demands import _REQUIREMENT
from gcf_am.homing.template.intrinsics import _FUNCTIONS
from gcf_am.homing.template.locations import _KINDS
from gcf_am.homing.template.objective import _OPERANDS
from gcf_am.homing.template.reading import _SECTIONS
from gcf_am.surface.homing_elements import HomingApi, HttpMethod
from gcf_am.surface.homing_v1 import HOMING_1
from gcf_am.surface.registry import SURFACE


def below(prefix: str) -> set[str]:
    """The names of what is declared directly below an id."""
    found = (one.removeprefix(f"{prefix}/") for one in SURFACE if one.startswith(f"{prefix}/"))
    return {one for one in found if "/" not in one}


def operation(name: str) -> HttpMethod:
    return next(one for one in HOMING_1.operations if one.name == name)


def test_what_a_plan_is_made_of() -> None:
    given = operation("create_plan").given
    assert {one.name for one in given if one.where == "body"} == {*KEYS, *_SYNONYMS}


def test_what_is_told_of_a_plan() -> None:
    assert below("homing/1/plan") == set(_PLAN["properties"])
    assert below("homing/1/status") == {one.value.replace(" ", "_") for one in Status}


def test_the_words_of_templates() -> None:
    assert below("homing/1/template") == set(_SECTIONS)
    assert below("homing/1/demand") == set(_REQUIREMENT)
    assert below("homing/1/location") == set(_KINDS)
    assert below("homing/1/constraint") == set(_TYPES)
    assert below("homing/1/function") == {*_FUNCTIONS, *_OPERANDS}


def test_what_the_openapi_document_describes_is_declared() -> None:
    told = {
        (verb.upper(), path): {int(code) for code in one["responses"]}
        for path, verbs in openapi("https://x")["paths"].items()
        for verb, one in verbs.items()
        if verb not in {"parameters", "options"}
    }
    declared = {(one.verb, one.path): set(one.answers) for one in HOMING_1.operations}
    assert told.keys() <= declared.keys()
    for key, codes in told.items():
        assert codes >= declared[key], key


def test_what_is_declared_and_not_served_stops_the_start() -> None:
    check_declared(HOMING_1)
    more = HttpMethod(name="x", doc="It.", verb="PUT", path="/v1/plans", answers=(200,))
    with pytest.raises(TypeError, match="PUT /v1/plans"):
        check_declared(HomingApi(name="1", doc="It.", number=1, operations=(more,)))
