"""The error document of the Homing API.

Source: Homing API v1, API Errors: every error but 401 has title, explanation, code and error;
`type` and `message` are WebOb's class names and stock sentences.
"""

import json
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import falcon

from gcf_am.errors import Busy, GcfAmError, TimedOut
from gcf_am.homing.finding import Finding, TemplateErrors

_log: Final = logging.getLogger(__name__)
_MALFORMED: Final = (
    "The server could not comply with the request since it is either malformed or otherwise "
    "incorrect."
)
# By code: WebOb's class name and its sentence. 405 has 400's, as the document's example shows.
_WEBOB: Final[Mapping[int, tuple[str, str]]] = {
    400: ("HTTPBadRequest", _MALFORMED),
    404: ("HTTPNotFound", "The resource could not be found."),
    405: ("HTTPMethodNotAllowed", _MALFORMED),
    409: ("HTTPConflict", "There was a conflict when trying to complete your request."),
    410: ("HTTPGone", "The resource is no longer available."),
    413: ("HTTPRequestEntityTooLarge", "The body of your request was too large for this server."),
    500: (
        "HTTPInternalServerError",
        "The server has either erred or is incapable of performing the requested operation.",
    ),
    503: (
        "HTTPServiceUnavailable",
        "The server is currently unavailable. Please try again at a later time.",
    ),
}


class BadRequest(GcfAmError):
    """A request is malformed; the text is the explanation."""


class Refusal(falcon.HTTPError):
    """What is refused, and with what words; `findings` are all mistakes of a template."""

    def __init__(
        self,
        status: HTTPStatus,
        explanation: str,
        *,
        findings: Sequence[Finding] = (),
        trace: str = "",
        **more: Any,
    ) -> None:
        super().__init__(status, description=explanation, **more)
        self.findings = tuple(findings)
        self.trace = trace


def not_allowed(method: str, allowed: Sequence[str]) -> Refusal:
    """405, with what would have been allowed."""
    return Refusal(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"The {method} method is not allowed.",
        headers={"Allow": ", ".join(allowed)},
    )


def document(request: falcon.Request, response: falcon.Response, error: falcon.HTTPError) -> None:
    """Write an error as its document; 401 is a terse text, on purpose."""
    code = error.status_code
    if code == HTTPStatus.UNAUTHORIZED:
        response.content_type = falcon.MEDIA_TEXT
        response.text = "Authentication required"
        return
    kind, message = _WEBOB.get(code, _WEBOB[500 if code >= 500 else 400])
    told: dict[str, object] = {"message": message, "type": kind}
    if isinstance(error, Refusal) and error.trace:
        told["traceback"] = error.trace
    explanation = error.description or HTTPStatus(code).description
    if code == HTTPStatus.METHOD_NOT_ALLOWED:
        explanation = f"The {request.method} method is not allowed."
    body: dict[str, object] = {
        "title": HTTPStatus(code).phrase,
        "explanation": explanation,
        "code": code,
        "error": told,
    }
    if isinstance(error, Refusal) and error.findings:
        body["errors"] = [one.to_json() for one in error.findings]
    response.content_type = falcon.MEDIA_JSON
    response.text = json.dumps(body)


def install(app: falcon.App[falcon.Request, falcon.Response], *, debug: bool) -> None:
    """Have the application answer all errors so; with `debug` the document has a traceback."""
    app.set_error_serializer(document)
    for kind, status in (
        (BadRequest, HTTPStatus.BAD_REQUEST),
        (Busy, HTTPStatus.SERVICE_UNAVAILABLE),
        (TimedOut, HTTPStatus.SERVICE_UNAVAILABLE),
        (TemplateErrors, HTTPStatus.BAD_REQUEST),
        (Exception, HTTPStatus.INTERNAL_SERVER_ERROR),
    ):
        app.add_error_handler(kind, _refuse(status, debug=debug))
    # Falcon's own errors, which the handler for Exception would take
    app.add_error_handler(falcon.HTTPError, _pass_on)


def _refuse(status: HTTPStatus, *, debug: bool) -> Callable[..., None]:
    def refuse(
        request: falcon.Request, _response: falcon.Response, error: Exception, _params: object
    ) -> None:
        trace = "".join(traceback.format_exception(error)) if debug else ""
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("%s %s failed", request.method, request.path, exc_info=error)
            raise Refusal(status, "This is our fault; its operator's log says more.", trace=trace)
        findings = error.findings if isinstance(error, TemplateErrors) else ()
        raise Refusal(status, str(error), findings=findings, trace=trace)

    return refuse


def _pass_on(
    _request: falcon.Request, _response: falcon.Response, error: Exception, _params: object
) -> None:
    raise error
