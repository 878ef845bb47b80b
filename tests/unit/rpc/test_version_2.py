"""Version 2's handlers over a whole aggregate, without a network."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gcf_am.clock import format_time
from gcf_am.manager import provision
from gcf_am.reconciler.loop import Reconciler
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rpc.handlers_v2 import HANDLERS, _of_all
from gcf_am.surface.am_v2 import AM_2
from gcf_am.trust.issue import Identity
from tests.pki import SliceCertificate
from tests.unit.rpc.house import GENI_3, URL, URL_2, House, request

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Old:
    """alice's slice through version 2, whose credentials are plain strings."""

    def __init__(self, house: House) -> None:
        self.new = house
        self.house = house.in_version_2()
        self.alice: Identity = house.pki.user("alice")
        self.slice: SliceCertificate = house.pki.slice("s")
        self.creds = [house.pki.slice_credential(self.alice, self.slice)]

    @property
    def urn(self) -> str:
        return self.slice.urn.text

    def call(self, method: str, *middle: object, **options: object) -> dict[str, Any]:
        return self.house.call(self.alice, method, self.urn, self.creds, *middle, options)

    def done(self, method: str, *middle: object, **options: object) -> Any:
        answer = self.call(method, *middle, **options)
        assert answer["code"]["geni_code"] == 0, answer["output"]
        return answer["value"]

    def code(self, method: str, *middle: object, **options: object) -> int:
        answer = self.call(method, *middle, **options)
        assert answer["output"]
        return int(answer["code"]["geni_code"])

    def listed(self, **options: object) -> dict[str, Any]:
        asked = {**GENI_3, "geni_slice_urn": self.urn, **options}
        return self.house.call(self.alice, "ListResources", self.creds, asked)

    def states(self) -> set[tuple[str, str]]:
        """What version 3 tells of the slivers."""
        creds = self.new.creds(self.alice, self.slice)
        answer = self.new.call(self.alice, "Describe", [self.urn], creds, dict(GENI_3))
        return {
            (one["geni_allocation_status"], one["geni_operational_status"])
            for one in answer["value"]["geni_slivers"]
        }

    def work(self) -> None:
        worker = Reconciler(self.house.at.am, workers=4, owner="test")
        while worker.run_once():
            pass


@pytest.fixture
def old(house: House) -> Old:
    return Old(house)


def test_everything_declared_has_a_handler() -> None:
    assert [one for one, _ in HANDLERS.table(AM_2.methods).values()] == list(AM_2.methods)


def test_getversion(old: Old) -> None:
    # R271
    for number in (0, 1):
        answer = old.house.call(old.alice, "GetVersion", *[{}] * number)
        assert answer["geni_api"] == answer["value"]["geni_api"] == 2
        assert answer["value"]["geni_api_versions"] == {"2": URL_2, "3": URL}
    # methods of version 3 are not here
    with pytest.raises(Exception, match="no such method"):
        old.house.call(old.alice, "Describe", [old.urn], old.creds, GENI_3)


def test_createsliver_brings_all_of_it_up(old: Old) -> None:
    # R274, R276, R277, R280
    manifest = old.done("CreateSliver", request("two-nodes"), [])
    assert isinstance(manifest, str)
    assert 'type="manifest"' in manifest
    status = old.done("SliverStatus")
    assert (status["geni_urn"], status["geni_status"]) == (old.urn, "configuring")
    assert DATE.fullmatch(status["geni_expires"])
    assert old.states() == {("geni_provisioned", "geni_configuring")}
    old.work()
    status = old.done("SliverStatus")
    assert status["geni_status"] == "ready"
    assert len(status["geni_resources"]) == 3
    for one in status["geni_resources"]:
        assert one == {"geni_urn": one["geni_urn"], "geni_status": "ready", "geni_error": ""}
        assert one["geni_urn"] in manifest


def test_createsliver_where_there_is_something(old: Old) -> None:
    # R275, also when version 3 made it
    creds = old.new.creds(old.alice, old.slice)
    made = old.new.call(old.alice, "Allocate", old.urn, creds, request("one-node"), {})
    assert made["code"]["geni_code"] == 0
    assert old.code("CreateSliver", request("one-node"), []) == 17
    # R281: it is seen here, and can be deleted here
    assert old.done("SliverStatus")["geni_status"] == "configuring"
    assert old.done("DeleteSliver") is True
    old.done("CreateSliver", request("one-node"), [])
    assert old.code("CreateSliver", request("one-node"), []) == 17


@pytest.mark.parametrize(
    ("rspec", "users", "code"),
    [
        ("<rspec/>", [], 4),
        (request("one-node").replace("<node ", '<node component_id="x" ', 1), [], 12),
        (request("one-node"), [{"urn": "x", "keys": []}], 1),
        (request("one-node"), [{"urn": "urn:publicid:IDN+a+user+u", "keys": ["no key"]}], 1),
        (request("one-node"), [{"urn": "urn:publicid:IDN+a+user+u"}], 1),
        (request("one-node"), "alice", 1),
    ],
)
def test_a_createsliver_that_fails_leaves_nothing(
    old: Old, rspec: str, users: object, code: int
) -> None:
    assert old.code("CreateSliver", rspec, users) == code
    assert old.states() == set()
    assert old.code("SliverStatus") == 12


def test_what_fails_after_the_reservation_undoes_it(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("the process would die here")

    with monkeypatch.context() as patch:
        patch.setattr(provision, "_built", broken)
        assert old.code("CreateSliver", request("two-nodes"), []) == 5
    assert old.states() == set()
    with old.house.at.am.store.read() as unit:
        assert unit.held() == {}
    old.done("CreateSliver", request("two-nodes"), [])


def test_listresources_of_a_slice_is_its_manifest(old: Old) -> None:
    # R272
    assert old.listed()["code"]["geni_code"] == 12
    made = old.done("CreateSliver", request("one-node"), [])
    assert old.listed()["value"] == made
    assert old.listed(geni_compressed=True)["value"] != made
    # R273
    answer = old.house.call(old.alice, "ListResources", old.creds, {"geni_slice_urn": old.urn})
    assert answer["code"]["geni_code"] == 1
    ad = old.house.call(old.alice, "ListResources", old.creds, dict(GENI_3))["value"]
    assert 'type="advertisement"' in ad


def test_listresources_of_a_slice_needs_a_right_over_it(old: Old) -> None:
    old.done("CreateSliver", request("one-node"), [])
    bob = old.house.pki.user("bob")
    asked = {**GENI_3, "geni_slice_urn": old.urn}
    others = old.house.pki.slice("other")
    for creds in (
        [],
        [old.house.pki.user_credential(bob)],
        [old.house.pki.slice_credential(bob, others)],
        old.creds,
    ):
        answer = old.house.call(bob, "ListResources", creds, asked)
        assert answer["code"]["geni_code"] == 3
    # the advertisement needs no more than a credential
    mine = [old.house.pki.user_credential(bob)]
    answer = old.house.call(bob, "ListResources", mine, dict(GENI_3))
    assert answer["code"]["geni_code"] == 0
    # a credential that says nothing about slivers is not enough
    weak = [old.house.pki.slice_credential(old.alice, old.slice, privileges=["refresh"])]
    answer = old.house.call(old.alice, "ListResources", weak, asked)
    assert answer["code"]["geni_code"] == 3


def test_credentials_may_be_structs_too(old: Old) -> None:
    old.creds = old.new.creds(old.alice, old.slice)  # type: ignore[assignment]  # on purpose
    old.done("CreateSliver", request("one-node"), [])
    assert old.listed()["code"]["geni_code"] == 0


def test_renewsliver(old: Old) -> None:
    # R278
    old.done("CreateSliver", request("one-node"), [])
    soon = format_time(old.house.at.am.clock.now() + timedelta(hours=1))
    assert old.done("RenewSliver", soon) is True
    assert old.done("SliverStatus")["geni_expires"] == soon
    late = "2125-01-01T00:00:00+00:00"
    assert old.code("RenewSliver", late) == 19
    assert old.done("SliverStatus")["geni_expires"] == soon
    assert old.code("RenewSliver", "soon") == 1
    answer = old.call("RenewSliver", late, geni_extend_alap=True)
    # Omni reads the date that was granted, and nothing else may stand there
    assert answer["value"] is True
    assert answer["output"] == old.done("SliverStatus")["geni_expires"]
    assert soon < answer["output"] < late


def test_deletesliver(old: Old) -> None:
    # R279
    assert old.code("DeleteSliver") == 12
    old.done("CreateSliver", request("one-node"), [])
    old.work()
    assert old.done("DeleteSliver") is True
    assert old.code("DeleteSliver") == 12
    assert old.code("SliverStatus") == 12
    assert old.states() == set()


def test_shutdown_is_the_operators_here_too(old: Old) -> None:
    old.done("CreateSliver", request("one-node"), [])
    assert old.code("Shutdown") == 3
    carol = old.house.pki.user("carol")
    am = replace(old.house.at.am, operators=frozenset({carol.urn}))
    at = Endpoint(am, old.house.at.facts)
    authorizer = replace(old.house.authorizer, am=am)
    operating = replace(old.new, at=at, authorizer=authorizer).in_version_2()
    answer = operating.call(carol, "Shutdown", old.urn, [], {})
    assert answer["value"] is True
    assert old.code("SliverStatus") == 3


def test_what_is_stopped_has_no_word(old: Old) -> None:
    old.done("CreateSliver", request("one-node"), [])
    old.work()
    creds = old.new.creds(old.alice, old.slice)
    old.new.call(old.alice, "PerformOperationalAction", [old.urn], creds, "geni_stop", {})
    assert old.done("SliverStatus")["geni_status"] == "configuring"
    old.work()
    assert old.done("SliverStatus")["geni_status"] == "unknown"


@pytest.mark.parametrize(
    ("of_each", "of_all"),
    [
        ({"ready"}, "ready"),
        ({"ready", "configuring"}, "configuring"),
        ({"configuring", "failed", "ready"}, "failed"),
        ({"ready", "unknown"}, "unknown"),
        ({"unknown", "configuring"}, "configuring"),
    ],
)
def test_the_status_of_all(of_each: set[str], of_all: str) -> None:
    # AM API facts 12
    assert _of_all(of_each) == of_all


def test_each_answer_advises_version_3(old: Old) -> None:
    answer = old.call("CreateSliver", request("one-node"), [])
    assert "deprecated" in answer["output"]
    assert "am/3/Allocate" in answer["output"]
