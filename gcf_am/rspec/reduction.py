"""What an aggregate put into a manifest, taken out again.

Update accepts a manifest for a request. What only an aggregate can say - how to log in, tags,
hosts, addresses of hardware, guarantees - is no wish and is not carried into the next manifest.
Where a node was put, and of what it was made, stays: it is asked for again.
"""

from lxml import etree

from gcf_am.rspec.names import PRESERVE, RSPEC, USER, core

_READ_ONLY_ATTRIBUTES = {
    core("node"): ("sliver_id",),
    core("interface"): ("sliver_id", "mac_address"),
    core("link"): ("sliver_id", "vlantag"),
    core("interface_ref"): ("sliver_id",),
}
_SERVICES_USER = f"{{{USER}}}services_user"
_PRESERVE = f"{{{PRESERVE}}}preserve"


def to_request(element: etree._Element) -> None:
    """Make a manifest's node or link, in place, the request for the same."""
    without_access(element)
    without_preserve(element)
    for one in element.iter(f"{{{RSPEC}}}*"):
        _drop(one, *_READ_ONLY_ATTRIBUTES.get(str(one.tag), ()))
    for one in element.findall(core("interface_ref")):
        _drop(one, "component_id")


def without_access(node: etree._Element) -> None:
    """Remove, in place, logins, accounts and the host's name; also services left empty."""
    for services in node.findall(core("services")):
        for tag in (core("login"), _SERVICES_USER):
            for child in services.findall(tag):
                services.remove(child)
        if len(services) == 0 and not services.attrib:
            node.remove(services)
    for place in (node, *node.findall(core("interface"))):
        for child in place.findall(core("host")):
            place.remove(child)


def without_preserve(element: etree._Element) -> None:
    """Remove, in place, what Update guaranteed for a node or link."""
    for child in element.findall(_PRESERVE):
        element.remove(child)


def without_sliver_ids(element: etree._Element) -> None:
    """Remove, in place, every sliver_id: decision 18 tolerates them in requests."""
    for one in element.iter(*_READ_ONLY_ATTRIBUTES):
        _drop(one, "sliver_id")


def _drop(element: etree._Element, *attributes: str) -> None:
    for attribute in attributes:
        if attribute in element.attrib:
            del element.attrib[attribute]
