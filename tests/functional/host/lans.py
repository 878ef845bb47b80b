"""Orders for nodes with interfaces and for the links between them."""

from dataclasses import replace

from gcf_am.manager.ports import Driver, Order
from gcf_am.model.sliver import Access, Contents, LinkPlacement, Login
from gcf_am.model.topology import Address, Frame, Interface, Link, Node, Property
from tests.contract.driver.orders import SLICE, node, sliver


def with_interfaces(name: str, *interfaces: Interface, logins: tuple[Login, ...]) -> Order:
    order = node(name, logins=logins)
    resource = order.contents.resource
    assert isinstance(resource, Node)
    resource = replace(resource, interfaces=interfaces)
    return replace(order, contents=replace(order.contents, resource=resource))


def interface(name: str, *addresses: str) -> Interface:
    return Interface(name, addresses=tuple(Address(one, "255.255.255.0") for one in addresses))


def lan(name: str, *ends: tuple[str, str], properties: tuple[Property, ...] = ()) -> Order:
    resource = Link(
        name,
        f"<link client_id='{name}'/>",
        interfaces=tuple(interface for _, interface in ends),
        properties=properties,
    )
    contents = Contents(resource, LinkPlacement(), (), Frame())
    joined = tuple((interface, sliver(owner)) for owner, interface in ends)
    return Order(sliver(name), SLICE, contents, 1, ends=joined)


def up(driver: Driver, *orders: Order) -> dict[str, Access]:
    places = {}
    for order in orders:
        driver.prepare(order)
        if (access := driver.start(order)) is not None:
            places[order.contents.resource.client_id] = access
    return places
