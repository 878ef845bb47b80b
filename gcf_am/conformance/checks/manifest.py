"""Manifests: every reserved thing under the name it was asked for, and who has it where.

Source: AM API v3, Manifest RSpecs; GENI RSpec v3.
"""

from dataclasses import dataclass
from typing import Any, Final

from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.changing import done
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.others import others_faults
from gcf_am.conformance.documents.reading import (
    SCHEMA_LOCATION,
    Element,
    Unread,
    core,
    prolog_faults,
    read,
    schema_faults,
)
from gcf_am.conformance.holding import Holding, with_room
from gcf_am.conformance.judged import document, faultless, manager, manifest_of
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.trial import Trial


@dataclass(frozen=True, slots=True)
class Shown:
    """A request that was allocated, and its manifest."""

    held: Holding
    request: Element
    manifest: Element
    manager: str


def shown(trial: Trial, request: str) -> Shown:
    """Allocate a request, and read both."""
    held = trial.allocated(request=request)
    manifest = document(trial, held.manifest, "manifest")
    return Shown(held, read(request, "request"), manifest, manager(trial))


def _two(trial: Trial) -> Shown:
    return shown(trial, trial.request(2))


def is_manifest(trial: Trial) -> None:
    _two(trial)


def valid(trial: Trial) -> None:
    faults = schema_faults(trial.allocated(2).manifest, "manifest")
    faultless(trial, "Allocate's manifest is valid", faults)


def valid_provisioned(trial: Trial) -> None:
    faults = schema_faults(trial.provisioned().manifest, "manifest")
    faultless(trial, "Provision's manifest is valid", faults)


def _described(trial: Trial, held: Holding) -> Any:
    return trial.succeeds(trial.call("Describe", [held.urn], held.credentials, dict(GENI3)))


def valid_described(trial: Trial) -> None:
    value = _described(trial, trial.ready())
    document(trial, value["geni_rspec"], "manifest")
    faults = schema_faults(value["geni_rspec"], "manifest")
    faultless(trial, "Describe's manifest of running slivers is valid", faults)


def valid_empty(trial: Trial) -> None:
    one = trial.slice(fresh=True)
    answer = trial.call("Describe", [one.urn], one.credentials, dict(GENI3))
    if answer.code != 0:
        trial.cannot_tell(f"no empty manifest is told: {answer.brief}")
    manifest = manifest_of(trial, answer.value)
    faults = schema_faults(answer.value["geni_rspec"], "manifest")
    faults += [f"it has a {one.tag}" for one in manifest.iterchildren(core("node"), core("link"))]
    faultless(trial, "the manifest of no slivers is valid, and has no node or link", faults)


def others_valid(trial: Trial) -> None:
    _by_others(trial, trial.provisioned(2).manifest, "manifest")


def others_valid_ad(trial: Trial) -> None:
    _by_others(trial, trial.ad.text, "ad")


def _by_others(trial: Trial, text: str, kind: str) -> None:
    folder = trial.target.schemas
    if folder is None:
        trial.skip("no folder of schemas was given (--schemas)")
    try:
        faults = others_faults(text, kind, folder)
    except Unread as error:
        trial.cannot_tell(str(error))
    faultless(trial, "valid against the schemas of the folder", faults)


def declaration(trial: Trial) -> None:
    faultless(trial, "an XML declaration, in UTF-8", prolog_faults(trial.allocated().manifest))


def schema_location(trial: Trial) -> None:
    told = (_two(trial).manifest.get(SCHEMA_LOCATION) or "").split()
    has = [one for one in told if one.endswith("/manifest.xsd")]
    trial.expect(bool(has), "xsi:schemaLocation names manifest.xsd", told)


def client_ids(trial: Trial) -> None:
    one = _two(trial)
    faults = manifests.kept_ids(one.request, one.manifest, one.manager)
    faultless(trial, "each node under its client_id, and no other", faults)


def client_ids_last(trial: Trial) -> None:
    request = trial.request(2)
    held = trial.provisioned(request=request)
    described = manifest_of(trial, _described(trial, held))
    faults = manifests.kept_ids(read(request, "request"), described, manager(trial))
    faultless(trial, "client_ids are the same after Provision", faults)


def odd_client_id(trial: Trial) -> None:
    name = "N_o.de-1:x"
    whole = trial.request()
    one = shown(trial, editing.renamed(whole, editing.names(whole)[0], name))
    has = manifests.client_ids(one.manifest, "node", one.manager)
    trial.expect(has == [name], f"the client_id {name}, as it was written", has)


def sliver_ids(trial: Trial) -> None:
    one = _two(trial)
    faults = manifests.listed(one.manifest, one.held.urns, one.manager)
    faultless(trial, "sliver_ids and geni_slivers are the same slivers", faults)


def sliver_ids_last(trial: Trial) -> None:
    held = trial.allocated(2)
    before = manifests.slivers(document(trial, held.manifest, "manifest"))
    after = manifest_of(trial, done(_provision(trial, held)))
    faultless(trial, "the same slivers after Provision", manifests.shows(after, before))


def _provision(trial: Trial, held: Holding, *urns: str) -> Answer:
    return trial.call("Provision", list(urns) or [held.urn], held.credentials, dict(GENI3))


def sliver_authority(trial: Trial) -> None:
    one = _two(trial)
    faults = manifests.sliver_authorities(one.held.urns, one.manager)
    faultless(trial, "slivers are named by the aggregate's authority", faults)


def components(trial: Trial) -> None:
    one = _two(trial)
    advertised = {node.component_id for node in trial.ad.nodes}
    faults = manifests.components(one.manifest, advertised, one.manager)
    faultless(trial, "component_id is that of an advertised node", faults)


def component_managers(trial: Trial) -> None:
    one = _two(trial)
    faults = manifests.managers(one.manifest, one.manager)
    faultless(trial, "component_manager_id is this aggregate", faults)


def bound(trial: Trial) -> None:
    chosen = trial.nodes(min(2, len(trial.ad.usable)))
    # the other way round than an aggregate would choose that does not look
    one = shown(trial, compose(chosen[::-1], bound=True))
    faults = manifests.bound(one.request, one.manifest, one.manager)
    faultless(trial, "a node that names its component is on it", faults)


def exclusives_differ(trial: Trial) -> None:
    chosen = trial.nodes(2, exclusive=True)
    wanted = editing.with_attribute(compose(chosen, bound=True), "component_id", None)
    one = shown(trial, wanted)
    exclusive = {node.component_id for node in trial.ad.nodes if node.exclusive}
    faults = manifests.distinct_exclusives(one.manifest, exclusive)
    faultless(trial, "no component that goes to one at a time is given twice", faults)


def order(trial: Trial) -> None:
    one = _two(trial)
    faults = manifests.kept_order(one.request, one.manifest, one.manager)
    faultless(trial, "nodes in the order of the request", faults)


def sliver_types(trial: Trial) -> None:
    one = _two(trial)
    faults = manifests.kept_sliver_types(one.request, one.manifest, one.manager)
    faultless(trial, "the sliver types that were asked for", faults)


def only_new_allocated(trial: Trial) -> None:
    whole = trial.request(2)
    mine, new = editing.names(whole)[:2]
    held = trial.allocated(request=editing.only(whole, mine))
    wanted = editing.only(whole, new)
    answer = with_room(
        trial, lambda: trial.call("Allocate", held.urn, held.credentials, wanted, {})
    )
    manifest = manifest_of(trial, trial.succeeds(answer))
    faults = manifests.kept_ids(read(wanted, "request"), manifest, manager(trial))
    faults += slivers.never_twice([{"geni_slivers": list(held.slivers)}, answer.value])
    faultless(trial, "a second Allocate tells of the new slivers only", faults)


def only_new_provisioned(trial: Trial) -> None:
    held = trial.allocated(2)
    first, second = held.parts()[:2]
    done(_provision(trial, held, first))
    shown = manifests.slivers(manifest_of(trial, trial.succeeds(_provision(trial, held, second))))
    trial.expect(set(shown.values()) == {second}, f"Provision's manifest of {second} only", shown)


def part_described(trial: Trial) -> None:
    held = trial.allocated(2)
    one = held.parts()[0]
    answer = trial.call("Describe", [one], held.credentials, dict(GENI3))
    shown = manifests.slivers(manifest_of(trial, trial.succeeds(answer)))
    trial.expect(set(shown.values()) == {one}, f"Describe's manifest of {one} only", shown)


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_NEEDS: Final = (Need.WRITES,)
_TWO: Final = (Need.WRITES, Need.SECOND_NODE)
_RSPEC: Final = "GENI RSpec v3, manifest"
_MANIFEST: Final = "AM API v3, Manifest RSpecs"

CHECKS: Final = (
    Check("manifest.is-manifest", "manifest", "Allocate answers an RSpec of type manifest", f"{_RSPEC}; R139", MUST, is_manifest, needs=_TWO),
    Check("manifest.valid", "manifest", "Allocate's manifest is valid", f"{_RSPEC}; R139", MUST, valid, needs=_TWO),
    Check("manifest.valid-provisioned", "manifest", "Provision's manifest is valid", f"{_RSPEC}; R139", MUST, valid_provisioned, needs=_NEEDS),
    Check("manifest.valid-described", "manifest", "Describe's manifest of running slivers is valid", f"{_RSPEC}; R139", MUST, valid_described, needs=_NEEDS),
    Check("manifest.valid-empty", "manifest", "The manifest of no slivers is valid and empty", f"{_RSPEC}; R269", MUST, valid_empty),
    Check("manifest.valid-by-others", "manifest", "Manifests are valid against the schemas that were given", f"{_RSPEC}; R139", MUST, others_valid, needs=(*_TWO, Need.SCHEMAS)),
    Check("manifest.ad-valid-by-others", "ListResources", "The advertisement is valid against the schemas that were given", "GENI RSpec v3, advertisement; R126", MUST, others_valid_ad, needs=(Need.SCHEMAS,)),
    Check("manifest.declaration", "manifest", "A manifest has an XML declaration, in UTF-8", f"{_MANIFEST}; R270", SHOULD, declaration, needs=_NEEDS),
    Check("manifest.schema-location", "manifest", "A manifest names its schema", f"{_RSPEC}, schemaLocation", SHOULD, schema_location, needs=_TWO),
    Check("manifest.client-ids", "manifest", "Each node that was asked for is there once, under its client_id", f"{_MANIFEST}; R140, R265", MUST, client_ids, needs=_TWO),
    Check("manifest.client-ids-last", "manifest", "client_ids never change", f"{_MANIFEST}; R265", MUST, client_ids_last, needs=_TWO),
    Check("manifest.odd-client-id", "manifest", "A client_id is kept letter by letter", f"{_MANIFEST}; R265", MUST, odd_client_id, needs=_NEEDS),
    Check("manifest.sliver-ids", "manifest", "The manifest's sliver_ids are the slivers in geni_slivers", f"{_MANIFEST}; R140", MUST, sliver_ids, needs=_TWO),
    Check("manifest.sliver-ids-last", "manifest", "Provision keeps sliver_ids", f"{_MANIFEST}; R140", MUST, sliver_ids_last, needs=_TWO),
    Check("manifest.sliver-authority", "manifest", "Slivers are named by the aggregate's authority", "GENI identifiers, slivers; R053", MUST, sliver_authority, needs=_TWO),
    Check("manifest.components", "manifest", "Each node names the component it is on, which is advertised", f"{_MANIFEST}; R140", MUST, components, needs=_TWO),
    Check("manifest.component-managers", "manifest", "Each node names this aggregate as its manager", f"{_MANIFEST}; R140, R266", MUST, component_managers, needs=_TWO),
    Check("manifest.bound", "manifest", "A node that asks for a component is on it", "GENI RSpec v3, request, component_id", MUST, bound, needs=_NEEDS),
    Check("manifest.exclusives-differ", "manifest", "Exclusive nodes are on components of their own", "GENI RSpec v3, exclusive; R161", MUST, exclusives_differ, needs=_TWO),
    Check("manifest.order", "manifest", "Nodes stand in the order of the request", _MANIFEST, SHOULD, order, needs=_TWO),
    Check("manifest.sliver-types", "manifest", "Sliver types are those that were asked for", _MANIFEST, MUST, sliver_types, needs=_TWO),
    Check("manifest.only-new-allocated", "manifest", "A second Allocate's manifest has the new slivers only", "AM API v3, Allocate; R159", MUST, only_new_allocated, needs=(*_TWO, Need.SEVERAL_ALLOCATES)),
    Check("manifest.only-new-provisioned", "manifest", "Provision's manifest has what it provisioned only", "AM API v3, Provision; R167", MUST, only_new_provisioned, needs=(*_TWO, Need.PARTS)),
    Check("manifest.part-described", "manifest", "Describe's manifest has the slivers that were named only", "AM API v3, Describe; R180", MUST, part_described, needs=(*_TWO, Need.PARTS)),
)  # fmt: skip
