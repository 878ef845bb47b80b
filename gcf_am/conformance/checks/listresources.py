"""ListResources: the advertisement. Source: AM API v3, ListResources; GENI RSpec v3."""

from typing import Any, Final

from gcf_am.conformance.advertised import Ad
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3, compose
from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.documents.reading import (
    SCHEMA_LOCATION,
    Element,
    prolog_faults,
    schema_faults,
)
from gcf_am.conformance.judged import comes, document, faultless, is_free, manager, unpacked
from gcf_am.conformance.judging import advertised
from gcf_am.conformance.trial import Trial


def _asked(trial: Trial, **options: Any) -> Answer:
    return trial.call("ListResources", trial.user_credentials(), options)


def _listed(trial: Trial, **options: Any) -> str:
    value = trial.succeeds(_asked(trial, **GENI3, **options))
    trial.expect(isinstance(value, str), "value is text", type(value).__name__)
    return str(value)


def _ad(trial: Trial, **options: Any) -> Element:
    return document(trial, _listed(trial, **options), "ad")


def _version(trial: Trial, version: object) -> Answer:
    return _asked(trial, geni_rspec_version=version)


def valid(trial: Trial) -> None:
    faultless(trial, "valid against ad.xsd", schema_faults(_listed(trial), "ad"))


def is_advertisement(trial: Trial) -> None:
    told = _ad(trial).get("type")
    trial.expect(told == "advertisement", "type is advertisement", told)


def declared(trial: Trial) -> None:
    faultless(trial, "an XML declaration, in UTF-8", prolog_faults(_listed(trial)))


def without_version(trial: Trial) -> None:
    trial.refuses(_asked(trial), 1)


def without_type(trial: Trial) -> None:
    trial.refuses(_version(trial, {"version": "3"}), 1)


def without_number(trial: Trial) -> None:
    trial.refuses(_version(trial, {"type": "GENI"}), 1)


def version_as_text(trial: Trial) -> None:
    trial.refuses(_version(trial, "GENI 3"), 1)


def other_number(trial: Trial) -> None:
    trial.refuses(_version(trial, {"type": "GENI", "version": "99"}), 4)


def other_type(trial: Trial) -> None:
    trial.refuses(_version(trial, {"type": "conformance", "version": "3"}), 4)


def small_letters(trial: Trial) -> None:
    trial.succeeds(_version(trial, {"type": "geni", "version": "3"}))


def unknown_option(trial: Trial) -> None:
    _listed(trial, conformance_unknown={"x": [1]})


def plain(trial: Trial) -> None:
    for options in ({}, {"geni_compressed": False}):
        text = _listed(trial, **options).lstrip()
        trial.expect(text.startswith("<"), "plain XML", text[:60])


def compressed(trial: Trial) -> None:
    text = _listed(trial, geni_compressed=True)
    plain = unpacked(trial, text, "base64 of zlib of the document")
    there = {one.component_id for one in Ad(plain).nodes}
    wanted = {one.component_id for one in trial.ad.nodes}
    trial.expect(there == wanted, "the nodes of the plain advertisement", sorted(there ^ wanted))


def only_available(trial: Trial) -> None:
    nodes = Ad(_listed(trial, geni_available=True)).nodes
    faults = [f"{one.component_id} is not available" for one in nodes if not one.available]
    faultless(trial, "only nodes that are available", faults)
    trial.expect(bool(nodes) or not trial.ad.usable, "available nodes are listed", "none are")


def all_listed(trial: Trial) -> None:
    wanted = {one.component_id for one in trial.ad.nodes}
    there = {one.component_id for one in Ad(_listed(trial)).nodes}
    trial.expect(there == wanted, "without geni_available all are listed", sorted(there ^ wanted))
    some = {one.component_id for one in Ad(_listed(trial, geni_available=True)).nodes}
    trial.expect(some <= there, "what is available is among all", sorted(some - there))


def node_members(trial: Trial) -> None:
    names = ("component_id", "component_manager_id", "exclusive")
    faults = advertised.attributes(_ad(trial), *names)
    faultless(trial, "each node has component_id, component_manager_id, exclusive", faults)


def node_availability(trial: Trial) -> None:
    faultless(trial, "each node has available now", advertised.availabilities(_ad(trial)))


def node_exclusive(trial: Trial) -> None:
    faultless(trial, "exclusive is true or false", advertised.exclusives(_ad(trial)))


def some_sliver_type(trial: Trial) -> None:
    there = any(one.sliver_types for one in trial.ad.nodes)
    trial.expect(there, "nodes with a sliver_type, which can be asked for", "none has any")


def node_managers(trial: Trial) -> None:
    urn = manager(trial)
    faultless(trial, f"component_manager_id is {urn}", advertised.managers(_ad(trial), urn))


def distinct(trial: Trial) -> None:
    names = [one.component_id for one in trial.ad.nodes]
    twice = sorted({one for one in names if names.count(one) > 1})
    faultless(trial, "each component_id stands once", [f"{one} twice" for one in twice])


def taken_is_told(trial: Trial) -> None:
    (node,) = trial.nodes(1, exclusive=True)
    held = trial.allocated(request=compose([node], bound=True))
    trial.expect(not is_free(trial, node.component_id), "a node that is held is not available",
                 f"{node.component_id} is available")  # fmt: skip
    there = {one.component_id for one in Ad(_listed(trial)).nodes}
    trial.expect(node.component_id in there, "a node that is held is still listed", "it is not")
    there = {one.component_id for one in Ad(_listed(trial, geni_available=True)).nodes}
    trial.expect(node.component_id not in there, "geni_available leaves it out", "it is listed")
    trial.succeeds(trial.call("Delete", [held.urn], held.credentials, {}))
    comes(trial, lambda: is_free(trial, node.component_id), "the node is available again", 60)


def user_credential(trial: Trial) -> None:
    trial.succeeds(_asked(trial, **GENI3))


def no_credential(trial: Trial) -> None:
    trial.forbids(trial.call("ListResources", [], dict(GENI3)))


def slice_urn(trial: Trial) -> None:
    trial.refuses(_asked(trial, **GENI3, geni_slice_urn=trial.slice().urn), 1)


def machines(trial: Trial) -> None:
    ad = _ad(trial)
    told = advertised.machines(ad)
    trial.expect(bool(told), "rspec_opstate, for what slivers can be told to do", "there is none")
    faultless(trial, "a machine with start, states and ways between them",
              advertised.machine_faults(ad))  # fmt: skip


def machine_types(trial: Trial) -> None:
    faults = advertised.uncovered_types(_ad(trial))
    faultless(trial, "each sliver type has its machine", faults)


def machine_start(trial: Trial) -> None:
    for one in trial.ad.machines:
        there = one.start in one.actions or one.start in one.waits
        trial.expect(there, "start is a state of the machine", one.start)


def schema_location(trial: Trial) -> None:
    told = _ad(trial).get(SCHEMA_LOCATION, "")
    trial.expect("ad.xsd" in told, "xsi:schemaLocation names ad.xsd", told)


MUST, SHOULD = Severity.MUST, Severity.SHOULD
_LR: Final = "AM API v3, ListResources"
_AD: Final = "GENI RSpec v3, advertisement"

CHECKS: Final = (
    Check("listresources.valid", "ListResources", "The advertisement is valid against ad.xsd", f"{_LR}; R126", MUST, valid),
    Check("listresources.is-advertisement", "ListResources", "The advertisement's type is advertisement", f"{_LR}; R126", MUST, is_advertisement),
    Check("listresources.declaration", "ListResources", "The advertisement has an XML declaration, in UTF-8", f"{_LR}; R270", SHOULD, declared),
    Check("listresources.without-version", "ListResources", "geni_rspec_version is mandatory", f"{_LR}; R122", MUST, without_version),
    Check("listresources.without-type", "ListResources", "geni_rspec_version needs a type", f"{_LR}; R123", MUST, without_type),
    Check("listresources.without-number", "ListResources", "geni_rspec_version needs a version", f"{_LR}; R123", MUST, without_number),
    Check("listresources.version-as-text", "ListResources", "geni_rspec_version is a struct", f"{_LR}; R011", MUST, version_as_text),
    Check("listresources.other-number", "ListResources", "A version that is not offered gives 4", f"{_LR}; R124", MUST, other_number),
    Check("listresources.other-type", "ListResources", "A type that is not offered gives 4", f"{_LR}; R124", MUST, other_type),
    Check("listresources.small-letters", "ListResources", "The type's letter case tells nothing apart", f"{_LR}; R125", MUST, small_letters),
    Check("listresources.unknown-option", "ListResources", "Options that are not known are ignored", f"{_LR}; R020", MUST, unknown_option),
    Check("listresources.plain", "ListResources", "Without geni_compressed, and with false, it is plain XML", f"{_LR}; R132", MUST, plain),
    Check("listresources.compressed", "ListResources", "geni_compressed answers base64 of zlib of the same", f"{_LR}; R131", MUST, compressed),
    Check("listresources.only-available", "ListResources", "geni_available=true lists only what can be had", f"{_LR}; R128", MUST, only_available, alone=True),
    Check("listresources.all-listed", "ListResources", "Without geni_available all is listed", f"{_LR}; R129", MUST, all_listed, alone=True),
    Check("listresources.node-members", "ListResources", "Each node has component_id, component_manager_id and exclusive", f"{_AD}; R127", MUST, node_members),
    Check("listresources.node-availability", "ListResources", "Each node says whether it is available", f"{_AD}; R127", MUST, node_availability),
    Check("listresources.node-exclusive", "ListResources", "Each node says whether it goes to one at a time", f"{_AD}; R127", MUST, node_exclusive),
    Check("listresources.some-sliver-type", "ListResources", "There are sliver types to be asked for", f"{_AD}; R127", MUST, some_sliver_type),
    Check("listresources.node-managers", "ListResources", "Nodes name this aggregate as their manager", f"{_AD}; R127", MUST, node_managers),
    Check("listresources.distinct", "ListResources", "No two nodes have one component_id", _AD, MUST, distinct),
    Check("listresources.taken-is-told", "ListResources", "A node that is held is not available until it is free again", f"{_LR}; R130", MUST, taken_is_told),
    Check("listresources.user-credential", "ListResources", "A user credential suffices", f"{_LR}; R133", MUST, user_credential),
    Check("listresources.no-credential", "ListResources", "Without a credential nothing is listed", f"{_LR}; R134", SHOULD, no_credential),
    Check("listresources.slice-urn", "ListResources", "geni_slice_urn is not of version 3", f"{_LR}; R135", SHOULD, slice_urn),
    Check("listresources.machines", "ListResources", "Operational states and actions are advertised", "RSpec extension opstate/1; R136", MUST, machines),
    Check("listresources.machine-types", "ListResources", "Each sliver type's states are advertised", "RSpec extension opstate/1; R136", SHOULD, machine_types),
    Check("listresources.machine-start", "ListResources", "A machine starts in one of its states", "RSpec extension opstate/1; R136", MUST, machine_start),
    Check("listresources.schema-location", "ListResources", "xsi:schemaLocation names the schema", f"{_AD}; R137", SHOULD, schema_location),
)  # fmt: skip
