"""Requests and manifests of the field come through reader and writer unchanged in meaning."""

from collections.abc import Iterator
from functools import cache

import pytest
from lxml import etree

from gcf_am.errors import BadArgs
from gcf_am.rspec.manifest import write_manifest
from gcf_am.rspec.names import RSPEC, core
from gcf_am.rspec.request import read_request
from gcf_am.safexml import load, parse
from gcf_am.urn import Urn
from tests.contract.schemas.test_published import CORPUS, needs_corpus
from tests.unit.rspec.samples import MANAGER, assert_valid, entries

# What contradicts itself has no meaning to keep, and is refused with its line.
CONTRADICTIONS = {
    "request/05204a7c5d08.xml": "line 45: property: its dest_id 'ig-max:if1' is no interface",
    "request/80d51c7eac2c.xml": "line 68: property: its source_id 'ig-gpo:if1' is no interface",
    "manifest/4f3871e7812e.xml": "line 32: interface 'node0:if0': line 16 has this client_id",
}
# What the aggregate that a node or link is bound to says of it.
SAID_BY_US = {
    core("node"): {"sliver_id", "component_id", "component_manager_id", "exclusive"},
    core("link"): {"sliver_id", "vlantag"},
    core("interface"): {"sliver_id", "component_id", "mac_address"},
    core("interface_ref"): {"sliver_id", "component_id"},
}
ADDED_BY_US = {core(n) for n in ("sliver_type", "disk_image", "component_manager")}
# What a manifest tells and a request for the same does not ask for.
TOLD = {core("login"), core("host")}


@cache
def documents(kind: str) -> list[tuple[str, str]]:
    """Names and texts of the valid documents of that type."""
    if not CORPUS.is_dir():
        return []
    index = (CORPUS / "INDEX.tsv").read_text("utf-8").splitlines()[1:]
    found = []
    for name, verdict, *_ in (line.split("\t") for line in index):
        text = (CORPUS / name).read_text("utf-8")
        if verdict == "valid" and parse(text, limit=2**26).get("type") == kind:
            found.append((name, text))
    return found


def managers(root: etree._Element) -> Iterator[Urn]:
    """Us, who have no part in it, and each aggregate that the document names."""
    yield MANAGER
    names = {one.get("component_manager_id", "") for one in root.iter(core("node"))}
    names |= {one.get("name", "") for one in root.iter(core("component_manager"))}
    for name in sorted(filter(str.strip, names)):
        urn = Urn.parse(name)
        yield Urn.of(urn.authority, "authority", "am")


@needs_corpus
@pytest.mark.parametrize("kind", ["request", "manifest"])
def test_the_corpus_comes_through_unchanged_in_meaning(kind: str) -> None:
    refused: dict[str, str] = {}
    came_through = 0
    for name, text in documents(kind):
        root = parse(text)
        for manager in managers(root):
            try:
                topology = read_request(text, manager=manager, manifest_allowed=True)
            except BadArgs as error:
                refused[name] = str(error)
                continue
            manifest = write_manifest(entries(topology), manager=manager)
            assert_valid(manifest, "manifest")
            if topology.resources:
                assert_carried(root, parse(manifest))
                again = read_request(manifest, manager=manager, manifest_allowed=True)
                assert write_manifest(entries(again), manager=manager) == manifest, name
            came_through += 1
    wanted = {name: why for name, why in CONTRADICTIONS.items() if name.startswith(kind)}
    assert refused.keys() == wanted.keys()
    assert all(why in refused[name] for name, why in wanted.items())
    assert came_through > len(documents(kind))


def assert_carried(asked: etree._Element, shown: etree._Element) -> None:
    """Nodes, links and extensions are all there, in their order, with what is in them."""
    ours = list(asked.iterchildren("*"))
    theirs = list(shown.iterchildren("*"))
    assert [one.tag for one in ours] == [one.tag for one in theirs]
    prefixes = {prefix: uri for prefix, uri in asked.nsmap.items() if prefix}
    assert prefixes.items() <= shown.nsmap.items()
    for one, other in zip(ours, theirs, strict=True):
        # the samples' slivers are of an authority that the corpus does not know
        held = other.get("sliver_id", "").startswith("urn:publicid:IDN+gcf.local+sliver+")
        assert_same(one, other, held)


def assert_same(asked: etree._Element, shown: etree._Element, ours: bool) -> None:
    """What was asked for is in what is shown; an aggregate adds to its own resources only."""
    assert asked.tag == shown.tag
    said = SAID_BY_US.get(str(asked.tag), set()) if ours else set()
    for name, value in asked.attrib.items():
        assert name in said or shown.get(name) == value, (asked.sourceline, name)
    added = set(shown.attrib) - set(asked.attrib) - said
    assert added <= ({"vlantag"} if asked.tag == core("link") else set())
    if not str(asked.tag).startswith(f"{{{RSPEC}}}"):
        # one without a prefix takes that which the root declares for its namespace, if any
        assert shown.prefix == asked.prefix or asked.prefix is None
        assert list(asked.itertext()) == list(shown.itertext())
    wanted = [one for one in asked.iterchildren("*") if not ours or one.tag not in TOLD]
    found = list(shown.iterchildren("*"))
    assert ours or len(found) == len(wanted)
    for one in wanted:
        if ours and one.tag == core("services") and all(c.tag in TOLD for c in one):
            continue
        while found[0].tag != one.tag and found[0].tag in ADDED_BY_US:
            found.pop(0)
        assert_same(one, found.pop(0), ours)
    assert {one.tag for one in found} <= ADDED_BY_US


@needs_corpus
def test_extensions_of_the_corpus_follow_their_schemas() -> None:
    extended = [
        parse(text, limit=2**26)
        for kind in ("request", "manifest", "advertisement")
        for _, text in documents(kind)
    ]
    assert len(extended) > 290
    assert [
        load("extensions").errors(one) for one in extended if load("extensions").errors(one)
    ] == []
