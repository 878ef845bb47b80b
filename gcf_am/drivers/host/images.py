"""Disk images: what experimenters may ask for, and the directories that nodes' roots begin as.

An image is a directory that nodes only read; what a node writes lies in layers of its own. `host`
is the machine's own software, see `host_image`; others are directories below `images/`, put
there by `gcf-am image`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.host_image import make_skeleton
from gcf_am.manager.ports import DriverError

HOST: Final = "host"
# An image's name is the name of its directory.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
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
        found = [one.parent.name for one in self._directory.glob("*/usr")]
        return HOST, *sorted(name for name in found if name != HOST and NAME.fullmatch(name))

    def resolve(self, wanted: str | None) -> str:
        """The image that a request's disk_image means: by name, by URN, or as configured.

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

    def layers(self, image: str) -> tuple[Layer, ...]:
        """The image's layers, the root first; makes what `host` needs when it is new."""
        if image == HOST:
            return Layer("/", make_skeleton(self._directory / HOST)), Layer("/usr", Path("/usr"))
        return (Layer("/", self._directory / image),)
