"""The directory of what is trusted, read again while the server runs."""

import logging
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gcf_am.errors import ConfigError
from gcf_am.trust.assemble import assemble, without_roots
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.trust_file import FETCHED, LARGEST, NEEDED, TrustFile, says_something

_log: Final = logging.getLogger(__name__)

Stamps = frozenset[tuple[str, int, int, int, int]]


class TrustStore:
    """Reads a directory of trusted certificates; safe in threads.

    `*.pem`, `*.crt`, `*.cer`, `*.der`, `*.bundle` hold roots, one or many, `*.crl` certificate
    revocation lists; `denied` names what is refused whoever signed it (trust.denied), `roots.toml`
    tells on what terms roots are trusted (trust.terms), and `fetched/` keeps what sources told.
    `sha1_roots` are names of files below whose roots SHA-1 is accepted.

    With `look_every` the directory is looked at when somebody asks for the set, no more often
    than every so many seconds, and read again when a file of it has changed.

    Raises ConfigError when the directory holds no root that can be used, or when `denied` or
    `roots.toml` cannot be: what they forbid would be allowed.
    """

    def __init__(
        self, directory: Path, sha1_roots: Collection[str] = (), *, look_every: float | None = None
    ) -> None:
        self.directory = directory
        self.problems: tuple[str, ...] = ()
        self._told: tuple[tuple[int, str], ...] = ()
        self._sha1 = frozenset(sha1_roots)
        self._look_every = look_every
        self._lock = threading.Lock()
        self._good: Mapping[str, TrustFile] = {}
        self._set = TrustSet(())
        self._seen = self._stamps()
        self._looked = time.monotonic()
        self._set = self._read()

    def current(self) -> TrustSet:
        """The set as of the last reading."""
        # one thread looks, the others go on with what is there
        if (
            self._look_every is not None
            and time.monotonic() - self._looked >= self._look_every
            and self._lock.acquire(blocking=False)
        ):
            try:
                self._looked = time.monotonic()
                if self._stamps() != self._seen:
                    self._read_again()
                    self.log()
            finally:
                self._lock.release()
        return self._set

    def reload(self) -> tuple[str, ...]:
        """Read the directory again; returns what was refused, a sentence each.

        A file that cannot be used keeps what it last held, and where no root is left, or two
        that are trusted come to overlap, the roots stay as they are: a slip of the operator's pen
        never opens or closes the aggregate. What is revoked and denied counts all the same.
        """
        with self._lock:
            self._read_again()
        return self.problems

    def log(self) -> None:
        """Tell the log who is trusted on terms of their own, what was refused, what is too old.

        Files that were written again and say the same are no news.
        """
        lines = tuple(self._lines())
        if lines != self._told:
            self._told = lines
            for level, line in lines:
                _log.log(level, "%s", line)

    def _lines(self) -> Iterator[tuple[int, str]]:
        for problem in self.problems:
            yield logging.ERROR, f"trust roots: {problem}"
        for root in self._set.roots:
            yield logging.INFO, f"trusted: {root.urn} from {root.file} {root.terms.told}"
        for one in self._set.revocations.stale(datetime.now(UTC)):
            issuer = one.issuer.rfc4514_string()
            yield logging.WARNING, f"trust roots: the revocation list of {issuer} is out of date"

    def _read_again(self) -> None:
        self._seen = self._stamps()
        try:
            self._set = self._read()
        except ConfigError as error:
            self.problems = (*self.problems, str(error))
            revocations, denied = without_roots(self._good)
            self._set = replace(self._set, revocations=revocations, denied=denied)

    def _read(self) -> TrustSet:
        """All of it; raises ConfigError."""
        before = self._set.roots
        self._good, problems = self._read_files(starting=not before)
        self.problems = tuple(problems)
        found, more = assemble(self._good, self._sha1, [one.certificate for one in before])
        self.problems = (*problems, *more)
        if not found.roots:
            raise ConfigError(
                "roots in [trust]: no usable root certificate (*.pem) there"
                + ("".join(f"; {one}" for one in self.problems) if not before else "")
            )
        return found

    def _read_files(self, *, starting: bool) -> tuple[dict[str, TrustFile], list[str]]:
        """What each file holds, or else what it last held when it was good."""
        good: dict[str, TrustFile] = {}
        problems: list[str] = []
        for name, file in self._files():
            try:
                with file.open("rb") as stream:
                    good[name] = TrustFile.read(name, stream.read(LARGEST + 1))
                continue
            except OSError as error:
                reason = error.strerror or "it cannot be read"
            except Refusal as refusal:
                reason = refusal.message
            if name in self._good:
                good[name] = self._good[name]
                reason += "; what it last held counts"
            elif starting and name in NEEDED:
                raise ConfigError(f"roots in [trust]: {name}: {reason}")
            problems.append(f"{name}: {reason}")
        return good, problems

    def _files(self) -> Iterator[tuple[str, Path]]:
        """The files that say something, by their names below the directory, in order."""
        try:
            found = list(self.directory.iterdir())
            below = self.directory / FETCHED
            found += below.iterdir() if below.is_dir() else ()
        except OSError as error:
            raise ConfigError(
                f"roots in [trust]: the directory cannot be read: {error.strerror}"
            ) from error
        for file in sorted(found):
            name = file.relative_to(self.directory)
            if says_something(name):
                yield name.as_posix(), file

    def _stamps(self) -> Stamps:
        """What tells that a file of the directory has changed."""
        try:
            files = [(name, file.stat()) for name, file in self._files()]
        except (OSError, ConfigError):
            # reported by whoever reads it; here it is a change like any other
            return frozenset()
        return frozenset(
            (name, one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino) for name, one in files
        )
