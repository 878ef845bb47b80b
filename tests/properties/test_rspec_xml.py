"""Bytes and documents, however broken: refused in words, or read as what they are."""

from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.xml.targets import CORPUS, TARGETS, schemas, tree
from tests.security.xml.variation import vary
from tests.unit.rspec.samples import RSPECS

derandomized = settings(derandomize=True, deadline=None)


@cache
def documents() -> list[bytes]:
    """What we ship, and what the fuzzer found."""
    files = [*sorted(RSPECS.rglob("*.xml")), *sorted(CORPUS.iterdir())]
    return [data for data in (file.read_bytes() for file in files) if len(data) < 20_000]


@st.composite
def varied(draw: st.DrawFn) -> bytes:
    """A document after some rounds of changes."""
    data = draw(st.sampled_from(documents()))
    random = Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 3))):
        data = vary(data, random)
    return data


@st.composite
def cut(draw: st.DrawFn) -> bytes:
    """A document with bytes put in, taken out or put elsewhere."""
    data = draw(st.sampled_from(documents()))
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted(draw(st.integers(0, len(data))) for _ in range(2))
        pieces = (b"", data[start:end] * 2, draw(st.binary(max_size=8)))
        data = data[:start] + draw(st.sampled_from(pieces)) + data[end:]
    return data


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@settings(derandomized, max_examples=100)
@given(varied())
def test_changed_documents(target: Callable[[bytes], None], data: bytes) -> None:
    target(data)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@settings(derandomized, max_examples=60)
@given(cut())
def test_broken_documents(target: Callable[[bytes], None], data: bytes) -> None:
    target(data)


@pytest.mark.parametrize("target", [tree, schemas])
@settings(derandomized, max_examples=200)
@given(st.one_of(st.binary(), st.text().map(str.encode), st.from_regex(rb"<[a<>/&='\"\s!\[-]*")))
def test_any_bytes(target: Callable[[bytes], None], data: bytes) -> None:
    target(data)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_what_was_found_once(target: Callable[[bytes], None]) -> None:
    for file in sorted(CORPUS.iterdir()):
        target(file.read_bytes())
