"""The host driver's settings, `driver.settings` in the configuration.

directory     where nodes' disks, images and the journal are kept; on a local disk
address       the address that SSH logins come in by (127.0.0.1)
hostname      the name of that address in manifests (the address)
ports         the first and the last port for logins ([22001, 24000])
ids           the first of the machine's user ids that nodes get, 65536 each (1879048192)
image         the disk image of nodes that ask for none (host)
images        a table: what experimenters may ask for -> the image they get (none)
sliver_types  a table of tables, glob -> limits of a node of that type (container, default-vm):
              memory_mb (512), disk_mb (2048), processes (512), cpu_shares (1024),
              cpus (as many as there are)
boot_seconds  how long a node may take until it can be logged in to (60)
run_seconds   how long each of its services and its script may take (300)
fetch         a list of what install services may fetch: `global` for all addresses of the
              Internet, networks, beginnings of URLs; empty: nothing (["global"])
fetch_mb      how large an archive may be (256)
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.origins import GLOBAL, Origins
from gcf_am.errors import ConfigError

# systemd, shadow and the container managers leave 1879048192 to 2147483647 alone
_FIRST_ID: Final = 0x70000000
_LAST_ID: Final = 2**31 - 65536
# `default-vm` is the field's name for whatever an aggregate gives to who has no special wish.
_USUAL: Final = ("container", "default-vm")
_LEAST: Final = {"memory_mb": 16, "disk_mb": 16, "processes": 8, "cpu_shares": 2}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a node may use; `cpus` is None where it may use all there are."""

    memory_mb: int = 512
    disk_mb: int = 2048
    processes: int = 512
    cpu_shares: int = 1024
    cpus: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as they were read; times in seconds."""

    directory: Path
    address: str
    hostname: str
    ports: range
    ids: int
    image: str
    images: Mapping[str, str]
    sliver_types: Mapping[str, Limits]
    boot_seconds: float
    run_seconds: float
    fetch: Origins
    fetch_mb: int

    def limits(self, sliver_type: str) -> Limits | None:
        """The limits of a node of this type, None where no glob means it."""
        for glob, limits in self.sliver_types.items():
            if fnmatchcase(sliver_type, glob):
                return limits
        return None


def read_settings(settings: Mapping[str, object]) -> Settings:
    """Read and check them; raises ConfigError naming the key that is wrong."""
    known = [one.name for one in fields(Settings)]
    for key in settings:
        if key not in known:
            raise ConfigError(f"driver.settings.{key}: no such key; there are {', '.join(known)}")
    directory = settings.get("directory")
    if not isinstance(directory, str | Path) or not str(directory):
        raise ConfigError("driver.settings.directory: a directory's path is expected")
    address = _address(settings.get("address", "127.0.0.1"))
    return Settings(
        Path(directory).absolute(),
        address,
        _text("hostname", settings.get("hostname", address)),
        _ports(settings.get("ports", [22001, 24000])),
        int(_number("ids", settings.get("ids", _FIRST_ID), 65536, _LAST_ID, whole=True)),
        _text("image", settings.get("image", "host")),
        {name: _text(f"images.{name}", one) for name, one in _table("images", settings).items()},
        _types(settings),
        _number("boot_seconds", settings.get("boot_seconds", 60), 1, 3600),
        _number("run_seconds", settings.get("run_seconds", 300), 1, 86400),
        _origins(settings.get("fetch", [GLOBAL])),
        int(_number("fetch_mb", settings.get("fetch_mb", 256), 1, 2**20, whole=True)),
    )


def _types(settings: Mapping[str, object]) -> Mapping[str, Limits]:
    tables = _table("sliver_types", settings)
    return {glob: _limits(glob, one) for glob, one in tables.items()} or dict.fromkeys(
        _USUAL, Limits()
    )


def _limits(glob: str, table: object) -> Limits:
    where = f"sliver_types.{glob}"
    if not isinstance(table, Mapping):
        raise ConfigError(f"driver.settings.{where}: a table of limits is expected")
    known = [one.name for one in fields(Limits)]
    for key in table:
        if key not in known:
            raise ConfigError(
                f"driver.settings.{where}.{key}: no such limit; there are {', '.join(known)}"
            )
    whole = {
        key: int(_number(f"{where}.{key}", table[key], least, 2**31, whole=True))
        for key, least in _LEAST.items()
        if key in table
    }
    cpus = table.get("cpus")
    share = None if cpus is None else _number(f"{where}.cpus", cpus, 0.01, 4096)
    return Limits(**whole, cpus=share)


def _table(key: str, settings: Mapping[str, object]) -> Mapping[str, object]:
    table = settings.get(key, {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"driver.settings.{key}: a table is expected")
    return table


def _text(key: str, setting: object) -> str:
    if not isinstance(setting, str) or not setting:
        raise ConfigError(f"driver.settings.{key}: a name is expected")
    return setting


def _address(setting: object) -> str:
    try:
        return str(ipaddress.ip_address(str(setting)))
    except ValueError:
        raise ConfigError("driver.settings.address: an IP address is expected") from None


def _ports(setting: object) -> range:
    match setting:
        case [int(first), int(last)] if 0 < first <= last < 65536:
            return range(first, last + 1)
    raise ConfigError("driver.settings.ports: the first and the last port are expected")


def _origins(setting: object) -> Origins:
    if not isinstance(setting, list) or not all(isinstance(one, str) for one in setting):
        raise ConfigError("driver.settings.fetch: a list is expected, empty for nothing at all")
    try:
        return Origins(tuple(setting))
    except ValueError as error:
        raise ConfigError(f"driver.settings.fetch: {error}") from None


def _number(key: str, setting: object, least: float, most: float, *, whole: bool = False) -> float:
    fits = isinstance(setting, int) if whole else isinstance(setting, int | float)
    if isinstance(setting, bool) or not fits or not least <= setting <= most:  # type: ignore[operator]
        raise ConfigError(f"driver.settings.{key}: a number from {least} to {most} is expected")
    return float(setting)  # type: ignore[arg-type]
