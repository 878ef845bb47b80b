"""What is wrong with Allocate, with sliver entries, and with manifests."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from gcf_am.manager import allocate
from tests.sabotage.bends import (
    EMPTY,
    RSPEC,
    accepting,
    all_told,
    answered,
    asking,
    drop_attribute,
    drop_elements,
    elements,
    entries_of,
    in_days,
    instead,
    listed,
    manifests,
    named,
    recoded,
    refusal,
    rewritten,
    sent,
    set_attribute,
    slivers,
    success,
    text_of,
    told,
    went_well,
    without_option,
)
from tests.sabotage.board import Asked, Bend, Misbehaviour, Replaced

_FOREIGN: Final = "urn:publicid:IDN+other.example+authority+cm"


def _expires(text: str, *methods: str) -> Bend:
    return slivers(lambda one: one.update(geni_expires=text), *methods)


def _without(name: str, *methods: str) -> Bend:
    return slivers(lambda one: one.pop(name, None), *methods)


def _ours(root: etree._Element) -> list[etree._Element]:
    nodes = root.iter(RSPEC + "node")
    return [one for one in nodes if "sliver_id" in one.attrib]


def _theirs(root: etree._Element) -> list[etree._Element]:
    nodes = root.iter(RSPEC + "node")
    return [one for one in nodes if "sliver_id" not in one.attrib]


def _drop_theirs(root: etree._Element) -> None:
    for one in _theirs(root):
        root.remove(one)


def _touch_theirs(root: etree._Element) -> None:
    for one in _theirs(root):
        one.set("component_name", "seen-by-us")


def _claim_theirs(root: etree._Element) -> None:
    for one in _theirs(root):
        one.set("component_manager_id", "urn:publicid:IDN+gcf.local+authority+am")


def _extension(one: etree._Element) -> bool:
    return "geni.net" not in (etree.QName(one).namespace or "")


def _rename(root: etree._Element) -> None:
    for one in _ours(root):
        one.set("client_id", one.get("client_id", "") + "-1")


def _lower_case_names(root: etree._Element) -> None:
    for one in _ours(root):
        one.set("client_id", one.get("client_id", "").upper())


def _sliver_ids_differ(root: etree._Element) -> None:
    for one in root.iter(etree.Element):
        if "sliver_id" in one.attrib:
            one.set("sliver_id", one.get("sliver_id", "") + "x")


def _one_node_less(root: etree._Element) -> None:
    for one in _ours(root)[:1]:
        root.remove(one)


def _renamed_vlan(root: etree._Element) -> None:
    for one in root.iter(RSPEC + "link"):
        if "vlantag" in one.attrib:
            one.set("vlantag", "70000")


def _other_component(root: etree._Element) -> None:
    for one in _ours(root):
        one.set("component_id", one.get("component_id", "") + "-other")


def _vlan_text(text: str) -> str:
    return re.sub(r'vlantag="\w*"', 'vlantag="vlan7"', text)


def _always_succeeds(asked: Asked) -> object:
    """What cannot be had is said to be there, in an empty manifest."""
    return success({"geni_rspec": EMPTY, "geni_slivers": []})


def _cut(asked: Asked) -> tuple[str, list[str]]:
    """A request's text up to its first element, and each of its nodes."""
    text = str(asked.params[2])
    head = re.match(r"(?s).*?<rspec\b[^>]*>", text)
    return (head[0] if head else ""), re.findall(r"(?s)<node\b[^>]*?/>|<node\b.*?</node>", text)


def _with_nodes(asked: Asked, head: str, *nodes: str) -> Any:
    """What the aggregate answers to a request with these nodes alone."""
    return asked.serve(params=[*asked.params[:2], f"{head}{''.join(nodes)}</rspec>", {}])


def _keeps_in_failure(asked: Asked) -> object:
    """A request that fails as a whole leaves its first node reserved."""
    struct = asked.serve()
    if went_well(struct) or struct["code"]["geni_code"] not in {6, 12, 26, 1}:
        return struct
    head, nodes = _cut(asked)
    for node in nodes:
        if went_well(_with_nodes(asked, head, node)):
            break
    return struct


def _partly(asked: Asked) -> object:
    """Where all cannot be had, as many nodes as can are reserved and answered as a success."""
    struct = asked.serve()
    if went_well(struct) or struct["code"]["geni_code"] not in {6, 12, 26}:
        return struct
    head, nodes = _cut(asked)
    for count in range(len(nodes) - 1, 0, -1):
        fewer: object = _with_nodes(asked, head, *nodes[:count])
        if went_well(fewer):
            return fewer
    return struct


def _repaired(asked: Asked) -> None:
    """What requests lack is put there before the aggregate sees it."""
    text = str(asked.params[2])
    text = re.sub(r"(?s)<!DOCTYPE[^\[>]*(\[.*?\])?\s*>", "", text)
    text = text.replace("&x;", "x").replace('type="advertisement"', 'type="request"')
    asked.params[2] = text


def _named(asked: Asked) -> None:
    count = 0

    def name(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return match[0] if "client_id" in match[0] else f'<node client_id="n{count}"{match[1]}'

    asked.params[2] = re.sub(r"<node\b([^>]*)", name, str(asked.params[2]))


def _numbered(asked: Asked) -> None:
    seen: set[str] = set()

    def fresh(match: re.Match[str]) -> str:
        name = match[2]
        while name in seen:
            name += "b"
        seen.add(name)
        return f'{match[1]}client_id="{name}"'

    asked.params[2] = re.sub(r'(<node\b[^>]*?)client_id="([^"]*)"', fresh, str(asked.params[2]))


def _links_dropped(asked: Asked) -> None:
    asked.params[2] = re.sub(r"(?s)<link\b.*?</link>", "", str(asked.params[2]))


def _unbound(asked: Asked) -> None:
    asked.params[2] = re.sub(r'\scomponent_id="[^"]*"', "", str(asked.params[2]))


def _only_once(asked: Asked) -> object:
    if entries_of(asked, [asked.params[0]]):
        return refusal(17, "the slice is here already")
    return asked.serve()


def _end_time_strict(asked: Asked) -> object:
    wish = str(asked.options.get("geni_end_time", ""))[:10]
    if wish > in_days(2)[:10]:
        return refusal(19, "geni_end_time is too late")
    return asked.serve()


def _slice_lower(struct: Any) -> None:
    if went_well(struct) and isinstance(struct["value"], dict) and "geni_urn" in struct["value"]:
        struct["value"]["geni_urn"] = struct["value"]["geni_urn"].lower()


def _exact_case(asked: Asked) -> object:
    """A slice's URN in another case than the credential's is another slice."""
    texts = [text_of(one) for one in sent(asked)]
    named = asked.params[0]
    urn = named if isinstance(named, str) else str(named[0]) if named else ""
    if "+slice+" in urn and texts and not any(urn in one for one in texts):
        return refusal(3, "no credential for this slice")
    return asked.serve()


def _any_slice_name(asked: Asked) -> object:
    struct = asked.serve()
    if struct["code"]["geni_code"] == 1 and "+slice+" not in str(asked.params[0]):
        return _always_succeeds(asked)
    return struct


ROWS: Final = (
    Misbehaviour(
        "slivers-missing",
        "Allocate does not tell of its slivers.",
        ("allocate.all-allocated",),
        told(lambda value: {"geni_rspec": value["geni_rspec"]}, "Allocate"),
    ),
    Misbehaviour(
        "slivers-empty",
        "geni_slivers is always empty.",
        ("allocate.all-allocated",),
        listed(lambda _all: []),
    ),
    Misbehaviour(
        "slivers-first-only",
        "Of several slivers only the first is told of.",
        ("manifest.sliver-ids",),
        listed(lambda all_: all_[:1]),
    ),
    Misbehaviour(
        "manifest-missing",
        "Allocate gives no manifest.",
        ("manifest.is-manifest",),
        told(lambda value: {"geni_slivers": value["geni_slivers"]}, "Allocate"),
    ),
    Misbehaviour(
        "expires-past",
        "Slivers have expired.",
        ("allocate.expires-soon",),
        _expires("2020-01-01T00:00:00Z"),
    ),
    Misbehaviour(
        "expires-no-zone",
        "geni_expires has no zone.",
        ("fed4fire.expiry-told",),
        slivers(lambda one: one.update(geni_expires=one["geni_expires"][:19])),
    ),
    Misbehaviour(
        "expires-fraction",
        "geni_expires has fractions of seconds.",
        ("times.dates-told",),
        slivers(lambda one: one.update(geni_expires=one["geni_expires"][:19] + ".123456Z")),
    ),
    Misbehaviour(
        "expires-missing",
        "geni_expires is missing.",
        ("provision.shape",),
        _without("geni_expires"),
    ),
    Misbehaviour(
        "expires-beyond-credential",
        "Slivers outlast the credential.",
        ("provision.expiry-within",),
        slivers(lambda one: one.update(geni_expires=in_days(900))),
    ),
    Misbehaviour(
        "reserved-for-long",
        "A mere reservation is said to last as long as what is provisioned.",
        ("times.told-alike",),
        slivers(lambda one: one.update(geni_expires=in_days(20))),
    ),
    Misbehaviour(
        "sliver-urn-missing",
        "Renew and Delete do not tell which slivers.",
        ("delete.entries",),
        _without("geni_sliver_urn", "Renew", "Delete"),
    ),
    Misbehaviour(
        "allocation-status-missing",
        "geni_allocation_status is missing.",
        ("allocate.entries",),
        _without("geni_allocation_status"),
    ),
    Misbehaviour(
        "allocation-status-invented",
        "geni_allocation_status is none of the standard's.",
        ("allocate.all-allocated",),
        slivers(lambda one: one.update(geni_allocation_status="allocated")),
    ),
    Misbehaviour(
        "allocated-as-provisioned",
        "What is allocated is said to be provisioned.",
        ("allocate.all-allocated",),
        slivers(lambda one: one.update(geni_allocation_status="geni_provisioned"), "Allocate"),
    ),
    Misbehaviour(
        "allocated-as-ready",
        "What is allocated is said to be ready.",
        ("allocate.pending",),
        slivers(lambda one: one.update(geni_operational_status="geni_ready"), "Allocate", "Status"),
    ),
    Misbehaviour(
        "operational-status-odd",
        "An operational state's name has a blank.",
        ("draft.operational-statuses",),
        slivers(lambda one: one.update(geni_operational_status="not ready")),
    ),
    Misbehaviour(
        "sliver-of-other-authority",
        "Sliver URNs are of another authority.",
        ("manifest.sliver-authority",),
        rewritten(
            r"IDN\+gcf\.local\+sliver",
            "IDN+other.example+sliver",
            (r"IDN\+other\.example\+sliver", "IDN+gcf.local+sliver"),
        ),
    ),
    Misbehaviour(
        "sliver-name-odd",
        "Sliver names have a colon.",
        ("draft.sliver-names",),
        rewritten(r"\+sliver\+", "+sliver+a:", (r"\+sliver\+a:", "+sliver+")),
    ),
    Misbehaviour(
        "sliver-urn-as-slice",
        "Slivers are named like slices.",
        ("allocate.sliver-kind",),
        slivers(
            lambda one: one.update(
                geni_sliver_urn=one["geni_sliver_urn"].replace("+sliver+", "+slice+")
            )
        ),
    ),
    Misbehaviour(
        "slice-lowercased",
        "The slice's URN comes back in lower case.",
        ("status.case-kept",),
        answered(_slice_lower, "Describe", "Status", "Cancel"),
    ),
    Misbehaviour(
        "slice-case-counts",
        "The case of letters in a slice's URN matters.",
        ("allocate.slice-in-capitals", "status.capitals"),
        instead(_exact_case, "Describe", "Allocate", "Status", "Delete", "Provision", "Renew"),
    ),
    Misbehaviour(
        "manifest-no-client-id",
        "Nodes of the manifest have no client_id.",
        ("manifest.client-ids",),
        manifests(drop_attribute("node", "client_id")),
    ),
    Misbehaviour(
        "manifest-client-id-changed",
        "Nodes of the manifest have other client_ids than asked.",
        ("manifest.client-ids-last", "manifest.order"),
        manifests(elements(_rename)),
    ),
    Misbehaviour(
        "manifest-client-id-upper",
        "client_ids come back in upper case.",
        ("manifest.odd-client-id",),
        manifests(elements(_lower_case_names)),
    ),
    Misbehaviour(
        "manifest-no-sliver-id",
        "Nodes of the manifest have no sliver_id.",
        ("manifest.sliver-ids",),
        manifests(drop_attribute("node", "sliver_id")),
    ),
    Misbehaviour(
        "manifest-link-no-sliver-id",
        "Links of the manifest have no sliver_id.",
        ("manifest.link-sliver",),
        manifests(drop_attribute("link", "sliver_id")),
    ),
    Misbehaviour(
        "manifest-sliver-ids-differ",
        "The manifest's sliver_ids are none of geni_slivers.",
        ("manifest.sliver-ids",),
        manifests(elements(_sliver_ids_differ)),
    ),
    Misbehaviour(
        "manifest-no-component-id",
        "Nodes of the manifest do not say where they are.",
        ("manifest.components",),
        manifests(drop_attribute("node", "component_id")),
    ),
    Misbehaviour(
        "manifest-other-component",
        "Nodes of the manifest are elsewhere than asked.",
        ("manifest.bound",),
        manifests(elements(_other_component)),
    ),
    Misbehaviour(
        "manifest-other-manager",
        "Nodes of the manifest name another component manager.",
        ("request.without-manager", "request.managed-as-am", "request.managed-as-cm"),
        manifests(set_attribute("node", "component_manager_id", _FOREIGN)),
    ),
    Misbehaviour(
        "manifest-no-manager",
        "Nodes of the manifest name no component manager.",
        ("manifest.component-managers",),
        manifests(drop_attribute("node", "component_manager_id")),
    ),
    Misbehaviour(
        "manifest-type",
        "The manifest is a request by its type.",
        ("manifest.valid-described", "manifest.valid-provisioned"),
        manifests(elements(lambda root: root.set("type", "request"))),
    ),
    Misbehaviour(
        "manifest-not-xml",
        "The manifest is no XML.",
        ("manifest.valid-empty",),
        manifests(lambda _text: "two nodes"),
    ),
    Misbehaviour(
        "manifest-invalid",
        "The manifest breaks its schema.",
        ("manifest.valid", "manifest.sliver-types"),
        manifests(drop_attribute("sliver_type", "name")),
    ),
    Misbehaviour(
        "manifest-no-declaration",
        "The manifest has no XML declaration.",
        ("manifest.declaration",),
        manifests(lambda text: re.sub(r"^<\?xml.*?\?>\s*", "", text)),
    ),
    Misbehaviour(
        "manifest-node-missing",
        "One node is not in the manifest.",
        ("provision.manifest-covers",),
        manifests(elements(_one_node_less)),
    ),
    Misbehaviour(
        "manifest-no-vlantag",
        "Links of the manifest have no vlantag.",
        ("manifest.link-valid",),
        manifests(drop_attribute("link", "vlantag")),
    ),
    Misbehaviour(
        "manifest-vlantag-range",
        "A vlantag is no number of a VLAN.",
        ("manifest.link-tag",),
        manifests(elements(_renamed_vlan)),
    ),
    Misbehaviour(
        "manifest-vlantag-text",
        "A vlantag is a word.",
        ("manifest.two-tags",),
        manifests(_vlan_text),
    ),
    Misbehaviour(
        "manifest-foreign-dropped",
        "Another aggregate's nodes are missing from the manifest.",
        ("manifest.others-untouched",),
        manifests(elements(_drop_theirs)),
    ),
    Misbehaviour(
        "manifest-foreign-touched",
        "Another aggregate's nodes are changed in the manifest.",
        ("fed4fire.others-copied",),
        manifests(elements(_touch_theirs)),
    ),
    Misbehaviour(
        "manifest-foreign-claimed",
        "Another aggregate's nodes become ours in the manifest.",
        ("manifest.others-no-slivers",),
        manifests(elements(_claim_theirs)),
    ),
    Misbehaviour(
        "manifest-extension-dropped",
        "Unknown extensions are missing from the manifest.",
        (
            "manifest.extension-on-node",
            "manifest.extension-on-root",
            "manifest.extension-on-link",
            "manifest.extension-unicode",
            "manifest.extension-described",
            "fed4fire.tool-extensions",
        ),
        manifests(drop_elements(_extension)),
    ),
    Misbehaviour(
        "manifest-services-dropped",
        "services of the request are missing from the manifest.",
        ("manifest.services",),
        manifests(drop_elements(named("install", "execute"))),
    ),
    Misbehaviour(
        "manifest-no-links",
        "Links are missing from the manifest.",
        ("manifest.link-kept", "manifest.two-links", "manifest.lan", "manifest.link-property"),
        manifests(drop_elements(named("link"))),
    ),
    Misbehaviour(
        "everything-allocated",
        "A request that cannot be had is said to be reserved.",
        ("allocate.too-much",),
        accepting(6, _always_succeeds, "Allocate"),
    ),
    Misbehaviour(
        "capacity-as-bad-arguments",
        "Too much asked gives 1.",
        ("allocate.too-much",),
        recoded(6, 1, "Allocate"),
    ),
    Misbehaviour(
        "allocated-in-part",
        "Where all cannot be had, Allocate reserves a part.",
        ("allocate.best-effort-ignored",),
        instead(_partly, "Allocate"),
    ),
    Misbehaviour(
        "failure-keeps",
        "An Allocate that fails leaves something reserved.",
        ("allocate.one-bad-of-two",),
        instead(_keeps_in_failure, "Allocate"),
    ),
    Misbehaviour(
        "request-any-xml",
        "What is no request gives an empty success.",
        (
            "allocate.unreadable",
            "allocate.no-text",
            "allocate.no-string",
            "allocate.schema-invalid",
            "request.no-nodes",
            "request.empty-name",
        ),
        accepting(1, _always_succeeds, "Allocate"),
    ),
    Misbehaviour(
        "request-unknown-version-accepted",
        "A request of an unknown RSpec version gives an empty success.",
        ("allocate.other-namespace", "allocate.other-root"),
        accepting(4, _always_succeeds, "Allocate"),
    ),
    Misbehaviour(
        "dtd-accepted",
        "A request may have a document type declaration or be an advertisement.",
        ("allocate.doctype", "allocate.advertisement"),
        asking(_repaired, "Allocate"),
    ),
    Misbehaviour(
        "client-id-optional",
        "A node needs no client_id.",
        ("request.nameless",),
        asking(_named, "Allocate"),
    ),
    Misbehaviour(
        "client-id-twice",
        "Two nodes may have the same client_id.",
        ("request.twin-nodes",),
        asking(_numbered, "Allocate"),
    ),
    Misbehaviour(
        "links-ignored",
        "Links are ignored, whatever they connect.",
        ("request.dangling", "request.twin-links"),
        asking(_links_dropped, "Allocate"),
    ),
    Misbehaviour(
        "bound-ignored",
        "Nodes are given elsewhere than asked.",
        ("allocate.unknown-component",),
        asking(_unbound, "Allocate"),
    ),
    Misbehaviour(
        "allocate-tells-all",
        "A second Allocate tells of all slivers of the slice.",
        ("manifest.only-new-allocated",),
        instead(lambda asked: all_told(asked, [asked.params[0]]), "Allocate"),
    ),
    Misbehaviour(
        "allocate-once",
        "A second Allocate is refused although geni_allocate is geni_many.",
        ("allocate.again-several", "request.link-to-existing"),
        instead(_only_once, "Allocate"),
    ),
    Misbehaviour(
        "end-time-ignored",
        "geni_end_time is ignored.",
        (
            "allocate.end-time-earlier",
            "provision.end-time-earlier",
            "allocate.end-time-malformed",
            "allocate.end-time-no-text",
            "provision.end-time-malformed",
        ),
        without_option("geni_end_time", "Allocate", "Provision"),
    ),
    Misbehaviour(
        "end-time-fatal",
        "A geni_end_time that is too late fails the call.",
        ("allocate.end-time-beyond", "provision.end-time-beyond", "update.end-time-beyond"),
        instead(_end_time_strict, "Allocate", "Provision", "Update"),
    ),
    Misbehaviour(
        "any-slice-name",
        "Allocate takes what is no slice's URN.",
        ("allocate.not-a-slice",),
        instead(_any_slice_name, "Allocate"),
    ),
    Misbehaviour(
        "node-given-twice",
        "An exclusive node that somebody has is given once more.",
        ("race.one-node-once", "allocate.busy-component"),
        replaced=(Replaced(allocate, "with_room", lambda unit, choose, _chosen, **_: choose({})),),
    ),
)
