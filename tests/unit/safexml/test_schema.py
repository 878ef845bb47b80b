"""Schemas: what they say, in words, and that threads do not mix it up."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from gcf_am.errors import ConfigError
from gcf_am.safexml import Problem, Schema, load, parse

HEAD = '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="request">\n'


def problems(body: str, name: str = "request") -> list[str]:
    return [str(one) for one in load(name).errors(parse(f"{HEAD}{body}</rspec>"))]


def test_a_valid_document_has_no_problems() -> None:
    assert problems('<node client_id="a"/>') == []
    assert load("request").valid(parse(HEAD + "</rspec>"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<node/>", "line 2: node: the attribute client_id is missing"),
        (
            '\n<node client_id="a" clientid="b"/>',
            "line 3: node: the attribute clientid is not known here",
        ),
        (
            '<node client_id="a" exclusive="True"/>',
            "line 2: node: attribute exclusive: 'True' must be true or false",
        ),
        (
            '<node client_id="a"><host name="x"/></node>',
            "line 2: host: it may not stand here",
        ),
        ('<node client_id="a">hello</node>', "line 2: node: text may not stand here"),
        (
            '<node client_id="a"><location country="BE">x</location></node>',
            "line 2: location: text may not stand here",
        ),
    ],
)
def test_problems_are_told_to_people(body: str, said: str) -> None:
    assert problems(body)[0] == said


def test_what_is_expected_is_named_without_namespaces() -> None:
    root = parse(
        "<signed-credential><credential xml:id='a'><serial/></credential></signed-credential>"
    )
    assert str(load("credential").errors(root)[0]) == (
        "line 1: serial: it may not stand here; expected is type"
    )


def test_enumerations_name_what_would_have_been_right() -> None:
    root = parse('<rspec xmlns="http://www.geni.net/resources/rspec/3" type="wish"/>')
    assert "type: 'wish' must be one of 'request'" in str(load("request").errors(root)[0])


def test_another_root_is_a_problem() -> None:
    assert load("request").errors(parse("<a/>")) == [
        Problem(1, "a", "this is not the root element of such a document")
    ]


def test_problems_are_in_document_order_and_not_endless() -> None:
    found = load("request").errors(parse(HEAD + "<node/>\n" * 1000 + "</rspec>"))
    assert [one.line for one in found] == list(range(2, 22))


@pytest.mark.parametrize("every", [1, 7, 300, 4000])
@pytest.mark.parametrize("around", ["{}", '<node client_id="a">\n{}</node><node client_id="b"/>'])
def test_of_many_problems_the_first_are_told(every: int, around: str) -> None:
    """In a large document they are sought in its beginning; they are the same ones."""
    kind = "interface" if "node" in around else "link"
    body = "\n".join(
        f"<{kind}/>" if n % every == every - 1 else f'<{kind} client_id="{n}"/>'
        for n in range(6000)
    )
    root = parse(HEAD + around.format(body) + "</rspec>")
    judge = load("request")._compiled()
    assert not judge.validate(root)
    log: Iterable[Any] = cast("Iterable[Any]", judge.error_log)
    lines = [entry.line for entry in log][:20]
    found = load("request").errors(root)
    assert [one.line for one in found] == lines
    assert {one.element for one in found} == {kind}
    assert len(root[0]) == (6000 if kind == "interface" else 0)


def test_an_unknown_schema_is_named() -> None:
    with pytest.raises(ConfigError, match=r"the schema nothing\.xsd cannot be used"):
        load("nothing")


def test_threads_do_not_mix_up_lines() -> None:
    # decision 23: one schema that threads share gave wrong lines
    schema = Schema("request")
    documents = [parse(HEAD + "\n" * line + "<node/></rspec>") for line in range(8)]

    def judge(number: int) -> bool:
        return all(
            [one.line for one in schema.errors(documents[number])] == [number + 2]
            for _ in range(200)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(judge, range(8)))


def test_an_element_can_be_judged_alone() -> None:
    root = parse(
        f'{HEAD}<p:preserve xmlns:p="http://www.geni.net/resources/rspec/ext/preserve/1"'
        ' guarantee="everything"/></rspec>'
    )
    assert "must be one of 'geni_none'" in load("preserve").errors(root[0])[0].reason
