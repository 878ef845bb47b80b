"""Wire types: an XML-RPC value becomes a Python value, or BADARGS says what would have been right.

No handler sees a value that did not come through one of these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from gcf_am.clock import parse_time
from gcf_am.errors import BadArgs
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.urn import Urn

T = TypeVar("T")

_NAMES: Final = {
    bool: "a boolean",
    int: "an int",
    float: "a double",
    str: "a string",
    bytes: "base64",
    list: "an array",
    dict: "a struct",
    datetime: "a dateTime.iso8601",
    type(None): "nil",
}


class Wrong(ValueError):
    """A value is not what it must be; the text says what it is."""


@dataclass(frozen=True, slots=True)
class WireType(Generic[T]):
    """How a value is read.

    `expects` says what would have been right, `python` is the type that handlers get, `read`
    reads and raises Wrong.
    """

    name: str
    expects: str
    python: Any
    read: Callable[[object], T]

    def decode(self, value: object, where: str) -> T:
        """The Python value; raises BadArgs that names `where` and what would have been right."""
        try:
            return self.read(value)
        except Wrong as error:
            raise BadArgs(f"{where}: {error}; {self.expects} is expected") from None


class UserKeys(NamedTuple):
    """An item of geni_users: a user's URN and SSH public keys."""

    urn: str
    keys: tuple[str, ...]


def kind_of(value: object) -> str:
    """What XML-RPC calls it."""
    return _NAMES.get(type(value), "something else")


def _text(value: object) -> str:
    # Clients that read files in binary mode send base64.
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise Wrong("this is base64 of what is no UTF-8") from None
    if not isinstance(value, str):
        raise Wrong(f"this is {kind_of(value)}")
    return value


def _filled(value: object) -> str:
    text = _text(value)
    if not text.strip():
        raise Wrong("this is empty")
    return text


def _boolean(value: object) -> bool:
    # AM API v3 options are booleans; many clients send 0, 1 or words.
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in {0, 1}:
        return value == 1
    if isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}:
        return value.lower() in {"true", "1"}
    shown = f"{value!r:.40}" if isinstance(value, int | str) else kind_of(value)
    raise Wrong(f"this is {shown}")


def _datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return parse_time(_text(value))
    except Wrong:
        raise
    except ValueError as error:
        raise Wrong(str(error)) from None


def _urn(value: object) -> Urn:
    try:
        return Urn.parse(_text(value))
    except Wrong:
        raise
    except ValueError as error:
        raise Wrong(str(error)) from None


def _slice_urn(value: object) -> Urn:
    urn = _urn(value)
    if urn.kind != "slice":
        raise Wrong(f"{urn} names a {urn.kind}")
    return urn


def _user_urn(value: object) -> Urn:
    urn = _urn(value)
    if urn.kind != "user":
        raise Wrong(f"{urn} names a {urn.kind}")
    return urn


def _urns(value: object) -> tuple[Urn, ...]:
    """One slice, or slivers; what is named twice counts once. AM API v3, urns."""
    if not isinstance(value, list):
        raise Wrong(f"this is {kind_of(value)}")
    urns = tuple(dict.fromkeys(_urn(item) for item in value))
    if not urns:
        raise Wrong("this is empty")
    for urn in urns:
        if urn.kind not in {"slice", "sliver"}:
            raise Wrong(f"{urn} names a {urn.kind}")
        if urn.kind == "sliver" and not urn.well_named:
            # Change Set O1
            raise Wrong(f"{urn.name[:40]!r} is no sliver name: letters, digits, '-', '_' and '.'")
    if len(urns) > 1 and any(urn.kind == "slice" for urn in urns):
        both = all(urn.kind == "slice" for urn in urns)
        raise Wrong("this names several slices" if both else "this names a slice and slivers")
    return urns


def _credential(item: object) -> CredentialArgument:
    """One item of `credentials`: a struct; tolerated: its text alone, as a string or base64."""
    if isinstance(item, str | bytes):
        return CredentialArgument("", "", _lenient(item))
    if not isinstance(item, Mapping):
        raise Wrong(f"an item is {kind_of(item)}")
    kind, version, text = (item.get(f"geni_{name}", "") for name in ("type", "version", "value"))
    if not isinstance(kind, str):
        raise Wrong(f"a geni_type is {kind_of(kind)}")
    if isinstance(version, bool) or not isinstance(version, str | int):
        raise Wrong(f"a geni_version is {kind_of(version)}")
    if not isinstance(text, str | bytes) or not text:
        raise Wrong(f"a geni_value is {kind_of(text) if text else 'missing or empty'}")
    return CredentialArgument(kind.strip().lower(), str(version).strip(), _lenient(text))


def _lenient(text: str | bytes) -> str:
    # A credential that cannot be read is skipped beside good ones, so it is no BADARGS.
    return text if isinstance(text, str) else text.decode(errors="replace")


def _credentials(value: object) -> tuple[CredentialArgument, ...]:
    if not isinstance(value, list):
        raise Wrong(f"this is {kind_of(value)}")
    return tuple(_credential(item) for item in value)


def _users(value: object) -> tuple[UserKeys, ...]:
    """AM API v3, Provision: urn and keys are required, keys may be empty, more is ignored."""
    if not isinstance(value, list):
        raise Wrong(f"this is {kind_of(value)}")
    users = []
    for item in value:
        if not isinstance(item, Mapping):
            raise Wrong(f"an item is {kind_of(item)}")
        for name in ("urn", "keys"):
            if name not in item:
                raise Wrong(f"an item has no {name}")
        keys = item["keys"]
        if not isinstance(keys, list):
            raise Wrong(f"keys is {kind_of(keys)}")
        # A file's contents may hold several keys, and ends in a newline.
        lines = [line.strip() for key in keys for line in _text(key).splitlines()]
        users.append(UserKeys(_urn(item["urn"]).text, tuple(line for line in lines if line)))
    return tuple(users)


TEXT: Final = WireType("string", "a string", str, _text)
FILLED: Final = WireType("string", "a string that is not empty", str, _filled)
RSPEC: Final = WireType("RSpec", "an XML document in a string", str, _filled)
BOOLEAN: Final = WireType("boolean", "true or false", bool, _boolean)
DATETIME: Final = WireType(
    "date and time", "a string like 2030-01-31T12:00:00Z", datetime, _datetime
)
SLICE_URN: Final = WireType("slice URN", "urn:publicid:IDN+authority+slice+name", Urn, _slice_urn)
USER_URN: Final = WireType("user URN", "urn:publicid:IDN+authority+user+name", Urn, _user_urn)
URNS: Final = WireType(
    "slice or sliver URNs",
    "an array of one slice URN, or of sliver URNs of one slice",
    tuple[Urn, ...],
    _urns,
)
CREDENTIALS: Final = WireType(
    "credentials",
    "an array of structs {geni_type, geni_version, geni_value}",
    tuple[CredentialArgument, ...],
    _credentials,
)
USERS: Final = WireType(
    "users and keys",
    "an array of structs {urn: user's URN, keys: array of SSH public keys}",
    tuple[UserKeys, ...],
    _users,
)


def refused(advice: str) -> WireType[None]:
    """A type that no value has: the option belongs to another version of the API."""

    def read(_value: object) -> None:
        raise Wrong("this option is not of this version of the API")

    return WireType("nothing", advice, type(None), read)
