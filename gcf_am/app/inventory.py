"""The inventory file, read again when it changes."""

import logging
import threading
from pathlib import Path
from typing import Final

from gcf_am.errors import ConfigError
from gcf_am.model.site import Site
from gcf_am.rspec.inventory import read_site
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)


class InventoryFile:
    """Answers the site as the file says; a file gone bad is reported once, the last good holds."""

    def __init__(self, path: Path, manager: Urn) -> None:
        """Read the file; raises ConfigError when it is no inventory."""
        self._path = path
        self._manager = manager
        self._lock = threading.Lock()
        self._seen = self._stamp()
        self._site = self._read()

    def __call__(self) -> Site:
        """The site of the moment; looks at the file's time and size, reads it only when new."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                try:
                    self._site = self._read()
                    _log.info("the inventory was read again: %d hosts", len(self._site.hosts))
                except ConfigError as error:
                    _log.error("the inventory is not used, the last good one is: %s", error)
            return self._site

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _read(self) -> Site:
        try:
            data = self._path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"the inventory {self._path} cannot be read: {error.strerror}"
            ) from error
        try:
            return read_site(data, manager=self._manager)
        except ConfigError as error:
            raise ConfigError(f"{self._path}: {error}") from None
