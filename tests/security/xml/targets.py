"""What must hold for any bytes, whoever sends them: scripts/fuzz seeks bytes for which it does not.

Each target reads bytes in one way. Refusals are answers; any other exception, and any assertion
here, is a fault. What was found once stands in `corpus/` and is read again by the tests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from gcf_am.errors import BadArgs, BadVersion, ConfigError, XmlRefused
from gcf_am.rspec.canonical import alone
from gcf_am.rspec.check import check
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.manifest import write_manifest
from gcf_am.rspec.request import read_request
from gcf_am.rspec.site_import import import_site
from gcf_am.safexml import load, parse
from gcf_am.trust.credential_document import read_document
from gcf_am.trust.refusal import Refusal
from tests.unit.rspec.samples import MANAGER, advertise, assert_valid, entries

CORPUS: Final = Path(__file__).with_name("corpus")
SCHEMAS: Final = ("request", "manifest", "ad", "credential", "extensions")
LONGEST: Final = 2000
# an inventory's refusal lists ten reasons
LONGEST_LIST: Final = 10_000


@dataclass(frozen=True)
class Target:
    """What reads bytes, and says whether it took them; and bytes that it takes, most of them."""

    read: Callable[[bytes], bool]
    seeds: Sequence[bytes]


def in_words(error: Exception, longest: int = LONGEST) -> None:
    """A refusal says something, and not all that it was sent."""
    assert 0 < len(str(error)) < longest


def tree(data: bytes) -> None:
    """A document is refused, or it is the same when it is written and read again."""
    try:
        root = parse(data)
    except XmlRefused as error:
        in_words(error)
        return
    written = etree.tostring(root, encoding="UTF-8")
    again = parse(written, limit=2**26, depth=100)
    assert [str(one.tag) for one in again.iter()] == [str(one.tag) for one in root.iter()]
    assert all(one.sourceline for one in root.iter("*"))


def schemas(data: bytes) -> None:
    """Every schema has an opinion, in words."""
    try:
        root = parse(data)
    except XmlRefused:
        return
    for name in SCHEMAS:
        schema = load(name)
        problems = schema.errors(root)
        assert schema.valid(root) == (not problems)
        assert len(problems) <= 20
        for problem in problems:
            assert problem.line >= 0
            assert 0 < len(problem.reason) <= 400


def request(data: bytes) -> None:
    """A request is refused, or its manifest is valid and a request for the same."""
    text = data.decode("utf-8", "replace")
    try:
        topology = read_request(text, manager=MANAGER, manifest_allowed=True)
    except (BadArgs, BadVersion) as error:
        in_words(error)
        return
    manifest = write_manifest(entries(topology, running=True), manager=MANAGER)
    assert_valid(manifest, "manifest")
    again = read_request(manifest, manager=MANAGER, manifest_allowed=True)
    assert len(again.resources) == len(topology.resources)
    shown_again = write_manifest(entries(again, running=True), manager=MANAGER)
    # the order of namespace declarations aside
    assert alone(parse(shown_again, limit=2**26)) == alone(parse(manifest, limit=2**26))


def inventory(data: bytes) -> None:
    """An inventory is refused, or what is made of it is valid."""
    try:
        site = read_site(data, manager=MANAGER)
    except ConfigError as error:
        in_words(error, LONGEST_LIST)
        return
    assert_valid(advertise(site, {}, only_available=False), "ad")


def advertisement(data: bytes) -> None:
    """An advertisement of others is refused, or becomes an inventory that stays what it is."""
    try:
        imported = import_site(data, manager=MANAGER)
    except ConfigError as error:
        in_words(error, LONGEST_LIST)
        return
    assert_valid(advertise(imported.site, {}, only_available=True), "ad")
    # once more: where what was made up for one place is the broken name of another
    again = import_site(imported.xml, manager=MANAGER).xml
    assert import_site(again, manager=MANAGER).xml == again


def verdict(data: bytes) -> None:
    """check-rspec has no crash in it, and calls valid what is read."""
    found = check(data)
    for one in found.findings:
        assert one.line >= 0
        assert 0 < len(one.expectation) < LONGEST
    if found.valid and found.kind == "request":
        read_request(data.decode("utf-8-sig", "replace"), manager=MANAGER)


def credential(data: bytes) -> None:
    """A credential is refused, or read into statements."""
    try:
        statements = read_document(data.decode("utf-8", "replace"))
    except Refusal as error:
        in_words(error)
        return
    assert statements


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "tree": tree,
    "schemas": schemas,
    "request": request,
    "inventory": inventory,
    "advertisement": advertisement,
    "verdict": verdict,
    "credential": credential,
}
