from dataclasses import replace

import pytest

from gcf_am.errors import BadArgs, BadVersion
from gcf_am.surface import am_v3
from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.decoding import decode
from gcf_am.surface.elements import ApiVersion, Method, Option
from gcf_am.surface.lifecycle import Change, Lifecycle, Transition, prototype, published
from gcf_am.surface.releases import Release
from gcf_am.surface.wire import BOOLEAN
from gcf_am.urn import Urn

SLICE = "urn:publicid:IDN+ch.test+slice+s1"
SLIVER = "urn:publicid:IDN+am.test+sliver+1"
GENI_3 = {"type": "GENI", "version": "3"}
# A legal value for each argument.
VALUES: dict[str, object] = {
    "urns": [SLICE],
    "slice_urn": SLICE,
    "credentials": ["<a/>"],
    "rspec": "<rspec/>",
    "expiration_time": "2030-01-31T12:00:00Z",
    "action": "geni_start",
    "users": [],
    "options": {"geni_rspec_version": GENI_3},
}


def parameters(method: Method) -> list[object]:
    return [*(VALUES[one.name] for one in method.arguments), VALUES["options"]]


@pytest.mark.parametrize("method", AM_3.methods, ids=lambda one: one.name)
def test_defaults_stand_for_options_that_were_not_sent(method: Method) -> None:
    read = decode(method, parameters(method))
    expected = {one.keyword: one.default for one in method.options if one.handed}
    assert dict(read.options) == expected
    assert "credentials" not in read.positional
    assert len(read.credentials) == (method.needs is not None)


@pytest.mark.parametrize("method", AM_3.methods, ids=lambda one: one.name)
def test_missing_and_superfluous_parameters_are_told_by_name(method: Method) -> None:
    whole = parameters(method)
    for length in range(len(whole)):
        if method is am_v3.GET_VERSION:
            continue
        with pytest.raises(BadArgs, match=f"{method.name} takes .* missing"):
            decode(method, whole[:length])
    if method is not am_v3.UPDATE:  # one more is another form of it
        with pytest.raises(BadArgs, match=f"{len(whole) + 1} came"):
            decode(method, [*whole, {}])


@pytest.mark.parametrize("method", AM_3.methods, ids=lambda one: one.name)
def test_no_argument_may_be_nil_or_a_double(method: Method) -> None:
    whole = parameters(method)
    for place in range(len(whole)):
        for wrong in (None, 1.5):
            with pytest.raises(BadArgs):
                decode(method, [*whole[:place], wrong, *whole[place + 1 :]])


@pytest.mark.parametrize("method", AM_3.methods, ids=lambda one: one.name)
def test_unknown_options_are_ignored(method: Method) -> None:
    *rest, options = parameters(method)
    assert isinstance(options, dict)
    more = {**options, "geni_start_time": 7, "omni_x": [None], "speaking_for": ""}
    assert decode(method, [*rest, more]) == decode(method, [*rest, options])


@pytest.mark.parametrize("version", [AM_2, AM_3], ids=["2", "3"])
def test_who_is_spoken_for_goes_to_the_authorizer(version: ApiVersion) -> None:
    alice = "urn:publicid:IDN+gcf.local+user+alice"
    for method in (one for one in version.methods if one.needs is not None):
        *rest, options = parameters(method)
        assert isinstance(options, dict)
        found = decode(method, [*rest, {**options, "geni_speaking_for": f" {alice} "}])
        plain = decode(method, [*rest, options])
        assert found == replace(plain, speaking_for=Urn.parse(alice))
        for wrong in ("", "alice", "urn:publicid:IDN+gcf.local+slice+s", 7):
            with pytest.raises(BadArgs, match="geni_speaking_for"):
                decode(method, [*rest, {**options, "geni_speaking_for": wrong}])


def test_getversion_takes_nothing_or_options() -> None:
    forms: tuple[list[object], ...] = ([], [{}], [{"x": 1}])
    for sent in forms:
        assert not decode(am_v3.GET_VERSION, sent).options
    with pytest.raises(BadArgs, match="options: this is a string"):
        decode(am_v3.GET_VERSION, ["x"])


def test_an_option_that_is_nil_was_not_set() -> None:
    sent = [SLICE, [], "<rspec/>", {"geni_end_time": None}]
    assert decode(am_v3.ALLOCATE, sent).options == {"end_time": None}


@pytest.mark.parametrize("method", [am_v3.DESCRIBE, am_v3.PROVISION], ids=lambda one: one.name)
def test_the_rspec_version_is_demanded_where_the_standard_does(method: Method) -> None:
    with pytest.raises(BadArgs, match="geni_rspec_version is missing"):
        decode(method, [[SLICE], [], {}])
    with pytest.raises(BadVersion):
        decode(method, [[SLICE], [], {"geni_rspec_version": {"type": "GENI", "version": "2"}}])


def test_listresources_refuses_a_slice() -> None:
    options = {"geni_rspec_version": GENI_3, "geni_slice_urn": SLICE}
    with pytest.raises(BadArgs, match="Describe"):
        decode(am_v3.LIST_RESOURCES, [[], options])


@pytest.mark.parametrize("value", [1, True, "true", "1"])
def test_best_effort_is_false_unless_it_is_said(value: object) -> None:
    methods = [one for one in AM_3.methods if any("effort" in o.name for o in one.options)]
    assert {one.name for one in methods} == {
        "Provision", "Renew", "Status", "PerformOperationalAction", "Delete", "Update", "Cancel"
    }  # fmt: skip
    for method in methods:
        *rest, options = parameters(method)
        assert isinstance(options, dict)
        assert decode(method, [*rest, options]).options["best_effort"] is False
        said = {**options, "geni_best_effort": value}
        assert decode(method, [*rest, said]).options["best_effort"] is True


@pytest.mark.parametrize(
    ("urns", "means"), [([], [SLICE]), ([SLICE], [SLICE]), ([SLIVER], [SLIVER])]
)
def test_update_in_protogenis_form(urns: list[str], means: list[str]) -> None:
    read = decode(am_v3.UPDATE, [SLICE, urns, [], "<rspec/>", {"geni_best_effort": True}])
    assert read.positional == {"urns": tuple(map(Urn.parse, means)), "rspec": "<rspec/>"}
    assert read.options["best_effort"] is True


def test_five_parameters_of_another_kind_are_too_many() -> None:
    with pytest.raises(BadArgs, match="5 came"):
        decode(am_v3.UPDATE, [[SLICE], [], "<rspec/>", {}, {}])


OLD, NEW = Release(1, "1.0"), Release(2, "2.0")


def with_option(life: Lifecycle) -> Method:
    option = Option(name="gcfam_x", doc="A test's.", type=BOOLEAN, default=False, life=life)
    return replace(am_v3.STATUS, options=(option,))


def options_of(method: Method, *, prototypes: bool = True) -> object:
    read = decode(method, [[SLICE], [], {"gcfam_x": True}], prototypes=prototypes)
    return read.options["gcfam_x"], [one.name for one in read.noted]


def test_a_prototype_option_is_ignored_where_prototypes_are_off() -> None:
    method = with_option(Lifecycle(prototype(OLD, "try it")))
    assert options_of(method) == (True, [])
    assert options_of(method, prototypes=False) == (False, [])


def test_a_deprecated_option_works_and_is_told() -> None:
    gone = Transition(Change.DEPRECATE, NEW, "because", ("other",))
    method = with_option(Lifecycle(published(OLD, "new"), gone))
    assert options_of(method) == (True, ["gcfam_x"])


def test_a_removed_option_is_ignored() -> None:
    gone = Transition(Change.REMOVE, NEW, "because", ("other",))
    assert options_of(with_option(Lifecycle(prototype(OLD, "new"), gone))) == (False, ["gcfam_x"])
