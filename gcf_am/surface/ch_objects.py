"""The objects of the Federation API and their fields; GetVersion's FIELDS come from here.

Source: Federation API v2, the tables of each service; FED 1.5 to 1.7.
"""

from typing import Final

from gcf_am.surface.ch_elements import Attribute, Create, ObjectType, Protect
from gcf_am.surface.ch_types import (
    BOOLEAN,
    CERTIFICATE,
    DATETIME,
    EMAIL,
    KEY,
    STRING,
    STRUCT,
    UID,
    URL,
    URN,
    FieldType,
    choice,
    urn_of,
)

_ASKED: Final = Create.REQUIRED
_TAKEN: Final = Create.ALLOWED

SERVICE_TYPES: Final = ("AGGREGATE_MANAGER", "SLICE_AUTHORITY", "MEMBER_AUTHORITY")
# geni-ch counts them (FED 1.5)
_COUNTED: Final = {"0": "AGGREGATE_MANAGER", "1": "SLICE_AUTHORITY", "3": "MEMBER_AUTHORITY"}


def _field(
    name: str,
    type_: FieldType,
    doc: str,
    *,
    create: Create = Create.NOT_ALLOWED,
    match: bool = True,
    update: bool = False,
    protect: Protect = Protect.PUBLIC,
) -> Attribute:
    return Attribute(
        name=name, doc=doc, type=type_, create=create, match=match, update=update, protect=protect
    )


SERVICE: Final = ObjectType(
    name="SERVICE",
    doc="A service of the federation: its authorities and its aggregates.",
    key="SERVICE_URN",
    attributes=(
        _field("SERVICE_URN", URN, "Its name."),
        _field("SERVICE_URL", URL, "Where it answers."),
        _field(
            "SERVICE_TYPE",
            choice("service type", {**{one.lower(): one for one in SERVICE_TYPES}, **_COUNTED}),
            "What kind of service it is.",
        ),
        _field("SERVICE_NAME", STRING, "What people call it."),
        _field("SERVICE_DESCRIPTION", STRING, "What it is.", match=False),
        _field("SERVICE_CERT", CERTIFICATE, "Its certificate, where it is known.", match=False),
        _field("_GENI_SERVICE_SHORT_NAME", STRING, "A nickname for it.", match=False),
        _field(
            "_GENI_SERVICE_ATTRIBUTES",
            STRUCT,
            "What clients of the GENI portal want to know of an aggregate.",
            match=False,
        ),
    ),
)

SLICE: Final = ObjectType(
    name="SLICE",
    doc="A slice.",
    key="SLICE_URN",
    attributes=(
        _field("SLICE_URN", urn_of("slice"), "Its name."),
        _field("SLICE_UID", UID, "What tells it from others that bore its name."),
        _field("SLICE_CREATION", DATETIME, "When it was made.", match=False),
        _field(
            "SLICE_EXPIRATION",
            DATETIME,
            "When it ends.",
            create=_TAKEN,
            match=False,
            update=True,
        ),
        _field("SLICE_EXPIRED", BOOLEAN, "Whether it has ended."),
        _field("SLICE_NAME", STRING, "Its name within its project.", create=_ASKED, match=False),
        _field(
            "SLICE_DESCRIPTION",
            STRING,
            "What it is for.",
            create=_TAKEN,
            match=False,
            update=True,
        ),
        _field(
            "SLICE_PROJECT_URN",
            urn_of("project"),
            "The project it belongs to, where it does.",
            create=_TAKEN,
        ),
    ),
)

SLIVER_INFO: Final = ObjectType(
    name="SLIVER_INFO",
    doc="What is told of a sliver of a slice, for who looks for it.",
    key="SLIVER_INFO_URN",
    attributes=(
        _field("SLIVER_INFO_URN", urn_of("sliver"), "The sliver.", create=_ASKED),
        _field("SLIVER_INFO_SLICE_URN", urn_of("slice"), "Its slice.", create=_ASKED),
        _field("SLIVER_INFO_AGGREGATE_URN", urn_of("authority"), "Its aggregate.", create=_ASKED),
        _field("SLIVER_INFO_CREATOR_URN", urn_of("user"), "Who made it.", create=_ASKED),
        _field(
            "SLIVER_INFO_EXPIRATION",
            DATETIME,
            "When it ends, where that is known.",
            create=_TAKEN,
            match=False,
            update=True,
        ),
        _field("SLIVER_INFO_CREATION", DATETIME, "When it was made.", create=_TAKEN, match=False),
    ),
)

PROJECT: Final = ObjectType(
    name="PROJECT",
    doc="A project: people with slices in common.",
    key="PROJECT_URN",
    attributes=(
        _field("PROJECT_URN", urn_of("project"), "Its name."),
        _field("PROJECT_UID", UID, "What tells it from others that bore its name."),
        _field("PROJECT_CREATION", DATETIME, "When it was made.", match=False),
        _field(
            "PROJECT_EXPIRATION",
            DATETIME,
            "When it ends, where it does.",
            create=_TAKEN,
            match=False,
            update=True,
        ),
        _field("PROJECT_EXPIRED", BOOLEAN, "Whether it has ended."),
        _field("PROJECT_NAME", STRING, "Its name.", create=_ASKED),
        _field(
            "PROJECT_DESCRIPTION",
            STRING,
            "What it is for.",
            create=_TAKEN,
            match=False,
            update=True,
        ),
    ),
)

_WHO: Final = Protect.IDENTIFYING
MEMBER: Final = ObjectType(
    name="MEMBER",
    doc="Somebody who may have slices.",
    key="MEMBER_URN",
    attributes=(
        _field("MEMBER_URN", urn_of("user"), "Their name."),
        _field("MEMBER_UID", UID, "What tells them from others."),
        _field("MEMBER_USERNAME", STRING, "Their name within the authority."),
        _field("MEMBER_FIRSTNAME", STRING, "Their first name.", update=True, protect=_WHO),
        _field("MEMBER_LASTNAME", STRING, "Their last name.", update=True, protect=_WHO),
        _field("MEMBER_EMAIL", EMAIL, "Their e-mail address.", protect=_WHO),
    ),
)

KEYS: Final = ObjectType(
    name="KEY",
    doc="A member's SSH public key, for accounts on nodes.",
    key="KEY_ID",
    always=("KEY_ID", "KEY_MEMBER"),
    attributes=(
        _field("KEY_MEMBER", urn_of("user"), "Whose it is.", create=_ASKED),
        _field("KEY_ID", STRING, "Its name here."),
        _field("KEY_TYPE", STRING, "The kind of key, as SSH calls it.", create=_TAKEN),
        _field("KEY_PUBLIC", KEY, "The public key.", create=_ASKED, match=False),
        _field(
            "KEY_PRIVATE",
            KEY,
            "Never kept and never answered; private keys stay with their owners.",
            match=False,
            protect=Protect.PRIVATE,
        ),
        _field(
            "KEY_DESCRIPTION", STRING, "What it is for.", create=_TAKEN, match=False, update=True
        ),
    ),
)
