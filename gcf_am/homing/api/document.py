"""The OpenAPI document of the Homing API, from the same rules that judge requests."""

from typing import Any, Final

from gcf_am import __version__
from gcf_am.homing.api.asked import LONGEST_MINUTES, MOST
from gcf_am.homing.plans.booking import Held
from gcf_am.homing.plans.plan import Status

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "number"}
_TEXTS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "string"}}


def _object(required: str = "", /, **members: Schema) -> Schema:
    """An object of these members; `required` are names among them."""
    made: Schema = {"type": "object", "properties": members}
    return {**made, "required": required.split()} if required else made


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_LINKS: Final = _list(_object("href rel", href=_TEXT, rel=_TEXT, type=_TEXT))
_PLAN_ID: Final[Schema] = {
    "name": "plan_id",
    "in": "path",
    "required": True,
    "description": "The UUID of the plan.",
    "schema": {"type": "string", "format": "uuid"},
}
_NEW: Final[Schema] = {
    **_object(
        name={"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,255}$"},
        id={"type": "string", "format": "uuid"},
        transaction_id={"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
        files=_TEXTS,
        template={"oneOf": [{"type": "string"}, {"type": "object"}]},
        template_url={"type": "string", "format": "uri"},
        timeout={"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_MINUTES},
        limit={"type": "integer", "minimum": 1, "maximum": MOST},
        num_solution={"type": "integer", "minimum": 1, "maximum": MOST},
        num_solutions={"type": "integer", "minimum": 1, "maximum": MOST},
        reserve={"type": "boolean"},
        credentials=_list(
            {
                **_object(
                    "geni_type geni_version geni_value",
                    geni_type=_TEXT,
                    geni_version=_TEXT,
                    geni_value=_TEXT,
                ),
                "additionalProperties": False,
            }
        ),
    ),
    "anyOf": [{"required": ["template"]}, {"required": ["template_url"]}],
    "additionalProperties": False,
}
_CHOICE: Final = _object(
    "inventory_provider candidate attributes",
    inventory_provider=_TEXT,
    service_resource_id=_TEXT,
    candidate=_object(
        "inventory_type",
        candidate_id=_TEXT,
        inventory_type={"type": "string", "enum": ["cloud", "service"]},
        location_type=_TEXT,
        location_id=_TEXT,
        host_id=_TEXT,
    ),
    attributes={"type": "object"},
)
_BOOKING: Final = _object(
    "aggregate slice_urn state slivers expires error",
    aggregate=_TEXT,
    url=_TEXT,
    slice_urn=_TEXT,
    state={"type": "string", "enum": [one.value for one in Held]},
    attempt={"type": "integer"},
    slivers=_TEXTS,
    expires=_TEXT,
    error=_TEXT,
)
_PLAN: Final = _object(
    "id transaction_id name status message links recommendations",
    id={"type": "string", "format": "uuid"},
    transaction_id=_TEXT,
    name=_TEXT,
    status={"type": "string", "enum": [one.value for one in Status]},
    message=_TEXT,
    links=_LINKS,
    recommendations=_list({"type": "object", "additionalProperties": _CHOICE}),
    created={"type": "string", "format": "date-time"},
    updated={"type": "string", "format": "date-time"},
    solution=_object(
        objective=_NUMBER,
        optimal={"type": "boolean"},
        bound=_NUMBER,
        gap=_NUMBER,
        engine=_TEXT,
        timed_out={"type": "boolean"},
        warnings=_list(_TEXT),
        infeasible={"type": "object"},
    ),
    reservations=_list(_BOOKING),
    excluded=_list(_object(aggregate=_TEXT, candidate=_TEXT, reason=_TEXT)),
)
_ERROR: Final = _object(
    "title explanation code error",
    title=_TEXT,
    explanation=_TEXT,
    code={"type": "integer"},
    error=_object("message type", message=_TEXT, type=_TEXT, traceback=_TEXT),
    errors=_list(
        _object(
            "path line column message hint",
            path=_TEXT,
            line={"type": "integer"},
            column={"type": "integer"},
            message=_TEXT,
            hint=_TEXT,
        )
    ),
)
_VERSION: Final = _object(
    "status id updated media-types links",
    status=_TEXT,
    id=_TEXT,
    updated=_TEXT,
    links=_LINKS,
    **{"media-types": _list(_object("base type", base=_TEXT, type=_TEXT))},
)


def _answer(words: str, schema: Schema, **more: Any) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}, **more}


def _operation(
    name: str, words: str, *, public: bool = False, errors: str = "", **more: Any
) -> Schema:
    """An operation with the errors that it may answer, 401 and 400 among them."""
    responses = dict(more.pop("responses"))
    for code in f"400 503 {errors}".split():
        responses[code] = _answer("An error.", _ref("Error"))
    if not public:
        responses["401"] = {
            "description": "Nobody showed who they are.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    made = {"operationId": name, "summary": words, **more, "responses": responses}
    return {**made, "security": []} if public else made


def openapi(base: str) -> Schema:
    """The document; `base` is the service's URL without a slash at its end."""
    page = {"text/html": {"schema": {"type": "string"}}}
    one = _object("plan plans", plan=_ref("Plan"), plans=_list(_ref("Plan")))
    shown = _answer("The plan.", one)
    shown["content"].update(page)
    options: Schema = {"responses": {"204": {"description": "Allow tells the methods."}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Homing API",
            "version": "v1",
            "description": f"Homes for demands; gcf_am {__version__}.",
        },
        "servers": [{"url": base}],
        "security": [{"certificate": []}, {"password": []}],
        "paths": {
            "/": {
                "get": _operation(
                    "versions",
                    "List all versions.",
                    public=True,
                    responses={
                        "200": _answer(
                            "The versions.",
                            _object("versions", versions=_list(_ref("Version"))),
                        )
                    },
                ),
                "options": _operation("versions_options", "Methods.", public=True, **options),
            },
            "/v1/plans": {
                "get": _operation(
                    "list_plans",
                    "The caller's plans.",
                    responses={
                        "200": _answer("Plans.", _object("plans", plans=_list(_ref("Plan"))))
                    },
                ),
                "post": _operation(
                    "create_plan",
                    "Create a plan.",
                    errors="409 413",
                    parameters=[
                        {
                            "name": "Prefer",
                            "in": "header",
                            "description": "wait=N: answer when the plan has ended, or in N s.",
                            "schema": {"type": "string"},
                        },
                    ],
                    requestBody={
                        "required": True,
                        "content": {"application/json": {"schema": _ref("NewPlan")}},
                    },
                    responses={
                        "201": _answer(
                            "The plan.",
                            _object("plan", plan=_ref("Plan")),
                            headers={"Location": {"schema": {"type": "string"}}},
                        )
                    },
                ),
                "options": _operation("plans_options", "Methods.", **options),
            },
            "/v1/plans/{plan_id}": {
                "parameters": [_PLAN_ID],
                "get": _operation(
                    "show_plan", "Show plan details.", errors="404", responses={"200": shown}
                ),
                "delete": _operation(
                    "delete_plan",
                    "Delete a plan; what it holds is given back.",
                    errors="404 409",
                    parameters=[
                        {
                            "name": "release",
                            "in": "query",
                            "description": "Give back provisioned slivers, too.",
                            "schema": {"type": "boolean"},
                        },
                    ],
                    responses={"204": {"description": "It is deleted."}},
                ),
                "options": _operation("plan_options", "Methods.", **options),
            },
            "/v1/plans/healthcheck": {
                "get": _operation(
                    "health",
                    "Whether the service and its database answer.",
                    public=True,
                    responses={"200": _answer("It does.", _object("status", status=_TEXT))},
                )
            },
        },
        "components": {
            "schemas": {
                "Version": _VERSION,
                "NewPlan": _NEW,
                "Plan": _PLAN,
                "Error": _ERROR,
            },
            "securitySchemes": {
                "certificate": {"type": "mutualTLS"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
    }
