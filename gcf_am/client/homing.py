"""The Homing API as its client sees it: JSON over TLS with a client certificate."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from gcf_am.client.answers import BadAnswer
from gcf_am.client.transport import Shown, Unreachable, parts_of, why
from gcf_am.errors import GcfAmError

_LARGEST: Final = 16 * 1024 * 1024
_LOOK: Final = 0.2
_ENDED: Final = frozenset({"done", "not found", "error"})


class HomingRefused(GcfAmError):
    """The service says no; `errors` are all that it finds wrong with a template."""

    def __init__(self, code: int, explanation: str, errors: tuple[Mapping[str, Any], ...]) -> None:
        super().__init__(f"refused with HTTP {code}: {explanation}")
        self.code = code
        self.errors = errors


@dataclass(frozen=True, slots=True)
class HomingClient:
    """The service at a URL. Every method raises HomingRefused when it says no, Unreachable when
    it gives no answer, BadAnswer when that is not what it should be.
    """

    url: str
    identity: Shown
    seconds: float = 120.0

    def create(self, asked: Mapping[str, object]) -> dict[str, Any]:
        """A new plan."""
        return _plan(self._call("POST", "/v1/plans", asked))

    def show(self, id_: str) -> dict[str, Any]:
        """The plan as it is now."""
        return _plan(self._call("GET", f"/v1/plans/{id_}"))

    def list(self) -> list[dict[str, Any]]:
        """The caller's plans."""
        plans = _member(self._call("GET", "/v1/plans"), "plans", list)
        return [_plan({"plan": one}) for one in plans]

    def delete(self, id_: str, *, release: bool = False) -> None:
        """End the plan."""
        self._call("DELETE", f"/v1/plans/{id_}{'?release=true' if release else ''}")

    def awaited(self, plan: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The plan when it has ended; as it is after so many seconds when it has not."""
        until = time.monotonic() + seconds
        found = dict(plan)
        while found["status"] not in _ENDED and time.monotonic() < until:
            time.sleep(_LOOK)
            found = self.show(found["id"])
        return found

    def certificate(self) -> bytes:
        """The service's own certificate (DER), to which rights can be delegated."""
        connection = self._connection()
        try:
            connection.connect()
            der: bytes | None = connection.sock.getpeercert(binary_form=True)
        except OSError as error:
            raise Unreachable(f"{self.url} gave no answer: {why(error)}") from error
        finally:
            connection.close()
        if der is None:
            raise BadAnswer(f"{self.url} showed no certificate")
        return der

    def _connection(self) -> http.client.HTTPSConnection:
        host, port, _ = parts_of(self.url)
        return http.client.HTTPSConnection(
            host, port, timeout=self.seconds, context=self.identity.context()
        )

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        connection = self._connection()
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        try:
            base = parts_of(self.url)[2].rstrip("/")
            connection.request(method, base + path, data, headers)
            response = connection.getresponse()
            answer = response.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{self.url} gave no answer: {why(error)}") from error
        finally:
            connection.close()
        return self._read(response.status, answer)

    def _read(self, status: int, answer: bytes) -> Any:
        if status == HTTPStatus.NO_CONTENT:
            return None
        if status == HTTPStatus.UNAUTHORIZED:
            raise HomingRefused(status, "your certificate is not known there", ())
        try:
            told = json.loads(answer)
        except (ValueError, RecursionError):
            raise BadAnswer(f"{self.url} answered HTTP {status} without JSON") from None
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            explanation = _member(told, "explanation", str)
            errors = told.get("errors", [])
            rows = errors if isinstance(errors, list) else []
            found = tuple(one for one in rows if isinstance(one, Mapping))
            raise HomingRefused(status, explanation, found)
        return told


def _member(told: Any, name: str, kind: type) -> Any:
    if not isinstance(told, dict) or not isinstance(told.get(name), kind):
        raise BadAnswer(f"the answer has no {name}")
    return told[name]


def _plan(told: Any) -> dict[str, Any]:
    plan = _member(told, "plan", dict)
    for name in ("id", "name", "status", "message"):
        _member(plan, name, str)
    _member(plan, "recommendations", list)
    return dict(plan)
