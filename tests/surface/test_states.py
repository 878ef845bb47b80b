"""What the state of an element does at run time, over the wire; facts on lifecycle 2.2."""

import logging
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gcf_am.rpc.endpoint import Endpoint
from gcf_am.surface import am_v3, codes, formats
from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.elements import ApiVersion, Element, Extension, Field, Method, Option
from gcf_am.surface.shapes import TEXT, Many, Record
from gcf_am.surface.wire import BOOLEAN
from tests.security.wire.aggregate import Served
from tests.surface.lives import GONE, NEW, OLD, TRIAL, among, counted
from tests.surface.served import Declared, serving
from tests.unit.rpc.house import GENI_3, House, build, request

ADVICE = "It is slow. Use am/3/Status instead."
ENDED = "It is unsafe. Use am/3/Status instead."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = build(tmp_path_factory.mktemp("house"))
    yield made
    made.at.am.store.close()


def call(served: Served, method: str, *parameters: object, version: int = 3) -> dict[str, Any]:
    """A call by alice, whose answer has to be a return struct and no Fault."""
    with served.proxy(served.house.pki.user("alice"), f"/xmlrpc/am/{version}") as am:
        answer = getattr(am, method)(*parameters)
    assert isinstance(answer, dict)
    assert {"code", "value", "output"} <= answer.keys()
    return answer


def code(answer: dict[str, Any]) -> int:
    number = answer["code"]["geni_code"]
    assert isinstance(number, int)
    return number


@pytest.fixture
def mine(house: House) -> tuple[list[str], list[dict[str, str]]]:
    """A slice of alice's and her credential for it."""
    alice, made = house.pki.user("alice"), house.pki.slice("mine")
    return [made.urn.text], house.creds(alice, made)


def listing(house: House) -> list[dict[str, str]]:
    return [house.pki.struct(house.pki.user_credential(house.pki.user("alice")))]


# ------------------------------------------------------------------------------------- methods


def test_a_deprecated_method_does_what_it_did_and_gives_advice(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    # checklist 48, 49, 50, 59
    caplog.set_level(logging.INFO)
    creds = listing(house)
    with serving(house, Declared()) as served:
        before = call(served, "ListResources", creds, GENI_3)
    assert before["output"] == ""
    assert counted(caplog) == {}
    old = among(AM_3, replace(am_v3.LIST_RESOURCES, life=OLD))
    with serving(house, Declared(old)) as served:
        after = call(served, "ListResources", creds, GENI_3)
    assert after["value"] == before["value"]
    assert after["output"] == f"ListResources is deprecated: {ADVICE}"
    assert counted(caplog) == {"deprecated": {"am/3/ListResources": 1}}
    [line] = [one.getMessage() for one in caplog.records if one.name == "gcf_am.rpc.uses"]
    assert line.endswith(f" by {house.pki.user('alice').urn}")
    assert line.split()[0] in caplog.text


def test_a_removed_method_gives_advice_and_no_fault(
    house: House, mine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # checklist 51
    caplog.set_level(logging.INFO)
    with serving(house, Declared(among(AM_3, replace(am_v3.RENEW, life=GONE)))) as served:
        for parameters in ((*mine, "2100-01-01T00:00:00Z", {}), ()):
            answer = call(served, "Renew", *parameters)
            assert (code(answer), answer["value"]) == (13, "")
            assert answer["output"] == f"Renew is removed: {ENDED}"
        told = call(served, "GetVersion")["value"]["gcfam_lifecycle"]
    assert told["am/3/Renew"] == "removed"
    assert counted(caplog) == {"removed": {"am/3/Renew": 2}}


def test_a_removed_method_needs_not_declare_13(house: House) -> None:
    version = among(AM_3, replace(am_v3.GET_VERSION, life=GONE))
    with serving(house, Declared(version)) as served:
        assert code(call(served, "GetVersion")) == 13


@pytest.mark.parametrize("prototypes", [True, False])
def test_a_prototype_is_served_and_listed_unless_switched_off(
    house: House, mine: Any, prototypes: bool
) -> None:
    # checklist 57, 58
    declared = Declared(among(AM_3, replace(am_v3.UPDATE, life=TRIAL)))
    with serving(house, declared, prototypes=prototypes) as served:
        answer = call(served, "Update", *mine, request("one-node"), {})
        told = call(served, "GetVersion")["value"]["gcfam_lifecycle"]
        if prototypes:
            call(served, "Delete", *mine, {})
    if prototypes:
        assert code(answer) == 0
        assert answer["output"] == ""
        assert told["am/3/Update"] == "prototype"
    else:
        assert code(answer) == 13
        assert answer["output"] == "Update is a prototype, and not enabled here"
        assert "am/3/Update" not in told


def test_what_is_listed_is_what_is_not_published(house: House) -> None:
    # checklist 56
    declared = Declared(among(AM_3, replace(am_v3.RENEW, life=GONE)))
    with serving(house, declared) as served:
        told = call(served, "GetVersion")["value"]["gcfam_lifecycle"]
    assert told == {
        identity: one.state.name.lower()
        for identity, one in declared.elements().items()
        if one.state.name != "PUBLISHED"
    }


# ------------------------------------------------------------------------------------- options


def with_option(**life: Any) -> tuple[Method, Any]:
    """GetVersion with an option, and a handler that answers what it got."""
    option = Option(name="gcfam_x", doc="A test's.", type=BOOLEAN, default=False, **life)
    shape = Record(Field(name="x", doc="What came.", shape=TEXT))
    method = replace(am_v3.GET_VERSION, options=(option,), returns=shape)
    return method, lambda _at, *, gcfam_x: {"x": str(gcfam_x)}


@pytest.mark.parametrize(
    ("life", "prototypes", "read", "output", "uses"),
    [
        (NEW, True, "True", "", {}),
        (TRIAL, True, "True", "", {}),
        (TRIAL, False, "False", "", {}),
        (OLD, True, "True", f"gcfam_x is deprecated: {ADVICE}", {"deprecated"}),
        (GONE, True, "False", "", {"removed"}),
    ],
)
def test_options(  # checklist 52
    house: House,
    caplog: pytest.LogCaptureFixture,
    life: Any,
    prototypes: bool,
    read: str,
    output: str,
    uses: set[str],
) -> None:
    caplog.set_level(logging.INFO)
    method, handler = with_option(life=life)
    declared = Declared(among(AM_3, method))
    with serving(house, declared, prototypes=prototypes, GetVersion=handler) as served:
        answer = call(served, "GetVersion", {"gcfam_x": True, "gcfam_unknown": 1})
        call(served, "GetVersion", {})
    assert (answer["value"], answer["output"]) == ({"x": read}, output)
    assert counted(caplog) == {one: {"am/3/GetVersion/gcfam_x": 1} for one in uses}


# -------------------------------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("life", "prototypes", "expected"),
    [
        (NEW, False, {"kept": "a", "mine": [{"x": "b"}]}),
        (TRIAL, True, {"kept": "a", "mine": [{"x": "b"}]}),
        (TRIAL, False, {"kept": "a", "mine": [{}]}),
        (OLD, True, {"kept": "a", "mine": [{"x": "b"}]}),
        (GONE, True, None),
    ],
)
def test_fields(house: House, life: Any, prototypes: bool, expected: Any) -> None:
    inner = Record(Field(name="x", doc="It.", shape=TEXT, life=life))
    shape = Record(
        Field(name="kept", doc="It.", shape=TEXT), Field(name="mine", doc="It.", shape=Many(inner))
    )
    declared = Declared(among(AM_3, replace(am_v3.GET_VERSION, returns=shape)))

    def handler(_at: Endpoint) -> object:
        return {"kept": "a", "mine": [{"x": "b"}]}

    with serving(house, declared, prototypes=prototypes, GetVersion=handler) as served:
        answer = call(served, "GetVersion")
    if expected is None:
        # a server that still sends it is wrong, and says so
        assert (code(answer), answer["value"]) == (5, "")
    else:
        assert answer["value"] == expected


# ---------------------------------------------------------------------------------- API versions


@pytest.mark.parametrize(
    ("two", "prototypes", "listed", "codes"),
    [
        ({"life": NEW}, True, ["2", "3"], [0, 0]),
        ({"life": OLD}, True, ["2", "3"], [0, 0]),
        ({"life": TRIAL}, True, ["2", "3"], [0, 0]),
        ({"life": TRIAL}, False, ["3"], [0, 13]),
        ({"life": GONE}, True, ["3"], [0, 13]),
    ],
)
def test_api_versions(  # checklist 55
    house: House, two: Any, prototypes: bool, listed: list[str], codes: list[int]
) -> None:
    methods = tuple(replace(one, life=NEW) for one in AM_2.methods)
    version: ApiVersion = replace(AM_2, methods=methods, **two)
    creds = listing(house)
    with serving(house, Declared(two=version), prototypes=prototypes) as served:
        value = call(served, "GetVersion")["value"]
        answers = [
            call(served, "GetVersion", version=2),
            call(served, "ListResources", creds, GENI_3, version=2),
        ]
    assert sorted(value["geni_api_versions"]) == listed
    assert [code(one) for one in answers] == codes
    if two["life"] is OLD:
        assert answers[1]["output"] == f"version 2 is deprecated: {ADVICE}"
    if two["life"] is GONE:
        assert answers[1]["output"] == f"version 2 is removed: {ENDED}"


# -------------------------------------------------------------------------- RSpecs, credentials


def in_rspec_version(**changes: Any) -> Declared:
    ad = replace(formats.AD_3, **changes)
    option = replace(am_v3.AD_VERSION, type=formats.rspec_version(ad))
    options = tuple(
        option if one is am_v3.AD_VERSION else one for one in am_v3.LIST_RESOURCES.options
    )
    version = among(AM_3, replace(am_v3.LIST_RESOURCES, options=options))
    return Declared(version, others={"rspec/ad/geni/3": ad})


@pytest.mark.parametrize(
    ("life", "prototypes", "listed", "expected", "uses"),
    [
        (NEW, False, 1, 0, set()),
        (TRIAL, True, 1, 0, set()),
        (TRIAL, False, 0, 4, set()),
        (OLD, True, 1, 0, {"deprecated"}),
        (GONE, True, 0, 4, set()),
    ],
)
def test_rspec_versions(  # checklist 53
    house: House,
    caplog: pytest.LogCaptureFixture,
    life: Any,
    prototypes: bool,
    listed: int,
    expected: int,
    uses: set[str],
) -> None:
    caplog.set_level(logging.INFO)
    with serving(house, in_rspec_version(life=life), prototypes=prototypes) as served:
        value = call(served, "GetVersion")["value"]
        answer = call(served, "ListResources", listing(house), GENI_3)
    assert len(value["geni_ad_rspec_versions"]) == listed
    assert code(answer) == expected
    assert counted(caplog) == {one: {"rspec/ad/geni/3": 1} for one in uses}


MADE_UP = "https://example.org/made-up/1"


@pytest.mark.parametrize(
    ("life", "prototypes", "listed", "uses"),
    [
        (NEW, False, True, set()),
        (TRIAL, True, True, set()),
        (TRIAL, False, False, set()),
        (OLD, True, True, {"deprecated"}),
        (GONE, True, False, set()),
    ],
)
def test_extensions(  # checklist 54
    house: House,
    mine: Any,
    caplog: pytest.LogCaptureFixture,
    life: Any,
    prototypes: bool,
    listed: bool,
    uses: set[str],
) -> None:
    caplog.set_level(logging.INFO)
    kinds = frozenset({"request"})
    extension = Extension(name="m/1", doc="It.", life=life, namespace=MADE_UP, kinds=kinds)
    declared = Declared(others={"rspec/ext/m/1": extension})
    carried = f'<m:deep xmlns:m="{MADE_UP}" a="1"><m:er>x</m:er></m:deep>'
    rspec = request("one-node").replace("</rspec>", f"{carried}</rspec>")
    with serving(house, declared, prototypes=prototypes) as served:
        [asked] = call(served, "GetVersion")["value"]["geni_request_rspec_versions"]
        answer = call(served, "Allocate", mine[0][0], mine[1], rspec, {})
        call(served, "Delete", *mine, {})
    assert (MADE_UP in asked["extensions"]) == listed
    assert code(answer) == 0
    assert "<m:er>x</m:er>" in answer["value"]["geni_rspec"]
    assert ("m/1 is deprecated" in answer["output"]) == bool(uses)
    assert counted(caplog) == {one: {"rspec/ext/m/1": 1} for one in uses}


@pytest.mark.parametrize(("life", "listed"), [(NEW, True), (TRIAL, False), (GONE, False)])
def test_credential_types(house: House, life: Any, listed: bool) -> None:
    three = replace(formats.CREDENTIAL_TYPES[1], life=life)
    declared = Declared(others={"credential/geni_sfa/3": three})
    with serving(house, declared, prototypes=False) as served:
        found = call(served, "GetVersion")["value"]["geni_credential_types"]
    assert ({"geni_type": "geni_sfa", "geni_version": "3"} in found) == listed


# -------------------------------------------------------------------------------- codes, names


@pytest.mark.parametrize(("life", "expected"), [(OLD, 12), (GONE, 2)])
def test_a_removed_code_is_not_answered(house: House, mine: Any, life: Any, expected: int) -> None:
    [twelve] = [one for one in codes.CODES if one.number == 12]
    others: dict[str, Element] = {"code/12": replace(twelve, life=life)}
    with serving(house, Declared(others=others)) as served:
        assert code(call(served, "Status", *mine, {})) == expected


@pytest.mark.parametrize("name", ["Renewal", "renew", "system.listMethods", "_decode"])
def test_what_was_never_declared_is_a_fault(house: House, name: str) -> None:
    with (
        serving(house, Declared()) as served,
        served.proxy(house.pki.user("alice")) as am,
        pytest.raises(xmlrpc.client.Fault) as caught,
    ):
        getattr(am, name)()
    assert caught.value.faultCode == -32601
