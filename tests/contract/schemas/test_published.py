"""Our schemas judge as the published ones do (decision 24)."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from gcf_am.errors import XmlRefused
from gcf_am.safexml import load, parse

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "rspec-corpus"
PUBLISHED = SHARED / "published-schemas"
KINDS = {"request": "request", "manifest": "manifest", "ad": "ad"}
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir() or not PUBLISHED.is_dir(),
    reason="the corpus of RSpecs and the published schemas are not here",
)


def published(file: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(PUBLISHED / file))


@cache
def documents(*places: Path) -> list[tuple[Path, etree._Element]]:
    found = []
    for place in places:
        for file in sorted(place.rglob("*.xml")):
            try:
                found.append((file, parse(file.read_bytes(), limit=2**26)))
            except XmlRefused:
                continue
    return found


@needs_corpus
@pytest.mark.parametrize("kind", KINDS)
def test_verdicts_on_the_corpus_are_the_published_schemas_verdicts(kind: str) -> None:
    theirs, ours = published(f"rspec-3/{kind}.xsd"), load(kind)
    corpus = documents(CORPUS, PUBLISHED)
    assert len(corpus) > 312
    different = [file.name for file, root in corpus if theirs.validate(root) != ours.valid(root)]
    assert different == []


@needs_corpus
def test_the_corpus_has_documents_of_both_verdicts() -> None:
    verdicts = {
        (kind, load(kind).valid(root))
        for _, root in documents(CORPUS)
        for kind in ("request", "ad")
    }
    assert len(verdicts) == 4


@needs_corpus
def test_what_we_ship_is_valid_by_the_published_schemas() -> None:
    for folder, kind in (("requests", "request"), ("manifests", "manifest")):
        judge = published(f"rspec-3/{kind}.xsd")
        shipped = documents(ROOT / "rspecs" / folder)
        assert shipped
        for file, root in shipped:
            assert judge.validate(root), file.name
    judge = published("rspec-3/ad.xsd")
    assert judge.validate(parse((ROOT / "rspecs" / "site.xml").read_bytes()))


EXTENSIONS = {
    "opstate": (
        "ext/opstate-1/ad.xsd",
        "http://www.geni.net/resources/rspec/ext/opstate/1",
        (
            "<rspec_opstate {} aggregate_manager_id='a' start='s'/>",
            "<rspec_opstate {} aggregate_manager_id='a'/>",
            """<rspec_opstate {} aggregate_manager_id='a' start='s'><state name='n'>
            <action name='x' next='y'><description>d</description></action><wait next='z'/>
            <description/></state><sliver_type name='t'/></rspec_opstate>""",
            """<rspec_opstate {} aggregate_manager_id='a' start='s'><state name='n'>
            <action name='x'/></state></rspec_opstate>""",
        ),
    ),
    "preserve": (
        "ext/preserve-1/preserve.derived.xsd",
        "http://www.geni.net/resources/rspec/ext/preserve/1",
        (
            "<preserve {} guarantee='geni_none'/>",
            "<preserve {} guarantee='geni_persistent_state'/>",
            "<preserve {} guarantee='geni_dynamic_state'/>",
            "<preserve {} guarantee='geni_no_disruption'/>",
            "<preserve {} guarantee='everything'/>",
            "<preserve {}/>",
        ),
    ),
    "user": (
        "ext/user-1/manifest.derived.xsd",
        "http://www.geni.net/resources/rspec/ext/user/1",
        (
            """<services_user {} login='a' user_urn='u'><public_key>k</public_key>
            <public_key>l</public_key></services_user>""",
            "<services_user {} login='a'/>",
            "<services_user {} user_urn='u'/>",
            "<services_user {} login='a'><key/></services_user>",
        ),
    ),
}


@needs_corpus
@pytest.mark.parametrize("name", EXTENSIONS)
def test_extension_verdicts_are_the_published_ones(name: str) -> None:
    file, namespace, texts = EXTENSIONS[name]
    theirs, ours = published(file), load(name)
    roots = [parse(text.format(f"xmlns='{namespace}'")) for text in texts]
    verdicts = [ours.valid(root) for root in roots]
    assert verdicts == [theirs.validate(root) for root in roots]
    assert set(verdicts) == {True, False}


@needs_corpus
def test_credential_verdicts_are_the_published_ones() -> None:
    theirs = published("credential-sfa-1/credential.xsd")
    mine = load("credential")
    judged = 0
    for file, root in documents(PUBLISHED):
        if root.tag == "signed-credential" and root.find(".//abac") is None:
            judged += 1
            assert mine.valid(root) == theirs.validate(root), file.name
    assert judged


@pytest.mark.skipif(shutil.which("java") is None, reason="trang needs Java")
def test_the_schemas_are_what_their_sources_make() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_schemas"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
