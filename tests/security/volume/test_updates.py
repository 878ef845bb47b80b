"""Update with best effort tries again and again, and others wait: it does so within bounds."""

from collections.abc import Sequence

from gcf_am.errors import BadArgs, Refused
from gcf_am.manager import partial
from gcf_am.manager.draft import Item
from gcf_am.manager.record import Change
from gcf_am.model.topology import Node
from gcf_am.urn import Urn


def items(count: int) -> list[Item]:
    """New nodes, the odd ones bad."""
    return [
        Item(Urn.of("gcf.local", "sliver", str(one)), None, Node(f"n{one}", "<node/>", line=one))
        for one in range(count)
    ]


class Drafting:
    """Refuses odd nodes, and counts what it is given to look at."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, wanted: Sequence[Item]) -> list[Change]:
        self.seen += len(wanted)
        for one in wanted:
            if one.resource is not None and one.resource.line % 2:
                raise BadArgs(f"{one.resource.client_id} is odd")
        return []


def test_what_is_tried_one_by_one_is_bounded() -> None:
    drafting = Drafting()
    many = items(5000)
    _, errors = partial.most(many, drafting)
    assert drafting.seen <= len(many) + partial.MOST_DRAFTED
    assert isinstance(errors[many[-1].urn], Refused)
    assert "ask for less" in errors[many[-1].urn].message


def test_ordinary_updates_are_tried_to_the_end() -> None:
    drafting = Drafting()
    few = items(300)
    _, errors = partial.most(few, drafting)
    assert set(errors) == {one.urn for one in few[1::2]}
    assert all(isinstance(one, BadArgs) for one in errors.values())
