"""Which driver makes slivers true: one that is installed under the name, or the best that can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from gcf_am.errors import ConfigError
from gcf_am.manager.ports import Driver
from gcf_am.model.site import Site

GROUP: Final = "gcf_am.drivers"
AUTO: Final = "auto"
# What is only pretended serves when nothing else can.
_LAST: Final = "simulated"
# How much of what a driver lacks is told in one line.
_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """A driver, and in a few words why it is this one."""

    driver: Driver
    why: str


def installed() -> dict[str, EntryPoint]:
    """The installed drivers' entry points by name, the best first."""
    found = {one.name: one for one in entry_points(group=GROUP)}
    return {name: found[name] for name in sorted(found, key=lambda name: (name == _LAST, name))}


def check_name(name: str) -> None:
    """Raise ConfigError where no driver has this name; the text lists those there are."""
    names = [AUTO, *installed()]
    if name not in names:
        raise ConfigError(
            f"driver.name: no driver {name!r} is installed; there are {', '.join(names)}"
        )


def choose(
    name: str,
    settings: Mapping[str, object],
    *,
    site: Site | None = None,
    home: Path | None = None,
    prove: bool = False,
) -> Chosen:
    """The driver with this name, made with these settings.

    With `home`, what the driver keeps on disk lies there, in a directory of the driver's name
    unless the settings say otherwise.
    `auto` takes the best one that can be made and that lacks nothing to serve the site; with
    `prove` one that was named may lack nothing, either. Raises ConfigError: no such driver (the
    text lists those there are), settings that are wrong, or none that fits (the text says what
    each lacks).
    """
    drivers = installed()
    if name == AUTO:
        return _first_that_can(drivers, settings, site, home)
    check_name(name)
    driver = _make(drivers[name], settings, home)
    if prove and site is not None and (lacks := driver.probe(site)):
        raise ConfigError(f"driver.name: {name} does not serve here: {_briefly(lacks)}")
    return Chosen(driver, "as configured")


def _first_that_can(
    drivers: Mapping[str, EntryPoint],
    settings: Mapping[str, object],
    site: Site | None,
    home: Path | None,
) -> Chosen:
    why: list[str] = []
    for name, entry in drivers.items():
        try:
            driver = _make(entry, settings, home)
        except ConfigError as error:
            lacks = [str(error)]
        else:
            lacks = list(driver.probe(site)) if site is not None else []
            if not lacks:
                return Chosen(driver, f"since {' and '.join(why) or 'nothing is lacking for it'}")
        why.append(f"{name} does not serve here: {_briefly(lacks)}")
    raise ConfigError(
        f"driver.name: no driver serves this site ({' | '.join(why) or 'none there'})"
    )


def _briefly(lacks: Sequence[str]) -> str:
    more = f"; and {len(lacks) - _TOLD} more" if len(lacks) > _TOLD else ""
    return "; ".join(lacks[:_TOLD]) + more


def _make(entry: EntryPoint, settings: Mapping[str, object], home: Path | None) -> Driver:
    try:
        make = entry.load()
    except ImportError as error:
        raise ConfigError(f"driver.name: {entry.name} cannot be loaded: {error}") from error
    if home is not None:
        directory = home.resolve() / str(settings.get("directory", entry.name))
        settings = {**settings, "directory": str(directory)}
    driver: Driver = make(settings)
    return driver
