"""Requests: what must be understood, and what must be refused with nothing reserved.

Source: GENI RSpec v3, request; AM API v3, Allocate.
"""

from typing import Final

from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.checks.manifest import shown
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import RSPEC, SCHEMA_LOCATION, read
from gcf_am.conformance.holding import with_room
from gcf_am.conformance.judged import faultless, manager, manifest_of
from gcf_am.conformance.judging import manifests, slivers
from gcf_am.conformance.standing import nothing_there
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Failed, Undecided

_MANAGER: Final = "component_manager_id"


def _refused(trial: Trial, wanted: str, *codes: int) -> None:
    one = trial.slice()
    trial.refuses(trial.call("Allocate", one.urn, one.credentials, wanted, {}), *codes)
    nothing_there(trial, one)


def _understood(trial: Trial, wanted: str) -> None:
    try:
        one = shown(trial, wanted)
    except Undecided as undecided:
        raise Failed("the request is understood", undecided.reason) from None
    faults = manifests.kept_ids(one.request, one.manifest, one.manager)
    faultless(trial, "the nodes that were asked for, and no other", faults)


def twin_nodes(trial: Trial) -> None:
    _refused(trial, editing.doubled(trial.request()), 1)


def twin_interfaces(trial: Trial) -> None:
    request = trial.request(2)
    for node in editing.names(request)[:2]:
        request = editing.with_interface(request, node, "twin:0")
    _refused(trial, request, 1)


def twin_links(trial: Trial) -> None:
    request = editing.without_interfaces(trial.request(2))
    names = editing.names(request)
    twice = editing.linked(editing.linked(request, "one", names), "two", names)
    _refused(trial, editing.renamed(twice, "two", "one"), 1)


def nameless(trial: Trial) -> None:
    _refused(trial, editing.nameless(trial.request()), 1)


def empty_name(trial: Trial) -> None:
    request = trial.request()
    _refused(trial, editing.renamed(request, editing.names(request)[0], ""), 1)


def dangling(trial: Trial) -> None:
    _refused(trial, editing.dangling(trial.request()), 1)


def unknown_sliver_type(trial: Trial) -> None:
    request = trial.request()
    _refused(trial, editing.with_sliver_type(request, "there-is-no-such-type"))


def others_component(trial: Trial) -> None:
    theirs = "urn:publicid:IDN+other.invalid+node+n"
    _refused(trial, editing.with_attribute(trial.request(), "component_id", theirs))


def unknown_shared_vlan(trial: Trial) -> None:
    request = editing.without_interfaces(trial.request(2))
    request = editing.linked(request, "wire", editing.names(request))
    _refused(trial, editing.with_shared_vlan(request, "there-is-no-such-vlan"), 24, 12, 13)


def manifest_as_request(trial: Trial) -> None:
    _refused(trial, editing.with_root_attribute(trial.request(), "type", "manifest"), 1)


def no_nodes(trial: Trial) -> None:
    _refused(trial, editing.only(trial.request()))


def prefixed(trial: Trial) -> None:
    _understood(trial, editing.prefixed(trial.request()))


def declared(trial: Trial) -> None:
    _understood(trial, f"<?xml version='1.0' encoding='UTF-8'?>\n{trial.request()}\n")


def commented(trial: Trial) -> None:
    request = trial.request(inside="<!-- a remark -->")
    _understood(trial, f"<!-- before --><?client hint?>\n{request}\n<!-- after -->")


def dated(trial: Trial) -> None:
    request = editing.with_root_attribute(trial.request(), "generated", "2026-01-31T12:00:00Z")
    _understood(trial, editing.with_root_attribute(request, "generated_by", "gcf-conform"))


def located(trial: Trial) -> None:
    told = f"{RSPEC} {RSPEC}/request.xsd"
    _understood(trial, editing.with_root_attribute(trial.request(), SCHEMA_LOCATION, told))


def without_manager(trial: Trial) -> None:
    _understood(trial, editing.with_attribute(trial.request(), _MANAGER, None))


def _managed_as(trial: Trial, name: str) -> None:
    urn = f"{manager(trial).rpartition('+')[0]}+{name}"
    _understood(trial, editing.with_attribute(trial.request(), _MANAGER, urn))


def managed_as_am(trial: Trial) -> None:
    _managed_as(trial, "am")


def managed_as_cm(trial: Trial) -> None:
    _managed_as(trial, "cm")


def sliver_id(trial: Trial) -> None:
    request = trial.request()
    (name,) = editing.names(request)
    urn = f"urn:publicid:IDN+{manifests.authority(manager(trial))}+sliver+never"
    _understood(trial, editing.identified(request, {name: urn}))


def unbound(trial: Trial) -> None:
    _understood(trial, editing.with_attribute(trial.request(2, bound=False), "component_id", None))


def twin_in_slice(trial: Trial) -> None:
    request = trial.request(bound=False)
    held = trial.allocated(request=request)
    trial.refuses(trial.call("Allocate", held.urn, held.credentials, request, {}), 1)


def link_to_existing(trial: Trial) -> None:
    if trial.abilities.allocate != "geni_many":
        trial.skip(f"geni_allocate is {trial.abilities.allocate}, not geni_many")
    whole = editing.without_interfaces(trial.request(2))
    first, second = editing.names(whole)[:2]
    linked = editing.linked(whole, "wire", [first, second])
    held = trial.allocated(request=editing.only(linked, first))
    rest = editing.without(linked, first)
    answer = with_room(trial, lambda: trial.call("Allocate", held.urn, held.credentials, rest, {}))
    manifest = manifest_of(trial, trial.succeeds(answer))
    faults = manifests.kept_ids(read(rest, "request"), manifest, manager(trial))
    faults += manifests.kept_ends(read(rest, "request"), manifest, manager(trial))
    faultless(trial, "the new node, and a link to the one of before", faults)


def disjoint(trial: Trial) -> None:
    if trial.abilities.allocate != "geni_disjoint":
        trial.skip(f"geni_allocate is {trial.abilities.allocate}, not geni_disjoint")
    whole = editing.without_interfaces(trial.request(2))
    first, second = editing.names(whole)[:2]
    linked = editing.linked(whole, "wire", [first, second])
    held = trial.allocated(request=editing.only(linked, first))
    rest = editing.without(linked, first)
    trial.refuses(trial.call("Allocate", held.urn, held.credentials, rest, {}), 13)


def others_beside(trial: Trial) -> None:
    one = trial.slice()
    wanted = editing.with_others(trial.request())
    answer = with_room(trial, lambda: trial.call("Allocate", one.urn, one.credentials, wanted, {}))
    value = trial.succeeds(answer)
    trial.expect(bool(slivers.by_urn(value)), "what is ours is reserved", value)


MUST, SHOULD, MAY = Severity.MUST, Severity.SHOULD, Severity.MAY
_NEEDS: Final = (Need.WRITES,)
_TWO: Final = (Need.WRITES, Need.SECOND_NODE)
_LINK: Final = (*_TWO, Need.LINKS)
_RSPEC: Final = "GENI RSpec v3, request"

CHECKS: Final = (
    Check("request.twin-nodes", "Allocate", "Two nodes with one client_id are a bad argument", f"{_RSPEC}; R147", MUST, twin_nodes, needs=_NEEDS),
    Check("request.twin-interfaces", "Allocate", "Two interfaces with one client_id are a bad argument", f"{_RSPEC}; R147", MUST, twin_interfaces, needs=_TWO),
    Check("request.twin-links", "Allocate", "Two links with one client_id are a bad argument", f"{_RSPEC}; R147", MUST, twin_links, needs=_LINK),
    Check("request.nameless", "Allocate", "A node without client_id is a bad argument", f"{_RSPEC}; R148", MUST, nameless, needs=_NEEDS),
    Check("request.empty-name", "Allocate", "An empty client_id is a bad argument", f"{_RSPEC}; R148", SHOULD, empty_name, needs=_NEEDS),
    Check("request.dangling", "Allocate", "A link to an interface that no node has is a bad argument", f"{_RSPEC}, interface_ref; R149", MUST, dangling, needs=_NEEDS),
    Check("request.unknown-sliver-type", "Allocate", "A sliver type that is not offered is refused, nothing is reserved", f"{_RSPEC}, sliver_type", MUST, unknown_sliver_type, needs=_NEEDS),
    Check("request.others-component", "Allocate", "Another aggregate's component is not given as if it were ours", f"{_RSPEC}, component_id; R151", MUST, others_component, needs=_NEEDS),
    Check("request.unknown-shared-vlan", "Allocate", "A shared VLAN that is not advertised is refused", "RSpec extension shared-vlan/1; R268", SHOULD, unknown_shared_vlan, needs=_LINK),
    Check("request.manifest-as-request", "Allocate", "A manifest is no request for Allocate", "AM API v3, Allocate", SHOULD, manifest_as_request, needs=_NEEDS),
    Check("request.no-nodes", "Allocate", "A request for nothing is refused, not answered without slivers", "AM API v3, Allocate", SHOULD, no_nodes, needs=_NEEDS),
    Check("request.prefixed", "Allocate", "The RSpec namespace may have a prefix", "XML Namespaces 1.0", MUST, prefixed, needs=_NEEDS),
    Check("request.declared", "Allocate", "A request may have an XML declaration", "XML 1.0", MUST, declared, needs=_NEEDS),
    Check("request.commented", "Allocate", "A request may have comments and processing instructions", "XML 1.0", MUST, commented, needs=_NEEDS),
    Check("request.dated", "Allocate", "A request may say when and by what it was generated", f"{_RSPEC}, rspec", MUST, dated, needs=_NEEDS),
    Check("request.located", "Allocate", "A request may say where its schema is", f"{_RSPEC}, rspec", MUST, located, needs=_NEEDS),
    Check("request.without-manager", "Allocate", "A node without component_manager_id is ours", f"{_RSPEC}, node; R267", MUST, without_manager, needs=_NEEDS),
    Check("request.managed-as-am", "Allocate", "A node of our authority's am is ours", f"{_RSPEC}, node; R266", SHOULD, managed_as_am, needs=_NEEDS),
    Check("request.managed-as-cm", "Allocate", "A node of our authority's cm is ours", f"{_RSPEC}, node; R266", SHOULD, managed_as_cm, needs=_NEEDS),
    Check("request.sliver-id", "Allocate", "A sliver_id in a request is passed over", "AM API draft, Change Set C, RSpec Change", MAY, sliver_id, needs=_NEEDS),
    Check("request.unbound", "Allocate", "The aggregate chooses components where the request does not", f"{_RSPEC}, component_id", MUST, unbound, needs=(*_TWO, Need.UNBOUND)),
    Check("request.twin-in-slice", "Allocate", "A client_id that the slice has here is not given again", f"{_RSPEC}, client_id", SHOULD, twin_in_slice, needs=(*_NEEDS, Need.SEVERAL_ALLOCATES, Need.UNBOUND)),
    Check("request.link-to-existing", "Allocate", "Under geni_many a later request may link to what is there", "AM API v3, geni_allocate", MUST, link_to_existing, needs=_LINK),
    Check("request.disjoint", "Allocate", "Under geni_disjoint a later request must not link to what is there", "AM API v3, geni_allocate; R160", MUST, disjoint, needs=_LINK),
    Check("request.others-beside", "Allocate", "Nodes of other aggregates do not hinder ours", "AM API v3, Allocate; R153", MUST, others_beside, needs=_NEEDS),
)  # fmt: skip
