"""What a request says beside its nodes: extensions, services, addresses, others' nodes, links.

Source: GENI RSpec v3, extensions; AM API v3, Manifest RSpecs.
"""

from collections.abc import Sequence
from typing import Final

from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.checks.manifest import Shown, shown
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import Element, core, schema_faults
from gcf_am.conformance.judged import document, faultless
from gcf_am.conformance.judging import carried, links, manifests
from gcf_am.conformance.trial import Trial

_KEPT: Final = "what the aggregate does not know is in the manifest as it came"


def _extended(trial: Trial) -> Shown:
    return shown(trial, editing.with_extension(trial.request()))


def on_nodes(trial: Trial) -> None:
    one = _extended(trial)
    faultless(trial, _KEPT, carried.extensions(one.request, one.manifest, "node"))


def on_root(trial: Trial) -> None:
    one = _extended(trial)
    faultless(trial, _KEPT, carried.extensions(one.request, one.manifest, "rspec"))


def on_links(trial: Trial) -> None:
    one = shown(trial, editing.with_extension(_joined(trial)))
    faultless(trial, _KEPT, carried.extensions(one.request, one.manifest, "link"))


def attributes(trial: Trial) -> None:
    one = shown(trial, editing.with_foreign_attribute(trial.request()))
    faultless(trial, _KEPT, carried.attributes(one.request, one.manifest))


def unicode_text(trial: Trial) -> None:
    one = shown(trial, editing.with_extension(trial.request(), text="fünf ☃ 𝄞"))
    faultless(trial, _KEPT, carried.extensions(one.request, one.manifest, "node"))


def still_there_described(trial: Trial) -> None:
    request = editing.with_extension(trial.request())
    held = trial.provisioned(request=request)
    value = trial.succeeds(trial.call("Describe", [held.urn], held.credentials, dict(GENI3)))
    manifest = document(trial, value["geni_rspec"], "manifest")
    faults = carried.extensions(document(trial, request, "request"), manifest, "node")
    faultless(trial, _KEPT, faults)


def services(trial: Trial) -> None:
    one = shown(trial, editing.with_service(trial.request()))
    faults = [
        fault
        for name in ("install", "execute")
        for fault in manifests.kept_inside(
            one.request, one.manifest, one.manager, ("services", name)
        )
    ]
    faultless(trial, "install and execute are in the manifest as they came", faults)


def interfaces(trial: Trial) -> None:
    request = trial.request()
    node = editing.names(request)[0]
    one = shown(trial, editing.with_interface(request, node, "eth:x"))
    faults = manifests.kept_interfaces(one.request, one.manifest, one.manager)
    faultless(trial, "a node has the interfaces it was asked for", faults)


def addresses(trial: Trial) -> None:
    request = editing.addressed(_joined(trial))
    one = shown(trial, request)
    faults = manifests.kept_inside(one.request, one.manifest, one.manager, ("interface", "ip"))
    faultless(trial, "an interface has the address it was asked for", faults)


def others(trial: Trial) -> None:
    one = shown(trial, editing.with_others(trial.request()))
    faults = carried.others(one.request, one.manifest, one.manager)
    faultless(trial, "other aggregates' nodes and links are copied as they came", faults)


def others_no_slivers(trial: Trial) -> None:
    one = shown(trial, editing.with_others(trial.request()))
    faults = manifests.listed(one.manifest, one.held.urns, one.manager)
    faultless(trial, "other aggregates' nodes are no slivers here", faults)


def others_valid(trial: Trial) -> None:
    held = trial.allocated(request=editing.with_others(trial.request()))
    faultless(
        trial, "a manifest with others' links is valid", schema_faults(held.manifest, "manifest")
    )


def _joined(trial: Trial, count: int = 2, names: Sequence[str] = ("wire",)) -> str:
    """A request for nodes with links that join them all."""
    request = editing.without_interfaces(trial.request(count))
    for name in names:
        request = editing.linked(request, name, editing.names(request))
    return request


def link_valid(trial: Trial) -> None:
    held = trial.allocated(request=_joined(trial))
    faults = schema_faults(held.manifest, "manifest")
    faults += links.tagged(document(trial, held.manifest, "manifest"))
    faultless(trial, "each link has a vlantag, and the manifest is valid", faults)


def link_kept(trial: Trial) -> None:
    one = shown(trial, _joined(trial))
    faults = manifests.kept_ids(one.request, one.manifest, one.manager)
    faults += manifests.kept_ends(one.request, one.manifest, one.manager)
    faults += manifests.kept_interfaces(one.request, one.manifest, one.manager)
    faultless(trial, "the link is there, between the interfaces it was asked for", faults)


def link_sliver(trial: Trial) -> None:
    one = shown(trial, _joined(trial))
    faults = manifests.listed(one.manifest, one.held.urns, one.manager)
    faultless(trial, "the link is a sliver that geni_slivers lists", faults)


def link_tag(trial: Trial) -> None:
    one = shown(trial, _joined(trial))
    faults = links.tags_are_numbers(one.manifest, one.manager)
    faultless(trial, "a vlantag is empty, or a VLAN's number", faults)


def link_ends(trial: Trial) -> None:
    one = shown(trial, _joined(trial))
    faultless(trial, "a link ends at interfaces of the manifest", links.ends_exist(one.manifest))


def link_property(trial: Trial) -> None:
    request = editing.without_interfaces(trial.request(2))
    request = editing.linked(request, "wire", editing.names(request), capacity="1000")
    one = shown(trial, request)
    asked = {_way(way) for way in one.request.iterfind(f"{core('link')}/{core('property')}")}
    told = {_way(way) for way in one.manifest.iterfind(f"{core('link')}/{core('property')}")}
    trial.expect(asked <= told, f"the link's properties {sorted(asked)}", sorted(told))


def _way(way: Element) -> tuple[str, ...]:
    return tuple(way.get(name, "") for name in ("source_id", "dest_id", "capacity"))


def two_links(trial: Trial) -> None:
    one = shown(trial, _joined(trial, names=("wire", "other")))
    faults = manifests.kept_ids(one.request, one.manifest, one.manager)
    faults += manifests.kept_ends(one.request, one.manifest, one.manager)
    faultless(trial, "two links between the same nodes stay two", faults)


def two_tags(trial: Trial) -> None:
    one = shown(trial, _joined(trial, names=("wire", "other")))
    faultless(trial, "two links have different VLANs", links.tags_differ(one.manifest, one.manager))


def lan(trial: Trial) -> None:
    one = shown(trial, _joined(trial, 3, ("lan",)))
    faults = manifests.kept_ids(one.request, one.manifest, one.manager)
    faults += manifests.kept_ends(one.request, one.manifest, one.manager)
    faultless(trial, "a link of three ends has its three ends", faults)


def link_alone_described(trial: Trial) -> None:
    one = shown(trial, _joined(trial))
    ids = manifests.slivers(one.manifest)
    urn = ids.pop("wire", None)
    if urn is None or urn in ids.values():
        trial.skip("the link is no sliver of its own")
    answer = trial.call("Describe", [urn], one.held.credentials, dict(GENI3))
    manifest = document(trial, trial.succeeds(answer)["geni_rspec"], "manifest")
    faultless(trial, "the link alone", manifests.shows(manifest, {"wire": urn}))


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_NEEDS: Final = (Need.WRITES,)
_LINK: Final = (Need.WRITES, Need.SECOND_NODE, Need.LINKS)
_EXTENSIONS: Final = "GENI RSpec v3, extensions"
_MANIFEST: Final = "AM API v3, Manifest RSpecs"

CHECKS: Final = (
    Check("manifest.extension-on-node", "manifest", "Unknown extensions of nodes are carried", f"{_EXTENSIONS}; R154", MUST, on_nodes, needs=_NEEDS),
    Check("manifest.extension-on-root", "manifest", "Unknown extensions of the whole request are carried", f"{_EXTENSIONS}; R154", MUST, on_root, needs=_NEEDS),
    Check("manifest.extension-on-link", "manifest", "Unknown extensions of links are carried", f"{_EXTENSIONS}; R154", MUST, on_links, needs=_LINK),
    Check("manifest.extension-attributes", "manifest", "Unknown extensions' attributes are carried", f"{_EXTENSIONS}; R154", MUST, attributes, needs=_NEEDS),
    Check("manifest.extension-unicode", "manifest", "Text of other scripts in extensions is carried", f"{_EXTENSIONS}; XML 1.0", MUST, unicode_text, needs=_NEEDS),
    Check("manifest.extension-described", "manifest", "Extensions are still there after Provision", f"{_EXTENSIONS}; R154", MUST, still_there_described, needs=_NEEDS),
    Check("manifest.services", "manifest", "install and execute are kept", "GENI RSpec v3, services; R262", MUST, services, needs=_NEEDS),
    Check("manifest.interfaces", "manifest", "Interfaces are kept under their client_ids", f"{_MANIFEST}; R265", MUST, interfaces, needs=_NEEDS),
    Check("manifest.addresses", "manifest", "Addresses of interfaces are kept", "GENI RSpec v3, interface, ip", MUST, addresses, needs=_LINK),
    Check("manifest.others-untouched", "manifest", "Nodes of other aggregates are copied as they came", f"{_MANIFEST}; R153", MUST, others, needs=_NEEDS),
    Check("manifest.others-no-slivers", "manifest", "Nodes of other aggregates are no slivers here", f"{_MANIFEST}; R153", MUST, others_no_slivers, needs=_NEEDS),
    Check("manifest.others-valid", "manifest", "A manifest with other aggregates' links is valid", "GENI RSpec v3, manifest; R261", MUST, others_valid, needs=_NEEDS),
    Check("manifest.link-valid", "manifest", "A manifest with a link is valid: it has a vlantag", "GENI RSpec v3, manifest, link; R261", MUST, link_valid, needs=_LINK),
    Check("manifest.link-kept", "manifest", "A link joins the interfaces it was asked for", f"{_MANIFEST}; R265", MUST, link_kept, needs=_LINK),
    Check("manifest.link-sliver", "manifest", "A link has a sliver_id that geni_slivers lists", f"{_MANIFEST}; R140", MUST, link_sliver, needs=_LINK),
    Check("manifest.link-tag", "manifest", "A link's vlantag is empty or a VLAN's number", "GENI RSpec v3, link, vlantag", SHOULD, link_tag, needs=_LINK),
    Check("manifest.link-ends", "manifest", "A link's ends are interfaces of the manifest's nodes", "GENI RSpec v3, interface_ref", MUST, link_ends, needs=_LINK),
    Check("manifest.link-property", "manifest", "A link's capacity is kept", "GENI RSpec v3, property", SHOULD, link_property, needs=_LINK),
    Check("manifest.two-links", "manifest", "Two links between the same nodes stay two", f"{_MANIFEST}; R140", MUST, two_links, needs=_LINK),
    Check("manifest.two-tags", "manifest", "Two links do not share a VLAN", "GENI RSpec v3, link, vlantag", SHOULD, two_tags, needs=_LINK),
    Check("manifest.lan", "manifest", "A link of three ends keeps them", "GENI RSpec v3, link", MUST, lan, needs=_LINK),
    Check("manifest.link-alone", "manifest", "A link's sliver can be described alone", "AM API v3, Describe; R180", SHOULD, link_alone_described, needs=(*_LINK, Need.PARTS)),
)  # fmt: skip
