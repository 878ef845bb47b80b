"""Namespaces and schema addresses of GENI RSpec version 3 and the extensions we know."""

from typing import Final

RSPEC: Final = "http://www.geni.net/resources/rspec/3"
# ProtoGENI's, from which version 3 came.
RSPEC_2: Final = "http://www.protogeni.net/resources/rspec/2"
OPSTATE: Final = "http://www.geni.net/resources/rspec/ext/opstate/1"
USER: Final = "http://www.geni.net/resources/rspec/ext/user/1"
PRESERVE: Final = "http://www.geni.net/resources/rspec/ext/preserve/1"
EMULAB: Final = "http://www.protogeni.net/resources/rspec/ext/emulab/1"
DELAY: Final = "http://www.protogeni.net/resources/rspec/ext/delay/1"
BOOT_SCRIPT: Final = "http://www.geni.net/resources/rspec/ext/postBootScript/1"
# Ours: what an inventory keeps of the advertisement it was imported from. Never fetched.
GCF_AM: Final = "http://gcf-am.invalid/rspec/ext/site/1"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SHARED_VLANS: Final = (
    "http://www.geni.net/resources/rspec/ext/shared-vlan/1",
    "http://www.protogeni.net/resources/rspec/ext/shared-vlan/1",
)
# White-space separated URNs that name the component too.
ALIAS: Final = f"{{{GCF_AM}}}alias"
# On a link: why it is advertised and not used.
UNUSED: Final = f"{{{GCF_AM}}}unused"
SCHEMA_LOCATION: Final = f"{{{XSI}}}schemaLocation"

# decision 24: documents name the published schemas.
MANIFEST_XSD: Final = f"{RSPEC}/manifest.xsd"
AD_XSD: Final = f"{RSPEC}/ad.xsd"
OPSTATE_XSD: Final = f"{OPSTATE}/ad.xsd"


def core(name: str) -> str:
    """The tag of an RSpec element: `core("node")`."""
    return f"{{{RSPEC}}}{name}"
