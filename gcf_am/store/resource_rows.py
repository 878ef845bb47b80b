"""Nodes and links, as they were asked for, as the JSON of a row (see `rows`)."""

from collections.abc import Iterable
from typing import Any

from gcf_am.model.features import Counts, Feature
from gcf_am.model.topology import (
    Address,
    Interface,
    Link,
    Node,
    Pipe,
    Property,
    Queue,
    Resource,
    Script,
)

Json = dict[str, Any]


def write_resource(resource: Resource) -> Json:
    """A node or link."""
    if isinstance(resource, Node):
        return {"type": "node", **_node(resource)}
    return {"type": "link", **_link(resource)}


def read_resource(row: Json) -> Resource:
    """What write_resource wrote."""
    return _read_node(row) if row["type"] == "node" else _read_link(row)


def _node(node: Node) -> Json:
    script = node.boot_script
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
                "mac": one.mac,
            }
            for one in node.interfaces
        ],
        "desires": [_feature(one) for one in node.desires],
        "pipes": [{"way": _property(one.way), "queue": _queue(one.queue)} for one in node.pipes],
        "boot_script": None if script is None else [script.kind, script.text],
        "blockstore": node.blockstore,
    }


def _read_node(row: Json) -> Node:
    script = row.get("boot_script")
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
                mac=one.get("mac"),
            )
            for one in row.get("interfaces", ())
        ),
        desires=tuple(_read_feature(one) for one in row.get("desires", ())),
        pipes=tuple(
            Pipe(_read_property(one["way"]), _read_queue(one.get("queue", {})))
            for one in row.get("pipes", ())
        ),
        boot_script=None if script is None else Script(*script),
        blockstore=row.get("blockstore"),
    )


def _feature(feature: Feature) -> Json:
    return {
        "name": feature.name,
        "weight": feature.weight,
        "violatable": feature.violatable,
        "adds": feature.adds,
        "counts": None if feature.counts is None else feature.counts.value,
    }


def _read_feature(row: Json) -> Feature:
    counts = row.get("counts")
    return Feature(
        name=row["name"],
        weight=row["weight"],
        violatable=row.get("violatable", False),
        adds=row.get("adds", False),
        counts=None if counts is None else Counts(counts),
    )


def _queue(queue: Queue) -> Json:
    return {
        "limit": queue.limit,
        "in_bytes": queue.in_bytes,
        "red": queue.red,
        "gentle": queue.gentle,
        "thresh": queue.thresh,
        "maxthresh": queue.maxthresh,
        "linterm": queue.linterm,
        "weight": queue.weight,
    }


def _read_queue(row: Json) -> Queue:
    return Queue(
        limit=row.get("limit"),
        in_bytes=row.get("in_bytes"),
        red=row.get("red"),
        gentle=row.get("gentle"),
        thresh=row.get("thresh"),
        maxthresh=row.get("maxthresh"),
        linterm=row.get("linterm"),
        weight=row.get("weight"),
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
        "properties": [_property(one) for one in link.properties],
        "vlan": link.vlan,
        "shared_vlan": link.shared_vlan,
    }


def _read_link(row: Json) -> Link:
    properties: Iterable[Json] = row.get("properties", ())
    return Link(
        client_id=row["client_id"],
        xml=row["xml"],
        position=row.get("position", 0),
        line=row.get("line", 0),
        sliver_id=row.get("sliver_id"),
        interfaces=tuple(row.get("interfaces", ())),
        link_type=row.get("link_type"),
        properties=tuple(_read_property(one) for one in properties),
        vlan=row.get("vlan"),
        shared_vlan=row.get("shared_vlan"),
    )


def _property(one: Property) -> Json:
    return {
        "source": one.source,
        "dest": one.dest,
        "capacity": one.capacity,
        "latency": one.latency,
        "packet_loss": one.packet_loss,
    }


def _read_property(row: Json) -> Property:
    return Property(
        source=row["source"],
        dest=row["dest"],
        capacity=row.get("capacity"),
        latency=row.get("latency"),
        packet_loss=row.get("packet_loss"),
    )
