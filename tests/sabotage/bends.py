"""How calls and answers are bent: what the rows of misbehaviours are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree

from gcf_am import safexml
from tests.sabotage.board import Asked, Bend

# The methods of version 3 that name a slice or slivers.
ON_SLICES: Final = (
    "Describe",
    "Allocate",
    "Provision",
    "Renew",
    "Status",
    "PerformOperationalAction",
    "Delete",
    "Shutdown",
    "Update",
    "Cancel",
)
EVERY: Final = ("GetVersion", "ListResources", *ON_SLICES)
WITH_MANIFEST: Final = ("Describe", "Allocate", "Provision", "Update", "Cancel")
# Those that take geni_best_effort, but Update and Cancel, which are of the draft.
BEST_EFFORT: Final = ("Provision", "Renew", "Status", "PerformOperationalAction", "Delete")
GENI3: Final[dict[str, Any]] = {"geni_rspec_version": {"type": "GENI", "version": "3"}}
RSPEC: Final = "{http://www.geni.net/resources/rspec/3}"
EMPTY: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<rspec xmlns="{RSPEC[1:-1]}" type="manifest"/>'
)
_LOCATION: Final = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def success(value: object) -> dict[str, object]:
    return {"code": {"geni_code": 0, "am_type": "gcfam"}, "value": value, "output": ""}


def refusal(code: int, why: str = "This is refused.") -> dict[str, object]:
    return {"code": {"geni_code": code, "am_type": "gcfam"}, "value": "", "output": why}


def went_well(answer: Any) -> bool:
    return bool(answer["code"]["geni_code"] == 0)


def instead(answer: Callable[[Asked], object], *methods: str, version: int = 3) -> Bend:
    """Whatever `answer` gives is the answer of these methods."""
    return Bend(answer, frozenset(methods or EVERY), version)


def answered(change: Callable[[Any], object], *methods: str, version: int = 3) -> Bend:
    """The return struct, changed in place, be it of a success or of a refusal."""

    def answer(asked: Asked) -> object:
        struct = asked.serve()
        change(struct)
        return struct

    return instead(answer, *methods, version=version)


def told(change: Callable[[Any], object], *methods: str, version: int = 3) -> Bend:
    """The value of a success, which becomes what `change` gives."""

    def with_value(struct: Any) -> None:
        if went_well(struct):
            struct["value"] = change(struct["value"])

    return answered(with_value, *methods, version=version)


def untold(name: str, *methods: str) -> Bend:
    """The struct that is the value of a success, without this member."""
    return told(lambda value: {n: v for n, v in value.items() if n != name}, *methods)


def refused(change: Callable[[Any], object], *methods: str) -> Bend:
    """The return struct of a refusal, changed in place."""
    return answered(lambda struct: None if went_well(struct) else change(struct), *methods)


def slivers_of(value: Any) -> list[dict[str, Any]]:
    """The entries of a value, whichever the method."""
    listed = value.get("geni_slivers", []) if isinstance(value, dict) else value
    return listed if isinstance(listed, list) else []


def slivers(change: Callable[[dict[str, Any]], object], *methods: str) -> Bend:
    """Each sliver's entry in a success, changed in place."""

    def each(value: Any) -> Any:
        for one in slivers_of(value):
            change(one)
        return value

    return told(each, *(methods or ON_SLICES))


def listed(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], *methods: str) -> Bend:
    """The list of slivers in a success, which becomes what `change` gives."""

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            return {**value, "geni_slivers": change(value["geni_slivers"])}
        return change(value)

    return told(whole, *(methods or ON_SLICES))


def manifests(change: Callable[[str], str], *methods: str) -> Bend:
    """The text of each manifest."""

    def within(value: Any) -> Any:
        return {**value, "geni_rspec": change(value["geni_rspec"])}

    return told(within, *(methods or WITH_MANIFEST))


def advertisements(change: Callable[[str], str]) -> Bend:
    """The text of each advertisement of version 3."""
    return told(change, "ListResources")


def elements(change: Callable[[etree._Element], object]) -> Callable[[str], str]:
    """For the text of an RSpec: its tree, changed in place; what is no plain XML is left alone."""

    def changed(text: str) -> str:
        if not text.startswith("<"):
            return text
        root = safexml.parse(text)
        change(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8").decode()

    return changed


def drop_attribute(tag: str, name: str) -> Callable[[str], str]:
    """Without this attribute of these elements."""

    def drop(root: etree._Element) -> None:
        for one in root.iter(RSPEC + tag):
            one.attrib.pop(name, "")

    return elements(drop)


def set_attribute(tag: str, name: str, value: str) -> Callable[[str], str]:
    """With this value for an attribute of these elements."""

    def put(root: etree._Element) -> None:
        for one in root.iter(RSPEC + tag):
            one.set(name, value)

    return elements(put)


def _drop_location(root: etree._Element) -> None:
    root.attrib.pop(_LOCATION, "")


def drop_location(text: str) -> str:
    """An RSpec that names no schema."""
    return elements(_drop_location)(text)


def named(*names: str) -> Callable[[etree._Element], bool]:
    """Whether an element has one of these names, of whatever namespace."""
    return lambda one: etree.QName(one).localname in names


def drop_elements(which: Callable[[etree._Element], bool]) -> Callable[[str], str]:
    """Without these elements."""

    def drop(root: etree._Element) -> None:
        for one in [each for each in root.iter(etree.Element) if each is not root and which(each)]:
            parent = one.getparent()
            assert parent is not None
            parent.remove(one)

    return elements(drop)


def asking(change: Callable[[Asked], object], *methods: str, version: int = 3) -> Bend:
    """The call, its parameters changed in place before the aggregate sees them."""

    def answer(asked: Asked) -> object:
        change(asked)
        return asked.serve()

    return instead(answer, *methods, version=version)


def without_option(name: str, *methods: str, version: int = 3) -> Bend:
    """As if this option were never sent."""
    return asking(lambda asked: asked.options.pop(name, None), *methods, version=version)


def with_option(name: str, value: object, *methods: str, version: int = 3) -> Bend:
    """As if this option were always sent so."""

    def put(asked: Asked) -> None:
        if isinstance(asked.params[-1], dict):
            asked.params[-1][name] = value

    return asking(put, *methods, version=version)


def on_all(*methods: str) -> Bend:
    """As if the call were always about all of the slice's slivers."""

    def widen(asked: Asked) -> None:
        asked.params[0] = slice_of(asked)

    return asking(widen, *methods)


def accepting(code: int, answer: Callable[[Asked], object], *methods: str) -> Bend:
    """What should be refused with this code is answered by what `answer` gives."""

    def instead_of_refusal(asked: Asked) -> object:
        struct = asked.serve()
        return answer(asked) if struct["code"]["geni_code"] == code else struct

    return instead(instead_of_refusal, *methods)


def recoded(was: int, now: int, *methods: str) -> Bend:
    """Refusals with one code have another."""

    def change(struct: Any) -> None:
        if struct["code"]["geni_code"] == was:
            struct["code"]["geni_code"] = now

    return refused(change, *methods)


def rewritten(pattern: str, by: str, back: tuple[str, str]) -> Bend:
    """Texts of all answers are rewritten, and back in all calls, so that they still work."""

    def bend(asked: Asked) -> object:
        called = re.sub(back[0].encode(), back[1].encode(), asked.call.body)
        given = asked.inner(replace(asked.call, body=called))
        return re.sub(pattern.encode(), by.encode(), given)

    return Bend(bend)


def slice_of(asked: Asked) -> list[Any]:
    """`urns` for the slice that the call is about; as they came where that cannot be told."""
    named = asked.params[0]
    struct = asked.serve("Describe", [named, asked.params[1], GENI3])
    return [struct["value"]["geni_urn"]] if went_well(struct) else named


def entries_of(asked: Asked, urns: object = None) -> list[dict[str, Any]]:
    """The slivers that the call is about, or others, as they are now; [] where there are none."""
    named = asked.params[0] if urns is None else urns
    struct = asked.serve("Status", [named, asked.params[1], {}])
    return slivers_of(struct["value"]) if went_well(struct) else []


def urns_of(entries: Iterable[dict[str, Any]], **told: str) -> list[str]:
    """The URNs of those slivers whose entries tell this."""
    return [one["geni_sliver_urn"] for one in entries if told.items() <= one.items()]


def empty(asked: Asked) -> object:
    """A success that tells of nothing, for a method whose value is a struct."""
    named = asked.params[0]
    urn = named[0] if isinstance(named, list) and named else ""
    return success({"geni_urn": urn, "geni_rspec": EMPTY, "geni_slivers": []})


def as_they_are(asked: Asked) -> object:
    """A success that tells of slivers as they are, for a method whose value is a list."""
    return success(entries_of(asked))


def no_effect(asked: Asked) -> object:
    """The call is judged like Status; nothing is done."""
    struct = asked.serve("Status", [asked.params[0], asked.params[1], asked.options])
    return success(slivers_of(struct["value"])) if went_well(struct) else struct


def all_told(asked: Asked, urns: object) -> object:
    """Of these, all of the slice's, the manifest and the entries in a success of the call."""
    struct = asked.serve()
    whole = asked.serve("Describe", [urns, asked.params[1], GENI3])
    if went_well(struct) and went_well(whole):
        struct["value"]["geni_rspec"] = whole["value"]["geni_rspec"]
        struct["value"]["geni_slivers"] = slivers_of(whole["value"])
    return struct


def in_days(days: float) -> str:
    """The time in so many days."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sent(asked: Asked) -> list[Any]:
    """The credentials of a call, as they came; [] where that is no list."""
    place = place_of(asked)
    found = asked.params[place] if len(asked.params) > place else []
    return found if isinstance(found, list) else []


def place_of(asked: Asked) -> int:
    """Where a call's credentials are among its parameters."""
    return 0 if asked.method == "ListResources" else 1


def text_of(one: object) -> str:
    """The document of a credential, be that a struct or a bare string."""
    value = one.get("geni_value", "") if isinstance(one, dict) else one
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
