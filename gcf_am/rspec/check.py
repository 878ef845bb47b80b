"""Judges an RSpec by itself, before anybody is asked for anything.

Everything that is wrong is told at once, each with the clause that wants it otherwise. A request
that an aggregate of ours would refuse, whoever sends it, is in error here too.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gcf_am.errors import AmError, XmlRefused
from gcf_am.rspec import extensions
from gcf_am.rspec.elements import read_link, read_node
from gcf_am.rspec.inventory import LIMIT
from gcf_am.rspec.names import RSPEC, RSPEC_2, core
from gcf_am.rspec.numbers import number_of
from gcf_am.rspec.position import BadElement, name_of
from gcf_am.rspec.reduction import to_request, without_sliver_ids
from gcf_am.rspec.request import read_request
from gcf_am.safexml import Problem, Schema, line_of, parse
from gcf_am.urn import Urn

KINDS: Final = ("request", "manifest", "ad")

_TYPES: Final = {"request": "request", "manifest": "manifest", "advertisement": "ad"}
# Whose request it is does not matter for whether it can be read.
_ANYBODY: Final = Urn.of("any", "authority", "am")
_WORDS: Final = {kind: word for word, kind in _TYPES.items()}
_READING: Final = "gcf_am, what a request may say"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    `line` is 0 where none is known; `element` is its kind and name; `clause` wants what
    `expectation` says. Only `fatal` ones make an RSpec invalid: others are worth knowing.
    """

    line: int
    element: str
    expectation: str
    clause: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an RSpec is ("" where that cannot be told), and what was found, by line."""

    kind: str
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing found is fatal."""
        return not any(one.fatal for one in self.findings)


def check(data: bytes | str, *, kinds: Iterable[str] = KINDS) -> Verdict:
    """Judge an RSpec of version 3; it must be of one of the `kinds`.

    1. XML that is read here.
    2. The namespace and the type.
    3. The schema, and those of the extensions.
    4. Rules that no schema tells: names are unique, references lead somewhere, numbers are
       numbers, and a request says what can be understood.
    """
    try:
        root = parse(data, limit=LIMIT)  # 1
    except XmlRefused as refused:
        return Verdict("", (Finding(refused.line, "", refused.reason, "XML 1.0, as read here"),))
    kind, wrong = _kind(root, tuple(kinds))  # 2
    if wrong is not None:
        return Verdict(kind, (wrong,))
    found = [*_schema(root, kind), *_extensions(root)]  # 3
    if not any(one.fatal for one in found):
        found += _RULES[kind](root)  # 4
    if kind == "request" and not any(one.fatal for one in found):
        found += _read(data)
    return Verdict(kind, tuple(sorted(found, key=lambda one: one.line)))


def _kind(root: etree._Element, kinds: tuple[str, ...]) -> tuple[str, Finding | None]:
    name = etree.QName(root)
    line = line_of(root)
    clause = "GENI RSpec v3, rspec"
    if name.localname != "rspec" or name.namespace != RSPEC:
        found = f"<{name.localname[:60]}> of the namespace {(name.namespace or '(none)')[:120]}"
        advice = f"; it must be <rspec> of {RSPEC}"
        if name.namespace == RSPEC_2:
            advice += " (an advertisement of version 2 can be imported as it is)"
        return "", Finding(line, name.localname[:60], f"this is {found}{advice}", clause)
    said = (root.get("type") or "").strip()
    kind = _TYPES.get(said, "")
    if kind in kinds:
        return kind, None
    wanted = " or ".join(text for text, one in _TYPES.items() if one in kinds)
    told = f"the type is {said[:40]!r}" if said else "the attribute type is missing"
    return kind, Finding(line, "rspec", f"{told}; it must be {wanted}", f"{clause}, type")


def _schema(root: etree._Element, kind: str) -> Iterator[Finding]:
    judged = root
    if kind == "request":
        for one in root.iter(f"{{{RSPEC}}}*"):
            if "sliver_id" in one.attrib:
                yield Finding(
                    line_of(one),
                    name_of(one),
                    "its sliver_id says nothing in a request and is passed over",
                    "GENI RSpec v3, schema, request; decision 18",
                    fatal=False,
                )
        judged = deepcopy(root)
        without_sliver_ids(judged)
    yield from _problems(
        root, Schema(kind).errors(judged), f"GENI RSpec v3, schema, {_WORDS[kind]}"
    )


def _extensions(root: etree._Element) -> Iterator[Finding]:
    yield from _problems(root, extensions.problems(root), "")


def _problems(root: etree._Element, problems: list[Problem], clause: str) -> Iterator[Finding]:
    """Findings of a schema; without a `clause` the element's namespace is it."""
    if not problems:
        return
    wanted = {(one.line, one.element) for one in problems}
    places: dict[tuple[int, str], etree._Element] = {}
    for one in root.iter("*"):
        place = (line_of(one), etree.QName(one).localname)
        if place in wanted:
            places.setdefault(place, one)
    for problem in problems:
        element = places.get((problem.line, problem.element))
        named = problem.element if element is None else name_of(element)
        namespace = "" if element is None else etree.QName(element).namespace or ""
        yield Finding(
            problem.line, named, problem.reason, clause or f"RSpec extension {namespace}".strip()
        )


def _request_rules(root: etree._Element) -> Iterator[Finding]:
    yield from _twins(root, "request", fatal=True)
    yield from _unreadable(root, without_sliver_ids)
    known = {one.get("client_id") for one in root.iter(core("interface"))}
    for one in root.iterfind(f"{core('link')}/{core('interface_ref')}"):
        if one.get("client_id") not in known:
            yield Finding(
                line_of(one),
                name_of(one),
                "no node here has this interface; the slice must have it already",
                "GENI RSpec v3, request: an interface_ref names an interface; decision 10",
                fatal=False,
            )


def _manifest_rules(root: etree._Element) -> Iterator[Finding]:
    # several aggregates' manifests in one may have them
    yield from _twins(root, "manifest", fatal=False)
    yield from _unreadable(root, to_request)


def _ad_rules(root: etree._Element) -> Iterator[Finding]:
    yield from _twins(root, "ad", fatal=False)
    ports = {
        one.get("component_id") for one in root.iterfind(f"{core('node')}/{core('interface')}")
    }
    ports |= {one.get("component_id") for one in root.findall(core("external_ref"))}
    for link in root.findall(core("link")):
        for one in link.findall(core("interface_ref")):
            if one.get("component_id") not in ports:
                yield Finding(
                    line_of(one),
                    name_of(one),
                    "neither a node's interface nor an external_ref is called this",
                    "GENI RSpec v3, advertisement: an interface_ref names an interface",
                    fatal=False,
                )
        for one in link.findall(core("property")):
            yield from _numbers(one)


def _numbers(property_: etree._Element) -> Iterator[Finding]:
    for name in ("capacity", "latency", "packet_loss"):
        try:
            number_of(property_, name)
        except ValueError as error:
            clause = f"GENI RSpec v3, property: {name}"
            yield Finding(line_of(property_), "property", str(error), clause, fatal=False)


def _twins(root: etree._Element, kind: str, *, fatal: bool) -> Iterator[Finding]:
    attribute = "component_id" if kind == "ad" else "client_id"
    clause = f"GENI RSpec v3, {_WORDS[kind]}: each {attribute} is unique among those of its kind"
    for elements in (
        root.findall(core("node")),
        root.findall(core("link")),
        root.findall(f"{core('node')}/{core('interface')}"),
    ):
        first: dict[str | None, int] = {}
        for one in elements:
            name = one.get(attribute)
            if name in first:
                told = f"line {first[name]} has this {attribute} already; make it unique"
                yield Finding(line_of(one), name_of(one), told, clause, fatal)
            first.setdefault(name, line_of(one))


def _unreadable(
    root: etree._Element, reduce: Callable[[etree._Element], None]
) -> Iterator[Finding]:
    """What a node or link cannot mean; each is read alone, so that all of them are told."""
    copy = deepcopy(root)
    for tag, read in (("node", read_node), ("link", read_link)):
        for one in copy.findall(core(tag)):
            reduce(one)
            try:
                read(one, 0, None)
            except AmError as error:
                yield _refused(error, one)


def _refused(error: AmError, element: etree._Element) -> Finding:
    if isinstance(error, BadElement):
        return Finding(error.line, error.element, error.reason, _READING)
    return Finding(line_of(element), name_of(element), error.message, _READING)


def _read(data: bytes | str) -> Iterator[Finding]:
    """What only reading the whole finds, its size among it."""
    try:
        read_request(_text(data), manager=_ANYBODY)
    except AmError as error:
        yield Finding(0, "rspec", error.message, _READING)


def _text(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")  # the only other encoding that is read


_RULES: Final = {"request": _request_rules, "manifest": _manifest_rules, "ad": _ad_rules}
