"""The Homing API as it is served here: resources, and the words of templates.

What the words mean is told in doc/homing.md, and which bodies are right in the OpenAPI document
that the service answers; here stands what there is, and since when.

Source: Homing API v1; template guide.
"""

from typing import Final

from gcf_am.surface.homing_elements import (
    BEYOND,
    LIFE,
    Given,
    HomingApi,
    HttpMethod,
    PlanStatus,
    Told,
    Word,
)

_GUIDE: Final = "template guide"


def _query(name: str, type_: str, doc: str) -> Given:
    return Given(name=name, type=type_, doc=doc, life=BEYOND, where="query")


def _header(name: str, type_: str, doc: str) -> Given:
    return Given(name=name, type=type_, doc=doc, life=BEYOND, where="header")


def _words(**docs: str) -> tuple[Word, ...]:
    return tuple(Word(name=name, doc=doc, spec=_GUIDE) for name, doc in docs.items())


# name, type, what it is; those of the first table are documented by the API, the others are ours
_BODY: Final = tuple(
    Given(name=name, type=type_, doc=doc, life=life)
    for life, rows in (
        (
            LIFE,
            (
                ("name", "string", "What the plan is called; else the start of its id."),
                ("id", "UUID", "The plan's id; else it is chosen here."),
                ("transaction_id", "string", "What the caller's own log calls this."),
                ("template", "string or object", "The template, as YAML, JSON or an object."),
                ("template_url", "string", "Where it can be fetched, where that is allowed."),
                ("files", "object of strings", "What get_file finds, by name."),
                ("timeout", "number", "How many minutes to search."),
                ("limit", "int", "How many recommendations are wanted."),
            ),
        ),
        (
            BEYOND,
            (
                ("num_solution", "int", "The same as limit, as clients in the field write it."),
                ("num_solutions", "int", "The same as limit, as clients in the field write it."),
                ("reserve", "boolean", "Reserve all demands, whatever the template says."),
                ("credentials", "array of structs", "What AM API version 3 takes, to reserve."),
            ),
        ),
    )
    for name, type_, doc in rows
)

PLAN: Final = tuple(
    Told(name=name, type=type_, doc=doc, life=life, optional=life is BEYOND)
    for life, rows in (
        (
            LIFE,
            (
                ("id", "UUID", "The plan's id."),
                ("transaction_id", "string", "The caller's own name for it."),
                ("name", "string", "What it is called."),
                ("status", "string", "Where it is."),
                ("message", "string", "Why it is there."),
                ("links", "array of links", "Where it can be read."),
                ("recommendations", "array of objects", "By demand, the places found."),
            ),
        ),
        (
            BEYOND,
            (
                ("created", "date and time", "When it was made."),
                ("updated", "date and time", "When it last changed."),
                ("solution", "object", "How good the recommendations are, or why there are none."),
                ("reservations", "array of objects", "What is reserved, and at which aggregates."),
                ("excluded", "array of objects", "What was not to be had, and why."),
            ),
        ),
    )
    for name, type_, doc in rows
)

HOMING_1: Final = HomingApi(
    name="1",
    doc="The Homing API, version 1.",
    number=1,
    operations=(
        HttpMethod(
            name="versions",
            verb="GET",
            path="/",
            doc="Which versions there are.",
            public=True,
            answers=(200,),
            told=(Told(name="versions", type="array of objects", doc="The versions."),),
        ),
        HttpMethod(
            name="version",
            verb="GET",
            path="/v1",
            doc="This version.",
            life=BEYOND,
            public=True,
            answers=(200,),
            told=(Told(name="version", type="object", doc="The version.", life=BEYOND),),
        ),
        HttpMethod(
            name="describe",
            verb="GET",
            path="/openapi.json",
            doc="The OpenAPI document.",
            life=BEYOND,
            public=True,
            answers=(200,),
        ),
        HttpMethod(
            name="health",
            verb="GET",
            path="/v1/plans/healthcheck",
            doc="Whether the service and its database answer.",
            public=True,
            answers=(200, 503),
            told=(Told(name="status", type="string", doc="ok."),),
        ),
        HttpMethod(
            name="list_plans",
            verb="GET",
            path="/v1/plans",
            doc="The caller's plans.",
            answers=(200, 400, 401, 503),
            told=(Told(name="plans", type="array of plans", doc="The plans."),),
        ),
        HttpMethod(
            name="create_plan",
            verb="POST",
            path="/v1/plans",
            doc="A new plan, to be solved and, where it is asked for, reserved.",
            answers=(201, 400, 401, 409, 413, 503),
            given=(
                _header("Prefer", "wait=N", "Answer when the plan has ended, or after N s."),
                _header("transaction-id", "string", "transaction_id, where the body has none."),
                *_BODY,
            ),
            told=(Told(name="plan", type="plan", doc="The plan."),),
        ),
        HttpMethod(
            name="show_plan",
            verb="GET",
            path="/v1/plans/{plan_id}",
            doc="One of the caller's plans; for a browser a page.",
            answers=(200, 400, 401, 404, 503),
            told=(
                Told(name="plan", type="plan", doc="The plan.", life=BEYOND),
                Told(name="plans", type="array of plans", doc="The plan, in a list of its own."),
            ),
        ),
        HttpMethod(
            name="delete_plan",
            verb="DELETE",
            path="/v1/plans/{plan_id}",
            doc="End a plan, and give back what it holds.",
            answers=(204, 400, 401, 404, 409, 503),
            given=(_query("release", "boolean", "Give back provisioned slivers, too."),),
        ),
    ),
)

STATUSES: Final = tuple(
    PlanStatus(name=word.replace(" ", "_"), doc=doc)
    for word, doc in (
        ("template", "The template was taken."),
        ("translated", "Inventories have answered."),
        ("solving", "Places are sought."),
        ("solved", "Places were found."),
        ("not found", "There are no such places."),
        ("reserving", "Slivers are reserved."),
        ("done", "All of it is done."),
        ("error", "It failed; message says why."),
    )
)

SECTIONS: Final = _words(
    homing_template_version="Which words the template has.",
    parameters="Values by name, for get_param.",
    locations="Places by name.",
    demands="What is to be placed, by name.",
    constraints="What must hold of the places, by name.",
    reservations="Which demands are to be reserved, and how.",
    reservation="The same, as older templates have it.",
    optimization="What the best places are.",
)

DEMAND_KEYS: Final = _words(
    inventory_provider="Who lists the candidates.",
    inventory_type="Whether clouds or services are candidates.",
    attributes="What a candidate must have.",
    filtering_attributes="The same, as newer templates have it.",
    passthrough_attributes="What is told again with the recommendation.",
    default_attributes="What candidates have that do not tell it.",
    service_type="The kind of service.",
    service_id="The service, or the slice.",
    default_cost="What a candidate costs that does not tell it.",
    required_candidates="Only these.",
    excluded_candidates="None of these.",
    existing_placement="Where it is now.",
    candidates="The candidates themselves.",
    unique="Whether another demand may have the same candidate.",
    region="The region of the candidates.",
    complex="The complex of the candidates.",
)

LOCATION_KEYS: Final = _words(
    latitude="Degrees to the north.",
    longitude="Degrees to the east.",
    host_name="A node's name or URN.",
    clli_code="A CLLI code, from the operator's table.",
    iso_country_code="Part of a placemark, from the operator's table.",
    postal_code="Part of a placemark, from the operator's table.",
    administrative_area="Part of a placemark, from the operator's table.",
    sub_administrative_area="Part of a placemark, from the operator's table.",
    locality="Part of a placemark, from the operator's table.",
    sub_locality="Part of a placemark, from the operator's table.",
    thoroughfare="Part of a placemark, from the operator's table.",
    sub_thoroughfare="Part of a placemark, from the operator's table.",
)

CONSTRAINT_TYPES: Final = _words(
    attribute="Candidates have the attributes that are told.",
    threshold="Numbers of candidates lie within bounds.",
    distance_between_demands="Demands lie so near to each other, or so far.",
    distance_to_location="Demands lie so near to a place, or so far.",
    instance_fit="A controller takes each service.",
    region_fit="A controller takes each cloud.",
    service="A service of somebody's own judges the candidates.",
    inventory_group="Demands lie in one group of an inventory.",
    zone="Demands lie in the same zone, or in different ones.",
    license="A seat is free for each demand.",
    network_between_demands="A path between demands is wide and short enough.",
    network_to_location="A path to a place is.",
    capability="The node offers what a template of servers or nodes needs.",
    capacity="The same, under the name of an example in the guide.",
)

FUNCTIONS: Final = _words(
    get_param="A parameter's value.",
    get_file="A file's contents.",
    sum="The sum of numbers and functions.",
    product="The product of numbers and one function.",
    distance_between="The distance between two demands, or a place and a demand.",
    latency_between="The latency between them.",
    cost="What a demand's candidate costs.",
    attribute="A number that a demand's candidate tells.",
)
