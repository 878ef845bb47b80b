"""What an aggregate says it can do, which decides what must hold, what may, and what is skipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Abilities:
    """Of GetVersion's value, read kindly: what is said wrongly is a check's business.

    `api` is the version that answers at the address that was asked, 0 where that is not told.
    `allocate` is geni_single, geni_disjoint or geni_many (without geni_allocate the first).
    `single_allocation`: only the whole slice can be acted on. `urls` are by API version, `urn` is
    the aggregate's own or "".

    Source: AM API v3, GetVersion.
    """

    api: int
    allocate: str
    single_allocation: bool
    urls: Mapping[str, str]
    urn: str
    request_types: frozenset[tuple[str, str]]
    credential_types: frozenset[tuple[str, str]]
    extensions: frozenset[str]

    @property
    def authority(self) -> str:
        """The authority in the aggregate's URN, "" where it is not told."""
        parts = self.urn.split("+")
        return parts[1] if len(parts) == 4 else ""


def read_abilities(value: object) -> Abilities:
    """Read GetVersion's value; never raises."""
    told = value if isinstance(value, Mapping) else {}
    urls = told.get("geni_api_versions")
    rows = _structs(told.get("geni_request_rspec_versions"))
    said = str(told.get("geni_single_allocation", "")).strip().lower()
    api = told.get("geni_api")
    return Abilities(
        api=api if isinstance(api, int) else 0,
        allocate=str(told.get("geni_allocate") or "geni_single").lower(),
        single_allocation=said in {"1", "true"},
        urls={str(key): str(url) for key, url in urls.items()} if isinstance(urls, Mapping) else {},
        urn=str(told.get("urn") or ""),
        request_types=frozenset(_pair(one, "type", "version") for one in rows),
        credential_types=frozenset(
            _pair(one, "geni_type", "geni_version")
            for one in _structs(told.get("geni_credential_types"))
        ),
        extensions=frozenset(
            str(name)
            for one in rows
            if isinstance(one.get("extensions"), list)
            for name in one["extensions"]
        ),
    )


def _structs(value: object) -> list[Mapping[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [one for one in rows if isinstance(one, Mapping)]


def _pair(row: Mapping[str, Any], first: str, second: str) -> tuple[str, str]:
    return str(row.get(first, "")).lower(), str(row.get(second, "")).lower()
