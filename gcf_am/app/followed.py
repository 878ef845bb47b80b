"""A file whose contents are a value, read again when it changes."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from gcf_am.errors import ConfigError

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)


class FollowedFile(Generic[T]):
    """Answers what the file says; a file gone bad is reported once, the last good one holds.

    `what` names it in messages, `read` makes the value of its bytes and raises ConfigError,
    `told` says of a value what a log is to say.
    """

    def __init__(
        self, path: Path, what: str, read: Callable[[bytes], T], told: Callable[[T], str]
    ) -> None:
        """Read the file; raises ConfigError when it is not what it should be."""
        self._path = path
        self._what = what
        self._read_bytes = read
        self._told = told
        self._lock = threading.Lock()
        self._seen = self._stamp()
        self._value = self._read()

    def __call__(self) -> T:
        """The value of the moment; looks at the file's time and size, reads it only when new."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                try:
                    self._value = self._read()
                    _log.info("%s was read again: %s", self._what, self._told(self._value))
                except ConfigError as error:
                    _log.error("%s is not used, the last good one is: %s", self._what, error)
            return self._value

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _read(self) -> T:
        try:
            data = self._path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{self._what} {self._path} cannot be read: {error.strerror}"
            ) from error
        try:
            return self._read_bytes(data)
        except ConfigError as error:
            raise ConfigError(f"{self._path}: {error}") from None
