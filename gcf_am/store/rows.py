"""What a sliver is made of, as JSON that a person can read and a later release can too.

Every document carries `version`. A reader ignores keys it does not know and takes the model's
default for those that are missing, so a field can be added without a new version; VERSION rises
when the meaning of a key changes, and then the older one is still read.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, TypeVar

from gcf_am.errors import DatabaseError
from gcf_am.model.sliver import (
    Access,
    Amount,
    Contents,
    LinkPlacement,
    Login,
    NodePlacement,
    Placement,
)
from gcf_am.model.topology import Foreign, Frame
from gcf_am.store.resource_rows import Json, read_resource, write_resource

VERSION: Final = 1

T = TypeVar("T")


def plain(text: str) -> str:
    """The text as every database takes it: drivers pass on what programs said, whatever it was."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def write_contents(contents: Contents) -> str:
    """A sliver's contents without their frame, which stands in a row of its own."""
    return _text(
        {
            "resource": write_resource(contents.resource),
            "placement": _placement(contents.placement),
            "holds": [[one.component, one.dimension, one.amount] for one in contents.holds],
        }
    )


# Contents are values, and a sliver's are read with each call about it.
@lru_cache(maxsize=1024)
def read_contents(text: str, frame: Frame) -> Contents:
    """What write_contents wrote, with its frame again."""

    def contents(row: Json) -> Contents:
        return Contents(
            resource=read_resource(row["resource"]),
            placement=_read_placement(row["placement"]),
            holds=tuple(Amount(*one) for one in row["holds"]),
            frame=frame,
        )

    return _read(text, contents)


def write_frame(frame: Frame) -> str:
    """A frame; the same frame always gives the same text."""
    return _text(
        {
            "namespaces": frame.namespaces,
            "attributes": frame.attributes,
            "foreign": [[one.position, one.xml] for one in frame.foreign],
        }
    )


def read_frame(text: str) -> Frame:
    """What write_frame wrote."""

    def frame(row: Json) -> Frame:
        return Frame(
            namespaces=tuple((prefix, uri) for prefix, uri in row["namespaces"]),
            attributes=tuple((name, value) for name, value in row["attributes"]),
            foreign=tuple(Foreign(position, xml) for position, xml in row["foreign"]),
        )

    return _read(text, frame)


def write_logins(logins: tuple[Login, ...]) -> str:
    """A sliver's accounts."""
    return _text(
        {"logins": [{"urn": one.urn, "name": one.name, "keys": one.keys} for one in logins]}
    )


def read_logins(text: str) -> tuple[Login, ...]:
    """What write_logins wrote."""

    def logins(row: Json) -> tuple[Login, ...]:
        return tuple(Login(one["urn"], one["name"], tuple(one["keys"])) for one in row["logins"])

    return _read(text, logins)


def write_access(access: Access) -> str:
    """How to log in."""
    return _text({"hostname": access.hostname, "port": access.port})


def read_access(text: str) -> Access:
    """What write_access wrote."""
    return _read(text, lambda row: Access(row["hostname"], row["port"]))


def _text(row: Mapping[str, object]) -> str:
    # ASCII with escapes: also what no encoding holds, such as a lone surrogate, comes back.
    return json.dumps({"version": VERSION, **row}, separators=(",", ":"))


def _read(text: str, of: Callable[[Json], T]) -> T:
    try:
        row = json.loads(text)
        if row["version"] > VERSION:
            raise DatabaseError("the aggregate's database holds rows of a newer release")
        return of(row)
    except (ValueError, LookupError, TypeError) as error:
        raise DatabaseError("the aggregate's database holds a row that cannot be read") from error


def _placement(placement: Placement) -> Json:
    if isinstance(placement, NodePlacement):
        return {
            "type": "node",
            "component_id": placement.component_id,
            "sliver_type": placement.sliver_type,
            "disk_image": placement.disk_image,
            "exclusive": placement.exclusive,
        }
    return {
        "type": "link",
        "vlan": placement.vlan,
        "ends": placement.ends,
        "wires": placement.wires,
        "capacity": placement.capacity,
        "within": placement.within,
    }


def _read_placement(row: Json) -> Placement:
    if row["type"] == "node":
        return NodePlacement(
            component_id=row["component_id"],
            sliver_type=row["sliver_type"],
            disk_image=row["disk_image"],
            exclusive=row["exclusive"],
        )
    return LinkPlacement(
        vlan=row.get("vlan"),
        ends=tuple((interface, port) for interface, port in row.get("ends", ())),
        wires=tuple(row.get("wires", ())),
        capacity=row.get("capacity", 0),
        within=row.get("within"),
    )
