"""Update with best effort tries again and again, and others wait: it does so within bounds."""

from collections.abc import Sequence

import pytest

from gcf_am.errors import BadArgs, Refused
from gcf_am.manager import partial
from gcf_am.manager.draft import Item
from gcf_am.manager.record import Change
from gcf_am.model.topology import Node
from gcf_am.urn import Urn


def items(count: int) -> list[Item]:
    """New nodes with numbers for lines."""
    return [
        Item(Urn.of("gcf.local", "sliver", str(one)), None, Node(f"n{one}", "<node/>", line=one))
        for one in range(count)
    ]


class Drafting:
    """Refuses the nodes of some lines, and counts what it is given to look at."""

    def __init__(self, *, every: int) -> None:
        self.every = every
        self.seen = 0

    def __call__(self, wanted: Sequence[Item]) -> list[Change]:
        self.seen += len(wanted)
        for one in wanted:
            if one.resource is not None and one.resource.line % self.every == 1:
                raise BadArgs(f"{one.resource.client_id} is bad")
        return []


def test_what_is_tried_one_by_one_is_bounded() -> None:
    drafting = Drafting(every=2)
    many = items(5000)
    _, errors = partial.most(many, drafting)
    assert drafting.seen <= len(many) + partial.MOST_DRAFTED
    assert isinstance(errors[many[-1].urn], Refused)
    assert "ask for less" in errors[many[-1].urn].message


@pytest.mark.parametrize(("count", "every"), [(100, 2), (200, 50), (1000, 1000)])
def test_ordinary_updates_are_tried_to_the_end(count: int, every: int) -> None:
    drafting = Drafting(every=every)
    few = items(count)
    _, errors = partial.most(few, drafting)
    assert set(errors) == {one.urn for one in few[1::every]}
    assert all(isinstance(one, BadArgs) for one in errors.values())
