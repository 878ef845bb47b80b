"""The value of GetVersion, made from the declaration."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.elements import ApiVersion, CredentialType, Element, Extension, RSpecVersion
from gcf_am.surface.formats import SPEAKS_FOR
from gcf_am.surface.lifecycle import offered
from gcf_am.surface.registry import SURFACE, unpublished
from gcf_am.urn import Urn

E = TypeVar("E", bound=Element)
# Change Set N3: alphanumeric only, and the prefix of what is ours alone.
AM_TYPE: Final = "gcfam"


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What GetVersion tells that is the site's and not the software's.

    `url` is where version 3 answers, `url_2` where version 2 does; `code_version` is None where
    the operator hides it; `prototypes` tells whether they are served; `speaks_for` whether any
    tool may speak for users at this moment. `declared` is the surface that is served.
    """

    urn: Urn
    url: str
    url_2: str
    allocate: str = "geni_many"
    single_allocation: bool = False
    code_version: str | None = None
    prototypes: bool = True
    speaks_for: Callable[[], bool] = lambda: False
    declared: Mapping[str, Element] = field(default_factory=lambda: SURFACE, repr=False)

    def offered(self, kind: type[E]) -> Iterator[E]:
        """The elements of a kind that are served here."""
        for one in self.declared.values():
            if isinstance(one, kind) and offered(one.state, prototypes=self.prototypes):
                yield one


def get_version(facts: SiteFacts) -> dict[str, object]:
    """The value; Change Sets N1, N2, N3 and O3 included."""
    return {
        "geni_api": AM_3.number,
        "geni_credential_types": [
            {"geni_type": one.type, "geni_version": one.version}
            for one in facts.offered(CredentialType)
            if facts.speaks_for() or one.name != SPEAKS_FOR.name
        ],
        "geni_single_allocation": int(facts.single_allocation),
        "geni_allocate": facts.allocate,
        "geni_unicode_compliant": False,
        **_of_both(facts),
    }


def get_version_2(facts: SiteFacts) -> dict[str, object]:
    """The value in version 2, to which an aggregate's credential types and ways are unknown."""
    return {"geni_api": AM_2.number, **_of_both(facts)}


def _of_both(facts: SiteFacts) -> dict[str, object]:
    urls = {AM_2.name: facts.url_2, AM_3.name: facts.url}
    served = {one.name for one in facts.offered(ApiVersion)}
    value: dict[str, object] = {
        "geni_api_versions": {name: url for name, url in urls.items() if name in served},
        # Manifests have no list of their own: their extensions are told with requests.
        "geni_request_rspec_versions": _versions(facts, "request", "request", "manifest"),
        "geni_ad_rspec_versions": _versions(facts, "ad", "ad"),
        "geni_am_type": [AM_TYPE],
        "urn": facts.urn.text,
        "geni_handles_speaksfor": facts.speaks_for(),
        "gcfam_lifecycle": unpublished(facts.declared, prototypes=facts.prototypes),
    }
    if facts.code_version is not None:
        value["geni_am_code_version"] = facts.code_version
    return value


def _versions(facts: SiteFacts, kind: str, *carriers: str) -> list[dict[str, object]]:
    """The RSpec versions of a kind, with the extensions acted on in these kinds of RSpecs."""
    extensions = [
        one.namespace for one in facts.offered(Extension) if not one.kinds.isdisjoint(carriers)
    ]
    return [
        {
            "type": one.type,
            "version": one.version,
            "schema": one.schema,
            "namespace": one.namespace,
            "extensions": list(extensions),
        }
        for one in facts.offered(RSpecVersion)
        if one.kind == kind
    ]
