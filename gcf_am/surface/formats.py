"""What is exchanged beside XML-RPC: RSpec versions and extensions, credential types."""

from typing import Final

from gcf_am.errors import BadVersion
from gcf_am.surface.elements import (
    CHANGE_SET_C,
    CredentialType,
    Extension,
    RSpecVersion,
)
from gcf_am.surface.lifecycle import State
from gcf_am.surface.wire import WireType, Wrong, kind_of

_GENI_3: Final = "http://www.geni.net/resources/rspec/3"
_EXTENSIONS: Final = "http://www.geni.net/resources/rspec/ext"
_PROTOGENI_EXTENSIONS: Final = "http://www.protogeni.net/resources/rspec/ext"

# decision 24: the published schemas' URLs
REQUEST_3: Final = RSpecVersion(
    name="geni/3",
    doc="Requests, and the manifests that answer them.",
    spec="GENI RSpec v3",
    kind="request",
    type="GENI",
    version="3",
    schema=f"{_GENI_3}/request.xsd",
    namespace=_GENI_3,
)
AD_3: Final = RSpecVersion(
    name="geni/3",
    doc="Advertisements.",
    spec="GENI RSpec v3",
    kind="ad",
    type="GENI",
    version="3",
    schema=f"{_GENI_3}/ad.xsd",
    namespace=_GENI_3,
)
RSPEC_VERSIONS: Final = (REQUEST_3, AD_3)

EXTENSIONS: Final = (
    Extension(
        name="opstate/1",
        doc="The operational states and actions of each sliver type.",
        spec="AM API v3, Sliver Operational States",
        namespace=f"{_EXTENSIONS}/opstate/1",
        kinds=frozenset({"ad"}),
    ),
    Extension(
        name="user/1",
        doc="Whose login it is, and which keys open it.",
        spec="GENI RSpec extension user/1",
        namespace=f"{_EXTENSIONS}/user/1",
        kinds=frozenset({"manifest"}),
    ),
    Extension(
        name="preserve/1",
        doc="What of a running resource the next Provision will keep.",
        spec="AM API draft, Change Set C",
        life=CHANGE_SET_C,
        namespace=f"{_EXTENSIONS}/preserve/1",
        kinds=frozenset({"manifest"}),
    ),
    Extension(
        name="emulab/1",
        doc="Slots, features and inner bandwidth of nodes (node_type, fd, trivial_bandwidth), and"
        " what a requested node desires of them (fd). All else in it is carried.",
        spec="RSpec extension emulab/1",
        namespace=f"{_PROTOGENI_EXTENSIONS}/emulab/1",
        kinds=frozenset({"ad", "request"}),
    ),
    Extension(
        name="delay/1",
        doc="How a node shapes what passes through it, where the driver can.",
        spec="RSpec extension delay/1",
        namespace=f"{_PROTOGENI_EXTENSIONS}/delay/1",
        kinds=frozenset({"request"}),
    ),
    Extension(
        name="postBootScript/1",
        doc="A script that runs when a node is up for the first time.",
        spec="RSpec extension postBootScript/1",
        namespace=f"{_EXTENSIONS}/postBootScript/1",
        kinds=frozenset({"request"}),
    ),
)


def _sfa(version: str, doc: str) -> CredentialType:
    return CredentialType(
        name=f"geni_sfa/{version}",
        doc=doc,
        spec="GENI credentials",
        type="geni_sfa",
        version=version,
    )


# Offered where some tool may speak for users; otherwise it is ignored like unknown types.
SPEAKS_FOR: Final = CredentialType(
    name="geni_abac/1",
    doc="A user's signed word that a tool may speak for her; all else of ABAC is ignored.",
    spec="GENI credentials",
    type="geni_abac",
    version="1",
)
CREDENTIAL_TYPES: Final = (
    _sfa("2", "A signed statement of privileges; its certificates may lack UUID and e-mail."),
    _sfa("3", "A signed statement of privileges; all names obey the rules of version 3."),
    SPEAKS_FOR,
)


def rspec_version(*versions: RSpecVersion) -> WireType[RSpecVersion]:
    """The type of geni_rspec_version where these versions are spoken.

    Reading raises BadVersion for a version that is not among them (Change Set O2: letter case
    tells nothing apart; an int is tolerated as version).
    """
    spoken = [one for one in versions if one.state is not State.REMOVED]

    def read(value: object) -> RSpecVersion:
        if not isinstance(value, dict):
            raise Wrong(f"this is {kind_of(value)}")
        parts = []
        for name in ("type", "version"):
            part = value.get(name)
            if isinstance(part, bool) or not isinstance(part, str | int) or part == "":
                raise Wrong(f"{name} is {kind_of(part) if name in value else 'missing'}")
            parts.append(str(part).strip())
        for one in spoken:
            if one.means(*parts):
                return one
        told = ", ".join(f"{one.type} {one.version}" for one in spoken) or "none"
        raise BadVersion(
            f"RSpecs of {parts[0][:40]} {parts[1][:40]} are not spoken here; {told} are"
        )

    return WireType("RSpec version", "a struct {type, version}", RSpecVersion, read)
