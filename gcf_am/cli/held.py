"""What `gcf-am slivers` and `gcf-am release-slice` see and do, straight from the store."""

from pathlib import Path
from typing import Any, Final

from gcf_am.app.aggregate import make_aggregate, urn_of
from gcf_am.clock import format_time
from gcf_am.config import read_config
from gcf_am.errors import ConfigError
from gcf_am.manager.ports import Unit
from gcf_am.manager.shutdown import release as release_slice
from gcf_am.model.sliver import NodePlacement, Sliver
from gcf_am.store import open_store
from gcf_am.store.upgrade import check
from gcf_am.urn import Urn

_PAGE: Final = 500


def held_slivers(home: Path) -> list[dict[str, Any]]:
    """A row for each sliver that is live or not yet destroyed, those of a slice together."""
    config = read_config(home)
    check(config.database_url)
    store = open_store(config.database_url, authority=config.aggregate.authority)
    try:
        rows: list[dict[str, Any]] = []
        with store.read() as unit:
            after = ""
            while page := unit.kept(after, _PAGE):
                rows += [_row(unit, one) for one in page]
                after = page[-1].urn.text
    finally:
        store.close()
    return sorted(rows, key=lambda row: (row["slice"], row["sliver"]))


def _row(unit: Unit, sliver: Sliver) -> dict[str, Any]:
    home = unit.slice_of(sliver.slice_key)
    placement = sliver.contents.placement
    place = placement.component_id if isinstance(placement, NodePlacement) else ""
    return {
        "slice": home.urn.text,
        "shut_down": home.shut_down,
        "sliver": sliver.urn.text,
        "client_id": sliver.client_id,
        "component": place.rsplit("+", 1)[-1],
        "allocation": str(sliver.allocation),
        "operational": str(sliver.operational),
        "expires": format_time(sliver.expires),
        "error": sliver.error,
    }


def release(home: Path, slice_urn: str) -> str:
    """Undo a Shutdown; answers what was done. Raises ConfigError when there was none."""
    config = read_config(home)
    try:
        urn = Urn.parse(slice_urn)
    except ValueError:
        urn = Urn.of(urn_of(config).authority, "slice", slice_urn)
    aggregate = make_aggregate(config)
    try:
        released = release_slice(aggregate, urn)
    finally:
        aggregate.store.close()
    if not released:
        raise ConfigError(f"{urn} is not shut down here; a slice's whole URN, or its name, is "
                          "expected")  # fmt: skip
    return f"{urn} may be used again"
