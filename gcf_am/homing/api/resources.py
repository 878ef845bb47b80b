"""What answers at each path. Source: Homing API v1."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Final
from uuid import UUID

import falcon

from gcf_am.clock import Clock
from gcf_am.homing.api.asked import LARGEST, read_asked
from gcf_am.homing.api.document import openapi
from gcf_am.homing.api.errors import Refusal
from gcf_am.homing.api.fetching import fetch_template
from gcf_am.homing.api.page import page
from gcf_am.homing.api.telling import plan_to_json
from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.plans.ledger import bookings_of
from gcf_am.homing.plans.plan import Asked, Plan
from gcf_am.homing.plans.repository import Holds, Plans, Taken

# What a POST may wait at most for the end, by `Prefer: wait` (RFC 7240).
_LONGEST_WAIT: Final = 60.0
_LOOK: Final = 0.02
_UPDATED: Final = "2017-04-04T00:00:00Z"
Request = falcon.Request
Response = falcon.Response


@dataclass(frozen=True, slots=True)
class Desk:
    """What the resources work with.

    `judge` raises TemplateErrors for a template that cannot be used. `wake` tells workers that
    there is something to do; `template_hosts` are where template_url may lead. With `late_errors`
    a wrong template is taken and becomes a plan in error, as the original has it.
    """

    plans: Plans
    clock: Clock
    judge: Callable[[Asked], object]
    wake: Callable[[], None] = lambda: None
    template_hosts: tuple[str, ...] = ()
    late_errors: bool = False

    def told(self, plan: Plan, request: Request) -> dict[str, Any]:
        """A plan as JSON."""
        return plan_to_json(plan, bookings_of(self.plans.database, plan.id), request.prefix)


@dataclass(frozen=True)
class Resource:
    """What all have in common: which methods there are, and OPTIONS, which tells them."""

    desk: Desk = field(repr=False)
    allowed: ClassVar[tuple[str, ...]] = ("GET", "OPTIONS")
    public: ClassVar[bool] = False

    def on_options(self, _request: Request, response: Response, **_names: str) -> None:
        """Homing API v1: the OPTIONS method is supported for each known URI."""
        response.status = HTTPStatus.NO_CONTENT
        response.set_header("Allow", ", ".join(self.allowed))


class Versions(Resource):
    """GET /"""

    public = True

    def on_get(self, request: Request, response: Response) -> None:
        """Which versions there are."""
        response.media = {"versions": [version(request.prefix)]}


class Version(Resource):
    """GET /v1"""

    public = True

    def on_get(self, request: Request, response: Response) -> None:
        """The version."""
        response.media = {"version": version(request.prefix)}


def version(base: str) -> dict[str, Any]:
    """The one version as GET / lists it."""
    return {
        "status": "EXPERIMENTAL",
        "id": "v1",
        "updated": _UPDATED,
        "media-types": [
            {"base": "application/json", "type": "application/vnd.ecomp.homing-v1+json"}
        ],
        "links": [
            {"href": f"{base}/v1", "rel": "self"},
            {"href": f"{base}/openapi.json", "type": "application/json", "rel": "describedby"},
        ],
    }


class Document(Resource):
    """GET /openapi.json"""

    public = True

    def on_get(self, request: Request, response: Response) -> None:
        """What this document describes."""
        response.media = openapi(request.prefix)


class Health(Resource):
    """GET /v1/plans/healthcheck"""

    public = True

    def on_get(self, _request: Request, response: Response) -> None:
        """The database is asked, so that an answer means something."""
        self.desk.plans.count()
        response.media = {"status": "ok"}


class Collection(Resource):
    """/v1/plans"""

    allowed = ("GET", "POST", "OPTIONS")

    def on_get(self, request: Request, response: Response) -> None:
        """The caller's plans."""
        found = self.desk.plans.of_owner(request.context.owner)
        response.media = {"plans": [self.desk.told(one, request) for one in found]}

    def on_post(self, request: Request, response: Response) -> None:
        """A new plan."""
        desk = self.desk
        asked = read_asked(
            _body(request),
            owner=request.context.owner,
            transaction_id=request.get_header("transaction-id") or "",
            fetch=lambda url: fetch_template(url, desk.template_hosts),
        )
        try:
            desk.judge(asked)
        except TemplateErrors:
            if not desk.late_errors:
                raise
        try:
            plan = desk.plans.add(asked, desk.clock.now())
        except Taken as error:
            raise Refusal(HTTPStatus.CONFLICT, str(error)) from None
        desk.wake()
        plan = self._awaited(plan, _wait(request))
        response.status = HTTPStatus.CREATED
        response.location = f"{request.prefix}/v1/plans/{plan.id}"
        response.media = {"plan": desk.told(plan, request)}

    def _awaited(self, plan: Plan, seconds: float) -> Plan:
        """The plan when it has come to its end, or when the time is over."""
        until = time.monotonic() + seconds
        while not plan.status.final and time.monotonic() < until:
            time.sleep(_LOOK)
            found = self.desk.plans.get(plan.asked.owner, plan.id)
            if found is None:  # deleted meanwhile
                return plan
            plan = found
        return plan


class Item(Resource):
    """/v1/plans/{plan_id}"""

    allowed = ("GET", "DELETE", "OPTIONS")

    def on_get(self, request: Request, response: Response, plan_id: str) -> None:
        """The plan; for a browser as a page."""
        plan = self.desk.plans.get(request.context.owner, _known(plan_id))
        if plan is None:
            raise _no_plan(plan_id)
        told = self.desk.told(plan, request)
        preferred = request.client_prefers((falcon.MEDIA_JSON, falcon.MEDIA_HTML))
        response.set_header("Vary", "Accept")
        if preferred == falcon.MEDIA_HTML:
            places: Any = (plan.solution or {}).get("locations", {})
            response.content_type = "text/html; charset=utf-8"
            response.set_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"
            )
            response.text = page(told, places)
        else:
            # `plans` is where the original's clients look
            response.media = {"plan": told, "plans": [told]}

    def on_delete(self, request: Request, response: Response, plan_id: str) -> None:
        """The plan ends; what it holds is given back, then its name is free."""
        release = request.get_param_as_bool("release", default=False)
        now = self.desk.clock.now()
        try:
            found = self.desk.plans.end(
                request.context.owner, _known(plan_id), now, release=bool(release)
            )
        except Holds as error:
            raise Refusal(HTTPStatus.CONFLICT, str(error)) from None
        if not found:
            raise _no_plan(plan_id)
        self.desk.wake()
        response.status = HTTPStatus.NO_CONTENT


def _known(plan_id: str) -> str:
    """An id as plans have it; raises 404 for what is none."""
    try:
        return str(UUID(plan_id))
    except ValueError:
        raise _no_plan(plan_id) from None


def _no_plan(plan_id: str) -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, f"There is no plan {plan_id[:80]}.")


def _body(request: Request) -> bytes:
    """The whole body, if it is no longer than allowed."""
    body = request.bounded_stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A plan may have {LARGEST} bytes at most."
        )
    return bytes(body)


def _wait(request: Request) -> float:
    """`Prefer: wait=N`, in seconds; what cannot be read is no preference (RFC 7240, 2)."""
    for part in (request.get_header("prefer") or "").replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "wait" and value.strip().isdecimal():
            return min(float(value), _LONGEST_WAIT)
    return 0.0
