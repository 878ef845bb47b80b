"""Requests for chosen places are valid, and mean what was chosen."""

import pytest

from gcf_am import safexml
from gcf_am.rspec.composing import ChosenLink, ChosenNode, compose_request
from gcf_am.rspec.request import read_request
from gcf_am.safexml import Schema
from gcf_am.urn import Urn

AM = Urn.parse("urn:publicid:IDN+gcf.local+authority+am")


def node(name: str, **more: object) -> ChosenNode:
    component = f"urn:publicid:IDN+gcf.local+node+{name}"
    return ChosenNode(name, component, AM.text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("nodes", "links"),
    [
        ([node("a")], []),
        ([node("a", exclusive=True, sliver_type="raw-pc", disk_image="i", hardware_type="pc")], []),
        ([node("a"), node("b")], [ChosenLink("l", ("a", "b"))]),
        ([node("a", exclusive=False), node("b"), node("c")],
         [ChosenLink("l", ("a", "b", "c"), 1000, "vlan"), ChosenLink("m", ("a", "b"))]),
        ([node('<&">')], []),
    ],
)  # fmt: skip
def test_valid_and_read_back(nodes: list[ChosenNode], links: list[ChosenLink]) -> None:
    text = compose_request(nodes, links)
    assert Schema("request").errors(safexml.parse(text)) == []
    read = read_request(text, manager=AM)
    assert [(one.client_id, one.component_id) for one in read.nodes] == [
        (one.client_id, one.component_id) for one in nodes
    ]
    assert [one.exclusive for one in read.nodes] == [one.exclusive for one in nodes]
    assert [one.client_id for one in read.links] == [one.client_id for one in links]
    assert [len(one.interfaces) for one in read.links] == [len(one.nodes) for one in links]
