"""What the commands of gcf-homing read: a template, the files that it names, advertisements."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gcf_am.cli.reading import read_file
from gcf_am.errors import ConfigError
from gcf_am.homing.finding import TemplateErrors
from gcf_am.homing.inventory.gather import Seats
from gcf_am.homing.inventory.geni import Aggregates
from gcf_am.homing.inventory.listed import read_listed
from gcf_am.homing.inventory.places import Places, read_places
from gcf_am.homing.inventory.provider import Inventory
from gcf_am.homing.inventory.sources import Own
from gcf_am.homing.template.document import read_document

# As much as a template may have: what it includes is no larger.
_LARGEST: Final = 1024 * 1024


def text_of(file: str) -> str:
    """A file's text; raises ConfigError."""
    data = read_file(file)
    if len(data) > _LARGEST:
        raise ConfigError(f"{file} has more than {_LARGEST} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8: byte {error.start + 1}") from None


def included(text: str, file: str, *, anywhere: bool) -> dict[str, str]:
    """The contents of what a template's get_file names, by the names as written.

    Paths are relative to the template's folder, and below it unless `anywhere`; URLs are
    left to who has their contents. A template that cannot be read includes nothing: whoever reads
    it says so. Raises ConfigError.
    """
    try:
        names = set(_named(read_document(text).value))
    except TemplateErrors:
        return {}
    folder = (Path.cwd() if file == "-" else Path(file).parent).resolve()
    found: dict[str, str] = {}
    for name in sorted(names):
        parts = urlsplit(name)
        if parts.scheme not in {"", "file"}:
            continue
        path = (folder / parts.path).resolve()
        if not anywhere and not path.is_relative_to(folder):
            raise ConfigError(
                f"get_file {name}: it lies outside the template's folder; --files-anywhere reads it"
            )
        found[name] = text_of(str(path))
    return found


def _named(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        name = value.get("get_file")
        if isinstance(name, str):
            yield name
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


def parameters_of(given: Iterable[str]) -> dict[str, object]:
    """Parameters from NAME=VALUE; a value is read as a template's would be."""
    found: dict[str, object] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise ConfigError(f"--param {one}: write NAME=VALUE")
        try:
            found[name] = read_document(value).value
        except TemplateErrors as errors:
            raise ConfigError(f"--param {name}: {errors}") from None
    return found


def inventories_of(ads: Iterable[str], lists: Iterable[str]) -> dict[str, Inventory]:
    """Advertisements as the inventory geni (aai, too), and NAME=FILE as inventories of names.

    A list of the name aai or geni takes its place. Raises ConfigError.
    """
    # read now, so that a file that is not there is told of at once
    sources = [Own(Path(file).name, partial(bytes, read_file(file))) for file in ads]
    geni = Aggregates(sources)
    found: dict[str, Inventory] = {"geni": geni, "aai": geni} if sources else {}
    for one in lists:
        name, equals, file = one.partition("=")
        if not equals or not name:
            raise ConfigError(f"--inventory {one}: write NAME=FILE")
        try:
            found[name] = read_listed(text_of(file), name=name)
        except TemplateErrors as errors:
            raise ConfigError(f"{file}: {errors}") from None
    return found


def places_of(file: str | None) -> Places:
    """A table of places; raises ConfigError."""
    return Places() if file is None else read_places(text_of(file))


def seats_of(given: Iterable[str]) -> Seats:
    """Free seats of licences from ID=NUMBER, whatever the key; others have none."""
    free: dict[str, int] = {}
    for one in given:
        name, _, number = one.rpartition("=")
        if not name or not number.isdecimal():
            raise ConfigError(f"--seats {one}: write ID=NUMBER")
        free[name] = int(number)
    return lambda id_, _key: free.get(id_, 0)
