"""What a slice keeps is written by each Describe: it stays of a bearable size."""

import pytest

from gcf_am.errors import BadArgs
from gcf_am.manager import volume
from tests.functional.manager.house import RSPEC, Caller, node, request

# Raw, `>` takes one character; in a manifest four, and eight on the wire.
LARGE = ">" * (volume.MOST // 8)


def framed(number: int, *resources: str) -> str:
    """A request whose frame is large, and like no other."""
    return (
        f'<rspec xmlns="{RSPEC}" type="request" xmlns:x="urn:x:{number}">{"".join(resources)}'
        f"<x:y>{LARGE}</x:y></rspec>"
    )


def heavy(name: str) -> str:
    """A node that is large itself, placed on a shared machine."""
    return (
        f'<node client_id="{name}"><sliver_type name="vm"/>'
        f'<x:y xmlns:x="urn:x">{LARGE}</x:y></node>'
    )


def test_many_documents_do_not_make_a_manifest_of_any_size(caller: Caller) -> None:
    caller.allocate(framed(1, node("a", sliver_type="vm")))
    with pytest.raises(BadArgs, match="the slice's RSpecs would have"):
        caller.allocate(framed(2, node("b", sliver_type="vm")))
    assert len(caller.describe().rspec) < 2 * volume.MOST


def test_neither_do_large_nodes(caller: Caller) -> None:
    caller.allocate(request(heavy("a")))
    with pytest.raises(BadArgs, match="the slice's RSpecs would have"):
        caller.allocate(request(heavy("b")))


def test_slivers_of_one_document_keep_its_frame_once(caller: Caller) -> None:
    caller.allocate(framed(1, node("a", sliver_type="vm"), node("b", sliver_type="vm")))
    assert len(caller.describe().slivers) == 2


def test_what_an_update_would_replace_counts_until_it_is_gone(caller: Caller) -> None:
    caller.provisioned(request(heavy("a")))
    urn = caller.describe().slivers[0].urn
    caller.update(request(node("a", sliver_type="vm", sliver_id=urn)), urn)
    with pytest.raises(BadArgs, match="the slice's RSpecs would have"):
        caller.allocate(request(heavy("b")))
    caller.provision()
    assert caller.allocate(request(heavy("b"))).slivers
