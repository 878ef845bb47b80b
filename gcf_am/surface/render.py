"""Reference pages and release notes, from the declarations alone; reStructuredText.

Two renderings of one surface are equal to the last byte.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gcf_am.surface.elements import Element
from gcf_am.surface.lifecycle import Change, State, Transition
from gcf_am.surface.registry import SURFACE, around, met
from gcf_am.surface.releases import RELEASES, Release
from gcf_am.surface.snapshot import shape_of


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the reference: its file's name, title, and the ids it tells of, by prefix."""

    name: str
    title: str
    prefixes: tuple[str, ...]


PAGES: Final = (
    Page("am-3", "Aggregate Manager API, version 3", ("am/3",)),
    Page("am-2", "Aggregate Manager API, version 2", ("am/2",)),
    Page("codes-and-states", "Codes, states and actions",
         ("code", "allocation", "operational", "action")),
    Page("formats", "RSpecs and credentials", ("rspec", "credential")),
    Page("federation", "Federation API", ("ch/2",)),
    Page("gcf", "The clearinghouse's older methods", ("ch/gcf",)),
    Page("homing", "Homing API", ("homing/1",)),
)  # fmt: skip
# What breaks comes first.
_ORDER: Final = (
    Change.REMOVE,
    Change.CHANGE,
    Change.DEPRECATE,
    Change.EXTEND,
    Change.PUBLISH,
    Change.PROTOTYPE,
)
_LINES: Final = "=-~^+'\""
_MARKS: Final = re.compile(r"[\\*`|]|_(?!\w)")
_MADE: Final = ".. Made from gcf_am/surface by `make api`; edit that.\n\n"


def index(releases: Iterable[Release] = RELEASES) -> str:
    """The page that leads to all others."""
    notes = "".join(f"   release-notes/{one.number}\n" for one in reversed(list(releases)))
    pages = "".join(f"   reference/{one.name}\n" for one in PAGES)
    return (
        f"{_MADE}{_title('API', '=', over=True)}"
        "Everything that a client can call, send or meet, each with its history. An element is a\n"
        "prototype (try it), published (rely on it), deprecated (it works as before, and will go)\n"
        "or removed (advice is all that is left). What is deprecated is served for two releases.\n"
        "\nRelease notes tell first what breaks. ``gcf-am show-surface`` lists all elements with their\n"
        "states, and ``gcf-am stats`` counts uses of what is deprecated.\n\n"
        f".. toctree::\n   :caption: Release notes\n   :maxdepth: 1\n\n{notes}\n"
        f".. toctree::\n   :caption: Reference\n   :maxdepth: 1\n\n{pages}"
    )


def reference(page: Page, surface: Mapping[str, Element] = SURFACE) -> str:
    """A page of the reference: a section for each element, those within it below."""
    parts = [_MADE, _title(page.title, "=", over=True)]
    found = [one for one in surface if any(_below(one, prefix) for prefix in page.prefixes)]
    parts += [_section(one, surface) for one in found]
    return "".join(parts).rstrip("\n") + "\n"


def _below(identity: str, prefix: str) -> bool:
    return identity == prefix or identity.startswith(f"{prefix}/")


def _section(identity: str, surface: Mapping[str, Element]) -> str:
    element, holders = surface[identity], list(around(identity, surface))
    told = [_title(identity, _LINES[len(holders)])]
    # the advice comes before all else
    if element.state >= State.DEPRECATED:
        told.append(f"**{element.state.name.capitalize()}.** {_advice(element)}\n\n")
    elif element.state is State.PROTOTYPE:
        told.append("**Prototype.** It may still change, and sites may switch it off.\n\n")
    elif (state := met(identity, surface)) is not element.state:
        holder = next(one for one in holders if surface[one].state is state)
        told.append(f"**{state.name.capitalize()}** with ``{holder}``.\n\n")
    told.append(f"{_text(element.doc)}\n\n")
    rows = [("Source", element.spec), *_shape(element)]
    told += [f":{name}: {_text(value)}\n" for name, value in rows]
    told.append("\n")
    told += [f"- {one.release.number}, {one.change}: {_record(one)}\n" for one in _life(element)]
    return "".join(told) + "\n"


def _life(element: Element) -> tuple[Transition, ...]:
    return element.life.transitions


def _advice(element: Element) -> str:
    return _record(_life(element)[-1])


def _record(one: Transition) -> str:
    """Reason and advice of a record."""
    told = _text(one.reason)
    if one.instead:
        told += f" Use {', '.join(_named(word) for word in one.instead)} instead."
    return f"{told} ({_text(one.urgent)})" if one.urgent else told


def _named(word: str) -> str:
    return f"``{word}``" if "/" in word else _text(word)


def _shape(element: Element) -> Iterator[tuple[str, str]]:
    """What can be told of it in a few words; what is empty or off is not."""
    for name, value in shape_of(element).items():
        if value or (value == 0 and value is not False):
            yield name.replace("_", " ").capitalize(), _words(value)


def _words(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items())
    return str(value)


def notes(release: Release, surface: Mapping[str, Element] = SURFACE) -> str:
    """The notes of a release, grouped by what it did; what breaks comes first."""
    when = release.dated.isoformat() if release.dated is not None else "not out yet"
    parts = [_MADE, _title(f"Release {release.number}", "=", over=True), f"{when}\n\n"]
    for change in _ORDER:
        entries = list(_entries(release, change, surface))
        if entries:
            parts += [_title(change.value.capitalize(), "="), *entries, "\n"]
    if len(parts) == 3:
        parts.append("Nothing that a client could notice is different.\n")
    return "".join(parts).rstrip("\n") + "\n"


def _entries(release: Release, change: Change, surface: Mapping[str, Element]) -> Iterator[str]:
    """An entry for each record, and with it the names of all within that have the same one."""
    made = {
        identity: one
        for identity, element in surface.items()
        for one in _life(element)
        if one.release == release and one.change is change
    }
    heads: dict[str, list[str]] = {}
    for identity, one in made.items():
        head = _head(identity, one, made, surface)
        if head == identity:
            heads[identity] = []
        else:
            heads[head].append(identity.removeprefix(f"{head}/"))
    for head, within in heads.items():
        told = f"- ``{head}``: {_text(surface[head].doc)} {_record(made[head])}"
        names = ", ".join(f"``{one}``" for one in within)
        yield f"{told} With it: {names}.\n" if names else f"{told}\n"


def _head(
    identity: str, one: Transition, made: Mapping[str, Transition], surface: Mapping[str, Element]
) -> str:
    """The outermost element around it that has an equal record, or itself."""
    equal = (holder for holder in around(identity, surface) if made.get(holder) == one)
    return (identity, *equal)[-1]


def _title(text: str, line: str, *, over: bool = False) -> str:
    rule = line * len(text)
    return f"{rule}\n{text}\n{rule}\n\n" if over else f"{text}\n{rule}\n\n"


def _text(text: str) -> str:
    """Words as reStructuredText that means nothing but them."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", " ".join(text.split()))
