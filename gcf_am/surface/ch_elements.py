"""The kinds of things a client of the clearinghouse can see: objects, their fields, operations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gcf_am.surface.ch_types import FieldType
from gcf_am.surface.elements import Argument, Element, Field
from gcf_am.surface.lifecycle import Lifecycle, State, published
from gcf_am.surface.releases import R1_0
from gcf_am.surface.shapes import Shape

SPEC: Final = "Federation API v2"
LIFE: Final = Lifecycle(published(R1_0, "Part of the Common Federation API version 2."))
VERSION_1: Final = Lifecycle(
    published(R1_0, "A name of version 1, which Omni uses unless it is told otherwise.")
)


# What of the options an operation reads.
FIELDS: Final = "fields"
MATCH: Final = "match"
MEMBERS: Final = "members"


class Who(StrEnum):
    """What a caller can be to a subject; the authorization column of an operation names some."""

    ANYBODY = "anybody"
    CERTIFIED = "who has any trusted certificate"
    MEMBER = "a member, where no project is concerned"
    OPERATOR = "an operator"
    AUTHORITY = "an authority of this federation"
    AGGREGATE = "the aggregate itself"
    PI = "a member who may make projects"
    SELF = "the member"
    CREATOR = "its creator"
    SLICE_LEAD = "the slice's lead"
    SLICE_ADMIN = "an admin of the slice"
    SLICE_MEMBER = "a member of the slice"
    SLICE_AUDITOR = "an auditor of the slice"
    SLICE_OPERATOR = "an operator of the slice"
    PROJECT_LEAD = "the project's lead"
    PROJECT_ADMIN = "an admin of the project"
    PROJECT_MEMBER = "a member of the project"
    PROJECT_AUDITOR = "an auditor of the project"
    PROJECT_OPERATOR = "an operator of the project"
    SHARES_SLICE = "who shares a slice with the member"
    SHARES_PROJECT = "who shares a project with the member"
    SEEKS_BY_EMAIL = "a project's lead or admin who knows the e-mail address"


class Role(StrEnum):
    """What a member may be in a slice or project (Federation API v2, ROLES).

    The last two see it and change nothing.
    """

    LEAD = "LEAD"
    ADMIN = "ADMIN"
    MEMBER = "MEMBER"
    AUDITOR = "AUDITOR"
    OPERATOR = "OPERATOR"


class Create(StrEnum):
    """Whether a field is given at creation."""

    REQUIRED = "REQUIRED"
    ALLOWED = "ALLOWED"
    NOT_ALLOWED = "NOT ALLOWED"


class Protect(StrEnum):
    """Who sees a field: everybody, those who have to do with the member, or only themselves."""

    PUBLIC = "PUBLIC"
    IDENTIFYING = "IDENTIFYING"
    PRIVATE = "PRIVATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfFederation(Element):
    """What the API has had from the first release on, unless it says otherwise."""

    spec: str = SPEC
    life: Lifecycle = LIFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(_OfFederation):
    """A field of an object: its type, and what may be done with it."""

    type: FieldType
    create: Create = Create.NOT_ALLOWED
    match: bool = True
    update: bool = False
    protect: Protect = Protect.PUBLIC

    @property
    def shape(self) -> Shape:
        """Its value's shape."""
        return self.type.shape

    @property
    def optional(self) -> bool:
        """It may be left out: a filter, or what the caller may see, decides."""
        return True

    @property
    def sent(self) -> bool:
        """Whether it may be sent."""
        return self.state is not State.REMOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType(_OfFederation):
    """A kind of object; `key` is the field under which a lookup lists it.

    `always` are told with whatever fields a filter wants.
    """

    key: str
    always: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...]

    def parts(self) -> Iterator[Element]:
        """Its fields."""
        return iter(self.attributes)

    def attribute(self, name: str) -> Attribute | None:
        """The field of this name."""
        return next((one for one in self.attributes if one.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How members of a kind of object are written: the names of the two fields."""

    member: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldName(Element):
    """A version 1 name of an operation, whose parameters lack the object's type.

    `match` is added to what the client wants matched; `sees` are the only fields it answers,
    `grouped` is the field by which it lists what it found. Without `credentials` it takes none.
    """

    spec: str = "Federation API v1"
    life: Lifecycle = VERSION_1
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sees: frozenset[Protect] = frozenset(Protect)
    grouped: str = ""
    credentials: bool = True
    returns: Shape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(_OfFederation):
    """A member of an operation's options; `type` says what it is."""

    type: str


_SPEAKING_FOR: Final = Taken(name="speaking_for", type="URN", doc="The user for whom a tool calls.")
# by what `takes` says
_OPTIONS: Final = {
    FIELDS: (Taken(name="fields", type="struct", doc="Values of the object's fields, by name."),),
    MATCH: (
        Taken(name="match", type="struct", doc="Values, or lists of them, that fields have."),
        Taken(name="filter", type="array of strings", doc="The fields that are wanted."),
    ),
    MEMBERS: (
        Taken(name="members_to_add", type="array of structs", doc="New members, with roles."),
        Taken(name="members_to_change", type="array of structs", doc="Members' new roles."),
        Taken(name="members_to_remove", type="array of strings", doc="Who is no member any more."),
    ),
    "csr": (Taken(name="csr", type="PEM", doc="The signing request."),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(_OfFederation):
    """What can be done with a kind of object, or with none.

    `verb` is the name it is called by; with an `object`, whose type is then the first parameter.
    `about` are the parameters before the credentials; `who` is the authorization column: what a
    caller has to be to the subject. `takes` are the members of options that count: fields, match
    (with filter), members. An operation with `must_match` refuses a call without match. Without
    `implemented` it always answers that it is not (code 100).
    """

    verb: str
    object: ObjectType | None = None
    about: tuple[Argument, ...] = ()
    credentials: bool = True
    options: bool = True
    optional_options: bool = False
    takes: frozenset[str] = frozenset()
    must_match: bool = False
    membership: Membership | None = None
    who: frozenset[Who]
    returns: Shape
    old_names: tuple[OldName, ...] = ()
    implemented: bool = True

    def parts(self) -> Iterator[Element]:
        """What it takes, its older names, and the members of its answers that are of no object."""
        yield from self.about
        for taken in sorted(self.takes):
            yield from _OPTIONS[taken]
        # of what is not implemented nothing is read
        if self.credentials and self.options and self.implemented:
            yield _SPEAKING_FOR
        yield from self.old_names
        yield from (one for one in self.returns.members() if isinstance(one, Field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority(_OfFederation):
    """One of the three services, at a URL of its own."""

    services: tuple[str, ...]
    objects: tuple[ObjectType, ...]
    operations: tuple[Operation, ...]

    def parts(self) -> Iterator[Element]:
        """Its objects and operations."""
        yield from self.objects
        yield from self.operations


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationApi(_OfFederation):
    """The API as a whole."""

    number: int
    authorities: tuple[Authority, ...]

    def parts(self) -> Iterator[Element]:
        """The services."""
        return iter(self.authorities)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationCode(_OfFederation):
    """A value of `code` in the answers of the Federation API."""

    number: int
