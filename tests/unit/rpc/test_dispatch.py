import logging
import re
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gcf_am.clock import format_time
from gcf_am.errors import AlreadyExists, OutOfRange, Refused, TooBig
from gcf_am.rpc.binding import Handlers
from gcf_am.rpc.dispatch import Dispatcher
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.surface.am_v3 import ALLOCATE, AM_3, RETURN, SHUTDOWN, STATUS
from gcf_am.surface.elements import ApiVersion, Field, Method
from gcf_am.surface.lifecycle import Change, Lifecycle, Transition, prototype, published
from gcf_am.surface.releases import R1_0
from gcf_am.surface.shapes import TEXT, Record, Shape
from gcf_am.trust.grant import Grant
from gcf_am.xmlrpc.codec import read_response, write_call
from gcf_am.xmlrpc.fault import Fault
from tests.unit.rpc.house import GENI_3, House, request

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def code(answer: Mapping[str, Any]) -> int:
    """The code of a return struct that is as the standard wants it (R013 to R018)."""
    whole = Record(*RETURN, Field(name="value", doc="It.", shape=Anything()))
    answer = {name: value for name, value in answer.items() if name != "geni_api"}
    whole.check(answer, "answer")
    assert answer["code"]["am_type"] == "gcfam"
    found = answer["code"]["geni_code"]
    assert isinstance(found, int)
    assert bool(found) == bool(answer["output"])
    return found


class Anything:
    def check(self, value: object, where: str) -> None:
        assert value is not None, where

    def members(self) -> Any:
        return iter(())

    def without(self, hidden: object, value: Any) -> object:
        return value


# ------------------------------------------------------------------ what every call has in common


def test_getversion_has_geni_api_on_top_too(house: House) -> None:
    alice = house.pki.user("alice")
    for parameters in ((), ({},), ({"x": 1},)):
        answer = house.call(alice, "GetVersion", *parameters)
        assert code(answer) == 0
        assert answer["geni_api"] == 3
        assert answer["value"]["geni_api"] == 3
        assert list(answer["value"]["geni_api_versions"]) == ["2", "3"]
    assert "geni_api" not in house.call(alice, "Status")


@pytest.mark.parametrize("method", [one.name for one in AM_3.methods if one.arguments])
def test_missing_and_wrong_arguments_give_1(house: House, method: str) -> None:
    alice = house.pki.user("alice")
    assert code(house.call(alice, method)) == 1
    assert code(house.call(alice, method, 7, 7, 7, 7)) == 1
    assert code(house.call(alice, method, {}, {}, {}, {}, {}, {})) == 1


JUNK = st.recursive(
    st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.sampled_from(["", "x", "urn:publicid:IDN+gcf.local+slice+s1", "<rspec/>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from([one.name for one in AM_3.methods]), st.lists(JUNK, max_size=5))
def test_whatever_comes_a_struct_goes(house: House, method: str, parameters: list[object]) -> None:
    answer = house.call(house.pki.user("alice"), method, *parameters)
    assert code(answer) in ({0} if method == "GetVersion" and code(answer) == 0 else {1, 3, 4})


@pytest.mark.parametrize("name", ["system.listMethods", "_decode", "__class__", "allocate"])
def test_an_undeclared_name_is_a_fault(house: House, name: str) -> None:
    with pytest.raises(Fault) as caught:
        house.call(house.pki.user("alice"), name)
    assert caught.value.code == -32601
    assert name not in caught.value.text


@pytest.mark.parametrize(
    ("body", "number"), [(b"", -32700), (b"<a/>", -32600), (b"<methodCall/>", -32600)]
)
def test_what_is_no_call_is_a_fault(house: House, body: bytes, number: int) -> None:
    with pytest.raises(Fault) as caught:
        read_response(house.send(house.pki.user("alice"), body))
    assert caught.value.code == number


def test_one_line_is_logged_for_each_call(house: House, caplog: pytest.LogCaptureFixture) -> None:
    alice = house.pki.user("alice")
    with caplog.at_level(logging.INFO, "gcf_am.access"):
        house.call(alice, "GetVersion")
        house.call(alice, "Status", [], [], {})
        house.send(alice, b"junk")
        house.send(alice, write_call("no\nsuch", ()))
    lines = [one.getMessage() for one in caplog.records if one.name == "gcf_am.access"]
    assert len(lines) == 4
    assert re.fullmatch(
        rf"r1 \S* {re.escape(alice.urn.text)} GetVersion code=0 \d+\.\d ms", lines[0]
    )
    assert "Status code=1 " in lines[1]
    assert " - code=-32700 " in lines[2]
    assert " ? code=-32601 " in lines[3]


# --------------------------------------------------------------------------- authorisation's order


def test_syntax_comes_before_authorisation_and_existence(house: House) -> None:
    alice, bob = house.pki.user("alice"), house.pki.user("bob")
    mine = house.pki.slice("mine")
    own, nobody = house.creds(alice, mine), house.creds(bob, mine)
    unknown = house.pki.urn("sliver", "0").text
    # syntax, although nothing is allowed
    assert code(house.call(bob, "Status", ["x"], [], {})) == 1
    # then rights, although nothing is there
    assert code(house.call(alice, "Status", [unknown], [], {})) == 3
    assert code(house.call(alice, "Status", [unknown], nobody, {})) == 3
    # and only then that it is not
    assert code(house.call(alice, "Status", [unknown], own, {})) == 12
    assert code(house.call(alice, "Status", [mine.urn.text], own, {})) == 12


def test_a_credential_for_another_slice_gives_3(house: House) -> None:
    alice = house.pki.user("alice")
    mine, other = house.pki.slice("mine"), house.pki.slice("other")
    creds = house.creds(alice, other)
    answer = house.call(alice, "Allocate", mine.urn.text, creds, request("one-node"), {})
    assert code(answer) == 3
    assert answer["code"]["am_code"] == 22
    assert "other" in answer["output"]


def test_slivers_of_another_slice_give_3(house: House) -> None:
    alice = house.pki.user("alice")
    mine, other = house.pki.slice("mine"), house.pki.slice("other")
    made = house.call(
        alice, "Allocate", mine.urn.text, house.creds(alice, mine), request("one-node"), {}
    )
    urns = [one["geni_sliver_urn"] for one in made["value"]["geni_slivers"]]
    assert code(house.call(alice, "Status", urns, house.creds(alice, other), {})) == 3
    assert code(house.call(alice, "Status", urns, house.creds(alice, mine), {})) == 0


def test_the_same_slice_urn_with_another_uuid_is_another_slice(house: House) -> None:
    alice, pki = house.pki.user("alice"), house.pki
    first = pki.slice("again")
    made = house.call(
        alice, "Allocate", first.urn.text, house.creds(alice, first), request("one-node"), {}
    )
    urns = [one["geni_sliver_urn"] for one in made["value"]["geni_slivers"]]
    second = pki.slice("again", again=True)
    assert second.urn == first.urn
    creds = house.creds(alice, second)
    assert (
        house.call(alice, "Describe", [second.urn.text], creds, GENI_3)["value"]["geni_slivers"]
        == []
    )
    assert code(house.call(alice, "Status", urns, creds, {})) == 3
    assert code(house.call(alice, "Delete", urns, creds, {"geni_best_effort": True})) == 3


def test_best_effort_overrides_neither_rights_nor_syntax(house: House) -> None:
    alice, bob = house.pki.user("alice"), house.pki.user("bob")
    mine = house.pki.slice("mine")
    effort = {"geni_best_effort": True}
    unknown = house.pki.urn("sliver", "0").text
    assert code(house.call(bob, "Delete", [unknown], house.creds(alice, mine), effort)) == 3
    assert code(house.call(alice, "Delete", [], house.creds(alice, mine), effort)) == 1
    answer = house.call(alice, "Status", [unknown], house.creds(alice, mine), effort)
    assert code(answer) == 0
    [entry] = answer["value"]["geni_slivers"]
    assert entry["geni_sliver_urn"] == unknown
    assert entry["geni_error"]


def test_privileges_are_those_that_were_declared(house: House) -> None:
    alice, mine = house.pki.user("alice"), house.pki.slice("mine")
    urn = mine.urn.text
    info = house.creds(alice, mine, "info")
    answer = house.call(alice, "Allocate", urn, info, request("one-node"), {})
    assert code(answer) == 3
    assert "createsliver" in answer["output"]
    assert code(house.call(alice, "Shutdown", urn, house.creds(alice, mine, "control"), {})) == 3
    assert code(house.call(alice, "ListResources", info, GENI_3)) == 0


def test_operators_work_on_slices_that_are_not_theirs(house: House) -> None:
    carol, alice, mine = house.pki.user("carol"), house.pki.user("alice"), house.pki.slice("mine")
    operating = replace(house.at.am, operators=frozenset({carol.urn}))
    authorizer = replace(house.authorizer, am=operating)
    at = replace(house.at, am=operating)
    again = replace(house, at=at, dispatcher=Dispatcher(AM_3, handlers(), at, authorizer))
    urn, creds = mine.urn.text, house.creds(alice, mine)
    unknown = house.pki.urn("sliver", "0").text
    assert code(again.call(carol, "Status", [unknown], [], {})) == 12
    assert code(again.call(carol, "Shutdown", urn, [], {})) == 0
    assert code(again.call(alice, "Describe", [urn], creds, GENI_3)) == 3
    assert code(again.call(carol, "Describe", [urn], [], GENI_3)) == 0


def handlers() -> Handlers:
    from gcf_am.rpc.handlers_v3 import HANDLERS

    return HANDLERS


def test_a_certificate_without_a_urn_gets_a_getversion_and_nothing_else(house: House) -> None:
    stranger = replace(house.pki.user("alice"), chain=house.pki.slice("mine").chain[1:])
    assert code(house.call(stranger, "GetVersion")) == 0
    answer = house.call(stranger, "ListResources", [], GENI_3)
    assert code(answer) == 3


# ------------------------------------------------------------------------- a slice from end to end


def test_every_method_on_one_slice(house: House) -> None:
    alice, mine = house.pki.user("alice"), house.pki.slice("mine")
    urn, creds = mine.urn.text, house.creds(alice, mine)

    def done(method: str, *middle: object, **options: object) -> Any:
        first = urn if method in {"Allocate", "Shutdown"} else [urn]
        answer = house.call(alice, method, first, creds, *middle, options)
        assert code(answer) == 0, answer
        return answer["value"]

    made = done("Allocate", request("two-nodes"), geni_best_effort="ignored")
    assert set(made) == {"geni_rspec", "geni_slivers"}
    for sliver in made["geni_slivers"]:
        assert DATE.fullmatch(sliver["geni_expires"])
        assert sliver["geni_allocation_status"] == "geni_allocated"
        assert sliver["geni_next_allocation_status"] == "geni_provisioned"
        assert sliver["geni_error"] == ""
    assert set(done("Describe", **GENI_3)) == {"geni_rspec", "geni_slivers", "geni_urn"}
    packed = done("Describe", **GENI_3, geni_compressed=True)["geni_rspec"]
    assert zlib.decompress(b64decode(packed)).decode() == done("Describe", **GENI_3)["geni_rspec"]
    users = [{"urn": alice.urn.text, "keys": []}]
    assert set(done("Provision", **GENI_3, geni_users=users)) == {"geni_rspec", "geni_slivers"}
    status = done("Status")
    assert status["geni_urn"] == urn
    assert {one["geni_next_allocation_status"] for one in status["geni_slivers"]} == {""}
    later = format_time(house.pki.now + timedelta(days=2))
    assert {one["geni_expires"] for one in done("Renew", later)} == {later}
    changed = done("Update", made["geni_rspec"])
    assert {one["geni_allocation_status"] for one in changed["geni_slivers"]} == {"geni_updating"}
    assert set(done("Cancel")) == {"geni_rspec", "geni_urn", "geni_slivers"}
    gone = done("Delete")
    assert {one["geni_allocation_status"] for one in gone} == {"geni_unallocated"}
    assert {one["geni_expires"] for one in gone} == {later}


def test_protogenis_update_is_an_allocate_on_an_empty_slice(house: House) -> None:
    alice, mine = house.pki.user("alice"), house.pki.slice("mine")
    creds = house.creds(alice, mine)
    answer = house.call(alice, "Update", mine.urn.text, [], creds, request("one-node"), {})
    assert code(answer) == 0
    assert len(answer["value"]["geni_slivers"]) == 1


def test_an_action_on_what_is_only_allocated_gives_13(house: House) -> None:
    alice, mine = house.pki.user("alice"), house.pki.slice("mine")
    urn, creds = mine.urn.text, house.creds(alice, mine)
    house.call(alice, "Allocate", urn, creds, request("one-node"), {})
    for action, expected in (("geni_start", 13), ("fly", 13), ("", 1)):
        answer = house.call(alice, "PerformOperationalAction", [urn], creds, action, {})
        assert code(answer) == expected


def test_the_advertisement_is_compressed_when_asked(house: House) -> None:
    alice = house.pki.user("alice")
    creds = [house.pki.struct(house.pki.user_credential(alice))]
    plain = house.call(alice, "ListResources", creds, GENI_3)
    packed = house.call(alice, "ListResources", creds, {**GENI_3, "geni_compressed": 1})
    assert zlib.decompress(b64decode(packed["value"])).decode() == plain["value"]


def test_a_hint_becomes_the_value(house: House) -> None:
    alice, mine = house.pki.user("alice"), house.pki.slice("mine")
    urn, creds = mine.urn.text, house.creds(alice, mine)
    house.call(alice, "Allocate", urn, creds, request("one-node"), {})
    answer = house.call(alice, "Renew", [urn], creds, "2100-01-01T00:00:00Z", {})
    assert code(answer) == 19
    assert DATE.fullmatch(answer["value"])


# ------------------------------------------------------------------- what the dispatcher guards


def dispatcher(
    house: House, method: Method, error: Exception | None, value: object = True
) -> House:
    """A house whose only method does what the test says."""
    bound = Handlers()

    @bound.serves(replace(method, arguments=(), options=(), needs=None))
    def handle(at: Endpoint) -> object:
        assert at is house.at
        if error is not None:
            raise error
        return value

    only = replace(method, arguments=(), options=(), needs=None)
    version = ApiVersion(name="3", doc="It.", number=3, methods=(only,))
    return replace(house, dispatcher=Dispatcher(version, bound, house.at, house.authorizer))


def raised(house: House, error: Exception) -> dict[str, Any]:
    return dispatcher(house, SHUTDOWN, error).call(house.pki.user("alice"), "Shutdown", {})


def test_an_unexpected_error_is_ours_and_tells_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    answer = raised(house, KeyError("/etc/secret"))
    assert code(answer) == 5
    assert answer["output"] == "This is the aggregate's fault; tell its operator: r1"
    assert "secret" not in str(answer)
    assert "r1 Shutdown failed" in caplog.text
    assert "/etc/secret" in caplog.text


def test_errors_keep_their_code_text_and_hint(house: House) -> None:
    answer = raised(house, Refused("not today", hint="tomorrow", am_code=77))
    assert code(answer) == 7
    assert answer["code"]["am_code"] == 77
    assert (answer["output"], answer["value"]) == ("not today", "tomorrow")


@pytest.mark.parametrize("hint", [None, [1], b"x", object()])
def test_a_hint_that_cannot_be_sent_is_left_out(house: House, hint: object) -> None:
    assert raised(house, Refused("no", hint=hint))["value"] == ""


def test_an_error_without_words_gets_some(house: House) -> None:
    assert raised(house, Refused(""))["output"] == "Shutdown failed"


@pytest.mark.parametrize("error", [AlreadyExists("there"), OutOfRange("too late")])
def test_a_code_that_was_not_declared_is_told_to_the_operator(
    house: House, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    answer = raised(house, error)
    assert code(answer) == 2
    assert answer["output"] == str(error)
    assert "is not declared" in caplog.text


@pytest.mark.parametrize("value", [1, "yes", None, {"x": True}])
def test_a_value_that_was_not_declared_is_not_sent(house: House, value: object) -> None:
    again = dispatcher(house, SHUTDOWN, None, value)
    assert code(again.call(house.pki.user("alice"), "Shutdown", {})) == 5


def test_a_field_that_was_not_declared_is_not_sent(house: House) -> None:
    shape: Shape = Record(Field(name="a", doc="It.", shape=TEXT))
    method = replace(SHUTDOWN, returns=shape)
    alice = house.pki.user("alice")
    assert code(dispatcher(house, method, None, {"a": ""}).call(alice, "Shutdown", {})) == 0
    extra = dispatcher(house, method, None, {"a": "", "b": ""})
    assert code(extra.call(alice, "Shutdown", {})) == 5


DEPRECATED = Transition(Change.DEPRECATE, R1_0, "It is slow.", ("am/3/Status",))


def living(house: House, *life: Transition) -> House:
    return dispatcher(house, replace(SHUTDOWN, life=Lifecycle(*life)), None)


def test_a_deprecated_method_works_with_advice(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    again = living(house, published(R1_0, "new"), DEPRECATED)
    answer = again.call(house.pki.user("alice"), "Shutdown", {})
    assert (answer["code"]["geni_code"], answer["value"]) == (0, True)
    assert answer["output"] == ("Shutdown is deprecated: It is slow. Use am/3/Status instead.")
    assert "r1 deprecated am/3/Shutdown by urn:publicid:IDN+gcf.local+user+alice" in caplog.text


def test_a_removed_method_gives_13_with_advice_and_no_fault(house: House) -> None:
    gone = Transition(Change.REMOVE, R1_0, "It is unsafe.", ("am/3/Status",), urgent="CVE-2030-1")
    life = Lifecycle(published(R1_0, "new"), DEPRECATED, gone)
    version = ApiVersion(name="3", doc="It.", number=3, methods=(replace(STATUS, life=life),))
    again = replace(house, dispatcher=Dispatcher(version, Handlers(), house.at, house.authorizer))
    answer = again.call(house.pki.user("alice"), "Status", {})
    assert code(answer) == 13
    assert answer["output"] == "Status is removed: It is unsafe. Use am/3/Status instead."


def test_a_prototype_is_served_unless_the_operator_says_no(house: House) -> None:
    again = living(house, prototype(R1_0, "try it"))
    alice = house.pki.user("alice")
    assert code(again.call(alice, "Shutdown", {})) == 0
    off = replace(house, at=replace(house.at, facts=replace(house.at.facts, prototypes=False)))
    answer = living(off, prototype(R1_0, "try it")).call(alice, "Shutdown", {})
    assert code(answer) == 13
    assert "not enabled here" in answer["output"]


def test_no_verb_is_reached_without_a_grant() -> None:
    """Every handler but GetVersion's takes the proof that the call was authorised."""
    for method, handler in handlers().table(AM_3.methods).values():
        takes = Grant in handler.__annotations__.values()
        assert takes == (method.name != "GetVersion")


@pytest.mark.parametrize("hint", [{"gcfam_shortage": {}}, {"other": 1}])
def test_a_struct_that_is_not_declared_is_no_hint(
    house: House, caplog: pytest.LogCaptureFixture, hint: object
) -> None:
    alice = house.pki.user("alice")
    answer = dispatcher(house, ALLOCATE, TooBig("no", hint=hint)).call(alice, "Allocate", {})
    assert (code(answer), answer["value"]) == (6, "")
    assert "not as declared" in caplog.text
    # Shutdown declares none at all
    assert raised(house, Refused("no", hint=hint))["value"] == ""
