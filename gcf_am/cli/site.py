"""Inventories from files: imported, served from, reported on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from gcf_am.app.aggregate import urn_of
from gcf_am.cli.printable import printable
from gcf_am.cli.reading import read_file
from gcf_am.cli.tables import table
from gcf_am.config import FILE, Config, read_config
from gcf_am.errors import ConfigError
from gcf_am.model.site import Site
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.repairs import Repair, by_kind
from gcf_am.rspec.site_import import Imported, import_site
from gcf_am.urn import Urn

_MOST_LINES: Final = 8
Given = Mapping[tuple[str, str], object]


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose site an import makes: the aggregate's URN, and what nodes without a type become."""

    manager: Urn
    sliver_type: str

    @classmethod
    def of(cls, home: Path, given: Given) -> "Origin":
        """As given, else as a home's configuration says, or, where there is no home, by default."""
        there = (home / FILE).exists()
        config = read_config(home) if there else Config(home)
        authority = given.get(("aggregate", "authority"), config.aggregate.authority)
        return cls(Urn.of(str(authority), "authority", "am"), config.site.sliver_type)

    def with_sliver_type(self, name: str | None) -> "Origin":
        """The same with another sliver type, where one is given."""
        return self if name is None else Origin(self.manager, name)


def inventory_of(home: Path) -> Path:
    """Where a home's inventory lies; raises ConfigError where there is no home."""
    config = read_config(home)
    return config.path(config.site.inventory)


def import_file(file: str, origin: Origin) -> Imported:
    """Make an inventory of an advertisement; raises ConfigError that names the file."""
    try:
        return import_site(read_file(file), manager=origin.manager, sliver_type=origin.sliver_type)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


def write_inventory(xml: bytes, place: Path) -> Path | None:
    """Put an inventory in place at once; what was there before and differs is kept beside it.

    A server that reads it never sees half of it. Answers where the former one is; raises
    ConfigError.
    """
    try:
        former = place.read_bytes() if place.exists() else xml
        kept = place.with_name(f"{place.name}.before") if former != xml else None
        if kept is not None:
            _replace(kept, former)
        _replace(place, xml)
    except OSError as error:
        raise ConfigError(f"{place} cannot be written: {error.strerror}") from error
    return kept


def adopt(file: Path, home: Path, given: Given) -> tuple[str, Imported | None]:
    """The inventory to serve for a file, as the configuration names it: `up --site FILE`.

    A file that is this aggregate's own inventory is served as it is, and read again when it
    changes. Any other advertisement is imported into the home, once for each content; the
    import, where one was made, is answered too. Raises ConfigError.
    """
    origin = Origin.of(home, given)
    data = read_file(str(file))
    made_for = f"{origin.manager} {origin.sliver_type}\n".encode()
    digest = hashlib.sha256(made_for + data).hexdigest()[:12]
    place = home / f"site-{_plain(file.stem)}-{digest}.xml"
    if place.exists():
        return place.name, None
    if _is_inventory(data, origin.manager):
        return str(file.resolve()), None
    made = import_file(str(file), origin)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_inventory(made.xml, place)
    return place.name, made


def _is_inventory(data: bytes, manager: Urn) -> bool:
    # a large one of somebody else's need not be read to know that
    if f"IDN+{manager.authority}+authority+".lower().encode() not in data.lower():
        return False
    try:
        read_site(data, manager=manager)
    except ConfigError:
        return False
    return True


def report(made: Imported) -> RenderableType:
    """What an import did, kind by kind, with lines."""
    site = made.site
    switches = sum(one.switch for one in site.hosts)
    summary = Text(
        f"{len(site.hosts) - switches} nodes, {switches} switches and {len(site.wires)} links"
        f" between them; {made.renamed} components are {site.manager.authority}'s now"
    )
    if not made.repairs:
        return summary
    rows = [
        (str(len(several)), kind.value, _lines(several))
        for kind, several in by_kind(made.repairs).items()
    ]
    return Group(summary, Text(), table(("count", "repaired", "lines"), rows))


def details(made: Imported) -> dict[str, Any]:
    """The same for programs, repair by repair."""
    return {
        "manager": made.site.manager.text,
        "nodes": len(made.site.hosts),
        "links": len(made.site.wires),
        "renamed": made.renamed,
        "repairs": [
            {"kind": one.kind.name.lower(), "line": one.line, "what": printable(one.what)}
            for one in made.repairs
        ],
    }


def site_of(file: str | None, home: Path) -> tuple[Site, Mapping[tuple[str, str], int]]:
    """The site of a file, or a home's with what is held of it; raises ConfigError."""
    if file is not None:
        # whoever's it is: only its names would change
        return import_file(file, Origin.of(home, {})).site, {}
    config = read_config(home)
    place = config.path(config.site.inventory)
    try:
        site = read_site(read_file(str(place)), manager=urn_of(config))
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}") from None
    return site, _held(config)


def _held(config: Config) -> Mapping[tuple[str, str], int]:
    from gcf_am.store import open_store
    from gcf_am.store.upgrade import check

    check(config.database_url)
    store = open_store(config.database_url, authority=config.aggregate.authority)
    try:
        with store.read() as unit:
            return unit.held()
    finally:
        store.close()


def _replace(place: Path, data: bytes) -> None:
    new = place.with_name(f"{place.name}.new")
    new.write_bytes(data)
    new.replace(place)


def _plain(name: str) -> str:
    kept = "".join(
        one if one.isascii() and (one.isalnum() or one in "._-") else "-" for one in name
    )
    return kept[:60]


def _lines(several: Sequence[Repair]) -> str:
    found = list(dict.fromkeys(one.line for one in several if one.line))
    shown = [str(line) for line in found[:_MOST_LINES]]
    more = len(found) - len(shown)
    return ", ".join([*shown, *([f"and {more} more"] if more else [])])
