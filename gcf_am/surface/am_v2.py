"""GENI AM API version 2, deprecated from its first day here; read it like the standard.

Older clients speak it. A slice has one sliver in its words: all that the slice has here. Each
method does what verbs of version 3 do, on the same slivers.
"""

from dataclasses import replace
from typing import Final

from gcf_am.surface import am_v3
from gcf_am.surface.am_v3 import (
    ANY_CALL,
    SLICE_CALL,
    TAKES_CAPACITY,
    USERS_DOC,
    versions,
)
from gcf_am.surface.elements import (
    CHANGE_SET_N,
    OURS,
    ApiVersion,
    Argument,
    Field,
    Method,
    Option,
)
from gcf_am.surface.lifecycle import Lifecycle, deprecated, published
from gcf_am.surface.releases import R1_0
from gcf_am.surface.shapes import BOOLEAN, INT, TEXT, Many, Record, Shape, Table
from gcf_am.surface.shortage import SHORTAGE
from gcf_am.surface.wire import BOOLEAN as TRUE_OR_FALSE
from gcf_am.surface.wire import DATETIME, RSPEC, SLICE_URN, USERS

_SPEC: Final = "AM API v2"
# The life of what stands in a method; that the method is deprecated says enough of its parts.
_V2: Final = Lifecycle(published(R1_0, "Part of GENI AM API version 2."))


def _instead(*verbs: str) -> Lifecycle:
    """The life of a method in whose place these of version 3 are to be called."""
    return Lifecycle(
        published(R1_0, "Part of GENI AM API version 2."),
        deprecated(R1_0, "Version 3 tells slivers apart and undoes its steps.", *verbs),
    )


def _field(name: str, doc: str, shape: Shape, life: Lifecycle = _V2) -> Field:
    return Field(name=name, doc=doc, spec=_SPEC, shape=shape, life=life)


# What version 3 took over as it was.
_CREDENTIALS, _SLICE = (
    replace(one, spec=_SPEC, life=_V2) for one in (am_v3.CREDENTIALS, am_v3.SLICE)
)
_SPEAKING_FOR, _AD_VERSION, _AVAILABLE, _COMPRESSED, _END_TIME = (
    replace(one, spec=_SPEC, life=_V2)
    for one in (
        am_v3.SPEAKING_FOR,
        am_v3.AD_VERSION,
        am_v3.AVAILABLE,
        am_v3.COMPRESSED,
        am_v3.END_TIME,
    )
)

_STATUS: Final = "One of configuring, ready, failed and unknown."

GET_VERSION: Final = Method(
    name="GetVersion",
    doc="What this aggregate speaks.",
    spec=f"{_SPEC}, GetVersion",
    life=_instead("am/3/GetVersion"),
    arguments=(),
    options=(),
    optional_options=True,
    needs=None,
    returns=Record(
        _field("geni_api", "This version of the API.", INT),
        _field("geni_api_versions", "The URL of each version that is served.", Table(TEXT)),
        _field("geni_request_rspec_versions", "What requests may be.", versions("request", _V2)),
        _field("geni_ad_rspec_versions", "What advertisements may be.", versions("ad", _V2)),
        _field("geni_am_type", "What kind of aggregate this is.", Many(TEXT), CHANGE_SET_N),
        Field(
            name="geni_am_code_version",
            doc="The software's version, where the operator shows it.",
            spec="AM API draft, Change Set N1",
            life=CHANGE_SET_N,
            shape=TEXT,
            optional=True,
        ),
        _field("urn", "The aggregate's name.", TEXT, OURS),
        _field("geni_handles_speaksfor", "Whether any tool may speak for users.", BOOLEAN, OURS),
        _field(
            "gcfam_lifecycle",
            "The state of every element of the surface that is not published.",
            Table(TEXT),
            OURS,
        ),
    ),
    errors=ANY_CALL,
    beside=(("geni_api", 2),),
)

LIST_RESOURCES: Final = Method(
    name="ListResources",
    doc="The advertisement of this aggregate, or the manifest of a slice.",
    spec=f"{_SPEC}, ListResources",
    life=_instead("am/3/ListResources", "am/3/Describe"),
    arguments=(_CREDENTIALS,),
    options=(
        _SPEAKING_FOR,
        _AD_VERSION,
        _AVAILABLE,
        _COMPRESSED,
        Option(
            name="geni_slice_urn",
            doc="The slice whose manifest is wanted; without it, the advertisement.",
            spec=_SPEC,
            life=_V2,
            type=SLICE_URN,
        ),
    ),
    needs=(),
    needs_on_slice=("getsliceresources", "sliverstatus"),
    returns=TEXT,
    errors=(*SLICE_CALL, "BADVERSION"),
)

CREATE_SLIVER: Final = Method(
    name="CreateSliver",
    doc="Reserve, instantiate and start what a request asks for: all of it, or nothing.",
    spec=f"{_SPEC}, CreateSliver",
    life=_instead("am/3/Allocate", "am/3/Provision", "am/3/PerformOperationalAction"),
    arguments=(
        _SLICE,
        _CREDENTIALS,
        Argument(name="rspec", doc="The request.", spec=_SPEC, life=_V2, type=RSPEC),
        Argument(name="users", doc=USERS_DOC, spec=_SPEC, life=_V2, type=USERS),
    ),
    options=(_SPEAKING_FOR, _END_TIME),
    needs=("createsliver",),
    returns=TEXT,
    errors=TAKES_CAPACITY,
    hint=SHORTAGE,
)

SLIVER_STATUS: Final = Method(
    name="SliverStatus",
    doc="How far the slice's resources are.",
    spec=f"{_SPEC}, SliverStatus",
    life=_instead("am/3/Status"),
    arguments=(_SLICE, _CREDENTIALS),
    options=(_SPEAKING_FOR,),
    needs=("sliverstatus", "getsliceresources"),
    returns=Record(
        _field("geni_urn", "The slice.", TEXT),
        _field("geni_status", f"How far all of it is. {_STATUS}", TEXT),
        _field("geni_expires", "When the first of it expires.", TEXT, OURS),
        _field(
            "geni_resources",
            "Each resource.",
            Many(
                Record(
                    _field("geni_urn", "The sliver.", TEXT),
                    _field("geni_status", f"How far it is. {_STATUS}", TEXT),
                    _field("geni_error", "What went wrong; empty when nothing did.", TEXT),
                )
            ),
        ),
    ),
    errors=SLICE_CALL,
)

RENEW_SLIVER: Final = Method(
    name="RenewSliver",
    doc="Set when all that the slice has here expires.",
    spec=f"{_SPEC}, RenewSliver",
    life=_instead("am/3/Renew"),
    arguments=(
        _SLICE,
        _CREDENTIALS,
        Argument(
            name="expiration_time",
            doc="When it shall expire.",
            spec=_SPEC,
            life=_V2,
            type=DATETIME,
        ),
    ),
    options=(
        _SPEAKING_FOR,
        Option(
            name="geni_extend_alap",
            doc="Where this is more than is granted, grant the latest time instead of failing;"
            " output holds that time.",
            spec=_SPEC,
            life=_V2,
            type=TRUE_OR_FALSE,
            default=False,
        ),
    ),
    needs=("renewsliver",),
    returns=BOOLEAN,
    errors=(*SLICE_CALL, "OUTOFRANGE"),
)

DELETE_SLIVER: Final = Method(
    name="DeleteSliver",
    doc="End all that the slice has here.",
    spec=f"{_SPEC}, DeleteSliver",
    life=_instead("am/3/Delete"),
    arguments=(_SLICE, _CREDENTIALS),
    options=(_SPEAKING_FOR,),
    needs=("deletesliver", "deleteslice"),
    returns=BOOLEAN,
    errors=SLICE_CALL,
)

SHUTDOWN: Final = Method(
    name="Shutdown",
    doc="Stop a slice here in an emergency, until an operator releases it.",
    spec=f"{_SPEC}, Shutdown",
    life=_instead("am/3/Shutdown"),
    arguments=(_SLICE, _CREDENTIALS),
    options=(_SPEAKING_FOR,),
    needs=("shutdown",),
    returns=BOOLEAN,
    errors=SLICE_CALL,
)

AM_2: Final = ApiVersion(
    name="2",
    doc="The GENI Aggregate Manager API, version 2.",
    spec=_SPEC,
    life=_instead("am/3"),
    number=2,
    methods=(
        GET_VERSION,
        LIST_RESOURCES,
        CREATE_SLIVER,
        SLIVER_STATUS,
        RENEW_SLIVER,
        DELETE_SLIVER,
        SHUTDOWN,
    ),
)
