"""The form of an advertisement: what may stand where, and what must.

The same as schemas/ad.rnc, told so that what does not fit can be taken out or filled in: a
schema says only that something is wrong. Source: GENI RSpec v3, advertisement.
"""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from gcf_am.rspec.names import RSPEC


@dataclass(frozen=True, slots=True)
class Form:
    """An element's children and attributes of the RSpec namespace, and those it must have."""

    children: frozenset[str]
    attributes: frozenset[str]
    required: tuple[str, ...]


def _form(children: str = "", attributes: str = "") -> Form:
    """Names in words; an attribute with ! must be there."""
    words = attributes.split()
    return Form(
        frozenset(children.split()),
        frozenset(word.rstrip("!") for word in words),
        tuple(word.rstrip("!") for word in words if word.endswith("!")),
    )


_IMAGE: Final = "name! url os version description"
_FORMS: Final = {
    "rspec": _form("node link external_ref type_relation", "type! generated generated_by expires"),
    "node": _form(
        "relation location services interface available cloud hardware_type sliver_type",
        "component_id! component_manager_id! component_name exclusive!",
    ),
    "link": _form(
        "property link_type interface_ref component_manager", "component_id! component_name"
    ),
    "external_ref": _form("", "component_id! component_manager_id"),
    "type_relation": _form("hardware_type sliver_type disk_image"),
    "node/sliver_type": _form("disk_image", "name!"),
    "type_relation/sliver_type": _form("", "name!"),
    "sliver_type/disk_image": _form("", f"{_IMAGE} default"),
    "type_relation/disk_image": _form("", _IMAGE),
    "hardware_type": _form("", "name!"),
    "available": _form("", "now!"),
    "cloud": _form(),
    "location": _form("", "country! longitude latitude"),
    "relation": _form("", "type! component_id!"),
    "interface": _form("ip monitoring", "component_id! component_name role public_ipv4"),
    "ip": _form("", "address! netmask type"),
    "monitoring": _form("", "user_traffic"),
    "services": _form("login install execute"),
    "login": _form("", "authentication! hostname port"),
    "install": _form("", "file_type!"),
    "execute": _form("", "shell!"),
    "interface_ref": _form("", "component_id!"),
    "component_manager": _form("", "name!"),
    "property": _form("", "source_id! dest_id! capacity latency packet_loss"),
    "link_type": _form("", "name! class"),
}
# Elements on which no attribute of another namespace may stand.
CLOSED: Final = frozenset({"component_manager"})


def form_of(element: etree._Element) -> Form:
    """The form of an element of the RSpec namespace that stands where it may."""
    name = etree.QName(element).localname
    parent = element.getparent()
    within = "" if parent is None else f"{etree.QName(parent).localname}/"
    return _FORMS.get(within + name) or _FORMS[name]


def is_core(element: etree._Element) -> bool:
    """Whether it is an element of the RSpec namespace."""
    # the tag of a comment or processing instruction is a function
    return str(element.tag).startswith(f"{{{RSPEC}}}")


def may_stand(child: etree._Element, form: Form) -> bool:
    """Whether a child is of another namespace, or one of those that the form has."""
    name = etree.QName(child)
    if name.namespace == RSPEC:
        return name.localname in form.children
    return name.namespace is not None
