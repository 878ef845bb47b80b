"""A site's rules as values; `reading` reads them from a file, `judge` and others apply them.

Each rule may name an authority: it is for the slices of that authority and of all below it. Of
rules of one kind with one name the one of the closest authority counts; so an authority inherits
all that its parents have and may replace each rule by one of its own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Final, Protocol, TypeVar

from gcf_am.errors import ConfigError
from gcf_am.model.share import SCOPES, Types
from gcf_am.model.site import Host
from gcf_am.urn import Urn

NODE_HOURS: Final = "node_hours"
MEASURES: Final = ("slivers", "nodes", "links", "cores", "vlans", NODE_HOURS)
EVERYBODY: Final = "*"

_AUTHORITY: Final = re.compile(r"[A-Za-z0-9._-]+(:[A-Za-z0-9._-]+)*", re.ASCII)
_WINDOW: Final = 30  # days


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a rule is asked about: the user, in a slice."""

    user: Urn
    slice: Urn


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so much of something per user, slice, project or authority.

    `node_hours` are those of nodes from their Allocate to their end or expiry, as far as they lie
    in the last `days` days or ahead; all else is what is live.
    """

    name: str = ""
    authority: str = ""
    of: str = field(default="", metadata={"choices": MEASURES})
    per: str = field(default="", metadata={"choices": SCOPES})
    most: int = field(default=-1, metadata={"least": 0, "most": 10**9})
    days: int = field(default=0, metadata={"least": 1, "most": 3660})

    def __post_init__(self) -> None:
        _check_named(self)
        for key in ("of", "per"):
            if not getattr(self, key):
                choices = next(one for one in fields(self) if one.name == key).metadata["choices"]
                raise ConfigError(f"{key} is missing; it is one of {', '.join(choices)}")
        if self.most < 0:
            raise ConfigError("most is missing: how much there may be")
        if self.days and self.of != NODE_HOURS:
            raise ConfigError(f"days is for {NODE_HOURS} only")

    @property
    def window(self) -> int:
        """Over how many days node hours are counted."""
        return self.days or _WINDOW

    @property
    def told(self) -> str:
        """The rule in words."""
        within = f" within {self.window} days" if self.of == NODE_HOURS else ""
        what = self.of.replace("_", " ").replace("vlans", "VLANs")
        return f"rule {self.name!r}: at most {self.most} {what} per {self.per}{within}"


@dataclass(frozen=True, slots=True)
class Restriction:
    """Who may use nodes of some hardware, sliver type, disk image or component.

    The first four are patterns of names (`*`, `?`); a node is meant when each kind that is given
    has one that fits. `only` these people may use it, or all but those in `never`: user URNs,
    slice URNs, authorities (of the slice), or `*`.
    """

    name: str = ""
    authority: str = ""
    hardware: tuple[str, ...] = ()
    sliver_types: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_named(self)
        if not (self.hardware or self.sliver_types or self.images or self.components):
            raise ConfigError("it names nothing; give hardware, sliver_types, images or components")
        if bool(self.only) is bool(self.never):
            raise ConfigError("give either only, who may use it, or never, who may not")
        for one in (*self.only, *self.never):
            _check_person(one)

    def means(self, host: Host | None, component: str, sliver_type: str, image: str | None) -> bool:
        """Whether a node of this type and image on this component is one of those meant."""
        names = (component,) if host is None else (component, host.name, *host.aliases)
        return (
            _fits(self.hardware, () if host is None else host.hardware_types)
            and _fits(self.sliver_types, (sliver_type,))
            and _fits(self.images, () if image is None else (image,))
            and _fits(self.components, names)
        )

    def permits(self, who: Who) -> bool:
        """Whether they may use what it is about."""
        if self.only:
            return any(_includes(one, who) for one in self.only)
        return not any(_includes(one, who) for one in self.never)

    @property
    def told(self) -> str:
        """The rule in words."""
        people = ", ".join(self.only or self.never)
        whom = f"only {people}" if self.only else f"all but {people}"
        return f"rule {self.name!r}: {whom} may use it"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long slivers live; what is left out is as for the authority above, or as in [leases].

    `renewal_hours` is by how much one Renew may move the expiry, `total_hours` how long a sliver
    may live from its Allocate on; 0 where nothing is said.
    """

    authority: str = ""
    allocated_minutes: int = field(default=0, metadata={"least": 1, "most": 10**6})
    allocated_most_minutes: int = field(default=0, metadata={"least": 1, "most": 10**6})
    provisioned_hours: int = field(default=0, metadata={"least": 1, "most": 10**6})
    provisioned_most_hours: int = field(default=0, metadata={"least": 1, "most": 10**6})
    renewal_hours: int = field(default=0, metadata={"least": 1, "most": 10**6})
    total_hours: int = field(default=0, metadata={"least": 1, "most": 10**6})

    def __post_init__(self) -> None:
        _check_authority(self.authority)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a site; `cores` is what a node of a sliver type counts as, others count 1."""

    cores: Mapping[str, int] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    lifetimes: tuple[Lifetimes, ...] = ()

    def about(self, who: Who) -> "Rules":
        """Those that count for a slice, each once; its lifetimes are one."""
        ours = [one for one in self.lifetimes if _covers(one.authority, who.slice)]
        merged = Lifetimes()
        for one in sorted(ours, key=_depth):
            said = {
                key.name: value
                for key in fields(one)
                if (value := getattr(one, key.name)) and key.name != "authority"
            }
            merged = replace(merged, **said)
        return Rules(
            self.cores,
            _closest(self.quotas, who.slice),
            _closest(self.restrictions, who.slice),
            (merged,),
        )

    def cores_of(self, types: Types) -> int:
        """What a node counts as; the larger while it changes from one type to another."""
        return max((self.cores.get(one, 1) for one in types), default=0)


NO_RULES: Final = Rules()


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def authority(self) -> str: ...


class _Placed(Protocol):
    @property
    def authority(self) -> str: ...


N = TypeVar("N", bound=_Named)


def parts(authority: str) -> tuple[str, ...]:
    """The parts of an authority's name, compared without letter case (decision 27)."""
    return tuple(authority.lower().split(":")) if authority else ()


def _closest(rules: Iterable[N], slice_urn: Urn) -> tuple[N, ...]:
    found: dict[str, N] = {}
    for one in sorted(rules, key=_depth):
        if _covers(one.authority, slice_urn):
            found[one.name] = one
    return tuple(found.values())


def _depth(rule: _Placed) -> int:
    return len(parts(rule.authority))


def _covers(authority: str, urn: Urn) -> bool:
    mine = parts(authority)
    return urn.namespace[: len(mine)] == mine


def _includes(person: str, who: Who) -> bool:
    if person == EVERYBODY:
        return True
    if _is_urn(person):
        return Urn.parse(person) in {who.user, who.slice}
    return _covers(person, who.slice)


def _fits(patterns: tuple[str, ...], names: Iterable[str]) -> bool:
    return not patterns or any(fnmatchcase(name, one) for name in names for one in patterns)


def _is_urn(text: str) -> bool:
    return text[:4].lower() == "urn:"


def _check_named(rule: _Named) -> None:
    if not rule.name.strip():
        raise ConfigError("name is missing: refusals tell it")
    _check_authority(rule.authority)


def _check_authority(name: str) -> None:
    if name and _AUTHORITY.fullmatch(name) is None:
        raise ConfigError(
            f"authority must be like example.org or example.org:project, not {name[:80]!r}"
        )


def _check_person(text: str) -> None:
    if text == EVERYBODY or (_AUTHORITY.fullmatch(text) and not _is_urn(text)):
        return
    try:
        kind = Urn.parse(text).kind
    except ValueError:
        kind = ""
    if kind not in {"user", "slice"}:
        raise ConfigError(
            f"{text[:80]!r} is nobody; give a user's or slice's URN, an authority, or {EVERYBODY}"
        )
