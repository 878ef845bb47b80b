"""What a federation of testbeds wants of one that joins, as far as it shows from outside.

Source: Fed4FIRE and SLICES, documentation for testbed owners; federation-am-api.
"""

import socket
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.checks.manifest import shown
from gcf_am.conformance.documents import editing
from gcf_am.conformance.documents.reading import Element
from gcf_am.conformance.judged import faultless, manager, manifest_of
from gcf_am.conformance.judging import advertised, carried, manifests, slivers
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Failed, Undecided

_SECONDS: Final = 10.0
_ACTIONS: Final = frozenset({"geni_start", "geni_stop", "geni_restart"})
# What the federation's desktop tool writes into requests for itself
_TOOL: Final = (
    ("http://jfed.iminds.be/rspec/ext/jfed/1", "location", {"x": "10.5", "y": "20.0"}),
    ("http://jfed.iminds.be/rspec/ext/jfed-command/1", "experimentBarrierSegment", {"tag": "b"}),
)


def _host(trial: Trial) -> str:
    """The host under which the aggregate is asked; Skipped where that shows nothing."""
    host = urlsplit(trial.target.url).hostname or ""
    if advertised.is_local(host):
        trial.skip("it is asked at an address of its own network, where it may have other names")
    return host


def named_host(trial: Trial) -> None:
    host = _host(trial)
    trial.expect(advertised.is_dns_name(host), "a full DNS name, no address", host)


def advised_port(trial: Trial) -> None:
    _host(trial)
    port = urlsplit(trial.target.url).port or 443
    trial.expect(port == 443, "port 443, which firewalls let through", port)


def urls_named(trial: Trial) -> None:
    _host(trial)
    hosts = {urlsplit(url).hostname or "" for url in trial.abilities.urls.values()}
    wrong = [host for host in hosts if not advertised.is_dns_name(host)]
    trial.expect(not wrong, "geni_api_versions has full DNS names", wrong)


def urls_absolute(trial: Trial) -> None:
    faultless(trial, "absolute https URLs", advertised.urls(trial.version))


def urn_told(trial: Trial) -> None:
    faults = advertised.manager_urn(trial.version.get("urn"))
    faultless(trial, "GetVersion's urn names an authority's am or cm", faults)


def urn_dns(trial: Trial) -> None:
    _host(trial)
    faultless(trial, "the URN holds a DNS name", advertised.dns_named(manager(trial)))


def managed_by_urn(trial: Trial) -> None:
    faults = advertised.managers(_ad(trial), manager(trial))
    faultless(trial, "component_manager_id is GetVersion's urn, everywhere", faults)


def _ad(trial: Trial) -> Element:
    root: Element = trial.ad.root
    return root


def without_options(trial: Trial) -> None:
    trial.succeeds(trial.call("GetVersion"))


def sfa_3(trial: Trial) -> None:
    faultless(trial, "geni_sfa 3 is taken", advertised.credential_type(trial.version, "3"))


def sfa_2(trial: Trial) -> None:
    faultless(trial, "geni_sfa 2 is taken", advertised.credential_type(trial.version, "2"))


def single_allocation_told(trial: Trial) -> None:
    said = trial.version.get("geni_single_allocation")
    trial.expect(said in {0, 1}, "geni_single_allocation is told", said)


def allocate_told(trial: Trial) -> None:
    said = str(trial.version.get("geni_allocate", "")).lower()
    known = {"geni_single", "geni_disjoint", "geni_many"}
    trial.expect(said in known, "geni_allocate is told, in one of its three words", said)


def unknown_credential(trial: Trial) -> None:
    one = trial.slice()
    strange = {"geni_type": "conformance_unknown", "geni_version": "7", "geni_value": "x"}
    answer = trial.call("Describe", [one.urn], [strange, *one.credentials], dict(GENI3))
    trial.succeeds(answer)


def hardware_types(trial: Trial) -> None:
    faults = advertised.children(_ad(trial), "hardware_type")
    faultless(trial, "each node has a hardware_type", faults)


def disk_images(trial: Trial) -> None:
    faults = advertised.children(_ad(trial), "sliver_type", "disk_image")
    faultless(trial, "each node says which disk images it can have", faults)


def sliver_types(trial: Trial) -> None:
    usable = advertised.usable(_ad(trial))
    trial.expect(bool(usable), "nodes that have a sliver_type", "none")


def countries(trial: Trial) -> None:
    faultless(trial, "each node's location has a country", advertised.countries(_ad(trial)))


def exclusives(trial: Trial) -> None:
    faultless(trial, "exclusive is true or false", advertised.exclusives(_ad(trial)))


def availabilities(trial: Trial) -> None:
    faults = advertised.availabilities(_ad(trial))
    faultless(trial, "each node says whether it is available now", faults)


def component_names(trial: Trial) -> None:
    faults = advertised.attributes(_ad(trial), "component_id", "component_name")
    faultless(trial, "each node has component_id and component_name", faults)


def machines(trial: Trial) -> None:
    ad = _ad(trial)
    faults = advertised.machine_faults(ad) + advertised.uncovered_types(ad)
    faultless(trial, "rspec_opstate for each sliver type, leading from state to state", faults)


def actions(trial: Trial) -> None:
    lacking = _ACTIONS - advertised.actions(_ad(trial))
    trial.expect(not lacking, "geni_start, geni_stop and geni_restart are advertised", lacking)


def update_users(trial: Trial) -> None:
    has = advertised.actions(_ad(trial))
    trial.expect("geni_update_users" in has, "geni_update_users is advertised", sorted(has))


def expiry_told(trial: Trial) -> None:
    held = trial.provisioned(2)
    status = trial.succeeds(trial.call("Status", [held.urn], held.credentials, {}))
    faults = slivers.complete(status, "geni_operational_status", "geni_error")
    faultless(trial, "each sliver has geni_expires, with a zone", faults)


def tool_extensions(trial: Trial) -> None:
    request = trial.request()
    for namespace, name, told in _TOOL:
        request = editing.with_mark(request, namespace, name, told)
    one = shown(trial, request)
    faults = carried.extensions(one.request, one.manifest, "node")
    faultless(trial, "what jFed writes into a request is in the manifest", faults)


def others_copied(trial: Trial) -> None:
    one = shown(trial, editing.with_others(trial.request()))
    faults = carried.others(one.request, one.manifest, one.manager)
    faultless(trial, "other testbeds' nodes are copied as they came", faults)


def unbound(trial: Trial) -> None:
    wanted = editing.with_attribute(trial.request(bound=False), "component_id", None)
    try:
        one = shown(trial, wanted)
    except Undecided as undecided:
        raise Failed("a node that names no component is accepted", undecided.reason) from None
    faults = manifests.kept_ids(one.request, one.manifest, one.manager)
    faultless(trial, "a node that names no component is given one", faults)


def login_answers(trial: Trial) -> None:
    _host(trial)
    held = trial.ready()
    answer = trial.call("Describe", [held.urn], held.credentials, dict(GENI3))
    manifest = manifest_of(trial, trial.succeeds(answer))
    places = [
        (one.get("hostname", ""), one.get("port", ""))
        for one in manifest.iterfind("{*}node/{*}services/{*}login")
    ]
    trial.expect(bool(places), "a login", "none")
    for host, port in dict.fromkeys(places):
        look = partial(_greeting, host, port)
        told = trial.observe(f"a TCP connection to {host}, port {port}", look)
        expected = "an SSH server answers where the login says"
        trial.expect(str(told).startswith("SSH-"), expected, told)


def _greeting(host: str, port: str) -> str:
    """What a server says first, or why there is none."""
    try:
        with socket.create_connection((host, int(port)), timeout=_SECONDS) as line:
            return line.recv(64).decode("latin-1")
    except (OSError, ValueError) as error:
        return f"no connection: {error}"


_ONLY: Final = frozenset({Profile.FED4FIRE})
_NEEDS: Final = (Need.WRITES,)
_TWO: Final = (Need.WRITES, Need.SECOND_NODE)
MUST, SHOULD, MAY = Severity.MUST, Severity.SHOULD, Severity.MAY
_SERVER: Final = "Fed4FIRE, testbed owners: server and naming"
_API: Final = "Fed4FIRE, testbed owners: AM API"
_RSPEC: Final = "Fed4FIRE, testbed owners: RSpec"


def _row(
    name: str, method: str, rule: str, clause: str, severity: Severity, run: Any, *needs: Need
) -> Check:
    return Check(f"fed4fire.{name}", method, rule, clause, severity, run, _ONLY, needs)


CHECKS: Final = (
    _row("named-host", "transport", "The aggregate is asked by a full DNS name, no address", _SERVER, MUST, named_host),
    _row("advised-port", "transport", "Port 443 is advised", _SERVER, MAY, advised_port),
    _row("urls-absolute", "GetVersion", "geni_api_versions has absolute https URLs", f"{_API}; R032", MUST, urls_absolute),
    _row("urls-named", "GetVersion", "geni_api_versions has full DNS names", _API, MUST, urls_named),
    _row("urn-told", "GetVersion", "GetVersion tells the aggregate's URN", f"{_SERVER}; R047", MUST, urn_told),
    _row("urn-dns", "GetVersion", "The URN holds a DNS name", _SERVER, SHOULD, urn_dns),
    _row("managed-by-urn", "ListResources", "The URN is component_manager_id everywhere", _SERVER, MUST, managed_by_urn),
    _row("without-options", "GetVersion", "GetVersion needs neither credential nor options", f"{_API}; R026", MUST, without_options),
    _row("sfa-3", "GetVersion", "Credentials of geni_sfa 3 are taken", f"{_API}; R038", MUST, sfa_3),
    _row("sfa-2", "GetVersion", "Credentials of geni_sfa 2 are taken", f"{_API}; R039", SHOULD, sfa_2),
    _row("allocate-told", "GetVersion", "geni_allocate is told", f"{_API}; R041", MUST, allocate_told),
    _row("single-allocation-told", "GetVersion", "geni_single_allocation is told", f"{_API}; R040", MUST, single_allocation_told),
    _row("unknown-credential", "credentials", "Credentials of unknown types beside a good one do no harm", f"{_API}; R089", MUST, unknown_credential, *_NEEDS),
    _row("sliver-types", "ListResources", "The advertisement has nodes with sliver types", f"{_RSPEC}; R127", MUST, sliver_types),
    _row("hardware-types", "ListResources", "Each node has a hardware type", _RSPEC, SHOULD, hardware_types),
    _row("disk-images", "ListResources", "Each sliver type has its disk images", _RSPEC, SHOULD, disk_images),
    _row("countries", "ListResources", "Each node tells its country", _RSPEC, SHOULD, countries),
    _row("exclusives", "ListResources", "Each node says whether it is exclusive", f"{_RSPEC}; R127", MUST, exclusives),
    _row("availabilities", "ListResources", "Each node says whether it is available", f"{_RSPEC}; R127", MUST, availabilities),
    _row("component-names", "ListResources", "Each node has an id and a name", f"{_RSPEC}; R127", MUST, component_names),
    _row("machines", "ListResources", "Operational states are advertised for each sliver type", f"{_API}; R136", MUST, machines),
    _row("actions", "ListResources", "geni_start, geni_stop and geni_restart are advertised", _API, SHOULD, actions),
    _row("update-users", "ListResources", "geni_update_users is advertised", _API, MAY, update_users),
    _row("expiry-told", "Status", "Each sliver has an expiry with a zone", f"{_API}; R225", MUST, expiry_told, *_TWO),
    _row("tool-extensions", "manifest", "jFed's own extensions are carried", f"{_RSPEC}; R154", MUST, tool_extensions, *_NEEDS),
    _row("others-copied", "manifest", "Other testbeds' nodes are copied as they came", f"{_RSPEC}; R153", MUST, others_copied, *_NEEDS),
    _row("unbound", "Allocate", "Nodes that name no component are accepted", _RSPEC, MUST, unbound, *_NEEDS, Need.UNBOUND),
    _row("login-answers", "manifest", "SSH answers where the manifest's logins say", _API, SHOULD, login_answers, *_NEEDS),
)  # fmt: skip
