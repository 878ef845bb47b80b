"""One file of the directory of trusted roots: what it says."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from gcf_am.trust import denied, terms
from gcf_am.trust.certificates import Certificate, load_bundle
from gcf_am.trust.denied import Denied
from gcf_am.trust.fetched import Fetched
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import RevocationList, read_lists
from gcf_am.trust.roots import Root
from gcf_am.trust.terms import RootsFile

# Where what was fetched is kept: NAME.json, by the names of the sources
FETCHED: Final = "fetched"
# What these forbid would be allowed if they were left out
NEEDED: Final = frozenset({denied.FILE, terms.FILE})
_CERTIFICATES: Final = frozenset({".pem", ".crt", ".cer", ".der", ".bundle"})
_LISTS: Final = ".crl"
_TOLD: Final = ".json"
LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrustFile:
    """What a file says; of all this there is one kind in each.

    `source` names the clearinghouse that told the certificates, empty for the operator's own;
    `problems` is what is wrong with single certificates beside good ones.
    """

    certificates: tuple[Certificate, ...] = ()
    source: str = ""
    lists: tuple[RevocationList, ...] = ()
    denied: Denied | None = None
    settings: RootsFile | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, name: str, data: bytes) -> "TrustFile":
        """Read a file by its name below the directory; raises Refusal."""
        if len(data) > LARGEST:
            raise Refusal("file.size", f"more than {LARGEST} bytes")
        if name == denied.FILE:
            return cls(denied=Denied.read(data))
        if name == terms.FILE:
            return cls(settings=RootsFile.read(data))
        path = PurePath(name)
        if path.suffix == _LISTS:
            return cls(lists=read_lists(data))
        if path.suffix == _TOLD:
            told = (one.certificate for one in Fetched.read(data).roots)
            return cls(certificates=tuple(told), source=path.stem)
        return cls._roots(name, data)

    @classmethod
    def _roots(cls, name: str, data: bytes) -> "TrustFile":
        """Roots, one or a bundle; in a bundle each counts for itself."""
        good: list[Certificate] = []
        bad: list[str] = []
        for one in load_bundle(data):
            try:
                if isinstance(one, Refusal):
                    raise one
                good.append(Root(one, name).certificate)
            except Refusal as refusal:
                bad.append(refusal.message)
        if not good:
            raise Refusal("root.none", "; ".join(bad))
        return cls(certificates=tuple(good), problems=tuple(bad))


def says_something(name: PurePath) -> bool:
    """Whether a file of this name, below the directory, is one of those that are read."""
    if name.parent.name == FETCHED:
        return name.suffix == _TOLD
    return name.suffix in _CERTIFICATES | {_LISTS} or name.name in NEEDED
