"""What `gcf-am slivers` sees, straight from the store."""

from pathlib import Path
from typing import Any, Final

from gcf_am.clock import format_time
from gcf_am.config import read_config
from gcf_am.manager.ports import Unit
from gcf_am.model.sliver import NodePlacement, Sliver
from gcf_am.store import open_store
from gcf_am.store.upgrade import check

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
    coming = (sliver.pending or sliver.contents).placement
    return {
        "slice": home.urn.text,
        "shut_down": home.shut_down,
        "sliver": sliver.urn.text,
        "kind": sliver.kind,
        "client_id": sliver.client_id,
        "component": place.rsplit("+", 1)[-1],
        "image": coming.disk_image if isinstance(coming, NodePlacement) else None,
        "allocation": str(sliver.allocation),
        "operational": str(sliver.operational),
        "expires": format_time(sliver.expires),
        "error": sliver.error,
    }
