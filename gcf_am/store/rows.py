"""What a sliver is made of, as JSON that a person can read and a later release can too.

Every document carries `version`. A reader ignores keys it does not know and takes the model's
default for those that are missing, so a field can be added without a new version; VERSION rises
when the meaning of a key changes, and then the older one is still read.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

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
from gcf_am.model.topology import (
    Address,
    Foreign,
    Frame,
    Interface,
    Link,
    Node,
    Property,
    Resource,
)

VERSION: Final = 1

Json = dict[str, Any]
T = TypeVar("T")


def write_contents(contents: Contents) -> str:
    """A sliver's contents without their frame, which stands in a row of its own."""
    return _text(
        {
            "resource": _resource(contents.resource),
            "placement": _placement(contents.placement),
            "holds": [[one.component, one.dimension, one.amount] for one in contents.holds],
        }
    )


def read_contents(text: str, frame: Frame) -> Contents:
    """What write_contents wrote, with its frame again."""

    def contents(row: Json) -> Contents:
        return Contents(
            resource=_read_resource(row["resource"]),
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


def _resource(resource: Resource) -> Json:
    if isinstance(resource, Node):
        return {"type": "node", **_node(resource)}
    return {"type": "link", **_link(resource)}


def _read_resource(row: Json) -> Resource:
    return _read_node(row) if row["type"] == "node" else _read_link(row)


def _node(node: Node) -> Json:
    return {
        "client_id": node.client_id,
        "xml": node.xml,
        "position": node.position,
        "line": node.line,
        "sliver_id": node.sliver_id,
        "component_id": node.component_id,
        "exclusive": node.exclusive,
        "sliver_type": node.sliver_type,
        "disk_image": node.disk_image,
        "hardware_types": node.hardware_types,
        "interfaces": [
            {
                "client_id": one.client_id,
                "component_id": one.component_id,
                "addresses": [[ip.address, ip.netmask, ip.kind] for ip in one.addresses],
            }
            for one in node.interfaces
        ],
    }


def _read_node(row: Json) -> Node:
    return Node(
        client_id=row["client_id"],
        xml=row["xml"],
        position=row.get("position", 0),
        line=row.get("line", 0),
        sliver_id=row.get("sliver_id"),
        component_id=row.get("component_id"),
        exclusive=row.get("exclusive"),
        sliver_type=row.get("sliver_type"),
        disk_image=row.get("disk_image"),
        hardware_types=tuple(row.get("hardware_types", ())),
        interfaces=tuple(
            Interface(
                client_id=one["client_id"],
                component_id=one.get("component_id"),
                addresses=tuple(Address(*ip) for ip in one.get("addresses", ())),
            )
            for one in row.get("interfaces", ())
        ),
    )


def _link(link: Link) -> Json:
    return {
        "client_id": link.client_id,
        "xml": link.xml,
        "position": link.position,
        "line": link.line,
        "sliver_id": link.sliver_id,
        "interfaces": link.interfaces,
        "link_type": link.link_type,
        "properties": [
            {
                "source": one.source,
                "dest": one.dest,
                "capacity": one.capacity,
                "latency": one.latency,
                "packet_loss": one.packet_loss,
            }
            for one in link.properties
        ],
        "vlan": link.vlan,
        "shared_vlan": link.shared_vlan,
    }


def _read_link(row: Json) -> Link:
    return Link(
        client_id=row["client_id"],
        xml=row["xml"],
        position=row.get("position", 0),
        line=row.get("line", 0),
        sliver_id=row.get("sliver_id"),
        interfaces=tuple(row.get("interfaces", ())),
        link_type=row.get("link_type"),
        properties=tuple(
            Property(
                source=one["source"],
                dest=one["dest"],
                capacity=one.get("capacity"),
                latency=one.get("latency"),
                packet_loss=one.get("packet_loss"),
            )
            for one in row.get("properties", ())
        ),
        vlan=row.get("vlan"),
        shared_vlan=row.get("shared_vlan"),
    )


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
    )
