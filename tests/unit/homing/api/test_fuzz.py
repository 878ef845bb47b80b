"""What the OpenAPI document says of requests and answers holds for whatever a fuzzer thinks of."""

from base64 import b64encode
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from gcf_am.clock import SystemClock
from gcf_am.homing.api.access import Access, hash_password
from gcf_am.homing.api.application import make_wsgi
from gcf_am.homing.api.document import openapi
from gcf_am.homing.api.judging import Judge
from gcf_am.homing.api.resources import Desk
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.template.reading import read_template
from gcf_am.urn import Urn

SIGNED = {"Authorization": "Basic " + b64encode(b"alice:secret").decode()}
# A valid template_url is refused, since it is not enabled, and most texts are no templates.
EXCLUDED = [checks.positive_data_acceptance]


@pytest.fixture(scope="module")
def password() -> str:
    return hash_password("secret")


@pytest.fixture
def schema(plans: Plans, password: str) -> Any:
    clock = SystemClock()
    judge = Judge(
        lambda text, files: read_template(text, files=files),
        cast("Any", None),
        clock,
        Urn.of("gcf.local", "authority", "homing"),
    )
    access = Access(cast("Any", None), clock, "gcf.local", {"alice": password})
    return schemathesis.openapi.from_wsgi(
        "/openapi.json", make_wsgi(Desk(plans, clock, judge), access)
    )


def cases() -> list[tuple[str, str, GenerationMode]]:
    """Every operation, as it should be called; and as not, where it can be called otherwise."""
    found = []
    for path, operations in openapi("")["paths"].items():
        for method in operations.keys() - {"parameters"}:
            found.append((path, method, GenerationMode.POSITIVE))
            if method == "post" or (path.endswith("{plan_id}") and method != "options"):
                found.append((path, method, GenerationMode.NEGATIVE))
    return sorted(found)


@pytest.mark.parametrize(("path", "method", "mode"), cases())
def test_the_document_holds(schema: Any, path: str, method: str, mode: GenerationMode) -> None:
    operation = schema[path][method.upper()]

    @settings(
        derandomize=True,
        deadline=None,
        max_examples=40 if method == "post" else 10,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.call_and_validate(headers=SIGNED, excluded_checks=EXCLUDED)

    holds()
