"""A policy file is read as a whole, or refused with line, key and what would have been right."""

import re
from pathlib import Path

import pytest

from gcf_am.errors import ConfigError
from gcf_am.policy.reading import read_rules
from gcf_am.policy.rules import NO_RULES, Lifetimes, Quota, Restriction
from gcf_am.policy.template import TEMPLATE

GOOD = """
[cores]
big = 8

[[quota]]
name = "nodes"
of = "nodes"
per = "user"
most = 4

[[quota]]
name = "nodes"
authority = "gcf.local:class"
of = "nodes"
per = "user"
most = 1

[[restriction]]
name = "lab only"
hardware = ["big*"]
only = ["gcf.local:lab"]

[[lifetimes]]
provisioned_hours = 4
total_hours = 24
"""


def test_what_a_file_says() -> None:
    rules = read_rules(GOOD.encode())
    assert rules.cores == {"big": 8}
    assert rules.quotas[0] == Quota("nodes", "", "nodes", "user", 4)
    assert rules.quotas[1].authority == "gcf.local:class"
    assert rules.restrictions == (
        Restriction("lab only", hardware=("big*",), only=("gcf.local:lab",)),
    )
    assert rules.lifetimes == (Lifetimes(provisioned_hours=4, total_hours=24),)


def test_an_empty_file_has_no_rules() -> None:
    assert read_rules(b"") == read_rules(TEMPLATE.encode()) == NO_RULES


def test_the_examples_of_the_template_are_right() -> None:
    lines = [re.sub(r"^# ?", "", one) for one in TEMPLATE.splitlines()]
    examples = [one for one in lines if re.match(r"\[|\w+ = |default-vm", one)]
    rules = read_rules("\n".join(examples).encode())
    assert [len(one) for one in (rules.quotas, rules.restrictions, rules.lifetimes)] == [3, 1, 1]
    assert rules.cores == {"default-vm": 2}


def test_the_examples_of_the_document_are_right() -> None:
    document = (Path(__file__).parents[3] / "doc" / "policy.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    rules = read_rules("\n".join(examples).encode())
    assert [len(one) for one in (rules.quotas, rules.restrictions, rules.lifetimes)] == [3, 1, 1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[quota]\n", "it is no TOML"),
        ("x = \xff", "it is no TOML"),
        ("[quotas]", r"there is no table 'quotas'; there are \[cores\], \[\[quota\]\]"),
        ("[quota]", r"quota must be written \[\[quota\]\]"),
        ("\n\n[[quota]]\nname = 'a'", r"line 3: \[\[quota\]\]: of is missing.*nodes.*\(a\)"),
        ("[[quota]]\nname = 'a'\nof = 'nodes'", "per is missing; it is one of user, slice"),
        ("[[quota]]\nname = 'a'\nof = 'nodes'\nper = 'user'", "most is missing"),
        ("[[quota]]\nof = 'nodes'\nper = 'user'\nmost = 1", "name is missing"),
        ("[[quota]]\nname = 'a'\nof = 'node'", r"of in \[\[quota\]\] must be one of slivers"),
        ("[[quota]]\nname = 'a'\nmst = 1", r"\[\[quota\]\] has no key mst; did you mean most"),
        ("[[quota]]\nmost = -1", r"most in \[\[quota\]\] must be at least 0"),
        ("[[quota]]\nmost = true", r"most in \[\[quota\]\] must be a whole number"),
        (
            "[[quota]]\nname='a'\nof='nodes'\nper='user'\nmost=1\ndays=3",
            "days is for node_hours only",
        ),
        (
            "[[quota]]\nname='a'\nof='nodes'\nper='user'\nmost=1\nauthority='a b'",
            "authority must be like",
        ),
        (
            GOOD + "\n[[quota]]\nname='nodes'\nof='nodes'\nper='user'\nmost=3",
            "is for everybody, too",
        ),
        (
            GOOD + "\n[[quota]]\nname='nodes'\nof='cores'\nper='user'\nmost=3\nauthority='b'",
            "line 27: .*is of nodes per user",
        ),
        ("[[restriction]]\nname='a'\nonly=['*']", "it names nothing"),
        ("[[restriction]]\nname='a'\nimages=['x']", "give either only"),
        ("[[restriction]]\nname='a'\nimages=['x']\nonly=['a']\nnever=['b']", "give either only"),
        ("[[restriction]]\nname='a'\nimages=['x']\nonly=['a b']", "'a b' is nobody"),
        (
            "[[restriction]]\nname='a'\nimages=['x']\nonly=['urn:publicid:IDN+a+node+b']",
            "is nobody; give a user's",
        ),
        ("[[restriction]]\nname='a'\nimages='x'", "must be a list of strings"),
        (
            "[[lifetimes]]\nprovisioned_hours = 3\nprovisioned_most_hours = 2",
            "provisioned_hours exceeds provisioned_most_hours",
        ),
        ("[[lifetimes]]\ntotal_hours = 0", "must be at least 1"),
        ("[[lifetimes]]\n[[lifetimes]]", "line 2: another one is for everybody, too"),
        ("[cores]\nbig = -1", r"big in \[cores\] must be a whole number from 0"),
        ("cores = 3", r"cores must be a table \[cores\]"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_rules(text.encode("latin-1"))
