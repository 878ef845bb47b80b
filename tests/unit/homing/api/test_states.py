"""What the state of an operation of the Homing API does at run time."""

import logging
from dataclasses import replace
from typing import Any, Final, cast

import pytest
from falcon import testing

from gcf_am.clock import SystemClock
from gcf_am.homing.api.access import Access
from gcf_am.homing.api.application import make_wsgi
from gcf_am.homing.api.resources import Desk
from gcf_am.homing.plans.repository import Plans
from gcf_am.surface.homing_elements import HttpMethod
from gcf_am.surface.homing_v1 import HOMING_1
from gcf_am.surface.lifecycle import Lifecycle
from tests.surface.lives import GONE, OLD, counted
from tests.unit.homing.api.test_api import PASSWORDS, signed

HEALTH: Final = "/v1/plans/healthcheck"


def served(plans: Plans, *operations: HttpMethod) -> testing.TestClient:
    access = Access(cast("Any", None), SystemClock(), "gcf.local", PASSWORDS)
    desk = Desk(plans, SystemClock(), lambda _asked: None)
    api = replace(HOMING_1, operations=operations)
    return testing.TestClient(make_wsgi(desk, access, api=api))


def lived(life: Lifecycle) -> tuple[HttpMethod, ...]:
    return tuple(
        replace(one, life=life) if one.path == HEALTH else one for one in HOMING_1.operations
    )


def test_what_is_deprecated_works_with_a_warning(
    plans: Plans, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert "warning" not in served(plans, *lived(HOMING_1.life)).simulate_get(HEALTH).headers
    answer = served(plans, *lived(OLD)).simulate_get(HEALTH)
    assert answer.json == {"status": "ok"}
    assert answer.headers["warning"] == (
        '299 - "health is deprecated: It is slow. Use am/3/Status instead."'
    )
    assert counted(caplog) == {"deprecated": {"homing/1/health": 1}}


def test_what_is_removed_is_gone_with_advice(
    plans: Plans, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gone = HttpMethod(name="old", verb="GET", path="/v1/old", doc="It.", life=GONE, answers=(200,))
    api = served(plans, *HOMING_1.operations, gone)
    # who calls is asked first
    assert api.simulate_get("/v1/old").status_code == 401
    answer = api.simulate_get("/v1/old", headers=signed("alice"))
    assert answer.status_code == 410
    assert answer.json["explanation"] == "old is removed: It is unsafe. Use am/3/Status instead."
    assert answer.json["error"]["type"] == "HTTPGone"
    assert counted(caplog) == {"removed": {"homing/1/old": 1}}
