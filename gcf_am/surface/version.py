"""The value of GetVersion, made from the declaration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.elements import RSpecVersion
from gcf_am.surface.formats import CREDENTIAL_TYPES, RSPEC_VERSIONS, SPEAKS_FOR, extensions_of
from gcf_am.surface.lifecycle import State
from gcf_am.surface.registry import unpublished
from gcf_am.urn import Urn

# Change Set N3: alphanumeric only, and the prefix of what is ours alone.
AM_TYPE: Final = "gcfam"


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What GetVersion tells that is the site's and not the software's.

    `url` is where version 3 answers, `url_2` where version 2 does; `code_version` is None where
    the operator hides it; `prototypes` tells whether they are served; `speaks_for` whether any tool may speak for users
    at this moment.
    """

    urn: Urn
    url: str
    url_2: str
    allocate: str = "geni_many"
    single_allocation: bool = False
    code_version: str | None = None
    prototypes: bool = True
    speaks_for: Callable[[], bool] = lambda: False


def get_version(facts: SiteFacts) -> dict[str, object]:
    """The value; Change Sets N1, N2, N3 and O3 included."""
    return {
        "geni_api": AM_3.number,
        "geni_credential_types": [
            {"geni_type": one.type, "geni_version": one.version}
            for one in CREDENTIAL_TYPES
            if _listed(one.state, prototypes=facts.prototypes)
            and (facts.speaks_for() or one is not SPEAKS_FOR)
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
    value: dict[str, object] = {
        "geni_api_versions": {AM_2.name: facts.url_2, AM_3.name: facts.url},
        # Manifests have no list of their own: their extensions are told with requests.
        "geni_request_rspec_versions": _versions("request", extensions_of("request", "manifest")),
        "geni_ad_rspec_versions": _versions("ad", extensions_of("ad")),
        "geni_am_type": [AM_TYPE],
        "urn": facts.urn.text,
        "geni_handles_speaksfor": facts.speaks_for(),
        "gcfam_lifecycle": unpublished(),
    }
    if facts.code_version is not None:
        value["geni_am_code_version"] = facts.code_version
    return value


def _listed(state: State, *, prototypes: bool) -> bool:
    return state is not State.REMOVED and (prototypes or state is not State.PROTOTYPE)


def _versions(kind: str, extensions: Iterable[str]) -> list[dict[str, object]]:
    spoken: Iterable[RSpecVersion] = (
        one for one in RSPEC_VERSIONS if one.kind == kind and one.state is not State.REMOVED
    )
    return [
        {
            "type": one.type,
            "version": one.version,
            "schema": one.schema,
            "namespace": one.namespace,
            "extensions": list(extensions),
        }
        for one in spoken
    ]
