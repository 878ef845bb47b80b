"""Describe: the manifest and the states of slivers; nothing changes."""

import base64
import zlib

import pytest

from tests.functional.rspecs import PRESERVE, Rspec, core, example, node, pair, request
from tests.functional.running import GENI3, Slice

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"


def test_a_slice_is_described_whole(slice_: Slice) -> None:
    # R175, R265
    made = slice_.allocate(pair())
    value = slice_.done("Describe")
    assert value.keys() == {"geni_rspec", "geni_urn", "geni_slivers"}
    assert value["geni_urn"] == slice_.urn
    assert Rspec(value["geni_rspec"]).urns() == made
    assert {one["geni_sliver_urn"] for one in value["geni_slivers"]} == set(made.values())


@pytest.mark.parametrize(
    ("version", "code"),
    [(None, 1), ({"version": "3"}, 1), ({"type": "GENI", "version": "2"}, 4)],
)
def test_the_rspec_version_must_be_named_and_spoken(
    slice_: Slice, version: object, code: int
) -> None:
    # R176
    options = {} if version is None else {"geni_rspec_version": version}
    answer = slice_.owner.am("Describe", [slice_.urn], slice_.creds, options)
    assert answer["code"]["geni_code"] == code


def test_a_slice_that_nobody_named_is_an_empty_success(slice_: Slice) -> None:
    # R177, R269
    value = slice_.done("Describe")
    assert value["geni_slivers"] == []
    assert value["geni_urn"] == slice_.urn
    assert len(Rspec(value["geni_rspec"]).root) == 0


def test_an_unknown_sliver_is_not_found(slice_: Slice) -> None:
    # R178; best effort is nothing that Describe knows
    (urn,) = slice_.allocate(request(node("a"))).values()
    assert slice_.refused("Describe", urns=[UNKNOWN]) == 12
    assert slice_.refused("Describe", urns=[urn, UNKNOWN], geni_best_effort=True) == 12


def test_compressed_is_the_rspec_alone(slice_: Slice) -> None:
    # R179
    slice_.allocate(pair())
    plain, packed = slice_.done("Describe"), slice_.done("Describe", geni_compressed=True)
    text = zlib.decompress(base64.b64decode(packed.pop("geni_rspec"), validate=True)).decode()
    assert text == plain.pop("geni_rspec")
    assert packed == plain


def test_some_slivers_are_described_alone(slice_: Slice) -> None:
    # R180; the link's ends are named though their nodes are not shown
    made = slice_.allocate(pair())
    value = slice_.done("Describe", urns=[made["lan"], made["a"], made["a"]])
    assert [one["geni_sliver_urn"] for one in value["geni_slivers"]] == [made["lan"], made["a"]]
    manifest = Rspec(value["geni_rspec"])
    assert manifest.urns() == {"a": made["a"], "lan": made["lan"]}
    ends = manifest.links()["lan"].findall(core("interface_ref"))
    assert {one.get("client_id") for one in ends} == {"a:0", "b:0"}


def test_looking_changes_nothing(slice_: Slice) -> None:
    # R186
    slice_.provisioned(pair())
    before = slice_.done("Status")
    for _ in range(3):
        slice_.done("Describe")
        slice_.done("Describe", geni_cancelled=True)
    assert slice_.done("Status") == before


def test_what_is_pending_is_shown_or_on_demand_what_is(slice_: Slice) -> None:
    # R246, R253
    made = slice_.running(request(node("a", "a:0"), node("b")))
    c = slice_.allocate(request(node("c")))["c"]
    changed = request(node("a", "a:0", "a:1", sliver_id=made["a"]))
    slice_.done("Update", changed, urns=list(made.values()))

    pending = slice_.rspec()
    assert pending.urns() == {"a": made["a"], "c": c}
    assert len(pending.nodes()["a"].findall(core("interface"))) == 2
    (preserve,) = pending.nodes()["a"].findall(PRESERVE)
    assert preserve.get("guarantee") in {
        "geni_none",
        "geni_persistent_state",
        "geni_dynamic_state",
        "geni_no_disruption",
    }

    value = slice_.done("Describe", geni_cancelled=True)
    left = Rspec(value["geni_rspec"])
    assert left.urns() == made
    assert len(left.nodes()["a"].findall(core("interface"))) == 1
    told = [
        (one["geni_allocation_status"], one["geni_next_allocation_status"])
        for one in value["geni_slivers"]
    ]
    assert told == [("geni_provisioned", "")] * 2
    assert slice_.done("Describe", geni_cancelled=False)["geni_slivers"] != value["geni_slivers"]


def test_only_allocated_slivers_would_be_gone(slice_: Slice) -> None:
    # decision 12
    slice_.allocate(request(node("a")))
    value = slice_.done("Describe", geni_cancelled=True)
    assert value["geni_slivers"] == []
    assert Rspec(value["geni_rspec"]).nodes() == {}


def test_services_that_were_asked_for_are_kept(slice_: Slice) -> None:
    # R262
    slice_.running(example("lan"))
    (services,) = slice_.rspec().nodes()["c"].findall(core("services"))
    (install,), (execute,) = (services.findall(core(one)) for one in ("install", "execute"))
    assert dict(install.items()) == {
        "url": "http://example.net/tool.tar.gz",
        "install_path": "/opt/tool",
    }
    assert dict(execute.items()) == {"shell": "sh", "command": "/opt/tool/start"}


@pytest.mark.parametrize("method", ["Describe", "Status", "Delete", "Cancel"])
def test_urns_are_one_slice_or_slivers_of_one(slice_: Slice, bobs: Slice, method: str) -> None:
    # R184, R185
    (mine,) = slice_.allocate(request(node("a"))).values()
    (bobs_own,) = bobs.allocate(request(node("a"))).values()
    owner = slice_.owner
    wrong: tuple[object, ...] = (
        [],
        slice_.urn,
        mine,
        {},
        [7],
        [slice_.urn, bobs.urn],
        [slice_.urn, mine],
        [owner_urn := "urn:publicid:IDN+gcf.local+user+alice"],
        [mine, owner_urn],
    )
    for urns in wrong:
        answer = owner.am(method, urns, slice_.creds, GENI3)
        assert answer["code"]["geni_code"] == 1, urns
    assert slice_.refused(method, urns=[mine, bobs_own]) in {1, 3}
    assert slice_.refused(method, urns=[bobs_own]) == 3
    assert slice_.refused(method, urns=[bobs.urn]) == 3
    assert slice_.states().keys() == {mine}
