"""The declaration against the standard, and against the parts that stand for its words."""

import re

import pytest

from gcf_am import __version__, errors
from gcf_am.model.states import Action, AllocationState, OperationalState
from gcf_am.rspec import names
from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3, RETURN
from gcf_am.surface.codes import CODES, NUMBERS
from gcf_am.surface.elements import Element, Field, Method, Option
from gcf_am.surface.formats import AD_3, EXTENSIONS, REQUEST_3
from gcf_am.surface.lifecycle import Change, Lifecycle, State, Transition, published
from gcf_am.surface.registry import SURFACE, collect, met, unpublished
from gcf_am.surface.releases import NEXT, R1_0, RELEASES
from gcf_am.surface.shapes import Many
from gcf_am.trust.privileges import SLICE_PRIVILEGES, Privilege, operations

# The standard's order of arguments; options come last everywhere.
ARGUMENTS = {
    "GetVersion": (),
    "ListResources": ("credentials",),
    "Describe": ("urns", "credentials"),
    "Allocate": ("slice_urn", "credentials", "rspec"),
    "Provision": ("urns", "credentials"),
    "Renew": ("urns", "credentials", "expiration_time"),
    "Status": ("urns", "credentials"),
    "PerformOperationalAction": ("urns", "credentials", "action"),
    "Delete": ("urns", "credentials"),
    "Shutdown": ("slice_urn", "credentials"),
    "Update": ("urns", "credentials", "rspec"),
    "Cancel": ("urns", "credentials"),
}
# What the standard lets a method leave out of a sliver's struct.
OPTIONAL = {
    "Allocate": {"geni_operational_status", "geni_next_allocation_status", "geni_error"},
    "Provision": {"geni_next_allocation_status", "geni_error"},
    "Describe": {"geni_error"},
    "Status": set(),
    "Renew": {"geni_error"},
    "PerformOperationalAction": {"geni_next_allocation_status", "geni_error"},
    "Delete": {"geni_operational_status", "geni_next_allocation_status", "geni_error"},
    "Update": {"geni_operational_status", "geni_error"},
    "Cancel": {"geni_next_allocation_status", "geni_error"},
}
# The operation a credential must allow; one of them will do.
NEEDS = {
    "Describe": {"getsliceresources", "sliverstatus"},
    "Status": {"getsliceresources", "sliverstatus"},
    "Allocate": {"createsliver"},
    "Provision": {"createsliver"},
    "PerformOperationalAction": {"createsliver"},
    "Renew": {"renewsliver"},
    "Delete": {"deletesliver", "deleteslice"},
    "Shutdown": {"shutdown"},
    "Update": {"createsliver", "updateslice"},
    "Cancel": {"deletesliver", "deleteslice"},
}


def method(name: str) -> Method:
    found = SURFACE[f"am/3/{name}"]
    assert isinstance(found, Method)
    return found


def test_the_methods_are_the_standards_and_change_set_cs() -> None:
    assert {one.name: tuple(arg.name for arg in one.arguments) for one in AM_3.methods} == ARGUMENTS


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_is_told_of_each_sliver(name: str) -> None:
    where = (
        f"am/3/{name}" if isinstance(method(name).returns, Many) else f"am/3/{name}/geni_slivers"
    )
    told = {
        identity.rpartition("/")[2]: element
        for identity, element in SURFACE.items()
        if identity.startswith(where + "/geni_") and isinstance(element, Field)
    }
    assert set(told) == {
        "geni_sliver_urn",
        "geni_expires",
        "geni_allocation_status",
        "geni_operational_status",
        "geni_next_allocation_status",
        "geni_error",
    }
    assert {key for key, one in told.items() if one.optional} == OPTIONAL[name]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_right_that_is_needed(name: str) -> None:
    needs = method(name).needs
    if name == "GetVersion":
        assert needs is None
    elif name == "ListResources":
        assert needs == ()
    else:
        assert set(needs or ()) == NEEDS[name]
        # R067: the usual privileges over a slice allow every slice call
        usual = operations([Privilege(one) for one in SLICE_PRIVILEGES], "slice")
        assert not usual.isdisjoint(NEEDS[name])


def test_ids_are_protocol_neutral_paths() -> None:
    for identity in SURFACE:
        assert re.fullmatch(r"[a-z]+(/[A-Za-z0-9_.-]+)+", identity), identity
    for known in (
        "am/3",
        "am/3/Allocate/slice_urn",
        "am/3/Describe/geni_cancelled",
        "am/3/Status/geni_slivers/geni_expires",
        "code/17",
        "code/-32001",
        "allocation/geni_updating",
        "operational/geni_ready",
        "action/geni_start",
        "credential/geni_sfa/3",
        "rspec/request/geni/3",
        "rspec/ext/preserve/1",
    ):
        assert known in SURFACE


def test_an_id_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="am/3 is declared twice"):
        collect([("am/3", AM_3), ("am/3", AM_3)])


def test_everything_has_a_meaning_a_source_and_a_known_release() -> None:
    for identity, element in SURFACE.items():
        assert element.doc.endswith((".", "URL.")), identity
        assert element.spec, identity
        assert {one.release for one in element.life.transitions} <= set(RELEASES), identity


def test_update_and_cancel_are_published_in_the_first_release() -> None:
    # decision 16
    for name in ("Update", "Cancel"):
        [record] = method(name).life.transitions
        assert (record.change, record.release) == (Change.PUBLISH, R1_0)
    assert not [one for one in unpublished() if not one.startswith("am/2")]


def test_version_2_is_born_deprecated_with_advice_that_exists() -> None:
    old = [AM_2, *AM_2.methods]
    assert {one.state for one in old} == {State.DEPRECATED}
    for element in old:
        assert [one.change for one in element.life.transitions] == [
            Change.PUBLISH,
            Change.DEPRECATE,
        ]
        assert set(element.life.transitions[-1].instead) <= set(SURFACE)
    assert sorted(unpublished()) == ["am/2", *sorted(f"am/2/{one.name}" for one in AM_2.methods)]


def test_the_methods_of_version_2_are_the_standards() -> None:
    # AM API facts 12
    assert {one.name: tuple(arg.name for arg in one.arguments) for one in AM_2.methods} == {
        "GetVersion": (),
        "ListResources": ("credentials",),
        "CreateSliver": ("slice_urn", "credentials", "rspec", "users"),
        "SliverStatus": ("slice_urn", "credentials"),
        "RenewSliver": ("slice_urn", "credentials", "expiration_time"),
        "DeleteSliver": ("slice_urn", "credentials"),
        "Shutdown": ("slice_urn", "credentials"),
    }
    answered = {one.name for one in CODES if one.answered}
    for one in AM_2.methods:
        assert set(one.errors) <= answered
        assert len(set(one.errors)) == len(one.errors)


def test_what_is_not_published_is_told() -> None:
    gone = Lifecycle(published(R1_0, "new"), Transition(Change.DEPRECATE, R1_0, "because", ("b",)))
    assert unpublished({"a": Element(name="a", doc="It.", life=gone), "am/3": AM_3}) == {
        "a": "deprecated"
    }
    assert NEXT.place == len(RELEASES)
    assert gone.state is State.DEPRECATED


def test_every_error_we_raise_has_its_code() -> None:
    numbers = {one.number for one in CODES if one.answered}
    # decision 16
    assert numbers == {*range(18), 19, 24, 25, 26, -32001}
    raised = {one.code for one in vars(errors).values() if hasattr(one, "code")}
    assert raised <= numbers
    for name in ("INVALID", "EXPIRED", "MISMATCH", "SIGNER_UNTRUSTED"):
        assert NUMBERS[f"CREDENTIAL_{name}"] == getattr(errors, f"CREDENTIAL_{name}")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_codes_a_method_may_answer_exist_and_stand_in_geni_code(name: str) -> None:
    answered = {one.name for one in CODES if one.answered}
    assert set(method(name).errors) <= answered
    assert len(set(method(name).errors)) == len(method(name).errors)
    assert {"SUCCESS", "BADARGS", "SERVERERROR"} <= set(method(name).errors)


def test_states_and_actions_are_the_models() -> None:
    for prefix, words in (
        ("allocation", AllocationState),
        ("operational", OperationalState),
        ("action", Action),
    ):
        declared = {one.name for key, one in SURFACE.items() if key.startswith(prefix + "/")}
        assert declared == {one.value for one in words}
        for word in declared:
            # Change Set O2, R056
            assert re.fullmatch("[a-zA-Z0-9][a-zA-Z0-9_]*", word)


def test_extensions_are_the_ones_rspecs_are_written_with() -> None:
    assert {one.namespace for one in EXTENSIONS} == {
        names.OPSTATE,
        names.USER,
        names.PRESERVE,
        names.EMULAB,
        names.DELAY,
        names.BOOT_SCRIPT,
    }
    assert {REQUEST_3.namespace, AD_3.namespace} == {names.RSPEC}


def test_our_own_names_bear_our_prefix() -> None:
    for identity, element in SURFACE.items():
        if isinstance(element, Option):
            assert element.name.startswith(("geni_", "gcfam_")), identity


def test_the_return_struct_is_the_standards() -> None:
    assert [one.name for one in RETURN] == ["code", "output"]


def test_advice_leads_to_what_is_there() -> None:
    # checklist 9
    for identity, element in SURFACE.items():
        for record in element.life.transitions:
            for one in record.instead:
                if "/" in one:
                    assert met(one) <= State.PROTOTYPE, identity


def test_a_client_meets_the_worst_of_an_element_and_what_holds_it() -> None:
    # checklist 14
    assert SURFACE["am/2/GetVersion/urn"].state is State.PUBLISHED
    assert met("am/2/GetVersion/urn") is State.DEPRECATED
    assert met("am/3/GetVersion/urn") is State.PUBLISHED


def test_the_package_bears_the_number_of_the_last_release() -> None:
    # checklist 90
    out = [one.number for one in RELEASES if one.dated is not None]
    assert not out or __version__.startswith(f"{out[-1]}.")
