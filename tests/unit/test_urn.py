import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.store.tables import METADATA
from gcf_am.urn import LONGEST, Urn

PART = st.text("abcXYZ019.-", min_size=1, max_size=12)
AUTHORITY = st.lists(PART, min_size=1, max_size=3).map(":".join)
KIND = st.sampled_from(["slice", "sliver", "user", "node", "authority", "link"])
NAME = st.text("abcXYZ019.-_+:", min_size=1, max_size=20)


@settings(derandomize=True, deadline=None)
@given(AUTHORITY, KIND, NAME)
def test_what_is_written_is_read_back(authority: str, kind: str, name: str) -> None:
    urn = Urn.parse(f"urn:publicid:IDN+{authority}+{kind}+{name}")
    assert (urn.authority, urn.kind, urn.name) == (authority, kind, name)
    assert Urn.parse(str(urn)) == urn


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_urn_or_a_value_error(text: str) -> None:
    try:
        urn = Urn.parse(text)
    except ValueError:
        return
    assert urn.text.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn:publicid:IDN+gcf.local",
        "urn:publicid:IDN+gcf.local+slice",
        "urn:publicid:IDN+gcf.local+slice+",
        "urn:publicid:IDN++slice+s",
        "urn:publicid:IDN+a::b+slice+s",
        "urn:publicid:IDN+gcf local+slice+s",
        "urn:publicid:IDN+gcf.local+slice+s/t",
        "urn:publicid:IDN+gcf.local+slice+s?t",
        "urn:publicid:IDN+gcf.local+slice+s#t",
        "urn:publicid:IDN+gcf.local+slice+sl\u00efce",
        "urn:publicid:IDN+gcf.local+slice+a\nb",
        "urn:other:IDN+gcf.local+slice+s",
    ],
)
def test_malformed_urns_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="urn"):
        Urn.parse(text)


def test_a_urn_is_no_longer_than_what_keeps_urns_can_hold() -> None:
    rest = "+slice+s"
    longest = "urn:publicid:IDN+" + "a" * (LONGEST - 17 - len(rest)) + rest
    assert Urn.parse(f" {longest} ").text == longest
    with pytest.raises(ValueError, match="512 characters"):
        Urn.parse(longest + "s")
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if column.name in {"urn", "spelling", "caller", "tool"}:
                assert str(column.type) == f"VARCHAR({LONGEST})"


def test_the_prefix_may_come_in_any_case_and_is_written_in_one() -> None:
    assert str(Urn.parse(" URN:PUBLICID:idn+gcf.local+slice+s ")) == (
        "urn:publicid:IDN+gcf.local+slice+s"
    )


def test_slices_differing_in_case_are_one_and_keep_their_spelling() -> None:
    one, other = (Urn.of(a, "slice", n) for a, n in (("GCF.local", "Exp"), ("gcf.LOCAL", "eXP")))
    assert one == other
    assert hash(one) == hash(other)
    assert one.name == "Exp"


def test_node_names_are_told_apart_by_case() -> None:
    assert Urn.of("gcf.local", "node", "pc1") != Urn.of("gcf.local", "node", "PC1")


@pytest.mark.parametrize(
    ("above", "below", "holds"),
    [
        ("a", "a", True),
        ("a:b", "a:b:c", True),
        ("a:b", "a", False),
        ("a.b", "a.bc", False),
        ("A:b", "a:B:c", True),
        ("a", "ab:c", False),
    ],
)
def test_namespaces_compare_by_parts(above: str, below: str, holds: bool) -> None:
    assert Urn.of(above, "authority", "sa").covers(Urn.of(below, "slice", "s")) is holds


@pytest.mark.parametrize(
    ("kind", "name", "well"),
    [
        ("slice", "a" * 19, True),
        ("slice", "a" * 20, False),
        ("slice", "-a", False),
        ("slice", "a_b", False),
        ("sliver", "a_b.c-1", True),
        ("sliver", "a:b", False),
        ("user", "alice", True),
        ("user", "alicealice", False),
        ("user", "1alice", False),
        ("tool", "t_-@.1", True),
        ("node", "anything:at+all", True),
    ],
)
def test_names_by_change_set_o1(kind: str, name: str, well: bool) -> None:
    assert Urn.of("gcf.local", kind, name).well_named is well
