"""The policy file of a running aggregate: followed by all its processes, and told to clients."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.functional.rspecs import node, request
from tests.functional.running import Person, Running, configure, copied, start

pytestmark = pytest.mark.xdist_group("policy")
RULES = """
[[quota]]
name = "nodes of a user"
of = "nodes"
per = "user"
most = 2

[[restriction]]
name = "raw machines are carol's"
sliver_types = ["raw-pc"]
only = ["urn:publicid:IDN+gcf.local+user+carol"]

[[lifetimes]]
provisioned_hours = 3
renewal_hours = 1
"""
# As many calls as make it unlikely that one process answers all.
TIMES = 6


@pytest.fixture(scope="module")
def governed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = copied(template, tmp_path_factory.mktemp("policy") / "home")
    configure(home, workers="2")
    server = start(home)
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture
def rules(governed: Running) -> Iterator[Callable[[str], None]]:
    """Write the policy file as editors do: another file takes its name."""
    file = governed.home / "policy.toml"
    before = file.read_text("utf-8")

    def write(text: str) -> None:
        other = file.with_suffix(".new")
        other.write_text(text, "utf-8")
        other.replace(file)

    yield write
    write(before)


def outputs(person: Person, rspec: str) -> list[tuple[int, str]]:
    """Code and output of one Allocate after the other, each on a connection of its own."""
    mine = person.new_slice()
    answers = [person.am_alone("Allocate", mine.urn, mine.creds, rspec, {}) for _ in range(TIMES)]
    mine.call("Delete")
    return [(one["code"]["geni_code"], one["output"]) for one in answers]


def test_rules_are_followed_by_all_processes_and_a_bad_file_changes_nothing(
    governed: Running, rules: Callable[[str], None]
) -> None:
    alice = governed.person("alice")
    three = request(*(node(one, exclusive="false") for one in "abc"))
    words = (
        "at most 2 nodes per user; urn:publicid:IDN+gcf.local+user+alice has 0, and would have 3"
    )
    refusal = (6, f"rule 'nodes of a user': {words}: 2 more would fit")
    rules(RULES)
    assert outputs(alice, three) == [refusal] * TIMES
    # version 2 is no way around it
    mine = alice.new_slice()
    with alice.proxy(f"{governed.am_url}2.0") as old:
        answer: Any = old.CreateSliver(mine.urn, [mine.credential], three, [], {})
    assert (answer["code"]["geni_code"], answer["output"]) == refusal
    rules(RULES.replace("most = 2", "most = two"))
    assert outputs(alice, three) == [refusal] * TIMES
    assert "the policy is not used, the last good one is" in governed.log()
    rules("")
    [first, *_] = outputs(alice, three)
    assert first == (0, "")


def test_what_clients_are_told_of_restrictions_and_lifetimes(
    governed: Running, rules: Callable[[str], None]
) -> None:
    rules(RULES)
    mine = governed.person("alice").new_slice()
    raw = request(node("a", inside='<sliver_type name="raw-pc"/>'))
    answer = mine.call("Allocate", raw)
    assert answer["code"]["geni_code"] == 7
    assert 'rule "raw machines are carol\'s": only urn:' in answer["output"]
    mine.provisioned(request(node("a", exclusive="false")))
    now = datetime.now(UTC)
    [sliver] = mine.slivers().values()
    end = datetime.fromisoformat(sliver["geni_expires"])
    assert end <= now + timedelta(hours=3)
    late = (end + timedelta(hours=2)).isoformat()
    answer = mine.call("Renew", late)
    assert answer["code"]["geni_code"] == 19
    assert answer["output"].endswith("one renewal adds at most 1 h")
    latest = datetime.fromisoformat(answer["value"])
    assert latest == end + timedelta(hours=1)
    [renewed] = mine.done("Renew", late, geni_extend_alap=True)
    assert datetime.fromisoformat(renewed["geni_expires"]) == latest
    mine.done("Delete")
