"""Documents grown at random from what is declared, then changed at random: judged alike."""

from collections import Counter
from random import Random

import pytest
from lxml import etree

from gcf_am.safexml import load, parse
from tests.contract.schemas import verdicts
from tests.contract.schemas.declarations import Element, Particle, Schemas
from tests.contract.schemas.test_mutations import PUBLISHED, needs_published
from tests.security.xml.variation import vary

DOCUMENTS = 1500
KINDS = ("ad", "request", "manifest")


def grown(element: Element, random: Random, within: tuple[Element, ...] = ()) -> etree._Element:
    """An element with some of what it may hold."""
    made = etree.Element(element.tag)
    made.text = element.sample or None
    for attribute in element.attributes:
        if attribute.required or random.random() < 0.5:
            made.set(attribute.name, attribute.sample)
    for child in _chosen(element.content, random, small=len(within) > 4 or element in within):
        made.append(grown(child, random, (*within, element)))
    return made


def _chosen(particle: Particle, random: Random, *, small: bool) -> list[Element]:
    most = particle.least if small else int(min(particle.most, particle.least + 3))
    found: list[Element] = []
    for _ in range(random.randint(particle.least, most)):
        if particle.element is not None:
            found.append(particle.element)
        elif particle.parts:
            parts = particle.parts
            for part in [random.choice(parts)] if particle.kind == "choice" else parts:
                found += _chosen(part, random, small=small)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_the_declarations_is_valid(kind: str) -> None:
    root = Schemas(verdicts.XSD / f"{kind}.xsd").root("rspec")
    for seed in range(DOCUMENTS // 5):
        assert load(kind).errors(grown(root, Random(seed))) == [], seed


@needs_published
@pytest.mark.parametrize("kind", KINDS)
def test_random_documents_are_judged_alike(kind: str) -> None:
    file = PUBLISHED / "rspec-3" / f"{kind}.xsd"
    theirs, ours = etree.XMLSchema(file=str(file)), load(kind)
    root = Schemas(file).root("rspec")
    found = Counter[bool]()
    for seed in range(DOCUMENTS):
        random = Random(seed)
        document = grown(root, random)
        assert theirs.validate(document), seed
        assert ours.valid(document), seed
        changed = parse(vary(etree.tostring(document), random))
        verdict = theirs.validate(changed)
        found[verdict] += 1
        assert ours.valid(changed) == verdict, seed
    assert min(found[True], found[False]) > 100
