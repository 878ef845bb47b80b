"""Parameters of the Federation API become what handlers take; unknown options are ignored.

Source: Federation API v2, options; FED 1.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gcf_am.errors import BadArgs
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.surface.ch_elements import (
    FIELDS,
    MATCH,
    MEMBERS,
    Authority,
    Create,
    Membership,
    ObjectType,
    OldName,
    Operation,
    Role,
)
from gcf_am.surface.ch_types import MOST, urn_of
from gcf_am.surface.wire import CREDENTIALS, TEXT, USER_URN, kind_of
from gcf_am.urn import Urn

_MEMBER_URN: Final = urn_of("user").wire


@dataclass(frozen=True, slots=True)
class Changes:
    """What modify_membership is to do."""

    add: Mapping[Urn, Role] = field(default_factory=dict)
    change: Mapping[Urn, Role] = field(default_factory=dict)
    remove: tuple[Urn, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A call's parameters, decoded.

    `about` is the subject that stands before the credentials; `match` are the values of which a
    field must have one, None where nothing was to be matched; `filter` are the fields wanted,
    None for all.
    """

    about: object = None
    fields: Mapping[str, object] = field(default_factory=dict)
    match: Mapping[str, tuple[object, ...]] | None = None
    filter: tuple[str, ...] | None = None
    changes: Changes = field(default_factory=Changes)
    csr: str = ""
    credentials: tuple[CredentialArgument, ...] = field(default=(), repr=False)
    speaking_for: Urn | None = None


def find_operation(
    authority: Authority, name: str, parameters: Sequence[object]
) -> tuple[Operation, OldName | None] | None:
    """The operation that a call names, and the older name it used; None where there is none.

    Raises BadArgs when the name wants a type of object first and another, or none, came.
    """
    named = [one for one in authority.operations if one.verb == name]
    if named and named[0].object is None:
        return named[0], None
    if not named:
        pairs = ((one, old) for one in authority.operations for old in one.old_names)
        return next((pair for pair in pairs if pair[1].name == name), None)
    kinds = {one.object.name: one for one in named if one.object is not None}
    first = parameters[0] if parameters else None
    if isinstance(first, str) and first.strip().upper() in kinds:
        return kinds[first.strip().upper()], None
    raise BadArgs(f"{name} takes a type first: {', '.join(kinds)}")


def decode(operation: Operation, old: OldName | None, parameters: Sequence[object]) -> Asked:
    """Read the parameters as declared; raises BadArgs that says what would have been right."""
    typed = operation.object is not None and old is None
    names = [
        *(["type"] if typed else []),
        *(one.name for one in operation.about),
        *(["credentials"] if operation.credentials and (old is None or old.credentials) else []),
        *(["options"] if operation.options else []),
    ]
    least = len(names) - operation.optional_options
    if not least <= len(parameters) <= len(names):
        called = old.name if old else operation.verb
        raise BadArgs(f"{called} takes ({', '.join(names)}); {len(parameters)} parameters came")
    given = dict(zip(names, parameters, strict=False))
    abouts = [one.type.decode(given[one.name], one.name) for one in operation.about]
    options = given.get("options", {})
    if not isinstance(options, dict):
        raise BadArgs(f"options: this is {kind_of(options)}; a struct is expected")
    options = {name: value for name, value in options.items() if value is not None}
    speaking = options.get("speaking_for", "")
    return Asked(
        about=abouts[0] if abouts else None,
        fields=_fields(operation, options) if FIELDS in operation.takes else {},
        match=_match(operation, old, options) if MATCH in operation.takes else None,
        filter=_filter(operation.object, options) if MATCH in operation.takes else None,
        changes=_changes(operation.membership, options) if operation.membership else Changes(),
        csr=TEXT.decode(options.get("csr"), "csr") if "csr" in operation.takes else "",
        # the registry takes credentials for the sake of one signature, and ignores them
        credentials=CREDENTIALS.decode(given.get("credentials", []), "credentials"),
        speaking_for=None if speaking == "" else USER_URN.decode(speaking, "speaking_for"),
    )


def _struct(options: Mapping[str, object], name: str) -> Mapping[str, object]:
    given = options.get(name, {})
    if not isinstance(given, dict):
        raise BadArgs(f"{name}: this is {kind_of(given)}; a struct is expected")
    return {key: value for key, value in given.items() if value is not None}


def _fields(operation: Operation, options: Mapping[str, object]) -> dict[str, object]:
    kind = operation.object
    assert kind is not None, "only objects have fields"
    creating = operation.verb == "create"
    allowed = {
        one.name: one
        for one in kind.attributes
        if (one.create is not Create.NOT_ALLOWED if creating else one.update)
    }
    given = _struct(options, FIELDS)
    for name in given:
        if name not in allowed:
            known = kind.attribute(name) is not None
            what = f"cannot be {'set' if creating else 'changed'}" if known else "is no field"
            raise BadArgs(f"{name} {what} of {kind.name}; {', '.join(allowed)} can be")
    for name, one in allowed.items():
        if creating and one.create is Create.REQUIRED and name not in given:
            raise BadArgs(f"{name} is missing in fields; {one.type.wire.expects} is expected")
    if not creating and not given:
        raise BadArgs(f"fields names nothing to change; {', '.join(allowed)} can be")
    return {name: allowed[name].type.wire.decode(value, name) for name, value in given.items()}


def _match(
    operation: Operation, old: OldName | None, options: Mapping[str, object]
) -> Mapping[str, tuple[object, ...]] | None:
    kind = operation.object
    assert kind is not None, "only objects are matched"
    if operation.must_match and MATCH not in options:
        raise BadArgs(f"match is missing in options: name a field of {kind.name}")
    found: dict[str, tuple[object, ...]] = {}
    for name, value in _struct(options, MATCH).items():
        attribute = kind.attribute(name)
        if attribute is None or not attribute.match:
            can = ", ".join(one.name for one in kind.attributes if one.match)
            raise BadArgs(f"{name} cannot be matched of {kind.name}; {can} can")
        values = value if isinstance(value, list) else [value]
        if len(values) > MOST:
            raise BadArgs(f"{name} has more than {MOST} values in match")
        found[name] = tuple(attribute.type.wire.decode(one, name) for one in values)
    if operation.must_match and not found:
        raise BadArgs(f"match names no field of {kind.name}")
    for name, only in (old.match if old else {}).items():
        found[name] = tuple(one for one in found.get(name, only) if one in only)
    return found or None


def _filter(kind: ObjectType | None, options: Mapping[str, object]) -> tuple[str, ...] | None:
    assert kind is not None, "only objects have fields"
    given = options.get("filter")
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > MOST:
        raise BadArgs(f"filter: this is {kind_of(given)}; an array of names of fields is expected")
    for name in given:
        if not isinstance(name, str) or kind.attribute(name) is None:
            shown = name[:40] if isinstance(name, str) else kind_of(name)
            raise BadArgs(f"filter: {shown} is no field of {kind.name}")
    return tuple(given)


def _changes(written: Membership, options: Mapping[str, object]) -> Changes:
    add = _roles(written, options, f"{MEMBERS}_to_add")
    change = _roles(written, options, f"{MEMBERS}_to_change")
    name = f"{MEMBERS}_to_remove"
    # C-BAS and its clients write structs here, too
    rows = [
        one.get(written.member) if isinstance(one, dict) else one for one in _list(options, name)
    ]
    remove = tuple(_MEMBER_URN.decode(one, name) for one in rows)
    everybody = [*add, *change, *remove]
    if len(set(everybody)) != len(everybody):
        raise BadArgs("a member is named twice in one call")
    if not everybody:
        raise BadArgs("members_to_add, members_to_change and members_to_remove are all empty")
    return Changes(add, change, remove)


def _roles(written: Membership, options: Mapping[str, object], name: str) -> dict[Urn, Role]:
    found: dict[Urn, Role] = {}
    for row in _list(options, name):
        if not isinstance(row, dict) or not {written.member, written.role} <= row.keys():
            raise BadArgs(f"{name}: an item is no struct of {written.member} and {written.role}")
        urn = _MEMBER_URN.decode(row[written.member], f"{written.member} in {name}")
        word = TEXT.decode(row[written.role], f"{written.role} in {name}").strip().upper()
        if word not in set(Role):
            raise BadArgs(f"{word[:40]!r} is no role; {', '.join(Role)} are")
        if urn in found:
            raise BadArgs("a member is named twice in one call")
        found[urn] = Role(word)
    return found


def _list(options: Mapping[str, object], name: str) -> list[object]:
    given = options.get(name, [])
    if not isinstance(given, list) or len(given) > MOST:
        raise BadArgs(f"{name}: this is {kind_of(given)}; an array of at most {MOST} is expected")
    return given
