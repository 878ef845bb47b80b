"""While a place is sought for a request, others wait: it asks for so much at most."""

import pytest

from gcf_am.errors import BadArgs
from gcf_am.rspec.request import MOST_RESOURCES
from tests.functional.manager.house import Caller, House, link, node, request


def test_a_request_has_so_many_resources_at_most(house: House, caller: Caller) -> None:
    few = request(node("a"), *(link(f"l{one}") for one in range(MOST_RESOURCES)))
    with pytest.raises(BadArgs, match=f"more than {MOST_RESOURCES} nodes and links"):
        caller.allocate(few)
    assert house.held() == {}
