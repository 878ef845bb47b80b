"""Does an advertisement tell what a federation's tools look for?"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from gcf_am.conformance.documents.reading import Element, core
from gcf_am.conformance.judging.manifests import is_manager

_OPSTATE: Final = "{http://www.geni.net/resources/rspec/ext/opstate/1}"
_MANAGER: Final = re.compile(r"urn:publicid:IDN\+([^+\s]+)\+authority\+(?:am|cm)", re.ASCII)
_DNS: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.ASCII)


def usable(ad: Element) -> list[Element]:
    """The nodes that slivers can be had on; those without a sliver type are switches and such."""
    return [one for one in ad.findall(core("node")) if one.find(core("sliver_type")) is not None]


def attributes(ad: Element, *names: str) -> list[str]:
    """Each node has these attributes."""
    return [
        f"node {_name(one)} has no {name}"
        for one in ad.findall(core("node"))
        for name in names
        if not one.get(name)
    ]


def managers(ad: Element, manager: str) -> list[str]:
    """Each node is managed by the aggregate that GetVersion names."""
    return [
        f"node {_name(one)} has the component_manager_id {one.get('component_manager_id')!r}"
        for one in ad.findall(core("node"))
        if one.get("component_manager_id", "").lower() != manager.lower()
        and not is_manager(one.get("component_manager_id", ""), manager)
    ]


def children(ad: Element, *path: str) -> list[str]:
    """Each usable node has an element at this path."""
    place = "/".join(map(core, path))
    return [
        f"node {_name(one)} has no {'/'.join(path)}"
        for one in usable(ad)
        if one.find(place) is None
    ]


def countries(ad: Element) -> list[str]:
    """Each usable node's location tells the country, as ISO 3166's two letters."""
    faults = []
    for one in usable(ad):
        place = one.find(core("location"))
        country = "" if place is None else place.get("country", "")
        if re.fullmatch(r"[A-Z]{2}", country) is None:
            faults.append(f"node {_name(one)} has the country {country!r}")
    return faults


def availabilities(ad: Element) -> list[str]:
    """Each node says whether it can be had now."""
    return [
        f"node {_name(one)} does not say whether it is available now"
        for one in ad.findall(core("node"))
        if (told := one.find(core("available"))) is None
        or told.get("now") not in {"true", "false", "1", "0"}
    ]


def exclusives(ad: Element) -> list[str]:
    """Each node says true or false for whether it goes to one at a time."""
    return [
        f"node {_name(one)} has exclusive={one.get('exclusive')!r}"
        for one in ad.findall(core("node"))
        if one.get("exclusive") not in {"true", "false", "1", "0"}
    ]


def machines(ad: Element) -> list[Element]:
    """The operational state machines that are advertised."""
    return ad.findall(f"{_OPSTATE}rspec_opstate")


def machine_faults(ad: Element) -> list[str]:
    """R136: each machine names sliver types and states, and leads from state to state it has."""
    return [fault for one in machines(ad) for fault in _machine(one)]


def _machine(machine: Element) -> Iterator[str]:
    states = {one.get("name") for one in machine.findall(f"{_OPSTATE}state")}
    if machine.get("start") not in states:
        yield f"it starts in {machine.get('start')!r}, which is none of its states"
    if machine.find(f"{_OPSTATE}sliver_type") is None:
        yield "it names no sliver type"
    for step in ("action", "wait"):
        for one in machine.iter(f"{_OPSTATE}{step}"):
            if one.get("next") not in states:
                yield f"a {step} leads to {one.get('next')!r}, which is none of its states"


def uncovered_types(ad: Element) -> list[str]:
    """Each sliver type that is advertised has an operational state machine."""
    covered = {
        one.get("name")
        for machine in machines(ad)
        for one in machine.findall(f"{_OPSTATE}sliver_type")
    }
    told = {kind.get("name") for one in usable(ad) for kind in one.findall(core("sliver_type"))}
    return [f"sliver type {one!r} has no rspec_opstate" for one in sorted(map(str, told - covered))]


def actions(ad: Element) -> set[str]:
    """The actions that are advertised."""
    return {
        one.get("name", "") for machine in machines(ad) for one in machine.iter(f"{_OPSTATE}action")
    }


def manager_urn(urn: object) -> list[str]:
    """The aggregate's URN is that of an authority called am or cm."""
    if isinstance(urn, str) and _MANAGER.fullmatch(urn):
        return []
    return [f"the URN is {urn!r}, not urn:publicid:IDN+NAME+authority+am"]


def dns_named(urn: str) -> list[str]:
    """The authority's name in the URN is one of the DNS."""
    match = _MANAGER.fullmatch(urn)
    if match and is_dns_name(match[1].partition(":")[0]):
        return []
    return [f"{urn} does not hold a full DNS name"]


def is_dns_name(host: str) -> bool:
    """Whether it is a full name of the DNS, and not an address or the name of oneself."""
    return _DNS.fullmatch(host.lower()) is not None and not host.lower().endswith(".localdomain")


def is_local(host: str) -> bool:
    """Whether the host can be reached from its own machine or network only."""
    if host.lower() == "localhost" or host.lower().endswith((".localhost", ".localdomain")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def urls(version: Mapping[str, Any]) -> list[str]:
    """Each version's URL is absolute and https."""
    told = version.get("geni_api_versions")
    if not isinstance(told, Mapping) or not told:
        return ["geni_api_versions is no struct of URLs"]
    return [
        f"version {number} is at {url!r}, no absolute https URL"
        for number, url in told.items()
        if not isinstance(url, str) or urlsplit(url).scheme != "https" or not urlsplit(url).hostname
    ]


def credential_type(version: Mapping[str, Any], number: str) -> list[str]:
    """Credentials of type geni_sfa in this version are taken."""
    told = version.get("geni_credential_types")
    for one in told if isinstance(told, list) else []:
        named = (one.get("geni_type"), one.get("geni_version")) if isinstance(one, Mapping) else ()
        if tuple(str(part).lower() for part in named) == ("geni_sfa", number):
            return []
    return [f"geni_credential_types has no geni_sfa {number}: {told!r}"]


def _name(node: Element) -> str:
    return repr(node.get("component_id") or node.get("component_name"))
