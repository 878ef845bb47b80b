"""The service registry: for everybody. Source: Federation API v2, SERVICE; FED 1.4 and 1.5."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select

from gcf_am import __version__
from gcf_am.clearinghouse.handlers import MA, SA, SR, Handlers
from gcf_am.clearinghouse.tables import AggregateRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Authority, Operation, Role
from gcf_am.surface.ch_objects import SERVICE_TYPES
from gcf_am.surface.ch_v2 import CH_2, attributes_of
from gcf_am.urn import Urn

_AM, _SA, _MA = SERVICE_TYPES
# What geni-lib makes an aggregate of (FED 2.5)
_UI: Final = {"UI_AM_TYPE": "ui_instageni_am", "AM_API_VERSION": "3"}
# Where each service answers, below the clearinghouse's URL
PATHS: Final[Mapping[str, str]] = {"SR": "CH", "SA": "SA", "MA": "MA"}
_NAMES: Final = {"SR": "ch", "SA": "sa", "MA": "ma"}


def url_of(turn: Turn, service: str) -> str:
    """Where a service answers."""
    return turn.desk.url + PATHS[service]


@SR.serves("lookup/SERVICE")
def lookup(turn: Turn, asked: Asked, _operation: Operation) -> list[dict[str, object]]:
    """The services that match."""
    match = asked.match or {}
    return [one for one in _services(turn) if all(_fits(one[name], match[name]) for name in match)]


@SR.serves("get_trust_roots")
def get_trust_roots(turn: Turn, _asked: Asked, _operation: Operation) -> list[str]:
    """Root, SA and MA."""
    return list(turn.desk.roots)


@SR.serves("lookup_authorities_for_urns")
def lookup_authorities(turn: Turn, asked: Asked, _operation: Operation) -> dict[str, str]:
    """Where who answers for slices, projects and users; empty for those of other authorities."""
    urns: Any = asked.about
    return {one.text: _authority_for(turn, one) for one in urns}


def _authority_for(turn: Turn, one: Urn) -> str:
    # a project is a part of its slices' authority
    if one.namespace[:1] != (turn.desk.authority.name.lower(),):
        return ""
    if one.kind == "user":
        return url_of(turn, "MA")
    return url_of(turn, "SA") if one.kind in {"slice", "project", "sliver"} else ""


def _fits(value: object, wanted: tuple[object, ...]) -> bool:
    """One of the values; names are compared as names are."""
    texts = {one if isinstance(one, str) else str(one).lower() for one in wanted}
    return str(value) in texts or str(value).lower() in texts


def _services(turn: Turn) -> Iterator[dict[str, object]]:
    signers = turn.desk.authority
    for kind, name, identity in ((_SA, "SA", signers.sa), (_MA, "MA", signers.ma)):
        yield _service(
            identity.urn.text,
            url_of(turn, name),
            kind,
            f"{signers.name} {name}",
            (f"The {kind.replace('_', ' ').lower()} of {signers.name}", name.lower()),
            identity.certificate.pem,
        )
    for row in turn.session.scalars(select(AggregateRow).order_by(AggregateRow.id)):
        short = row.short_name or Urn.parse(row.urn).authority
        name = row.name or short
        about = row.description or f"The aggregate {name}"
        yield _service(row.urn, row.url, _AM, name, (about, short), row.certificate)


def _service(
    urn: str, url: str, kind: str, name: str, words: tuple[str, str], certificate: str
) -> dict[str, object]:
    return {
        "SERVICE_URN": urn,
        "SERVICE_URL": url,
        "SERVICE_TYPE": kind,
        "SERVICE_NAME": name,
        "SERVICE_DESCRIPTION": words[0],
        "SERVICE_CERT": certificate,
        "_GENI_SERVICE_SHORT_NAME": words[1],
        "_GENI_SERVICE_ATTRIBUTES": dict(_UI) if kind == _AM else {},
    }


def _serve_version(handlers: Handlers) -> None:
    """get_version of a service."""

    @handlers.serves("get_version")
    def get_version(turn: Turn, _asked: Asked, _operation: Operation) -> dict[str, object]:
        """What the service is, and its fields, from the declaration."""
        return _version(turn, handlers.authority)


def _version(turn: Turn, service: Authority) -> dict[str, object]:
    more: Mapping[str, Mapping[str, object]] = {
        "SR": {"SERVICE_TYPES": list(SERVICE_TYPES)},
        "SA": {"CREDENTIAL_TYPES": _CREDENTIALS, "ROLES": [one.value for one in Role]},
        "MA": {"CREDENTIAL_TYPES": _CREDENTIALS},
    }
    return {
        "VERSION": CH_2.name,
        "URN": Urn.of(turn.desk.authority.name, "authority", _NAMES[service.name]).text,
        "IMPLEMENTATION": {"code_version": __version__},
        "SERVICES": list(service.services),
        "API_VERSIONS": {CH_2.name: url_of(turn, service.name)},
        "FIELDS": attributes_of(service),
        **more[service.name],
    }


_CREDENTIALS: Final = [{"type": "geni_sfa", "version": "3"}, {"type": "geni_abac", "version": "1"}]
for _one in (SR, SA, MA):
    _serve_version(_one)
