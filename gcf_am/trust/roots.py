"""The certificates we trust, from a directory, replaced while the server runs."""

import hashlib
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509

from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import Denied, Revocations

_CERTIFICATES: Final = frozenset({".pem", ".crt", ".cer", ".der"})
_LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Root:
    """A certificate that is trusted because the operator put it there.

    `file` is the name of its file; `sha1` tells that signatures with SHA-1 and keys from
    1024 bits count below it (older federations sign so).
    """

    certificate: Certificate
    file: str
    sha1: bool = False

    @property
    def self_signed(self) -> bool:
        """Whether it is the top of its own hierarchy: such a root may sign every kind."""
        own = self.certificate.parsed
        return own.subject == own.issuer


@dataclass(frozen=True, slots=True)
class TrustSet:
    """All that is trusted at one moment; `version` changes when anything of it does."""

    roots: tuple[Root, ...]
    revocations: Revocations = field(default_factory=Revocations)
    denied: Denied = field(default_factory=Denied)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for root in sorted(self.roots, key=lambda root: root.certificate.der):
            digest.update(root.certificate.der + bytes([root.sha1]))
        for crl in self.revocations.ders:
            digest.update(crl)
        digest.update("\n".join(sorted(self.denied.items)).encode())
        object.__setattr__(self, "version", digest.hexdigest())

    def find(self, certificate: Certificate) -> Root | None:
        """The root that is this very certificate."""
        return next((root for root in self.roots if root.certificate == certificate), None)

    def named(self, issuer: x509.Name) -> Iterator[Root]:
        """The roots with this subject."""
        return (root for root in self.roots if root.certificate.parsed.subject == issuer)


class TrustStore:
    """Reads a directory of trusted certificates; safe in threads.

    `*.pem`, `*.crt`, `*.cer`, `*.der` hold roots, `*.crl` certificate revocation lists, and a
    file `denied` names what is refused whoever signed it. `sha1_roots` are names of files below
    whose roots SHA-1 is accepted.

    Raises ConfigError when the directory holds no root that can be used.
    """

    def __init__(self, directory: Path, sha1_roots: Collection[str] = ()) -> None:
        self.directory = directory
        self._sha1 = frozenset(sha1_roots)
        self._lock = threading.Lock()
        self._good: dict[str, bytes] = {}
        self.problems: tuple[str, ...] = ()
        self._set = self._read()

    def current(self) -> TrustSet:
        """The set as of the last reading."""
        return self._set

    def reload(self) -> tuple[str, ...]:
        """Read the directory again; returns what was refused, a sentence each.

        A file that cannot be used keeps what it last held, and where nothing usable is left
        the whole set stays: a slip of the operator's pen never opens or closes the aggregate.
        """
        with self._lock:
            try:
                self._set = self._read()
            except ConfigError as error:
                self.problems = (*self.problems, str(error))
        return self.problems

    def _read(self) -> TrustSet:
        problems: list[str] = []
        good: dict[str, bytes] = {}
        roots: list[Root] = []
        revocations = Revocations()
        denied = Denied()
        for file in self._files():
            for data in self._versions(file, problems):
                try:
                    if file.name == "denied":
                        denied = Denied.read(data)
                    elif file.suffix == ".crl":
                        revocations = revocations.plus(data)
                    else:
                        roots.extend(self._roots(file.name, data, roots))
                except Refusal as refusal:
                    problems.append(f"trusted root {file.name}: {refusal}")
                    continue
                good[file.name] = data
                break
        self.problems = tuple(problems)
        if not roots:
            raise ConfigError(
                "roots in [trust]: no usable root certificate (*.pem) there"
                + "".join(f"; {problem}" for problem in problems)
            )
        self._good = good
        return TrustSet(tuple(roots), revocations, denied)

    def _files(self) -> list[Path]:
        try:
            return sorted(
                file
                for file in self.directory.iterdir()
                if file.suffix in _CERTIFICATES | {".crl"} or file.name == "denied"
            )
        except OSError as error:
            raise ConfigError(
                f"roots in [trust]: the directory cannot be read: {error.strerror}"
            ) from error

    def _versions(self, file: Path, problems: list[str]) -> Iterator[bytes]:
        """The file's content, then what it last held when it was good."""
        try:
            data = file.read_bytes()
        except OSError as error:
            problems.append(f"trusted root {file.name}: {error.strerror}")
        else:
            if len(data) <= _LARGEST:
                yield data
            else:
                problems.append(f"trusted root {file.name}: more than {_LARGEST} bytes")
        if file.name in self._good:
            yield self._good[file.name]

    def _roots(self, file: str, data: bytes, others: Sequence[Root]) -> list[Root]:
        found: list[Root] = []
        for certificate in load_chain(data):
            if not certificate.authority:
                raise Refusal("root.authority", "it holds a certificate that is no CA")
            if certificate.named.kind != "authority":
                raise Refusal("root.authority", f"{certificate.named} is not an authority")
            for other in (*others, *found):
                _refuse_overlap(certificate, other, (*others, *found))
            found.append(Root(certificate, file, sha1=file in self._sha1))
        return found


def _refuse_overlap(new: Certificate, other: Root, roots: Sequence[Root]) -> None:
    """FED 3.5: two roots for one namespace are refused unless one vouches for the other."""
    old = other.certificate
    if not (new.named.covers(old.named) or old.named.covers(new.named)):
        return
    related = (
        new.key == old.key
        or new.signed_by(old)
        or old.signed_by(new)
        or any(
            new.signed_by(root.certificate) and old.signed_by(root.certificate) for root in roots
        )
    )
    if not related:
        raise Refusal(
            "root.overlap", f"its namespace {new.named.authority} is also that of {other.file}"
        )
