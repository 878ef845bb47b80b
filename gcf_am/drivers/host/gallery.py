"""The images that the operator adds, lists and removes, while servers and nodes are at work.

A new image is made in a directory of its own, `.scratch-...`, and comes to its place by a rename;
what is to go is renamed there first. Whoever works in one holds a lock on it: what nobody holds
was left by somebody who was killed, and is removed.
"""

import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.images import (
    CURRENT,
    HOST,
    LOCK,
    NAME,
    NOTE,
    ROOT,
    VERSION,
    current_of,
    key_of,
    name_of,
    names_in,
)
from gcf_am.drivers.host.intake import Note, take_in
from gcf_am.drivers.host.journal import Journal, Made
from gcf_am.drivers.host.removal import remove_tree
from gcf_am.drivers.host.settings import Settings
from gcf_am.drivers.host.sources import Source
from gcf_am.errors import ConfigError

_SCRATCH: Final = ".scratch-"
# What is left on the disk for nodes, which cannot be told that there is no room.
_RESERVE: Final = 512 << 20
_LARGEST: Final = 20 << 30
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """An image as it is listed: `note` is None for `host`; nodes of any version of it."""

    name: str
    note: Note | None
    former: int
    nodes: tuple[Made, ...]


class Gallery:
    """The images in a directory, beside the journal that tells which nodes use them."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self.directory = settings.directory / "images"
        self._settings = settings
        self._journal = journal

    def shown(self) -> Sequence[Shown]:
        """All images, `host` first; `former` is how many versions stay only for nodes."""
        nodes = self._nodes()
        found = [Shown(HOST, None, 0, nodes.get(HOST, ()))]
        for name in names_in(self.directory):
            place = self.directory / name
            try:
                note, former = Note.read(place / CURRENT / NOTE), len(_versions(place)) - 1
            except FileNotFoundError:
                continue  # it was removed just now
            found.append(Shown(name, note, former, nodes.get(name, ())))
        return found

    def check_new(self, name: str, *, replace: bool) -> None:
        """Whether an image may be added by this name; raises ConfigError."""
        if not NAME.fullmatch(name) or name == HOST:
            raise ConfigError(
                f"{name[:80]!r} is no name for an image: letters, digits, '.', '_' and '-', at "
                f"most 63, and not {HOST!r}, which is the machine's own software"
            )
        if not replace and name in names_in(self.directory):
            raise ConfigError(f"there is an image {name}; with --replace new disks get this one")
        if os.geteuid() != 0:
            raise ConfigError("only root can keep the owners of an image's files")

    def add(self, name: str, source: Source, *, replace: bool) -> Note:
        """Add an image, whole or not at all; in another's place for all disks begun from now on.

        Raises ConfigError: what is wrong with the name or the source.
        """
        self.check_new(name, replace=replace)
        with self._scratch() as scratch:
            made, root = scratch / "new", scratch / "new" / ROOT
            root.mkdir(0o755, parents=True)
            room = shutil.disk_usage(scratch).free - _RESERVE
            if room < 0:
                raise ConfigError(f"there is no room for an image on the disk of {scratch.parent}")
            note = take_in(source, root, min(room, _LARGEST))
            note.write(made / NOTE)
            subprocess.run(["/bin/sync", "--file-system", made], check=True)  # noqa: S603 - ours
            version = secrets.token_hex(4)
            place = self.directory / name
            with self._journal.alone(LOCK):
                self.check_new(name, replace=replace)
                place.mkdir(0o755, exist_ok=True)
                made.rename(place / version)
                (scratch / CURRENT).symlink_to(version)
                (scratch / CURRENT).rename(place / CURRENT)
        self.tidy()
        return note

    def remove(self, name: str) -> None:
        """Remove an image, with all its versions, that no node uses and no setting names.

        Raises ConfigError.
        """
        if name not in names_in(self.directory):
            known = ", ".join(names_in(self.directory)) or "none"
            raise ConfigError(f"there is no image {name[:80]!r}; those that were added: {known}")
        settings = {"image": self._settings.image, **self._settings.images}
        for key, meant in settings.items():
            if meant == name:
                raise ConfigError(f"driver.settings names {name} for {key!r}: change that first")
        with self._scratch() as scratch, self._journal.alone(LOCK):
            users = self._nodes().get(name, ())
            if users:
                told = ", ".join(f"{one.client_id} of {one.slice}" for one in users[:_NAMED])
                more = len(users) - _NAMED
                raise ConfigError(
                    f"{name} is used by {told}{f' and {more} more' if more > 0 else ''}"
                )
            (self.directory / name).rename(scratch / "gone")

    def tidy(self) -> None:
        """Remove versions that no disk is over and none will be, and what the killed left."""
        if not (self._unused() or any(self.directory.glob(f"{_SCRATCH}*"))):
            return
        with ExitStack() as held:
            with self._journal.alone(LOCK):
                left = [one for one in self.directory.glob(f"{_SCRATCH}*") if _taken(one, held)]
            for one in left:
                remove_tree(one)
        with self._scratch() as scratch, self._journal.alone(LOCK):
            for number, one in enumerate(self._unused()):
                one.rename(scratch / str(number))

    def _unused(self) -> list[Path]:
        """Versions that are no image's present one and no node's; directories of no version."""
        places = self.directory.iterdir() if self.directory.is_dir() else ()
        former = {
            one: set(_versions(one)) - {current_of(one)}
            for one in places
            if one.name != HOST and NAME.fullmatch(one.name) and one.is_dir()
        }
        if not any(former.values()) and all(map(current_of, former)):
            return []  # as nearly always, and known without the journal
        used = {made.image for made in self._journal.standing().values()}
        unused: list[Path] = []
        for place, versions in former.items():
            going = {one for one in versions if key_of(place.name, one) not in used}
            if going == versions and current_of(place) is None:
                unused.append(place)
            else:
                unused += [place / one for one in going]
        return unused

    def _nodes(self) -> Mapping[str, tuple[Made, ...]]:
        """The nodes of each image, by its name."""
        found: dict[str, tuple[Made, ...]] = {}
        for made in self._journal.standing().values():
            if made.image:
                name = name_of(made.image)
                found[name] = (*found.get(name, ()), made)
        return found

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A directory beside the images, removed in the end."""
        self.directory.mkdir(0o755, parents=True, exist_ok=True)
        with ExitStack() as held:
            with self._journal.alone(LOCK):
                path = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self.directory))
                _taken(path, held)
            try:
                yield path
            finally:
                remove_tree(path)


def _versions(image: Path) -> list[str]:
    return [one.name for one in image.iterdir() if VERSION.fullmatch(one.name)]


def _taken(path: Path, held: ExitStack) -> bool:
    """Hold the directory until the stack ends; False when somebody else does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    held.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
