"""The simulated driver's settings, `driver.settings` in the configuration.

directory     where the world is kept; `gcf-am` gives one under its home
delay         seconds that every method takes, or a table: method -> seconds (0)
timeout       seconds after which a call that hangs is given up (60)
faults        a list of tables, see `drivers.faults.Rule` (none)
sliver_types  globs of the sliver types it makes (all)
link_types    globs of the link types it makes (lan and vlan; a link without a type always)
shapes        whether it makes pipes, latency and packet loss (true)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

from gcf_am.drivers.faults import METHODS, Faults, read_faults
from gcf_am.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as they were read; times in seconds."""

    directory: Path
    delay: Mapping[str, float]
    timeout: float
    faults: Faults
    sliver_types: tuple[str, ...]
    link_types: tuple[str, ...]
    shapes: bool


def read_settings(settings: Mapping[str, object]) -> Settings:
    """Read and check them; raises ConfigError naming the key that is wrong."""
    known = [one.name for one in fields(Settings)]
    for key in settings:
        if key not in known:
            raise ConfigError(f"driver.settings.{key}: no such key; there are {', '.join(known)}")
    directory = settings.get("directory")
    if not isinstance(directory, str | Path) or not str(directory):
        raise ConfigError("driver.settings.directory: a directory's path is expected")
    return Settings(
        Path(directory),
        _delays(settings.get("delay", 0)),
        _seconds("timeout", settings.get("timeout", 60)),
        read_faults(settings.get("faults", ())),
        _globs("sliver_types", settings.get("sliver_types", ["*"])),
        _globs("link_types", settings.get("link_types", ["lan", "vlan", "LAN", "VLAN"])),
        _truth("shapes", settings.get("shapes", True)),
    )


def makes(globs: Sequence[str], name: str) -> bool:
    """Whether one of the globs means this type."""
    return any(fnmatchcase(name, one) for one in globs)


def _delays(setting: object) -> Mapping[str, float]:
    if not isinstance(setting, Mapping):
        return dict.fromkeys(METHODS, _seconds("delay", setting))
    for method in setting:
        if method not in METHODS:
            raise ConfigError(
                f"driver.settings.delay.{method}: one of {', '.join(METHODS)} is expected"
            )
    return {method: _seconds(f"delay.{method}", one) for method, one in setting.items()}


def _seconds(key: str, setting: object) -> float:
    if (
        isinstance(setting, bool)
        or not isinstance(setting, int | float)
        or not 0 <= setting < 86400
    ):
        raise ConfigError(f"driver.settings.{key}: seconds from 0 to a day are expected")
    return float(setting)


def _globs(key: str, setting: object) -> tuple[str, ...]:
    if isinstance(setting, str) or not isinstance(setting, Sequence):
        raise ConfigError(f"driver.settings.{key}: a list of names is expected")
    return tuple(str(one) for one in setting)


def _truth(key: str, setting: object) -> bool:
    if not isinstance(setting, bool):
        raise ConfigError(f"driver.settings.{key}: true or false is expected")
    return setting
