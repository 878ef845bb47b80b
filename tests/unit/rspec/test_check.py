"""RSpecs judged by themselves: all that is wrong at once, with line, element and clause."""

import csv
from pathlib import Path

import pytest

from gcf_am.errors import AmError
from gcf_am.rspec.check import KINDS, Finding, check
from gcf_am.rspec.names import EMULAB, RSPEC, RSPEC_2
from gcf_am.rspec.request import read_request
from tests.unit.rspec.samples import MANAGER, RSPECS

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "rspec-corpus"


def document(*lines: str, kind: str = "request", namespace: str = RSPEC) -> str:
    """The lines begin at 2."""
    head = f'<rspec xmlns="{namespace}" xmlns:emulab="{EMULAB}" type="{kind}">'
    return "\n".join([head, *lines, "</rspec>"])


def found(text: str | bytes) -> list[tuple[int, str, bool]]:
    return [(one.line, one.element, one.fatal) for one in check(text).findings]


def only(text: str | bytes) -> Finding:
    (one,) = check(text).findings
    return one


@pytest.mark.parametrize("file", sorted(RSPECS.glob("*/*.xml")), ids=lambda file: file.name)
def test_our_examples_are_valid(file: Path) -> None:
    verdict = check(file.read_bytes())
    assert verdict.valid, verdict
    assert verdict.kind == file.parent.name.removesuffix("s")


def test_our_inventory_is_valid() -> None:
    verdict = check((RSPECS / "site.xml").read_bytes())
    assert (verdict.kind, verdict.findings) == ("ad", ())


def test_everything_is_told_at_once_by_line() -> None:
    text = document(
        '<node client_id="a"><sliver_type name="x"/><sliver_type name="y"/></node>',
        '<node client_id="a" sliver_id="u"><interface client_id="a"/></node>',
        '<link client_id="a"><interface_ref client_id="far"/>',
        '<property source_id="near" dest_id="far"/></link>',
    )
    assert found(text) == [
        (2, "node 'a'", True),
        (3, "node 'a'", False),
        (3, "node 'a'", True),
        (4, "interface_ref 'far'", False),
        (5, "property", True),
    ]
    clauses = {one.clause for one in check(text).findings}
    assert "GENI RSpec v3, request: each client_id is unique among those of its kind" in clauses
    assert "GENI RSpec v3, schema, request; decision 18" in clauses


def test_the_schema_names_the_clause() -> None:
    assert only(document("", "<node/>")) == Finding(
        3, "node", "the attribute client_id is missing", "GENI RSpec v3, schema, request"
    )


def test_an_extensions_schema_names_its_namespace() -> None:
    findings = check(document('<node client_id="a">', "<emulab:fd/></node>")).findings
    assert findings
    for one in findings:
        assert (one.line, one.element, one.fatal) == (3, "fd", True)
        assert one.clause == f"RSpec extension {EMULAB}"


@pytest.mark.parametrize(
    ("text", "element", "words", "clause"),
    [
        ("<a", "", "", "XML 1.0, as read here"),
        ("<!DOCTYPE a><a/>", "", "a document type declaration", "XML 1.0, as read here"),
        ("<a/>", "a", "<a> of the namespace (none)", "GENI RSpec v3, rspec"),
        (document(namespace=RSPEC_2), "rspec", "version 2 can be imported", "GENI RSpec v3, rspec"),
        (document(kind="x"), "rspec", "the type is 'x'; it must be", "GENI RSpec v3, rspec, type"),
        (document(kind=""), "rspec", "attribute type is missing", "GENI RSpec v3, rspec, type"),
    ],
)
def test_what_is_no_rspec(text: str, element: str, words: str, clause: str) -> None:
    one = only(text)
    assert one.fatal
    assert (one.element, one.clause) == (element, clause)
    assert words in one.expectation


def test_the_kind_can_be_demanded() -> None:
    text = document(kind="manifest")
    assert check(text).valid
    verdict = check(text, kinds=["request"])
    assert not verdict.valid
    assert verdict.findings[0].expectation == "the type is 'manifest'; it must be request"


def test_a_request_larger_than_an_aggregate_reads() -> None:
    text = document(f"<!--{'x' * 5_000_000}-->")
    assert "more than" in only(text).expectation
    assert check(text.replace('"request"', '"advertisement"')).valid


def test_other_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + document('<node client_id="\u00e9"/>')
    assert check(text.encode("iso-8859-1")).valid
    assert check(b"\xef\xbb\xbf" + document().encode()).valid


def test_advertisements_are_warned_about() -> None:
    urn = "urn:publicid:IDN+x"
    text = document(
        *[f'<node component_id="{urn}" component_manager_id="{urn}" exclusive="true"/>'] * 2,
        f'<link component_id="{urn}+link+l"><interface_ref component_id="{urn}+interface+z"/>',
        '<property source_id="p" dest_id="q" capacity="1G"/></link>',
        kind="advertisement",
    )  # fmt: skip
    assert check(text).valid
    assert [line for line, _, _ in found(text)] == [3, 4, 5]


def test_manifests_are_read_as_update_reads_them() -> None:
    text = (RSPECS / "manifests" / "two-nodes.xml").read_text("utf-8")
    assert check(text).valid
    twins = text.replace('client_id="right"', 'client_id="left"', 1)
    assert twins != text
    verdict = check(twins)
    assert verdict.valid
    assert "has this client_id already" in verdict.findings[0].expectation
    several = text.replace("<sliver_type ", '<sliver_type name="x"/><sliver_type ', 1)
    assert several != text
    assert not check(several).valid


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/rspec-corpus is not here")
def test_the_corpus_is_judged_as_published_and_as_we_read_it() -> None:
    # where the published schema is content, and the aggregate that owns the link cannot know
    # what is meant: its property names another link's interface
    stricter = {"request/05204a7c5d08.xml", "request/80d51c7eac2c.xml"}
    with (CORPUS / "INDEX.tsv").open(encoding="utf-8") as stream:
        verdicts = {row[0]: row[1] for row in csv.reader(stream, delimiter="\t")}
    for name, published in verdicts.items():
        file = CORPUS / name
        if not file.exists() or name.startswith("large/"):
            continue
        data = file.read_bytes()
        verdict = check(data, kinds=KINDS)
        assert verdict.valid == (published == "valid" and name not in stricter), name
        if verdict.kind == "request" and name not in stricter:
            assert verdict.valid == _is_read(data), name


def _is_read(data: bytes) -> bool:
    # a manager that none of them names: every node without one is ours
    try:
        read_request(data.decode("utf-8-sig", "replace"), manager=MANAGER)
    except AmError:
        return False
    return True
