"""The WSGI application: Falcon, which knows OPTIONS, 405 and Allow.

Mount it in any WSGI server; who calls comes from the server's environment (api.access).
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import falcon

from gcf_am.homing.api import errors
from gcf_am.homing.api.access import Access
from gcf_am.homing.api.errors import BadRequest, Refusal, not_allowed
from gcf_am.homing.api.resources import (
    Collection,
    Desk,
    Document,
    Health,
    Item,
    Resource,
    Version,
    Versions,
)
from gcf_am.surface.homing_elements import HomingApi, HttpMethod
from gcf_am.surface.homing_v1 import HOMING_1
from gcf_am.surface.lifecycle import State

_log: Final = logging.getLogger(__name__)
Wsgi = falcon.App[falcon.Request, falcon.Response]
_ROUTES: Final[tuple[tuple[str, type[Resource]], ...]] = (
    ("/", Versions),
    ("/v1", Version),
    ("/openapi.json", Document),
    ("/v1/plans", Collection),
    ("/v1/plans/healthcheck", Health),
    ("/v1/plans/{plan_id}", Item),
)
_PUBLIC: Final = frozenset(path for path, kind in _ROUTES if kind.public)
# What everybody may ask of those; anything else is answered after authentication.
_READS: Final = frozenset({"GET", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class _Door:
    """Who calls is asked first of all, so that a stranger learns nothing.

    `old` are the operations that are deprecated or removed, by verb and path.
    """

    access: Access
    old: Mapping[tuple[str, str], HttpMethod]

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        """Put the caller's URN into the request's context; raises 401."""
        if request.path in _PUBLIC and request.method in _READS:
            return
        owner = self.access.owner(request.env)
        if owner is None:
            raise falcon.HTTPUnauthorized(challenges=['Basic realm="homing"'])
        request.context.owner = owner

    def process_resource(
        self, request: falcon.Request, response: falcon.Response, resource: Any, _params: object
    ) -> None:
        """Advice for what is old, 405 for what is unknown, no body where none is accepted."""
        if not isinstance(resource, Resource):
            return
        found = self.old.get((request.method, request.uri_template or ""))
        if found is not None:
            _log.info("%s homing/1/%s", found.state.name.lower(), found.name)
            if found.state is State.REMOVED:
                raise Refusal(HTTPStatus.GONE, found.advice)
            # RFC 7234, 5.5; the newer RFC 9745 wants a date, and a release may not have one yet
            told = found.advice.replace('"', "'")
            response.set_header("Warning", f'299 - "{told}"')
        if request.method not in resource.allowed:
            raise not_allowed(request.method, resource.allowed)
        if request.method != "POST" and request.content_length:
            raise BadRequest(f"{request.method} does not accept a request body here.")


def check_declared(api: HomingApi) -> None:
    """Raise TypeError when the declared and the served operations differ.

    An operation that was removed is not served.
    """
    declared = {
        (one.verb, one.path, one.public) for one in api.operations if one.state is not State.REMOVED
    }
    served = {
        (verb, path, kind.public)
        for path, kind in _ROUTES
        for verb in kind.allowed
        if verb != "OPTIONS"
    }
    if odd := declared ^ served:
        told = ", ".join(f"{verb} {path}" for verb, path, _ in sorted(odd))
        raise TypeError(f"declared and served operations of Homing differ: {told}")


def make_wsgi(
    desk: Desk, access: Access, *, debug: bool = False, api: HomingApi = HOMING_1
) -> Wsgi:
    """The application; with `debug` its errors carry tracebacks.

    Raises TypeError when it would serve something else than `api` declares.
    """
    check_declared(api)
    old = {(one.verb, one.path): one for one in api.operations if one.state >= State.DEPRECATED}
    middleware: Iterable[Any] = [_Door(access, old)]
    app = falcon.App(middleware=middleware)
    app.req_options.strip_url_path_trailing_slash = True
    errors.install(app, debug=debug)
    served = dict(_ROUTES)
    for path in {*served, *(one.path for one in old.values())}:
        # where nothing else is left, advice is
        app.add_route(path, served.get(path, Resource)(desk))
    return app
