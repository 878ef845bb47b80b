"""Each judgment of manifests finds nothing in one that is right, and one fault in one that is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gcf_am.conformance.documents.reading import (
    Element,
    Unread,
    canonical,
    prolog_faults,
    read,
    schema_faults,
)
from gcf_am.conformance.judging import carried, links, logins, manifests

RSPECS = Path(__file__).parents[3] / "rspecs"
MANAGER = "urn:publicid:IDN+gcf.local+authority+am"
USER = "urn:publicid:IDN+gcf.local+user+alice"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAM alice"
LOGIN = '<login authentication="ssh-keys" hostname="pc1.gcf.local" port="30001" username="alice"/>'
URNS = [f"urn:publicid:IDN+gcf.local+sliver+00000{number}" for number in (1, 2, 3)]
HOSTS = {f"urn:publicid:IDN+gcf.local+node+pc{number}" for number in (1, 3)}

Judge = Callable[[Element, Element], list[str]]


def text(kind: str, name: str) -> str:
    return (RSPECS / f"{kind}s" / f"{name}.xml").read_text("utf-8")


def shown(name: str, *changes: tuple[str, str]) -> tuple[Element, Element]:
    """A request of the repository, and its manifest with these changes."""
    manifest = text("manifest", name)
    for old, new in changes:
        assert old in manifest, old
        manifest = manifest.replace(old, new, 1)
    return read(text("request", name), "request"), read(manifest, "manifest")


BOUND: list[tuple[Judge, str, str]] = [
    (lambda r, m: manifests.kept_ids(r, m, MANAGER), 'client_id="first"', 'client_id="other"'),
    (lambda r, m: manifests.kept_ids(r, m, MANAGER), 'client_id="wire"', 'client_id="wired"'),
    (lambda r, m: manifests.kept_order(r, m, MANAGER), 'client_id="first"', 'client_id="zero"'),
    (lambda r, m: manifests.kept_interfaces(r, m, MANAGER), "first:if0", "first:eth0"),
    (
        lambda r, m: manifests.kept_ends(r, m, MANAGER),
        '<interface_ref client_id="first:if0"',
        '<interface_ref client_id="second:if1"',
    ),
    (lambda _, m: manifests.listed(m, URNS, MANAGER), ' sliver_id="' + URNS[0] + '"', ""),
    (lambda _, m: manifests.listed(m, URNS, MANAGER), URNS[1], URNS[1] + "9"),
    (lambda _, m: manifests.components(m, HOSTS, MANAGER), "node+pc1", "node+pc2"),
    (lambda _, m: manifests.managers(m, MANAGER), MANAGER, "urn:publicid:IDN+else+authority+am"),
    (lambda _, m: manifests.distinct_exclusives(m, HOSTS), "node+pc3", "node+pc1"),
    (lambda r, m: manifests.kept_sliver_types(r, m, MANAGER), "raw-pc", "default-vm"),
    (lambda r, m: manifests.bound(r, m, MANAGER), "node+pc1", "node+pc3"),
    (
        lambda _, m: manifests.shows(m, dict(zip(("first", "second", "wire"), URNS, strict=True))),
        URNS[2],
        URNS[2] + "4",
    ),
    (lambda _, m: links.tags_are_numbers(m, MANAGER), 'vlantag="100"', 'vlantag="4095"'),
    (lambda _, m: links.tags_are_numbers(m, MANAGER), 'vlantag="100"', 'vlantag="x"'),
    (lambda _, m: manifests.listed(m, URNS, MANAGER), f' sliver_id="{URNS[2]}"', ""),
    (
        lambda _, m: links.ends_exist(m),
        '<interface client_id="first:if0"',
        '<interface client_id="x"',
    ),
    (lambda _, m: logins.well_formed(m), 'authentication="ssh-keys"', 'authentication="password"'),
    (lambda _, m: logins.well_formed(m), ' port="30001"', ""),
    (lambda _, m: logins.well_formed(m), 'port="30001"', 'port="70000"'),
    (lambda _, m: logins.well_formed(m), ' username="alice"', ""),
    (lambda _, m: logins.for_users(m, 1, MANAGER), LOGIN, ""),
    (
        lambda _, m: logins.keys_shown(m, [{"urn": USER, "keys": [KEY + "\n"]}], MANAGER),
        KEY,
        KEY.replace("AAAAI", "AAAAJ"),
    ),
    (
        lambda _, m: logins.keys_shown(m, [{"urn": USER, "keys": [KEY]}], MANAGER),
        f'user_urn="{USER}"',
        'user_urn="urn:publicid:IDN+gcf.local+user+bob"',
    ),
]


@pytest.mark.parametrize(("judge", "old", "new"), BOUND)
def test_a_fault_in_a_manifest_is_found(judge: Judge, old: str, new: str) -> None:
    assert judge(*shown("bound")) == []
    assert len(judge(*shown("bound", (old, new)))) >= 1


EXTENDED: list[tuple[Judge, str, str]] = [
    (lambda r, m: carried.extensions(r, m, "rspec"), 'version="1.0"/>', 'version="2.0"/>'),
    (lambda r, m: carried.extensions(r, m, "node"), "Kept   as", "Kept as"),
    (lambda r, m: carried.extensions(r, m, "node"), "fünf", "funf"),
    (carried.attributes, ' jacks:colour="green"', ""),
    (carried.attributes, "green", "red"),
]


@pytest.mark.parametrize(("judge", "old", "new"), EXTENDED)
def test_a_lost_extension_is_found(judge: Judge, old: str, new: str) -> None:
    assert judge(*shown("extensions")) == []
    assert len(judge(*shown("extensions", (old, new)))) == 1


OTHERS = [
    ('<sliver_type name="raw-pc"/>', '<sliver_type name="default-vm"/>'),
    ('client_id="there"', 'client_id="gone"'),
    ('<node client_id="there"', '<node sliver_id="s" client_id="there"'),
    ('client_id="elsewhere"', 'client_id="lost"'),
]


@pytest.mark.parametrize(("old", "new"), OTHERS)
def test_another_aggregates_node_that_was_touched_is_found(old: str, new: str) -> None:
    assert carried.others(*shown("other-aggregate"), MANAGER) == []
    request, manifest = shown("other-aggregate", (old, new))
    assert len(carried.others(request, manifest, MANAGER)) == 1


def test_a_link_without_a_tag_is_no_manifest() -> None:
    whole = text("manifest", "bound")
    assert schema_faults(whole, "manifest") == []
    without = whole.replace(' vlantag="100"', "")
    assert any("vlantag" in one for one in schema_faults(without, "manifest"))
    assert links.tagged(read(whole, "manifest")) == []
    assert len(links.tagged(read(without, "manifest"))) == 1


def test_two_links_with_one_tag_are_found() -> None:
    whole = text("manifest", "bound")
    start, end = whole.index("  <link"), whole.index("</rspec>")
    second = whole[start:end].replace('"wire"', '"other"')
    twice = whole[:end] + second + whole[end:]
    assert len(links.tags_differ(read(twice, "manifest"), MANAGER)) == 1
    apart = whole[:end] + second.replace('"100"', '"101"') + whole[end:]
    assert links.tags_differ(read(apart, "manifest"), MANAGER) == []


def test_a_node_without_a_login_is_found() -> None:
    assert logins.some(shown("bound")[1], MANAGER) == []
    assert len(logins.some(shown("bound", (LOGIN, ""))[1], MANAGER)) == 1


def test_a_sliver_of_another_authority_is_found() -> None:
    assert manifests.sliver_authorities(URNS, MANAGER) == []
    for wrong in ("urn:publicid:IDN+else+sliver+1", "urn:publicid:IDN+gcf.local+node+1", "1"):
        assert len(manifests.sliver_authorities([wrong], MANAGER)) == 1


@pytest.mark.parametrize("wrong", [None, 7, "", "<rspec", "<rspec/>", text("request", "bound")])
def test_what_is_no_manifest_is_not_read(wrong: object) -> None:
    with pytest.raises(Unread):
        read(wrong, "manifest")


def test_a_declaration_must_be_there_and_say_utf_8() -> None:
    assert prolog_faults(text("manifest", "bound")) == []
    assert prolog_faults("<?xml version='1.0'?>\n<rspec/>") == []
    assert len(prolog_faults("<rspec/>")) == 1
    assert len(prolog_faults("<?xml version='1.0' encoding='latin-1'?><rspec/>")) == 1


def test_white_space_counts_within_extensions_only() -> None:
    one, other = (
        read(f"<rspec xmlns='http://www.geni.net/resources/rspec/3' type='request'>{inner}</rspec>", "request")
        for inner in ("<node client_id='a'>\n <interface client_id='b'/></node>",
                      "<node client_id='a'><interface client_id='b'/></node>")
    )  # fmt: skip
    assert canonical(one) == canonical(other)
    assert canonical(one[0], "client_id") != canonical(one[0])
