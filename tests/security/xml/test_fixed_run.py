"""A fuzzing run that is the same each time: so many inputs from a seed, and no clock.

`make fuzz` goes on where this ends, for as long as it is told and led by coverage.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import pytest

from tests.security.xml.calls import NAMES, calls
from tests.security.xml.targets import CORPUS, TARGETS, Target
from tests.security.xml.variation import disturb
from tests.unit.rspec.samples import RSPECS

# the library that reads certificates warns of odd ones, which keys of this run may make
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
SEED = 20261125
# How many inputs each target gets.
RUNS = {
    "call": 4000,
    "answer": 2000,
    "dispatched": 800,
    "clearinghouse": 600,
    "signed": 1500,
    "speaks-for": 1500,
    "certificate": 4000,
    "revocations": 4000,
    **dict.fromkeys(TARGETS, 400),
}


@pytest.fixture(scope="module")
def of_calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Target]]:
    with calls(tmp_path_factory.mktemp("aggregate")) as targets:
        yield targets


def documents() -> Sequence[bytes]:
    files = [*sorted(RSPECS.rglob("*.xml")), *sorted(CORPUS.iterdir())]
    return [data for data in (file.read_bytes() for file in files) if len(data) < 20_000]


@pytest.mark.parametrize("name", TARGETS)
def test_documents(name: str) -> None:
    for data in varied(name, documents()):
        TARGETS[name](data)


@pytest.mark.parametrize("name", NAMES)
def test_calls(of_calls: Mapping[str, Target], name: str) -> None:
    target = of_calls[name]
    # half of the seeds and some of the others get through: they are not all refused at the door
    assert sum(map(target.read, target.seeds)) * 2 >= len(target.seeds)
    assert sum(map(target.read, varied(name, target.seeds))) >= RUNS[name] // 50


def varied(name: str, seeds: Sequence[bytes]) -> Iterator[bytes]:
    """The inputs of a target: the same in each run, as far as the seeds are."""
    random = Random(f"{name} {SEED}")
    for _ in range(RUNS[name]):
        yield disturb(random.choice(seeds), random)
