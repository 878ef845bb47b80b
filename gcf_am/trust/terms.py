"""On what terms a root is trusted, and where more roots are fetched: the file `roots.toml`.

It lies in the directory of trusted roots. A table [root.NAME], where NAME is a file of that
directory or the URN of a root, loosens or narrows what counts below it; a table [source.NAME]
names a clearinghouse whose trust roots are fetched (trust.sources). `doc/trust.md` has an example.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from gcf_am.config import read_table
from gcf_am.errors import ConfigError
from gcf_am.trust.refusal import Refusal
from gcf_am.urn import Urn

FILE: Final = "roots.toml"
ALL: Final = "*"
# Whether revocation lists must be there and in time (FED 3.6)
WARN, CURRENT, REQUIRED = "warn", "current", "required"
# decision 28: whose signature makes what; authorities also come from their own kind above them
SIGNER_KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "slice": frozenset({"sa"}),
        "user": frozenset({"ma"}),
        "tool": frozenset({"ma"}),
        "authority": frozenset({"ca", "root", "ch"}),
    }
)
_NAMESPACE: Final = re.compile(r"[A-Za-z0-9._-]+(:[A-Za-z0-9._-]+)*", re.ASCII)
_SUM: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SOURCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts below a root; the defaults are the strict ones.

    `sha1`: signatures with SHA-1, and RSA keys from 1024 bits. `namespaces`: only users, slices
    and whatever else is no authority in these count, of those that the root's URN holds.
    `signer_kinds`: by what is signed (slice, user, tool, authority) the names of the authorities
    that may, instead of those of SIGNER_KINDS; `*` is any. `any_authority`: so for all.
    `speaks_for_tools`: who may speak for users: URNs, SHA-256 sums of certificates, or `*` for
    every certificate below this root. `crl`: `warn` takes lists as they are, `current` wants none
    to be out of date, `required` wants one of every issuer.
    """

    sha1: bool = False
    namespaces: tuple[str, ...] = ()
    signer_kinds: dict[str, Any] = field(default_factory=dict)
    any_authority: bool = False
    speaks_for_tools: tuple[str, ...] = ()
    crl: str = field(default=WARN, metadata={"choices": (WARN, CURRENT, REQUIRED)})

    def __post_init__(self) -> None:
        for name in self.namespaces:
            if _NAMESPACE.fullmatch(name) is None:
                raise ConfigError(f"namespaces holds {name[:80]!r}, which is no authority's name")
        for kind, names in self.signer_kinds.items():
            if kind not in SIGNER_KINDS:
                raise ConfigError(
                    f"signer_kinds names {kind[:40]!r}; there are {', '.join(SIGNER_KINDS)}"
                )
            if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
                raise ConfigError(f"signer_kinds for {kind} must be a list of strings")
        for item in self.speaks_for_tools:
            if item != ALL:
                read_item(item, "speaks_for_tools")

    def signs(self, name: str, kind: str) -> bool:
        """Whether an authority of this name may sign what is of that kind."""
        if self.any_authority:
            return True
        names = self.signer_kinds.get(kind, SIGNER_KINDS.get(kind, ()))
        return name in names or ALL in names

    def lets_speak(self, urn: Urn, fingerprint: str) -> bool:
        """Whether one with this name and certificate may speak for users."""
        return any(
            item == ALL or read_item(item, "") in {urn, fingerprint}
            for item in self.speaks_for_tools
        )

    @property
    def told(self) -> str:
        """What is not as strict as it could be, or narrower, in words; empty by default."""
        words = [
            *(["SHA-1"] if self.sha1 else []),
            *([f"only {', '.join(self.namespaces)}"] if self.namespaces else []),
            *(["any authority signs"] if self.any_authority else []),
            *(f"{kind} signed by {', '.join(by)}" for kind, by in self.signer_kinds.items()),
            *([f"tools {', '.join(self.speaks_for_tools)}"] if self.speaks_for_tools else []),
            *([f"CRLs {self.crl}"] if self.crl != WARN else []),
        ]
        return "; ".join(words)


@dataclass(frozen=True, slots=True)
class Source:
    """A clearinghouse whose trust roots are fetched.

    `url` answers get_trust_roots. Its certificate must lead to one in the file `pin` (PEM, from
    the directory of trusted roots), which no roots are read from. `namespaces` are all that its
    roots may be for. They are fetched every so many `minutes`; a root that is missing from
    `forget_after` answers in a row is given up.
    """

    url: str = ""
    pin: str = ""
    namespaces: tuple[str, ...] = ()
    minutes: int = field(default=60, metadata={"least": 1})
    forget_after: int = field(default=3, metadata={"least": 1})

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise ConfigError(f"url must be like https://ch.example.org:8000/CH, not {self.url!r}")
        if not self.pin:
            raise ConfigError("pin is missing: the file with the certificate to expect there")
        if not self.namespaces:
            raise ConfigError("namespaces is missing: those that its roots may be for")
        Terms(namespaces=self.namespaces)


@dataclass(frozen=True, slots=True)
class RootsFile:
    """What `roots.toml` says: terms by file name or URN, sources by name."""

    terms: Mapping[str | Urn, Terms] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes) -> "RootsFile":
        """Read the file; raises Refusal."""
        try:
            tables = tomllib.loads(data.decode("utf-8"))
            if odd := sorted(tables.keys() - {"root", "source"}):
                raise ConfigError(
                    f"it has a table [{odd[0]}]; there are [root.NAME], [source.NAME]"
                )
            terms = {_named(name): read_table(f"root.{name}", Terms, table)
                     for name, table in _tables(tables, "root")}  # fmt: skip
            sources = {}
            for name, table in _tables(tables, "source"):
                if _SOURCE.fullmatch(name) is None:
                    raise ConfigError(f"[source.{name[:40]}]: a source's name is a plain word")
                sources[name] = read_table(f"source.{name}", Source, table)
        except (ValueError, ConfigError) as error:
            raise Refusal("roots.form", str(error)) from error
        return cls(terms, sources)


def _tables(tables: Mapping[str, Any], kind: str) -> list[tuple[str, Any]]:
    found = tables.get(kind, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{kind} must be tables [{kind}.NAME]")
    return list(found.items())


def _named(name: str) -> str | Urn:
    return Urn.parse(name) if name[:4].lower() == "urn:" else name


def read_item(text: str, where: str) -> Urn | str:
    """A URN, or a SHA-256 sum in lower case without colons; raises ConfigError."""
    if text[:4].lower() == "urn:":
        try:
            return Urn.parse(text)
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None
    folded = text.replace(":", "").lower()
    if _SUM.fullmatch(folded) is None:
        raise ConfigError(f"{where}: {text[:80]!r} is neither a URN nor a SHA-256 sum")
    return folded
