"""The site and what holds leave of it, as an advertisement RSpec, told anew where that changed."""

import zlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from html import escape
from typing import Final

from gcf_am.model.site import Site, SliverType
from gcf_am.rspec.ad_template import NOWHERE
from gcf_am.rspec.stream import Part, zlib_stream

# So many bytes of the template are told and deflated anew when one of their components changes.
# Smaller parts deflate to more: by a seventh with this, by half with a quarter of it.
_PART: Final = 64 * 1024
_NOWHERE: Final = NOWHERE.encode()


class Advertisement:
    """A site's advertisement: of all that it has, or of what is available. For one thread.

    A node is available while the inventory says so and holds leave a slot; a shared node's
    `type_slots` are what is left. Where only what is available is told, other nodes are left out,
    and the ends of links on them; a link that has lost ends and keeps less than two goes too.

    Source: AM API v3, ListResources; decision 2 (holds count, not the slivers' states).
    """

    def __init__(self, site: Site) -> None:
        self._hosts = site.hosts
        self._number = {host.component_id: place for place, host in enumerate(site.hosts)}
        self._taken: dict[int, int] = {}
        self._gone = {place for place in range(len(site.hosts)) if not self._is_free(place)}
        self._mark, _, text = zlib.decompress(site.template).partition(b"\n")
        # templates are deflated, so that a large site's text is not kept twice
        self._templates: list[bytes] = []
        # the parts in which a host's node stands, and the links that end there
        self._homes: dict[int, int] = {}
        self._ends: dict[int, set[int]] = {}
        for template in self._divided(text):
            self._note(len(self._templates), template)
            self._templates.append(zlib.compress(template, 1))
        self._parts: Mapping[bool, list[Part | None]] = {
            only_available: [None] * len(self._templates) for only_available in (False, True)
        }

    def hold(self, held: Mapping[tuple[str, str], int]) -> bool:
        """Take these sums of holds, by (component, dimension), for what they are now.

        Whether anything is told otherwise since.
        """
        changed: set[int] = set()
        for (component, dimension), amount in held.items():
            place = self._number.get(component) if dimension == "slots" else None
            if place is None or self._taken.get(place, 0) == amount:
                continue
            self._taken[place] = amount
            changed.add(self._homes[place])
            if self._is_free(place) is (place in self._gone):
                self._gone ^= {place}
                changed |= self._ends.get(place, set())
        for number in changed:
            for parts in self._parts.values():
                parts[number] = None
        return bool(changed)

    def text(self, *, only_available: bool) -> str:
        """The document; it is valid against ad.xsd and declares UTF-8."""
        return b"".join(one.text for one in self.parts(only_available=only_available)).decode()

    def deflated(self, *, only_available: bool) -> bytes:
        """The same in UTF-8 as a zlib stream."""
        return zlib_stream(self.parts(only_available=only_available))

    def parts(self, *, only_available: bool) -> list[Part]:
        """The document in parts; those that nothing changed are the ones of before."""
        mine, other = self._parts[only_available], self._parts[not only_available]
        found = []
        for number, known in enumerate(mine):
            part = known
            if part is None:
                text = self._filled(number, only_available=only_available)
                # mostly both texts say the same, which is kept and deflated once
                twin = other[number]
                part = twin if twin is not None and twin.text == text else Part(text)
                mine[number] = part
            found.append(part)
        return found

    def _is_free(self, place: int) -> bool:
        host = self._hosts[place]
        return host.available and (host.switch or self._left(place) > 0)

    def _left(self, place: int) -> int:
        return max(0, self._hosts[place].slots - self._taken.get(place, 0))

    def _divided(self, text: bytes) -> Iterator[bytes]:
        """The template in parts, each of whole pieces."""
        begin = 0
        while begin < len(text):
            end = text.find(self._mark + b"|", begin + _PART)
            end = len(text) if end < 0 else end
            yield text[begin:end]
            begin = end

    def _note(self, number: int, template: bytes) -> None:
        for hole in template.split(self._mark)[1:]:
            letter, told = hole[:1], hole[1:]
            if letter == b"h":
                self._homes[int(told)] = number
            elif letter in b"rp":
                for place in told.split():
                    if place != _NOWHERE:
                        self._ends.setdefault(int(place), set()).add(number)

    def _filled(self, number: int, *, only_available: bool) -> bytes:
        pieces = zlib.decompress(self._templates[number]).split(self._mark + b"|")
        gone: AbstractSet[int] = self._gone if only_available else frozenset()
        return b"".join(self._piece(one.split(self._mark), gone) for one in pieces)

    def _piece(self, holes: list[bytes], gone: AbstractSet[int]) -> bytes:
        """A piece that was split at its mark, filled; nothing where it is about what is gone."""
        out = [holes[0]]
        place, ends, lost, left_out = -1, 0, False, False
        kinds: Iterator[SliverType] = iter(())
        for hole in holes[1:]:
            letter, rest = hole[:1], hole[1:]
            match letter:
                case b"h":
                    place = int(rest)
                    if place in gone:
                        return b""
                    kinds = (one for one in self._hosts[place].sliver_types if one.images)
                    continue
                case b"n":
                    out.append(b"true" if self._is_free(place) else b"false")
                case b"s":
                    out.append(b"%d" % self._left(place))
                case b"i":
                    out += _images(next(kinds), rest)
                    continue
                case b"r" | b"p":
                    left_out = bool(gone) and any(
                        one != _NOWHERE and int(one) in gone for one in rest.split()
                    )
                    lost |= left_out
                    ends += letter == b"r" and not left_out
                    continue
                case b"e":
                    left_out = False
            if not left_out:
                out.append(rest)
        return b"" if lost and ends < 2 else b"".join(out)


def _images(kind: SliverType, tag: bytes) -> Iterator[bytes]:
    """The images of a sliver type that the inventory does not tell."""
    for image in kind.images:
        if image.added:
            told = {"name": image.name, "os": image.os, "description": image.description}
            attributes = (f' {key}="{escape(value)}"' for key, value in told.items() if value)
            yield b"\n      <" + tag + "".join(attributes).encode() + b"/>"
