"""GENI URNs: parsed once, compared by value.

Source: GENI identifiers (urn:publicid, RFC 3151); change sets O1 and O2 for the names.
"""

import re
from dataclasses import dataclass, field
from typing import Final

_PREFIX: Final = re.compile(r"urn:publicid:IDN\+", re.ASCII | re.IGNORECASE)
# No standard bounds a whole URN. This bound leaves room for three host names, and is what every
# place that keeps URNs can hold, so that none is met first by a database.
LONGEST: Final = 512
_FORBIDDEN: Final = re.compile(r"[^!-~]|[?/#|]", re.ASCII)
_NAMES: Final = {
    "slice": re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,18}", re.ASCII),
    # Change Set O1: sliver names may hold periods and underscores
    "sliver": re.compile(r"[a-zA-Z0-9._-]+", re.ASCII),
    "user": re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,7}", re.ASCII),
    "tool": re.compile(r"[a-zA-Z][a-zA-Z0-9_@.-]{0,63}", re.ASCII),
}
# Names whose letter case does not tell things apart (decision 27).
_CASELESS: Final = frozenset({"authority", "slice", "user", "tool"})


@dataclass(frozen=True, slots=True)
class Urn:
    """The name of an authority, slice, sliver, user, node, ...

    Equal when authority and type, and for authorities, slices, users and tools also the name,
    are equal without regard to letter case; `text` keeps the spelling it came with.
    """

    text: str = field(compare=False)
    key: tuple[str, str, str]

    @classmethod
    def parse(cls, text: str) -> "Urn":
        """Read a URN; raises ValueError that says what is wrong with it."""
        stripped = text.strip()
        if len(stripped) > LONGEST:
            raise ValueError(f"{text[:80]!r}... is longer than the {LONGEST} characters of a URN")
        match = _PREFIX.match(stripped)
        if match is None:
            raise ValueError(f"{text[:80]!r} does not begin with urn:publicid:IDN+")
        if _FORBIDDEN.search(stripped):
            raise ValueError(f"{text[:80]!r} holds a character that no URN may hold")
        parts = stripped[match.end() :].split("+", 2)
        if len(parts) != 3 or not all(parts) or not all(parts[0].split(":")):
            raise ValueError(
                f"{text[:80]!r} is not of the form urn:publicid:IDN+authority+type+name"
            )
        return cls.of(*parts)

    @classmethod
    def of(cls, authority: str, kind: str, name: str) -> "Urn":
        """The URN of these parts."""
        kind = kind.lower()
        same = name.lower() if kind in _CASELESS else name
        return cls(f"urn:publicid:IDN+{authority}+{kind}+{name}", (authority.lower(), kind, same))

    @property
    def authority(self) -> str:
        """The naming authority, its parts joined by colons, as it was spelled."""
        return self.text.split("+", 3)[1]

    @property
    def kind(self) -> str:
        """The type: slice, sliver, user, authority, node, interface, link, tool, ..."""
        return self.key[1]

    @property
    def name(self) -> str:
        """What follows the type, as it was spelled; it may hold further plus signs."""
        return self.text.split("+", 3)[3]

    @property
    def namespace(self) -> tuple[str, ...]:
        """The authority's parts in lower case: what namespace rules compare."""
        return tuple(self.key[0].split(":"))

    def covers(self, other: "Urn") -> bool:
        """Whether this authority's namespace holds the other's: `a:b` covers `a:b:c`, not `a`."""
        mine = self.namespace
        return other.namespace[: len(mine)] == mine

    @property
    def well_named(self) -> bool:
        """Whether the name obeys the standard's rule for its type (types without one do)."""
        rule = _NAMES.get(self.kind)
        return rule is None or rule.fullmatch(self.name) is not None

    def __str__(self) -> str:
        return self.text
