"""A request to Homing, and what came back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import yaml

from gcf_am.client.homing import HomingClient, HomingRefused
from gcf_am.surface.homing_v1 import HOMING_1
from tests.observing.record import SIGHT, Sight


class Watched(HomingClient):
    """Our client of the service, whose requests are noted."""

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        try:
            answer = HomingClient._call(self, method, path, body)
        except HomingRefused as error:
            saw_request(method, path, {}, body, error.code, None)
            raise
        status = {"POST": HTTPStatus.CREATED, "DELETE": HTTPStatus.NO_CONTENT}
        saw_request(method, path, {}, body, status.get(method, HTTPStatus.OK), answer)
        return answer


_PATHS: Final = [
    (re.compile(re.sub(r"\{\w+\}", "[0-9a-f-]{36}", one.path)), one) for one in HOMING_1.operations
]


def saw_request(
    verb: str, url: str, headers: Mapping[str, str], body: Any, status: int, answer: Any,
    sight: Sight = SIGHT,
) -> None:  # fmt: skip
    """Note it: the operation, what was given, the status, what was told.

    Statuses are no elements, but those of an operation are declared with it.
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/") or "/"
    found = [one for pattern, one in _PATHS if pattern.fullmatch(path) and one.verb == verb]
    if verb == "OPTIONS" or not found:
        return
    operation = found[0]
    where = f"homing/1/{operation.name}"
    sight.answered(where)
    if status not in {*operation.answers, HTTPStatus.INTERNAL_SERVER_ERROR}:
        sight.strange.add(f"{where} answered {status}, which is not declared")
    if status >= HTTPStatus.BAD_REQUEST:
        return
    for name in (*headers, *parse_qs(parts.query)):
        sight.sent(f"{where}/{name}")
    if isinstance(body, Mapping):
        for name in body:
            sight.sent(f"{where}/{name}")
        _template(body.get("template"), sight)
    if isinstance(answer, Mapping) and operation.told:
        for name, value in answer.items():
            sight.answered(f"{where}/{name}")
            plans = value if isinstance(value, list) else [value]
            for plan in plans if name in {"plan", "plans"} else ():
                _plan(plan, sight)


def _plan(plan: Mapping[str, Any], sight: Sight) -> None:
    for name in plan:
        sight.answered(f"homing/1/plan/{name}")
    sight.answered(f"homing/1/status/{plan['status'].replace(' ', '_')}")


def _template(template: Any, sight: Sight) -> None:
    """The words of a template that was taken."""
    if isinstance(template, str):
        template = yaml.safe_load(template)
    if not isinstance(template, Mapping):
        return
    for section, told in template.items():
        sight.sent(f"homing/1/template/{section}")
        if section == "demands":
            for entries in told.values():
                for entry in entries if isinstance(entries, list) else [entries]:
                    _names("demand", entry, sight)
        elif section == "locations":
            for place in told.values():
                _names("location", place, sight)
        elif section == "constraints":
            rows = (
                told.values()
                if isinstance(told, Mapping)
                else [x for y in told for x in y.values()]
            )
            for one in rows:
                sight.sent(f"homing/1/constraint/{one['type']}")
    words = set(re.findall(r'"(\w+)": ', json.dumps(template, default=str)))
    for word in words:
        sight.sent(f"homing/1/function/{word}")


def _names(kind: str, told: Any, sight: Sight) -> None:
    for name in told if isinstance(told, Mapping) else ():
        sight.sent(f"homing/1/{kind}/{name}")
