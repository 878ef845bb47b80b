import pytest

from gcf_am.trust.privileges import Privilege, allow, operations, within

# AM API facts 5.4: what each call needs (one of these operations)
CALLS = {
    "Describe": ("getsliceresources", "sliverstatus"),
    "Status": ("sliverstatus", "getsliceresources"),
    "Allocate": ("createsliver",),
    "Update": ("createsliver", "updateslice"),
    "Renew": ("renewsliver",),
    "Delete": ("deletesliver", "deleteslice"),
    "Shutdown": ("shutdown",),
}
ALL = set(CALLS)


@pytest.mark.parametrize(
    ("privileges", "calls"),
    [
        ("*", ALL),  # R066
        ("refresh embed bind control info", ALL),  # R067
        ("EMBED", ALL),
        ("control", ALL - {"Shutdown"}),  # R069
        ("sa", ALL - {"Shutdown"}),
        ("authority", ALL),
        ("info", set()),  # R068
        ("resolve", set()),  # R070
        ("bind", set()),
        ("refresh", set()),
        ("nonsense", set()),
        ("", set()),
    ],
)
def test_what_privileges_on_a_slice_allow(privileges: str, calls: set[str]) -> None:
    allowed = operations([Privilege(name) for name in privileges.split()], "slice")
    assert {call for call, needs in CALLS.items() if allow(allowed, needs)} == calls


def test_everything_means_what_is_usual_for_the_target() -> None:
    star = [Privilege("*")]
    assert not allow(operations(star, "user"), ["createsliver"])
    assert allow(operations(star, "user"), ["resolve"])
    assert allow(operations(star, "authority"), ["anything"])
    assert not operations(star, "sliver")


def test_only_delegatable_privileges_are_handed_on() -> None:
    given = [Privilege("info", delegatable=True), Privilege("embed")]
    assert operations(given, "slice", delegatable=True) == operations([given[0]], "slice")


def test_a_part_may_have_another_name_than_the_whole() -> None:
    control = operations([Privilege("control")], "slice")
    star = operations([Privilege("*")], "slice")
    assert within(control, star)
    assert not within(star, control)
    assert within(star, operations([Privilege("authority")], "slice"))
