"""The names of the network half: short, ours alone, and read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.drivers.host import names
from gcf_am.drivers.host.network import End
from gcf_am.manager.ports import DriverError

_TAGS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=10, max_size=10)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(_TAGS, st.integers(0, 9999))
def test_names_inside_fit_and_are_read_back(tag: str, number: int) -> None:
    end = End(tag, f"eth{number}")
    assert len(names.port(end)) <= 15
    assert names.end_of(names.port(end)) == end
    assert names.link_of(names.port(end)) is None
    assert len(names.bridge(tag)) <= 15
    assert names.link_of(names.bridge(tag)) == tag
    assert names.end_of(names.bridge(tag)) is None


@pytest.mark.parametrize("interface", ["lo", "eth1", "l", "n", "nabcdefghij", "nabcdefghij01"])
def test_other_interfaces_are_nobodys(interface: str) -> None:
    assert names.link_of(interface) is None
    assert names.end_of(interface) is None


@pytest.mark.parametrize("nic", ["wan0", "eth", "eth10000", "eth01", "eth1 ", ""])
def test_only_eth0_to_eth9999_have_a_port(nic: str) -> None:
    with pytest.raises(DriverError, match="not named"):
        names.port(End("abcdefghij", nic))


@settings(derandomize=True, deadline=None, max_examples=50)
@given(_TAGS)
def test_namespaces_are_known_by_owner(tag: str) -> None:
    mine, others = names.Names("abc123"), names.Names("abc124")
    assert mine.node_of(mine.net(tag).name) == tag
    assert others.node_of(mine.net(tag).name) is None
    assert mine.node_of(mine.fabric.name) is None


@pytest.mark.parametrize(
    "word", ["", "../../etc", "abc12", "abcdefghijk", "ABCDEFGHIJ", "a/bcdefghi"]
)
def test_nothing_else_becomes_a_path(word: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        names.Names(word)
    with pytest.raises(ValueError, match="is no"):
        names.Names("abc123").net(word)
