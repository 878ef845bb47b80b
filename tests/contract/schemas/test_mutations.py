"""Each declaration changed in every way: our verdict is the published schemas' (decision 24)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lxml import etree

from gcf_am.safexml import load, parse
from tests.contract.schemas import verdicts
from tests.contract.schemas.declarations import Schemas
from tests.contract.schemas.differences import (
    ANY_ABAC,
    NO_ABAC,
    PARTS,
    ROOT,
    SPEAKS_FOR,
    Case,
    Difference,
)
from tests.contract.schemas.mutations import mutations

PUBLISHED = verdicts.XSD.parents[2] / "shared" / "published-schemas"
needs_published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published schemas are not here"
)

DOCUMENTS: Sequence[tuple[str, str, tuple[Difference, ...]]] = (
    ("rspec-3/ad.xsd", "ad", ()),
    ("rspec-3/request.xsd", "request", ()),
    ("rspec-3/manifest.xsd", "manifest", ()),
    ("credential-2-geni/credential.xsd", "credential", (ROOT, SPEAKS_FOR)),
    ("credential-protogeni/credential.xsd", "credential", (ROOT, ANY_ABAC)),
    ("credential-sfa-1/credential.xsd", "credential", (ROOT, SPEAKS_FOR, NO_ABAC)),
)
# preserve and user: the published text is RELAX NG only, the XSD was derived from it by hand.
# Of stitch 0.1 nothing is to be had.
EXTENSIONS: Sequence[tuple[tuple[str, ...], str, tuple[Difference, ...]]] = (
    (("opstate-1/ad.xsd",), "opstate", ()),
    (("shared-vlan-1/ad.xsd", "shared-vlan-1/request.xsd"), "shared-vlan", ()),
    (("postBootScript-1/request.xsd",), "post-boot-script", ()),
    (("delay-1/request.xsd",), "delay", ()),
    (("emulab-1/ptop_extension.xsd", "emulab-1/vtop_extension.xsd"), "emulab", ()),
    (
        (
            "emulab-1-emulab-copy/ptop_extension.xsd",
            "emulab-1-emulab-copy/vtop_extension.xsd",
        ),
        "emulab",
        (PARTS,),
    ),
    (("stitch-2/stitch-schema.xsd",), "stitch-2", (PARTS,)),
    (("preserve-1/preserve.derived.xsd",), "preserve", ()),
    (("user-1/manifest.derived.xsd",), "user", (PARTS,)),
)


class Comparison:
    """Counts verdicts, and keeps the changes that are judged differently for no stated reason."""

    def __init__(
        self, ours: Schemas, theirs: Sequence[Schemas], intended: Sequence[Difference]
    ) -> None:
        self.verdicts = Counter[bool]()
        self.used = set[Difference]()
        self.different: list[tuple[str, str]] = []
        self._intended = intended
        self._our_globals = frozenset(one.tag for one in ours.roots())
        self._their_globals = frozenset(one.tag for some in theirs for one in some.roots())

    def add(
        self, place: str, change: str, document: etree._Element, ours: bool, theirs: bool
    ) -> None:
        self.verdicts[theirs] += 1
        if ours == theirs:
            return
        case = Case(document, ours, self._our_globals, self._their_globals)
        reasons = {one for one in self._intended if one.applies(case)}
        self.used |= reasons
        if not reasons:
            self.different.append((place, change))


@needs_published
@pytest.mark.parametrize(("file", "name", "intended"), DOCUMENTS)
def test_documents_are_judged_alike(file: str, name: str, intended: tuple[Difference, ...]) -> None:
    judge, ours = etree.XMLSchema(file=str(PUBLISHED / file)), load(name)
    theirs, mine = Schemas(PUBLISHED / file), Schemas(verdicts.XSD / f"{name}.xsd")
    comparison = Comparison(mine, [theirs], intended)
    for schemas in (theirs, mine):
        for place, change, document in mutations(schemas, verdicts.DOCUMENTS[name]):
            comparison.add(place, change, document, ours.valid(document), judge.validate(document))
    assert comparison.different == []
    assert comparison.used == set(intended)
    assert min(comparison.verdicts[True], comparison.verdicts[False]) > 1000


@needs_published
@pytest.mark.parametrize(("files", "name", "intended"), EXTENSIONS)
def test_extensions_are_judged_alike(
    files: tuple[str, ...], name: str, intended: tuple[Difference, ...]
) -> None:
    published = [PUBLISHED / "ext" / file for file in files]
    judges, ours = [wildcards_over(file) for file in published], load("extensions")
    theirs, mine = [Schemas(file) for file in published], Schemas(verdicts.XSD / f"{name}.xsd")
    comparison = Comparison(mine, theirs, intended)
    for place, change, extension in of_all(mine, *theirs):
        document = verdicts.in_rspec(extension)
        # an element that one of their files does not declare, another may
        accepted = all(judge.validate(document) for judge in judges)
        comparison.add(place, change, document, ours.valid(document), accepted)
    assert comparison.different == []
    assert comparison.used == set(intended)
    assert min(comparison.verdicts[True], comparison.verdicts[False]) > 20


def of_all(*several: Schemas) -> Iterator[tuple[str, str, etree._Element]]:
    """Mutations from the declarations of each, below each of their tops."""
    for schemas in several:
        for top in schemas.tops():
            yield from mutations(schemas, etree.QName(top.tag).localname)


def wildcards_over(file: Path) -> etree.XMLSchema:
    """A schema that judges a RSpec's extensions by this one, and nothing else."""
    namespace = parse(file.read_bytes()).get("targetNamespace")
    return etree.XMLSchema(
        parse(f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
        targetNamespace="{verdicts.RSPEC}">
        <xs:import namespace="{namespace}" schemaLocation="{file}"/>
        <xs:element name="rspec"><xs:complexType><xs:sequence>
        <xs:any maxOccurs="unbounded" processContents="lax"/>
        </xs:sequence></xs:complexType></xs:element></xs:schema>""")
    )


def test_verdicts_are_those_written_down() -> None:
    table = verdicts.verdicts()
    before = verdicts.TABLE.read_text("utf-8").splitlines()
    now = verdicts.written(table).splitlines()
    changed = set(now) ^ set(before)
    assert changed == set(), "see tests/contract/schemas/verdicts.py"


@pytest.mark.parametrize("name", verdicts.DOCUMENTS)
def test_every_declaration_can_be_broken(name: str) -> None:
    """Each place is there as it should be, and some change of it is refused."""
    schemas = Schemas(verdicts.XSD / f"{name}.xsd")
    broken: dict[str, bool] = {}
    for place, change, document in mutations(schemas, verdicts.DOCUMENTS[name]):
        valid = load(name).valid(document)
        assert valid or change != "as it is", place
        broken[place] = broken.get(place, False) or not valid
    # what is in a signature is xmlsec's business, what is in extensions everybody's own
    assert all(broken.values()), broken
