"""The Common Federation API as it is served here; read it like the standard.

Each operation stands here once: the names it is called by, what it takes and answers, and who may
call it. What is not declared here cannot be called, matched, set or sent.

Source: Federation API v2; FED 1.4 to 1.8 (what servers in the field do).
"""

from typing import Any, Final

from gcf_am.surface.ch_elements import (
    FIELDS,
    LIFE,
    MATCH,
    MEMBERS,
    SPEC,
    Attribute,
    Authority,
    FederationApi,
    FederationCode,
    Membership,
    ObjectType,
    OldName,
    Operation,
    Protect,
    Who,
)
from gcf_am.surface.ch_objects import (
    KEYS,
    MEMBER,
    PROJECT,
    SERVICE,
    SERVICE_TYPES,
    SLICE,
    SLIVER_INFO,
)
from gcf_am.surface.ch_types import MANY_URNS, STRING, URN, urn_of
from gcf_am.surface.elements import Argument, Field
from gcf_am.surface.shapes import BOOLEAN, TEXT, Many, Record, Shape, Table
from gcf_am.surface.wire import WireType

_ANYBODY: Final = frozenset({Who.ANYBODY})
_OPERATOR: Final = frozenset({Who.OPERATOR})
_OWNER: Final = _OPERATOR | {Who.SELF}
_USE: Final = _OPERATOR | {Who.SLICE_LEAD, Who.SLICE_ADMIN, Who.SLICE_MEMBER}
_SLICE_RUN: Final = _OPERATOR | {Who.SLICE_LEAD, Who.SLICE_ADMIN}
_SLICE_SEE: Final = _USE | {Who.SLICE_AUDITOR, Who.SLICE_OPERATOR}
_PROJECT_RUN: Final = _OPERATOR | {Who.PROJECT_LEAD, Who.PROJECT_ADMIN}
_PROJECT_SEE: Final = _PROJECT_RUN | {
    Who.PROJECT_MEMBER,
    Who.PROJECT_AUDITOR,
    Who.PROJECT_OPERATOR,
}
_SLIVERS: Final = _USE | {Who.AUTHORITY, Who.AGGREGATE}
# Who sees what is identifying of a member; what is private only they themselves see (FED 1.7).
IDENTIFYING: Final = _OWNER | {
    Who.AUTHORITY,
    Who.SHARES_SLICE,
    Who.SHARES_PROJECT,
    Who.SEEKS_BY_EMAIL,
}
PRIVATE: Final = frozenset({Who.SELF})


def _field(name: str, doc: str, shape: Shape) -> Field:
    return Field(name=name, doc=doc, spec=SPEC, life=LIFE, shape=shape)


def _about(name: str, doc: str, type_: WireType[Any]) -> Argument:
    return Argument(name=name, doc=doc, spec=SPEC, life=LIFE, type=type_)


def _object(kind: str) -> Argument:
    return _about("urn", "The object.", urn_of(kind).wire)


_MEMBER: Final = _about("member_urn", "The member.", urn_of("user").wire)
_KEY: Final = _about("key_id", "The key.", STRING.wire)


def _record(kind: ObjectType) -> Record:
    return Record(*kind.attributes)


def _old(name: str, doc: str = "") -> OldName:
    return OldName(name=name, doc=doc or "The same without the type.")


def _make(kind: ObjectType, who: frozenset[Who], *old: OldName, doc: str) -> Operation:
    return Operation(
        name=f"create/{kind.name}",
        doc=doc,
        verb="create",
        object=kind,
        takes=frozenset({FIELDS}),
        who=who,
        returns=_record(kind),
        old_names=old,
    )


def _look(
    kind: ObjectType, who: frozenset[Who], *old: OldName, doc: str, must: bool = False
) -> Operation:
    return Operation(
        name=f"lookup/{kind.name}",
        doc=doc,
        verb="lookup",
        object=kind,
        takes=frozenset({MATCH}),
        must_match=must,
        who=who,
        returns=Table(_record(kind)),
        old_names=old,
    )


def _change(
    kind: ObjectType,
    who: frozenset[Who],
    about: Argument,
    *old: OldName,
    doc: str,
    verb: str = "update",
) -> Operation:
    return Operation(
        name=f"{verb}/{kind.name}",
        doc=doc,
        verb=verb,
        object=kind,
        about=(about,),
        takes=frozenset({FIELDS}) if verb == "update" else frozenset(),
        who=who,
        returns=BOOLEAN,
        old_names=old,
    )


def _never(verb: str, kind: ObjectType, doc: str) -> Operation:
    return Operation(
        name=f"{verb}/{kind.name}",
        doc=doc,
        verb=verb,
        object=kind,
        who=frozenset(),
        returns=BOOLEAN,
        implemented=False,
    )


def _members_of(
    kind: ObjectType, see: frozenset[Who], run: frozenset[Who]
) -> tuple[Operation, ...]:
    """The three operations on membership of slices and of projects."""
    name, word = kind.name, kind.name.lower()
    share = Who.SHARES_SLICE if kind is SLICE else Who.SHARES_PROJECT
    written = Membership(member=f"{name}_MEMBER", role=f"{name}_ROLE")
    role = _field(written.role, "What they are in it.", TEXT)
    member = (
        _field(written.member, "The member.", TEXT),
        role,
        _field(f"{name}_MEMBER_UID", "What tells the member from others.", TEXT),
    )
    mine = (
        _field(f"{name}_URN", f"The {word}.", TEXT),
        role,
        _field(f"{name}_UID", "What tells it from others.", TEXT),
        _field(f"{name}_EXPIRED", "Whether it has ended.", BOOLEAN),
        _field("EXPIRED", "The same, under the name that Omni reads.", BOOLEAN),
    )
    return (
        Operation(
            name=f"lookup_for_member/{name}",
            doc=f"The {word}s that somebody is a member of.",
            verb="lookup_for_member",
            object=kind,
            about=(_MEMBER,),
            takes=frozenset({MATCH}),
            who=_OWNER | {share},
            returns=Many(Record(*mine)),
            old_names=(_old(f"lookup_{word}s_for_member"),),
        ),
        Operation(
            name=f"lookup_members/{name}",
            doc=f"Who is a member of a {word}.",
            verb="lookup_members",
            object=kind,
            about=(_object(word),),
            who=see,
            returns=Many(Record(*member)),
            old_names=(_old(f"lookup_{word}_members"),),
        ),
        Operation(
            name=f"modify_membership/{name}",
            doc=f"Add members to a {word}, change roles, remove members: all of it or nothing.",
            verb="modify_membership",
            object=kind,
            about=(_object(word),),
            takes=frozenset({MEMBERS}),
            membership=written,
            who=run,
            returns=BOOLEAN,
            old_names=(_old(f"modify_{word}_membership"),),
        ),
    )


_CREDENTIALS: Final = Many(
    Record(
        _field("geni_type", "The kind of credential.", TEXT),
        _field("geni_version", "The version of that kind, in a string.", TEXT),
        _field("geni_value", "The credential.", TEXT),
    )
)

_ATTRIBUTE_FACTS: Final = Record(
    _field("OBJECT", "Whose field it is.", TEXT),
    _field("TYPE", "Its type.", TEXT),
    _field("CREATE", "Whether it is given at creation.", TEXT),
    _field("MATCH", "Whether it can be matched.", BOOLEAN),
    _field("UPDATE", "Whether it can be changed.", BOOLEAN),
    _field("PROTECT", "Who sees it.", TEXT),
)


_TYPES: Final = _field("SERVICE_TYPES", "The kinds of services.", Many(TEXT))
_CREDENTIAL_TYPES: Final = _field(
    "CREDENTIAL_TYPES",
    "The kinds of credentials it issues and takes.",
    Many(Record(_field("type", "The kind.", TEXT), _field("version", "Its version.", TEXT))),
)
_ROLES: Final = _field("ROLES", "What members can be.", Many(TEXT))


def _version(*own: Field) -> Operation:
    """The operation, whose answer has what every service tells, and what is this one's own."""
    return Operation(
        name="get_version",
        doc="What the service is, and which fields its objects have.",
        verb="get_version",
        credentials=False,
        optional_options=True,
        who=_ANYBODY,
        returns=Record(
            _field("VERSION", "The version of the API.", TEXT),
            _field("URN", "The service's own name.", TEXT),
            _field(
                "IMPLEMENTATION",
                "The software.",
                Record(_field("code_version", "Its version.", TEXT)),
            ),
            _field("SERVICES", "The kinds of objects it knows.", Many(TEXT)),
            *own,
            _field("API_VERSIONS", "Where each version answers, by number.", Table(TEXT)),
            _field("FIELDS", "Fields of the objects, by name.", Table(_ATTRIBUTE_FACTS)),
        ),
    )


def _services(name: str, kind: str) -> OldName:
    return OldName(
        name=name,
        doc=f"Services of type {kind}.",
        match={"SERVICE_TYPE": (kind,)},
        credentials=False,
    )


REGISTRY: Final = Authority(
    name="SR",
    doc="The service registry.",
    services=("SERVICE",),
    objects=(SERVICE,),
    operations=(
        _version(_TYPES),
        Operation(
            name="lookup/SERVICE",
            doc="The services that match: a list, as every server and client has it.",
            verb="lookup",
            object=SERVICE,
            takes=frozenset({MATCH}),
            who=_ANYBODY,
            returns=Many(_record(SERVICE)),
            old_names=(
                _services("lookup_aggregates", SERVICE_TYPES[0]),
                _services("lookup_slice_authorities", SERVICE_TYPES[1]),
                _services("lookup_member_authorities", SERVICE_TYPES[2]),
            ),
        ),
        Operation(
            name="get_trust_roots",
            doc="The certificates of the federation's authorities.",
            verb="get_trust_roots",
            credentials=False,
            options=False,
            who=_ANYBODY,
            returns=Many(TEXT),
        ),
        Operation(
            name="lookup_authorities_for_urns",
            doc="Where the authority of each slice and user answers; empty for who is not ours.",
            verb="lookup_authorities_for_urns",
            about=(_about("urns", "The slices and users.", MANY_URNS),),
            credentials=False,
            options=False,
            who=_ANYBODY,
            returns=Table(TEXT),
        ),
    ),
)

SLICE_AUTHORITY: Final = Authority(
    name="SA",
    doc="The slice authority.",
    services=("SLICE", "SLICE_MEMBER", "SLIVER_INFO", "PROJECT", "PROJECT_MEMBER"),
    objects=(SLICE, SLIVER_INFO, PROJECT),
    operations=(
        _version(_CREDENTIAL_TYPES, _ROLES),
        _make(
            SLICE,
            _OPERATOR | {Who.PROJECT_LEAD, Who.PROJECT_ADMIN, Who.PROJECT_MEMBER, Who.MEMBER},
            _old("create_slice"),
            doc="Make a slice; its maker leads it.",
        ),
        _look(SLICE, _SLICE_SEE | _PROJECT_SEE, _old("lookup_slices"), doc="Slices that match."),
        _change(
            SLICE,
            _SLICE_RUN,
            _object("slice"),
            _old("update_slice"),
            doc="Let a slice live longer, or describe it anew.",
        ),
        _never("delete", SLICE, "Slices only end by themselves."),
        Operation(
            name="get_credentials",
            doc="The caller's credential over a slice.",
            verb="get_credentials",
            about=(_about("slice_urn", "The slice.", URN.wire),),
            who=_USE,
            returns=_CREDENTIALS,
        ),
        *_members_of(SLICE, _SLICE_SEE, _SLICE_RUN),
        _make(
            SLIVER_INFO,
            _SLIVERS,
            _old("create_sliver_info"),
            doc="Tell of a sliver; what its aggregate tells counts before all else.",
        ),
        _look(
            SLIVER_INFO,
            _SLIVERS | {Who.CREATOR},
            _old("lookup_sliver_info"),
            doc="Slivers that match, as far as they were told of.",
        ),
        _change(
            SLIVER_INFO,
            _SLIVERS,
            _object("sliver"),
            _old("update_sliver_info"),
            doc="Tell a sliver's new end.",
        ),
        _change(
            SLIVER_INFO,
            _SLIVERS,
            _object("sliver"),
            _old("delete_sliver_info"),
            doc="Tell that a sliver is no more.",
            verb="delete",
        ),
        _make(
            PROJECT,
            _OPERATOR | {Who.PI},
            _old("create_project"),
            doc="Make a project; its maker leads it.",
        ),
        _look(
            PROJECT,
            frozenset({Who.CERTIFIED}),
            _old("lookup_projects"),
            doc="Projects that match.",
        ),
        _change(
            PROJECT,
            _PROJECT_RUN,
            _object("project"),
            _old("update_project"),
            doc="Give a project another end, or describe it anew.",
        ),
        _change(
            PROJECT,
            _OPERATOR | {Who.PROJECT_LEAD},
            _object("project"),
            doc="End a project in which no slice lives.",
            verb="delete",
        ),
        *_members_of(PROJECT, _PROJECT_SEE, _PROJECT_RUN | {Who.AUTHORITY}),
    ),
)


def _seen(name: str, *protects: Protect) -> OldName:
    words = " and ".join(one.value.lower() for one in protects)
    return OldName(name=name, doc=f"Only what is {words} of them.", sees=frozenset(protects))


MEMBER_AUTHORITY: Final = Authority(
    name="MA",
    doc="The member authority.",
    services=("MEMBER", "KEY"),
    objects=(MEMBER, KEYS),
    operations=(
        _version(_CREDENTIAL_TYPES),
        _look(
            MEMBER,
            frozenset({Who.CERTIFIED}),
            _seen("lookup_public_member_info", Protect.PUBLIC),
            _seen("lookup_identifying_member_info", Protect.IDENTIFYING),
            _seen("lookup_private_member_info", Protect.PRIVATE),
            _seen("lookup_public_identifying_member_info", Protect.PUBLIC, Protect.IDENTIFYING),
            doc="Members that match; of each, what the caller may see.",
            must=True,
        ),
        _change(
            MEMBER,
            _OWNER,
            _object("user"),
            _old("update_member_info"),
            doc="Change what is known of a member.",
        ),
        _never("create", MEMBER, "Members are made by the operator."),
        _never("delete", MEMBER, "Members are ended by the operator."),
        Operation(
            name="get_credentials",
            doc="The credential of a member over themselves, for their registered certificate.",
            verb="get_credentials",
            about=(_MEMBER,),
            who=_OWNER | {Who.AUTHORITY},
            returns=_CREDENTIALS,
        ),
        Operation(
            name="create_certificate",
            doc="A certificate for the key of a request (csr in options) that the member signed.",
            verb="create_certificate",
            about=(_MEMBER,),
            takes=frozenset({"csr"}),
            who=PRIVATE,
            returns=TEXT,
        ),
        Operation(
            name="get_crl",
            doc="Which certificates the member authority has revoked, as PEM.",
            verb="get_crl",
            optional_options=True,
            who=frozenset({Who.CERTIFIED}),
            returns=TEXT,
        ),
        _make(KEYS, _OWNER, _old("create_key"), doc="Register an SSH public key."),
        _look(
            KEYS,
            frozenset({Who.CERTIFIED}),
            OldName(
                name="lookup_keys",
                doc="The same, listed by member.",
                grouped="KEY_MEMBER",
                returns=Table(Many(_record(KEYS))),
            ),
            doc="Public keys that match.",
            must=True,
        ),
        _change(KEYS, _OWNER, _KEY, _old("update_key"), doc="Describe a key anew."),
        _change(KEYS, _OWNER, _KEY, _old("delete_key"), doc="Forget a key.", verb="delete"),
    ),
)

CH_2: Final = FederationApi(
    name="2",
    doc="The Common Federation API, version 2, with the names of version 1.",
    number=2,
    authorities=(REGISTRY, SLICE_AUTHORITY, MEMBER_AUTHORITY),
)

# geni-ch's requests to join a project; known, so that clients hear a number and no fault
UNSERVED: Final = ("create_request", "get_pending_requests_for_user", "resolve_pending_request")

CH_CODES: Final = tuple(
    FederationCode(name=name, doc=doc, number=number)
    for number, name, doc in (
        (0, "NONE", "It was done."),
        (1, "AUTHENTICATION_ERROR", "No certificate that counts, or an expired or revoked one."),
        (2, "AUTHORIZATION_ERROR", "The caller is known and may not do this."),
        (3, "ARGUMENT_ERROR", "Something is malformed, missing, or not known here."),
        (4, "DATABASE_ERROR", "The database failed; nothing was changed."),
        (5, "DUPLICATE_ERROR", "It is there already."),
        (100, "NOT_IMPLEMENTED_ERROR", "It is not offered here."),
        (101, "SERVER_ERROR", "The clearinghouse's own fault."),
    )
)


def attributes_of(authority: Authority) -> dict[str, dict[str, object]]:
    """The value of FIELDS, from the declaration."""
    return {one.name: _told(kind, one) for kind in authority.objects for one in kind.attributes}


def _told(kind: ObjectType, one: Attribute) -> dict[str, object]:
    return {
        "OBJECT": kind.name,
        "TYPE": one.type.name,
        "CREATE": one.create.value,
        "MATCH": one.match,
        "UPDATE": one.update,
        "PROTECT": one.protect.value,
    }
