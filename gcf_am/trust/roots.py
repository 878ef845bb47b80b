"""The certificates we trust, and everything else that a judgement depends on at one moment."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from cryptography import x509

from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.denied import Denied
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import Revocations
from gcf_am.trust.terms import Source, Terms
from gcf_am.urn import Urn

Namespace = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """A certificate that is trusted because the operator put it there.

    `file` is where it came from, `terms` are what counts below it; `source` names the
    clearinghouse that it was fetched from, empty for the operator's own files.
    """

    certificate: Certificate
    file: str
    terms: Terms = field(default_factory=Terms)
    source: str = ""

    def __post_init__(self) -> None:
        if not self.certificate.authority:
            raise Refusal("root.authority", "it holds a certificate that is no CA")
        if self.certificate.named.kind != "authority":
            raise Refusal("root.authority", f"{self.certificate.named} is not an authority")
        if not self.namespaces:
            raise Refusal(
                "root.namespaces",
                f"{self.urn} holds none of the namespaces {', '.join(self.terms.namespaces)}",
            )

    @property
    def urn(self) -> Urn:
        """Whom it names."""
        return self.certificate.named

    @property
    def self_signed(self) -> bool:
        """Whether it is the top of its own hierarchy: such a root may sign every kind."""
        own = self.certificate.parsed
        return own.subject == own.issuer

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """What it holds: its own namespace, or what its terms leave of that."""
        own = self.urn.namespace
        if not self.terms.namespaces:
            return (own,)
        wanted = (tuple(name.lower().split(":")) for name in self.terms.namespaces)
        both = ((one, own) if len(one) >= len(own) else (own, one) for one in wanted)
        return tuple(longer for longer, shorter in both if longer[: len(shorter)] == shorter)

    def holds(self, urn: Urn) -> bool:
        """Whether its terms let what has this name count below it."""
        return any(urn.namespace[: len(one)] == one for one in self.namespaces)

    def overlaps(self, other: "Root") -> bool:
        """Whether a name could be held by both."""
        return any(
            one[: len(two)] == two or two[: len(one)] == one
            for one in self.namespaces
            for two in other.namespaces
        )


@dataclass(frozen=True, slots=True)
class TrustSet:
    """All that is trusted at one moment; `version` changes when anything of it does."""

    roots: tuple[Root, ...]
    revocations: Revocations = field(default_factory=Revocations)
    denied: Denied = field(default_factory=Denied)
    sources: Mapping[str, Source] = field(default_factory=dict)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for root in sorted(self.roots, key=lambda root: root.certificate.der):
            digest.update(root.certificate.der + repr(root.terms).encode())
        for one in sorted(one.der for one in self.revocations.lists):
            digest.update(one)
        digest.update(self.denied.text.encode())
        object.__setattr__(self, "version", digest.hexdigest())

    def find(self, certificate: Certificate) -> Root | None:
        """The root that is this very certificate."""
        return next((root for root in self.roots if root.certificate == certificate), None)

    def named(self, issuer: x509.Name) -> Iterator[Root]:
        """The roots with this subject."""
        return (root for root in self.roots if root.certificate.parsed.subject == issuer)

    @property
    def speaks_for(self) -> bool:
        """Whether any tool may speak for users."""
        return any(root.terms.speaks_for_tools for root in self.roots)


def settle(
    candidates: Sequence[Root], present: Collection[Certificate]
) -> tuple[tuple[Root, ...], list[str]]:
    """Which of the candidates are trusted, and why the others are not.

    FED 3.5: two roots for one namespace are refused unless one vouches for the other. Of two that
    overlap the one that is `present` stays; else the operator's own before one that was fetched;
    of two equals neither. Raises ConfigError when two that are present overlap, as they do when
    the operator widens their terms.
    """
    unique = {one.certificate: one for one in reversed(candidates)}
    roots = [one for one in candidates if unique[one.certificate] is one]
    ranks = [0 if one.certificate in present else 2 if one.source else 1 for one in roots]
    refused: set[int] = set()
    problems: list[str] = []
    for (here, one), (there, other) in combinations(enumerate(roots), 2):
        if not one.overlaps(other) or _related(one, other, roots):
            continue
        both = f"{one.file} and {other.file} are for the same namespace ({one.urn}, {other.urn})"
        if ranks[here] == ranks[there] == 0:
            raise ConfigError(f"{both}, and neither vouches for the other")
        worst = max(ranks[here], ranks[there])
        losers = [place for place in (here, there) if ranks[place] == worst]
        refused.update(losers)
        which = "both are refused" if len(losers) == 2 else f"{roots[losers[0]].file} is refused"
        problems.append(f"{both}, and neither vouches for the other: {which}")
    return tuple(one for place, one in enumerate(roots) if place not in refused), problems


def _related(one: Root, other: Root, roots: Sequence[Root]) -> bool:
    """Whether one vouches for the other, or some third for both."""
    new, old = one.certificate, other.certificate
    return (
        new.key == old.key
        or new.signed_by(old)
        or old.signed_by(new)
        or any(
            new.signed_by(root.certificate) and old.signed_by(root.certificate) for root in roots
        )
    )
