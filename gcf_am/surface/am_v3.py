"""GENI AM API version 3 as it is served here; read it like the standard.

This is the dispatch table, the decoder and the answer of GetVersion in one: what is not declared
here cannot be called, taken or sent. Methods stand in the standard's order, Change Set C's last.
"""

from collections.abc import Sequence
from typing import Final

from gcf_am.surface.elements import (
    CHANGE_SET_C,
    CHANGE_SET_N,
    CHANGE_SET_O,
    OURS,
    V3,
    ApiVersion,
    Argument,
    Field,
    Method,
    Option,
)
from gcf_am.surface.formats import AD_3, REQUEST_3, rspec_version
from gcf_am.surface.lifecycle import Lifecycle
from gcf_am.surface.shapes import BOOLEAN, INT, TEXT, Many, Record, Shape, Table
from gcf_am.surface.shortage import SHORTAGE
from gcf_am.surface.wire import (
    BOOLEAN as TRUE_OR_FALSE,
)
from gcf_am.surface.wire import (
    CREDENTIALS as CREDENTIAL_LIST,
)
from gcf_am.surface.wire import (
    DATETIME,
    FILLED,
    RSPEC,
    SLICE_URN,
    URNS,
    USER_URN,
    USERS,
    refused,
)

# ------------------------------------------------------------------------- what methods share


CREDENTIALS: Final = Argument(
    name="credentials",
    doc="What the caller may do, one document each; those that do not help are skipped.",
    type=CREDENTIAL_LIST,
)
_URNS: Final = Argument(
    name="urns",
    doc="The slice, meaning its slivers here that the method works on, or some of its slivers.",
    type=URNS,
)
SLICE: Final = Argument(name="slice_urn", doc="The slice.", type=SLICE_URN)

_REQUEST_VERSION: Final = Option(
    name="geni_rspec_version",
    doc="The RSpec version of the manifest.",
    type=rspec_version(REQUEST_3),
    required=True,
    handed=False,
)
END_TIME: Final = Option(
    name="geni_end_time",
    doc="Until when the slivers shall live: a wish, cut to what is granted.",
    type=DATETIME,
)
COMPRESSED: Final = Option(
    name="geni_compressed",
    doc="Answer the RSpec as base64 of its zlib compression.",
    type=TRUE_OR_FALSE,
    default=False,
)
AVAILABLE: Final = Option(
    name="geni_available",
    doc="List only what is to be had now.",
    type=TRUE_OR_FALSE,
    default=False,
)
AD_VERSION: Final = Option(
    name="geni_rspec_version",
    doc="The RSpec version of the advertisement.",
    type=rspec_version(AD_3),
    required=True,
    handed=False,
)
# Of every method that takes credentials, in every version (AM API facts 10).
SPEAKING_FOR: Final = Option(
    name="geni_speaking_for",
    doc="The user for whom a tool calls, whose geni_abac credential says that it may.",
    spec="GENI credentials",
    type=USER_URN,
    handed=False,
    names_caller=True,
)
_BEST_EFFORT: Final = Option(
    name="geni_best_effort",
    doc="Do what can be done and tell of each sliver; else all or nothing.",
    type=TRUE_OR_FALSE,
    default=False,
)
USERS_DOC: Final = "Whose accounts nodes get, and the SSH public keys that open them."

# Every call may end with one of these (AM API v3, Return Struct).
ANY_CALL: Final = ("SUCCESS", "BADARGS", "ERROR", "SERVERERROR", "TIMEDOUT", "SERVERBUSY")
SLICE_CALL: Final = (
    *ANY_CALL,
    "FORBIDDEN",
    "REFUSED",
    "DBERROR",
    "RPCERROR",
    "UNAVAILABLE",
    "SEARCHFAILED",
    "UNSUPPORTED",
    "BUSY",
    "EXPIRED",
    "INPROGRESS",
)
TAKES_CAPACITY: Final = (
    *SLICE_CALL,
    "BADVERSION",
    "TOOBIG",
    "ALREADYEXISTS",
    "OUTOFRANGE",
    "VLAN_UNAVAILABLE",
    "INSUFFICIENT_BANDWIDTH",
    "INSUFFICIENT_NODES",
)


def _slivers(*optional: str) -> Many:
    """What is told of each sliver; `optional` are those the standard lets this method leave out."""
    told: tuple[tuple[str, str, Lifecycle], ...] = (
        ("geni_sliver_urn", "Its name, never used again.", V3),
        ("geni_expires", "When its time is up.", V3),
        ("geni_allocation_status", "How far it is promised.", V3),
        ("geni_operational_status", "What it is doing.", V3),
        (
            "geni_next_allocation_status",
            "What the next Provision makes of it; empty when it does nothing.",
            CHANGE_SET_C,
        ),
        ("geni_error", "What went wrong with it; empty when nothing did.", V3),
    )
    return Many(
        Record(
            *(
                Field(name=name, doc=doc, life=life, shape=TEXT, optional=name in optional)
                for name, doc, life in told
            )
        )
    )


def _field(name: str, doc: str, shape: Shape, life: Lifecycle = V3) -> Field:
    return Field(name=name, doc=doc, shape=shape, life=life)


_MANIFEST: Final = _field("geni_rspec", "The manifest of the slivers listed.", TEXT)
_SLICE_URN: Final = _field("geni_urn", "The slice.", TEXT)


def _listed(*optional: str) -> Field:
    return _field("geni_slivers", "The slivers that the call was about.", _slivers(*optional))


# The struct that every method answers (AM API v3, Return Struct); `value` is the method's.
RETURN: Final = (
    _field(
        "code",
        "How it ended.",
        Record(
            _field("geni_code", "0, or the number of an error.", INT),
            _field("am_type", "Whose am_code it is.", TEXT),
            Field(name="am_code", doc="A finer code of ours.", shape=INT, optional=True),
        ),
    ),
    _field("output", "Why it failed; advice where something is deprecated; else empty.", TEXT),
)

# -------------------------------------------------------------------------------- the methods


def versions(kind: str, life: Lifecycle = V3) -> Many:
    """How GetVersion lists the versions of one kind of RSpec."""
    return Many(
        Record(
            _field("type", f"The {kind} RSpec's type.", TEXT, life),
            _field("version", "Its version.", TEXT, life),
            _field("schema", "Where its schema is.", TEXT, life),
            _field("namespace", "Its namespace.", TEXT, life),
            _field("extensions", "Namespaces of extensions that are acted on.", Many(TEXT), life),
        )
    )


GET_VERSION: Final = Method(
    name="GetVersion",
    doc="What this aggregate speaks and how it behaves.",
    spec="AM API v3, GetVersion",
    arguments=(),
    options=(),
    optional_options=True,
    needs=None,
    returns=Record(
        _field("geni_api", "This version of the API.", INT),
        _field("geni_api_versions", "The URL of each version that is served.", Table(TEXT)),
        _field("geni_request_rspec_versions", "What requests may be.", versions("request")),
        _field("geni_ad_rspec_versions", "What advertisements may be.", versions("ad")),
        _field(
            "geni_credential_types",
            "Which credentials are judged.",
            Many(
                Record(
                    _field("geni_type", "Its type.", TEXT),
                    _field("geni_version", "Its version.", TEXT),
                )
            ),
        ),
        # Omni's acceptance test wants exactly an int where the standard says boolean.
        _field("geni_single_allocation", "1 where slivers must be named together.", INT),
        _field("geni_allocate", "Whether a slice may Allocate again.", TEXT),
        _field("geni_am_type", "What kind of aggregate this is.", Many(TEXT), CHANGE_SET_N),
        Field(
            name="geni_am_code_version",
            doc="The software's version, where the operator shows it.",
            spec="AM API draft, Change Set N1",
            life=CHANGE_SET_N,
            shape=TEXT,
            optional=True,
        ),
        _field(
            "geni_unicode_compliant",
            "False: names and constants are ASCII.",
            BOOLEAN,
            CHANGE_SET_O,
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
    # Clients of version 1 look for it there.
    beside=(("geni_api", 3),),
)

LIST_RESOURCES: Final = Method(
    name="ListResources",
    doc="The advertisement of this aggregate.",
    spec="AM API v3, ListResources",
    arguments=(CREDENTIALS,),
    options=(
        SPEAKING_FOR,
        AD_VERSION,
        AVAILABLE,
        COMPRESSED,
        Option(
            name="geni_slice_urn",
            doc="Refused: it belongs to version 2; Describe tells of a slice.",
            type=refused("Describe"),
            handed=False,
        ),
    ),
    needs=(),
    returns=TEXT,
    errors=(*ANY_CALL, "FORBIDDEN", "BADVERSION", "DBERROR", "UNAVAILABLE", "BUSY"),
)

DESCRIBE: Final = Method(
    name="Describe",
    doc="The manifest and the states of slivers.",
    spec="AM API v3, Describe",
    arguments=(_URNS, CREDENTIALS),
    options=(
        SPEAKING_FOR,
        _REQUEST_VERSION,
        COMPRESSED,
        Option(
            name="geni_cancelled",
            doc="Tell what would be left if everything pending were cancelled.",
            spec="AM API draft, Change Set C",
            life=CHANGE_SET_C,
            type=TRUE_OR_FALSE,
            default=False,
        ),
    ),
    needs=("getsliceresources", "sliverstatus"),
    returns=Record(_MANIFEST, _SLICE_URN, _listed("geni_error")),
    errors=(*SLICE_CALL, "BADVERSION"),
)

ALLOCATE: Final = Method(
    name="Allocate",
    doc="Reserve what a request asks for: all of it for a short time, or nothing.",
    spec="AM API v3, Allocate",
    arguments=(
        SLICE,
        CREDENTIALS,
        Argument(name="rspec", doc="The request.", type=RSPEC),
    ),
    options=(SPEAKING_FOR, END_TIME),
    needs=("createsliver",),
    returns=Record(
        _MANIFEST,
        _listed("geni_operational_status", "geni_next_allocation_status", "geni_error"),
    ),
    errors=TAKES_CAPACITY,
    hint=SHORTAGE,
)

PROVISION: Final = Method(
    name="Provision",
    doc="Instantiate what is allocated, and make pending changes true.",
    spec="AM API v3, Provision",
    arguments=(_URNS, CREDENTIALS),
    options=(
        SPEAKING_FOR,
        _REQUEST_VERSION,
        _BEST_EFFORT,
        END_TIME,
        Option(name="geni_users", doc=USERS_DOC, type=USERS, default=()),
    ),
    needs=("createsliver",),
    returns=Record(_MANIFEST, _listed("geni_next_allocation_status", "geni_error")),
    errors=TAKES_CAPACITY,
)

RENEW: Final = Method(
    name="Renew",
    doc="Set when slivers expire.",
    spec="AM API v3, Renew",
    arguments=(
        _URNS,
        CREDENTIALS,
        Argument(name="expiration_time", doc="When they shall expire.", type=DATETIME),
    ),
    options=(
        SPEAKING_FOR,
        _BEST_EFFORT,
        Option(
            name="geni_extend_alap",
            doc="Where this is more than is granted, grant the latest time instead of failing.",
            type=TRUE_OR_FALSE,
            default=False,
        ),
    ),
    needs=("renewsliver",),
    returns=_slivers("geni_error"),
    errors=(*SLICE_CALL, "OUTOFRANGE"),
)

STATUS: Final = Method(
    name="Status",
    doc="The states of slivers.",
    spec="AM API v3, Status",
    arguments=(_URNS, CREDENTIALS),
    options=(SPEAKING_FOR, _BEST_EFFORT),
    needs=("sliverstatus", "getsliceresources"),
    returns=Record(_SLICE_URN, _listed()),
    errors=SLICE_CALL,
)

PERFORM_OPERATIONAL_ACTION: Final = Method(
    name="PerformOperationalAction",
    doc="Start, stop or otherwise act on provisioned slivers.",
    spec="AM API v3, PerformOperationalAction",
    arguments=(
        _URNS,
        CREDENTIALS,
        Argument(
            name="action", doc="One of the actions that the ad offers in this state.", type=FILLED
        ),
    ),
    options=(
        SPEAKING_FOR,
        _BEST_EFFORT,
        Option(name="geni_users", doc=USERS_DOC + " For geni_update_users.", type=USERS),
    ),
    needs=("createsliver",),
    returns=_slivers("geni_next_allocation_status", "geni_error"),
    errors=SLICE_CALL,
)

DELETE: Final = Method(
    name="Delete",
    doc="End slivers and free what they hold.",
    spec="AM API v3, Delete",
    arguments=(_URNS, CREDENTIALS),
    options=(SPEAKING_FOR, _BEST_EFFORT),
    needs=("deletesliver", "deleteslice"),
    returns=_slivers("geni_operational_status", "geni_next_allocation_status", "geni_error"),
    errors=SLICE_CALL,
)

SHUTDOWN: Final = Method(
    name="Shutdown",
    doc="Stop a slice here in an emergency, until an operator releases it.",
    spec="AM API v3, Shutdown",
    arguments=(SLICE, CREDENTIALS),
    options=(SPEAKING_FOR,),
    needs=("shutdown",),
    returns=BOOLEAN,
    errors=SLICE_CALL,
)


def protogeni_update(parameters: Sequence[object]) -> Sequence[object]:
    """Update's parameters where ProtoGENI's clients name the slice first (R254).

    Empty urns mean the slice there; sliver URNs are what they are here.
    """
    if len(parameters) != 5 or not isinstance(parameters[0], str):
        return parameters
    slice_urn, urns, *rest = parameters
    return [urns or [slice_urn], *rest]


UPDATE: Final = Method(
    name="Update",
    doc="Reserve a change: what the slivers named shall be, what is new, what goes.",
    spec="AM API draft, Change Set C, Update",
    life=CHANGE_SET_C,
    arguments=(
        _URNS,
        CREDENTIALS,
        Argument(
            name="rspec",
            doc="All that the slivers named shall be: a request, or a manifest that was changed.",
            type=RSPEC,
        ),
    ),
    options=(SPEAKING_FOR, _BEST_EFFORT, END_TIME),
    needs=("createsliver", "updateslice"),
    returns=Record(_MANIFEST, _listed("geni_operational_status", "geni_error")),
    errors=TAKES_CAPACITY,
    hint=SHORTAGE,
    rearrange=protogeni_update,
)

CANCEL: Final = Method(
    name="Cancel",
    doc="Undo what Allocate or Update reserved and Provision has not made true.",
    spec="AM API draft, Change Set C, Cancel",
    life=CHANGE_SET_C,
    arguments=(_URNS, CREDENTIALS),
    options=(SPEAKING_FOR, _BEST_EFFORT),
    needs=("deletesliver", "deleteslice"),
    returns=Record(_MANIFEST, _SLICE_URN, _listed("geni_next_allocation_status", "geni_error")),
    errors=SLICE_CALL,
)

AM_3: Final = ApiVersion(
    name="3",
    doc="The GENI Aggregate Manager API, version 3.",
    number=3,
    methods=(
        GET_VERSION,
        LIST_RESOURCES,
        DESCRIBE,
        ALLOCATE,
        PROVISION,
        RENEW,
        STATUS,
        PERFORM_OPERATIONAL_ACTION,
        DELETE,
        SHUTDOWN,
        UPDATE,
        CANCEL,
    ),
)
