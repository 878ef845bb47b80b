"""How a manifest says who may log in to a node, and where."""

from collections.abc import Iterable

from lxml import etree

from gcf_am.model.sliver import Access, Login
from gcf_am.rspec.names import USER, core


def add_access(node: etree._Element, access: Access, logins: Iterable[Login]) -> None:
    """Put logins, accounts and the host's name into a manifest's node.

    Clients read `port` as a number without asking whether it is there: it always is.
    Source: R263, R264; RSpec extension user/1.
    """
    etree.SubElement(node, core("host"), {"name": access.hostname})
    services = node.find(core("services"))
    if services is None:
        services = etree.SubElement(node, core("services"))
    for login in logins:
        etree.SubElement(
            services,
            core("login"),
            {
                "authentication": "ssh-keys",
                "hostname": access.hostname,
                "port": str(access.port),
                "username": login.name,
            },
        )
        account = etree.SubElement(
            services,
            f"{{{USER}}}services_user",
            {"login": login.name, "user_urn": login.urn},
            {"user": USER},
        )
        for key in login.keys:
            etree.SubElement(account, f"{{{USER}}}public_key").text = key
    if len(services) == 0:
        node.remove(services)
