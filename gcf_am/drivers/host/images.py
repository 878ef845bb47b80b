"""Disk images: what experimenters may ask for, and the directories that nodes' roots begin as.

An image is a directory that nodes only read; what a node writes lies in layers of its own. `host`
is the machine's own software, see `host_image`; the operator adds others, see `gallery`. Each of
these has versions, `images/NAME/VERSION`, and the link `current` to the one that new disks get: a
disk fits only the version it was begun over, which stays for it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.host_image import make_skeleton
from gcf_am.manager.ports import DriverError
from gcf_am.model.site import DiskImage

HOST: Final = "host"
# An image's name is the name of its directory.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
VERSION: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
CURRENT: Final = "current"
# In a version's directory: the root, and what is known of it (JSON).
ROOT: Final = "root"
NOTE: Final = "image.json"
# Who holds this lock of the journal (Journal.alone) may begin a disk over a version, or remove one.
LOCK: Final = "images"
_URN: Final = re.compile(r"urn:publicid:IDN\+[^+]+\+image\+(?:[^+]*//)?([^+/]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Layer:
    """A directory that a node sees at a place in its root, as far as it did not change it."""

    place: str
    directory: Path


class Images:
    """The images kept in a directory."""

    def __init__(self, directory: Path, default: str, names: Mapping[str, str]) -> None:
        self._directory = directory
        self._default = default
        self._names = names

    def known(self) -> tuple[str, ...]:
        """The names of images there are, `host` first."""
        return HOST, *names_in(self._directory)

    def added(self) -> tuple[DiskImage, ...]:
        """Those that the operator added."""
        return tuple(
            DiskImage(name, "Linux", description=_system_of(directory / version / NOTE))
            for name in names_in(self._directory)
            if (version := current_of(directory := self._directory / name)) is not None
        )

    def resolve(self, wanted: str | None) -> str:
        """The name of the image that a request's disk_image means: a name, a URN, or None.

        Raises DriverError naming what was asked for and what there is.
        """
        if wanted is None:
            wanted = self._default
        urn = _URN.fullmatch(wanted)
        known = self.known()
        for name in (wanted, urn.group(1) if urn else wanted):
            meant = self._names.get(name, name)
            if meant in known:
                return meant
        raise DriverError(
            f"disk image {wanted[:120]} is not here; there are "
            f"{', '.join(dict.fromkeys([*known, *self._names]))}",
            lasting=True,
        )

    def newest(self, name: str) -> str:
        """The key of an image as it is now: its name, with a version where it has some."""
        if name == HOST:
            return HOST
        version = current_of(self._directory / name)
        if version is None:
            raise DriverError(f"disk image {name} is not here any more", lasting=True)
        return key_of(name, version)

    def layers(self, key: str) -> tuple[Layer, ...]:
        """The layers of the image with this key, the root first.

        Makes what `host` needs when it is new; raises DriverError for a version that is gone.
        """
        if key == HOST:
            return Layer("/", make_skeleton(self._directory / HOST)), Layer("/usr", Path("/usr"))
        name, _, version = key.partition("@")
        root = self._directory / name / version / ROOT
        if not root.is_dir():
            raise DriverError(
                f"the version of disk image {name} that its disk is over is gone; geni_reload "
                "begins a disk over the present one",
                lasting=True,
            )
        return (Layer("/", root),)


def key_of(name: str, version: str) -> str:
    """What a node's image is remembered by."""
    return f"{name}@{version}"


def name_of(key: str) -> str:
    """The name of the image with this key."""
    return key.partition("@")[0]


def names_in(directory: Path) -> list[str]:
    """The names of the images that were added to a directory, sorted."""
    try:
        found = sorted(one.name for one in directory.iterdir())
    except FileNotFoundError:
        return []
    return [
        name
        for name in found
        if name != HOST and NAME.fullmatch(name) and current_of(directory / name) is not None
    ]


def current_of(image: Path) -> str | None:
    """The version that new disks of the image in this directory are begun over."""
    try:
        version = (image / CURRENT).readlink().name
    except OSError:
        return None
    return version if VERSION.fullmatch(version) and (image / version / ROOT).is_dir() else None


@lru_cache(maxsize=256)
def _system_of(note: Path) -> str:
    """What the image calls itself; a version never changes."""
    try:
        return str(json.loads(note.read_text("utf-8"))["system"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
