"""What `gcf-am image` does: the images of the driver `host`, beside servers and nodes at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gcf_am.app.aggregate import site_of, urn_of
from gcf_am.cli.held import held_slivers
from gcf_am.cli.served import last_served
from gcf_am.clock import format_time
from gcf_am.config import Config, read_config
from gcf_am.drivers.choose import AUTO, choose
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.sources import Source, from_mirror, from_path
from gcf_am.errors import ConfigError
from gcf_am.manager.ports import DriverError
from gcf_am.model.images import is_meant
from gcf_am.model.site import DiskImage
from gcf_am.urn import Urn

_DRIVER: Final = "host"
_MEGABYTE: Final = 1 << 20


def image_rows(home: Path) -> list[dict[str, Any]]:
    """A row for each image, `host` first; `bytes`, `added` and `age` in seconds None for it."""
    config, driver = _driver(home)
    now = datetime.now(UTC)
    with _plain():
        shown = driver.gallery.shown()
    return [
        {
            "name": one.name,
            "urn": _urn(config, one.name),
            "system": note.system if (note := one.note) else "this machine's own software",
            "source": note and note.source,
            "bytes": note and note.bytes,
            "files": note and note.files,
            "added": note and format_time(note.added),
            "age": note and round((now - note.added).total_seconds()),
            "former": one.former,
            "nodes": [made.client_id for made in one.nodes],
            "slivers": [made.sliver for made in one.nodes],
        }
        for one in shown
    ]


def add_image(home: Path, name: str, source: str, *, replace: bool) -> str:
    """Add an image of a directory or tar file; answers what was added and how to ask for it."""
    config, driver = _driver(home)
    with _plain():
        driver.gallery.check_new(name, replace=replace)
        found = from_path(Path(source), driver.gallery.directory)
    return _add(config, driver, name, found, replace=replace)


def build_image(
    home: Path, kind: str, name: str | None, mirror: str | None, *, replace: bool
) -> str:
    """Add an image that is built of a distribution's packages; answers the same."""
    config, driver = _driver(home)
    with _plain():
        driver.gallery.check_new(name or kind, replace=replace)
    return _add(config, driver, name or kind, from_mirror(kind, mirror), replace=replace)


def remove_image(home: Path, name: str) -> None:
    """Remove an image; ConfigError when it is used, promised, or named where it would be missed."""
    config, driver = _driver(home)
    authority = config.aggregate.authority
    meant = DiskImage(_urn(config, name))
    for host in site_of(config).hosts:
        for kind in host.sliver_types:
            if any(is_meant(one, meant.name, authority) for one in kind.images):
                raise ConfigError(f"the inventory names {name}: take its disk_image out first")
    for row in held_slivers(home):
        if row["image"] is not None and is_meant(meant, row["image"], authority):
            raise ConfigError(
                f"{name} is promised to {row['client_id']} of {row['slice']} ({row['sliver']})"
            )
    with _plain():
        driver.gallery.remove(name)


def _add(config: Config, driver: HostDriver, name: str, source: Source, *, replace: bool) -> str:
    with _plain():
        note = driver.gallery.add(name, source, replace=replace)
    told = f"{name}: {note.system or 'a system'}, {note.bytes // _MEGABYTE} MB, {note.files} files"
    if note.left_out:
        told += f", {note.left_out} left out (device files, pipes, SSH host keys)"
    return f"{told}\nexperimenters ask for {name} or {_urn(config, name)}"


def _driver(home: Path) -> tuple[Config, HostDriver]:
    config = read_config(home)
    served = last_served(home)
    if config.driver.name not in {AUTO, _DRIVER} and (served is None or served.driver != _DRIVER):
        raise ConfigError(
            f"images are the driver {_DRIVER}'s; {home} has the driver {config.driver.name}"
        )
    driver = choose(_DRIVER, config.driver.settings, home=home).driver
    assert isinstance(driver, HostDriver)
    return config, driver


def _urn(config: Config, name: str) -> str:
    return Urn.of(urn_of(config).authority, "image", name).text


@contextmanager
def _plain() -> Iterator[None]:
    """What goes wrong is said in a sentence."""
    try:
        yield
    except DriverError as error:
        raise ConfigError(str(error)) from error
    except OSError as error:
        raise ConfigError(
            f"{error.filename or 'this machine'}: {error.strerror or error}"
        ) from error
