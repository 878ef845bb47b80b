"""The inventory file, read again when it changes."""

import fcntl
import logging
import os
from functools import partial
from pathlib import Path
from typing import Final

from gcf_am.app.digest import name_of, read_digest
from gcf_am.app.digesting import digest_apart
from gcf_am.app.followed import FollowedFile
from gcf_am.model.site import Site
from gcf_am.rspec.inventory import read_site
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)
# A smaller inventory is read in no time.
_LARGE: Final = 1024 * 1024


class InventoryFile(FollowedFile[Site]):
    """Answers the site as the file says.

    Of a large one a digest is kept beside it, made by the first process that reads the file, so
    that the others, and all at the next start, need not read it again.
    """

    def __init__(self, path: Path, manager: Urn) -> None:
        """Read the file; raises ConfigError when it is no inventory."""
        read = partial(_read, path.with_name(f".{path.name}.digest"), manager=manager)
        super().__init__(path, "the inventory", read, lambda site: f"{len(site.hosts)} hosts")


def _read(kept: Path, data: bytes, *, manager: Urn) -> Site:
    if len(data) >= _LARGE:
        try:
            site = _by_digest(kept, data, manager)
        except OSError as error:
            _log.warning("no digest of the inventory is kept: %s", error)
        else:
            if site is not None:
                return site
    return read_site(data, manager=manager)


def _by_digest(kept: Path, data: bytes, manager: Urn) -> Site | None:
    """The site by its digest, made where it is missing or of another file."""
    name = name_of(data, manager)
    with os.fdopen(os.open(kept, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        # who comes while another makes it waits, and has it then
        fcntl.flock(file, fcntl.LOCK_EX)
        site = read_digest(name, file.read())
        if site is None:
            digest = digest_apart(data, manager)
            file.seek(0)
            file.truncate()
            file.write(digest)
            site = read_digest(name, digest)
        return site
