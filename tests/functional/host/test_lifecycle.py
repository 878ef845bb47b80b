"""The life of slivers over real nodes, in one home with two components; numbers are the checklist's."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from click.testing import CliRunner

from gcf_am.cli.am import main
from gcf_am.drivers.host.cgroups import is_to_freeze
from gcf_am.model.sliver import Access
from tests.functional.host.house import LAN, House, access_of, users
from tests.functional.host.logins import KeyPair, is_cut, is_let_in, says, session, ssh
from tests.functional.host.test_freeze import COUNTS, start_counting
from tests.functional.host.traces import traces_of
from tests.functional.rspecs import MANAGER, PRESERVE, RSPEC, Rspec, component, link, node, request
from tests.functional.running import Person, Slice, eventually
from tests.functional.test_expiry import soon

EMULAB = "http://www.protogeni.net/resources/rspec/ext/emulab/1"
TYPES = "".join(f'<sliver_type name="{one}"/>' for one in ("container", "default-vm"))
SITE = (
    f'<rspec xmlns="{RSPEC}" xmlns:emulab="{EMULAB}" type="advertisement">'
    + "".join(
        f'<node component_id="{component(name)}" component_manager_id="{MANAGER}"'
        f' component_name="{name}" exclusive="{exclusive}"><available now="true"/>'
        f'<hardware_type name="host"><emulab:node_type type_slots="{slots}"/></hardware_type>'
        f"{TYPES}</node>"
        for name, exclusive, slots in (("one", "true", 1), ("many", "false", 4))
    )
    + "</rspec>"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that these tests share; when its last slivers are gone, nothing is left."""
    made = House(tmp_path_factory.mktemp("lab") / "home")
    (made.home / "site.xml").write_text(SITE, "utf-8")
    made.open()
    yield made
    with suppress(AssertionError):
        eventually(lambda: not traces_of(made.driver), what="gone")
    assert made.close() == []


def person(lab: House, name: str = "alice") -> Person:
    return lab.servers[-1].person(name)


@pytest.fixture
def mine(lab: House) -> Iterator[Slice]:
    """A slice of alice's, emptied afterwards; then all slots are free."""
    made = person(lab).new_slice()
    yield made
    Slice(person(lab, "carol"), made.urn, made.credential).call("Delete")
    eventually(lambda: not lab.driver._journal.standing(), what="gone")


def stands(lab: House, urn: str) -> bool:
    """Whether anything stands for the sliver."""
    return urn in lab.driver._journal.standing()


def init_of(lab: House, urn: str) -> int:
    """The node's first process."""
    process = lab.driver._journal.standing()[urn].process
    assert process is not None
    return process.pid


def gone(lab: House, *urns: str) -> None:
    eventually(lambda: not any(stands(lab, one) for one in urns), what="gone")


def reaches(access: Access, key: KeyPair, address: str) -> bool:
    return ssh(access, key, f"ping -n -c 1 -W 20 {address}", well=False).returncode == 0


def attached(name: str, *addresses: str, inside: str = "", **attributes: str) -> str:
    """A node with an interface for each address: a:0, a:1, ..."""
    interfaces = "".join(
        f'<interface client_id="{name}:{number}"><ip address="{one}"/></interface>'
        for number, one in enumerate(addresses)
    )
    return node(name, inside=interfaces + inside, **attributes)


def test_component_and_exclusive_are_honoured_or_refused(
    lab: House, mine: Slice, alice_key: KeyPair
) -> None:
    # checklist 22
    assert mine.refused("Allocate", request(node("a", host="three"))) != 0
    assert mine.refused("Allocate", request(node("a", host="many", exclusive="true"))) != 0
    asked = request(node("a", host="one"), node("b", exclusive="false"))
    made = mine.running(asked, geni_users=users(alice_key))
    where = {name: one.get("component_id") for name, one in mine.rspec().nodes().items()}
    assert where == {"a": component("one"), "b": component("many")}
    assert mine.refused("Allocate", request(node("c", host="one"))) == 26
    assert says(access_of(mine, "a"), alice_key, "hostname") == "a"
    # 57: what is only reserved is nothing on the machine; 50: the others stay
    (reserved,) = mine.allocate(request(node("c"))).values()
    mine.done("Delete", urns=[made["a"]])
    gone(lab, made["a"])
    assert not stands(lab, reserved)
    assert is_let_in(access_of(mine, "b"), alice_key, "alice")


def test_slots_are_refused_when_they_are_out_and_come_back(lab: House, mine: Slice) -> None:
    # 56, 55: what is refused leaves nothing
    full = request(*(node(f"n{number}", host="many") for number in range(4)))
    never = request(*(node(f"m{number}", host="many") for number in range(5)))
    assert mine.refused("Allocate", never) == 6
    assert mine.states() == {}
    made = mine.provisioned(full)
    answer = mine.call("Allocate", request(node("extra", host="many")))
    assert answer["code"]["geni_code"] == 26
    mine.done("Delete", urns=[made["n0"]])
    gone(lab, made["n0"])
    eventually(
        lambda: (
            mine.call("Allocate", request(node("extra", host="many")))["code"]["geni_code"] == 0
        ),
        what="free",
    )


def test_one_ends_at_its_time_and_one_that_was_renewed_stays(
    lab: House, mine: Slice, alice_key: KeyPair
) -> None:
    # 51, 52
    made = mine.running(request(node("goes"), node("stays")), geni_users=users(alice_key))
    soon(mine)
    mine.done("Renew", "2125-01-01T00:00:00Z", urns=[made["stays"]], geni_extend_alap=True)
    gone(lab, made["goes"])
    assert is_let_in(access_of(mine, "stays"), alice_key, "alice")
    assert mine.states().keys() == {made["stays"]}


def test_a_second_provision_changes_nothing(lab: House, mine: Slice) -> None:
    # 53
    made = mine.running(request(node("a")))
    first = init_of(lab, made["a"])
    mine.done("Provision")
    assert [state for _, _, state in mine.states().values()] == ["geni_ready"]
    assert init_of(lab, made["a"]) == first


def test_what_fails_to_come_up_says_why_and_leaves_the_others(lab: House, mine: Slice) -> None:
    # 54, 55: after Delete nothing is left of either
    broken = '<services><execute shell="sh" command="echo no disk; exit 3"/></services>'
    made = mine.provisioned(request(node("good"), node("bad", inside=broken)))
    mine.done("PerformOperationalAction", "geni_start")
    mine.until("geni_ready", made["good"])
    (bad,) = mine.until("geni_failed", made["bad"])
    assert "gave 3" in bad["geni_error"]
    assert "no disk" in bad["geni_error"]
    mine.done("Delete")
    gone(lab, *made.values())


def test_a_delete_while_it_is_provisioned_ends_with_nothing(lab: House, mine: Slice) -> None:
    # 58: at several moments of it
    for wait in ("nothing", "built", "first process"):
        made = mine.allocate(LAN)
        mine.done("Provision")
        if wait != "nothing":
            eventually(lambda made=made: stands(lab, made["a"]), what="built")  # type: ignore[misc]
        if wait == "first process":
            mine.until("geni_notready")
            mine.done("PerformOperationalAction", "geni_start")
        mine.done("Delete")
        gone(lab, *made.values())


def test_two_slices_are_provisioned_at_the_same_time(lab: House, mine: Slice) -> None:
    # 59
    other = person(lab, "bob").new_slice()
    try:
        both = (mine, other)
        made = [one.allocate(LAN) for one in both]
        calls = [
            threading.Thread(
                target=one.owner.am_alone,
                args=("Provision", [one.urn], one.creds, {"geni_rspec_version": {
                    "type": "GENI", "version": "3"}}),
            )
            for one in both
        ]  # fmt: skip
        for call in calls:
            call.start()
        for call in calls:
            call.join()
        for one in both:
            one.until("geni_notready")
            one.done("PerformOperationalAction", "geni_start")
        for one, slivers in zip(both, made, strict=True):
            one.until("geni_ready", *slivers.values())
    finally:
        other.call("Delete")


def guarantees(manifest: str) -> dict[str, str]:
    root = Rspec(manifest).root
    return {
        one.get("client_id", ""): one.findall(PRESERVE)[0].get("guarantee", "")
        for one in root.iter(f"{{{RSPEC}}}node", f"{{{RSPEC}}}link")
        if one.findall(PRESERVE)
    }


def test_an_update_leaves_running_what_it_need_not_touch(
    lab: House, mine: Slice, alice_key: KeyPair
) -> None:
    key = {"geni_users": users(alice_key)}
    made = mine.running(LAN, **key)
    a, b = (init_of(lab, made[name]) for name in "ab")
    place = access_of(mine, "a")
    start_counting(place, alice_key)
    # a third node, by an interface that a gets while it runs
    lan = link("lan", "a:0", "b:0", sliver_id=made["lan"])
    grown = request(
        attached("a", "10.5.0.1", "10.6.0.1", sliver_id=made["a"]),
        attached("b", "10.5.0.2", sliver_id=made["b"]),
        attached("c", "10.6.0.2"),
        lan,
        link("new", "a:1", "c:0"),
    )
    told = guarantees(mine.done("Update", grown)["geni_rspec"])
    assert told == {
        "a": "geni_dynamic_state",
        "b": "geni_no_disruption",
        "lan": "geni_no_disruption",
    }
    mine.done("Provision", **key)
    mine.until("geni_ready", made["a"], made["b"], made["lan"])
    started = [urn for urn, (_, _, state) in mine.states().items() if state != "geni_ready"]
    mine.until("geni_notready", *started)
    mine.done("PerformOperationalAction", "geni_start", urns=started)
    mine.until("geni_ready")
    assert (init_of(lab, made["a"]), init_of(lab, made["b"])) == (a, b)
    assert reaches(place, alice_key, "10.5.0.2")
    assert reaches(place, alice_key, "10.6.0.2")
    # and without it again
    mine.done("Update", request(
        attached("a", "10.5.0.1", sliver_id=made["a"]),
        attached("b", "10.5.0.2", sliver_id=made["b"]),
        lan,
    ))  # fmt: skip
    mine.done("Provision", **key)
    mine.until("geni_ready")
    assert init_of(lab, made["a"]) == a
    assert says(place, alice_key, "pgrep -fc [/]tmp/count") != "0"
    assert "10.6.0.1" not in says(place, alice_key, "cat /proc/net/fib_trie")
    assert reaches(place, alice_key, "10.5.0.2")
    # other limits need another first process; the disk stays
    ssh(place, alice_key, "echo kept > ~/file")
    other = '<sliver_type name="default-vm"/>'
    told = guarantees(mine.done("Update", request(
        attached("a", "10.5.0.1", inside=other, sliver_id=made["a"]),
    ), urns=[made["a"]])["geni_rspec"])  # fmt: skip
    assert told["a"] == "geni_persistent_state"
    mine.done("Provision", **key)
    mine.until("geni_ready")
    assert init_of(lab, made["a"]) != a
    assert init_of(lab, made["b"]) == b
    assert says(access_of(mine, "a"), alice_key, "cat ~/file") == "kept"
    assert reaches(access_of(mine, "a"), alice_key, "10.5.0.2")


def gcf_am(lab: House, *words: str) -> str:
    told = CliRunner().invoke(main, [words[0], "--home", str(lab.home), *words[1:]])
    assert told.exit_code == 0, told.output
    return told.output


def test_an_emergency_stop_over_the_aggregates_own_sudden_end(
    lab: House, mine: Slice, alice_key: KeyPair
) -> None:
    made = mine.running(LAN, geni_users=users(alice_key))
    other = person(lab).new_slice()
    other.running(request(node("c")), geni_users=users(alice_key))
    elsewhere = access_of(other, "c")
    before = mine.done("Describe")["geni_rspec"]
    place, first = access_of(mine, "a"), init_of(lab, made["a"])
    start_counting(place, alice_key)
    with session(place, alice_key) as shell:
        assert mine.done("Shutdown", by=person(lab, "carol")) is True
        assert is_cut(shell)
    said = "frozen: its slice was shut down"

    def frozen() -> bool:
        told = mine.done("Status", by=person(lab, "carol"))["geni_slivers"]
        return {one["geni_error"] for one in told} == {said}

    eventually(frozen, what="frozen")
    lab.servers[-1].kill()
    lab.open()
    carols = Slice(person(lab), mine.urn, mine.credential)
    assert carols.refused("Status") == 3
    assert is_to_freeze(first)
    assert not is_let_in_at_all(place, alice_key)
    assert says(elsewhere, alice_key, "hostname") == "c"
    gcf_am(lab, "release", mine.urn)
    carols.until("geni_ready")
    eventually(lambda: carols.done("Describe")["geni_rspec"] == before, what="as it was")
    assert init_of(lab, made["a"]) == first
    assert says(place, alice_key, f"pgrep -fc '{COUNTS[:4]}'") != "0"
    assert reaches(place, alice_key, "10.5.0.2")
    gcf_am(lab, "shutdown", mine.urn)
    gcf_am(lab, "purge", mine.urn, "--yes")
    gone(lab, *made.values())
    assert carols.states() == {}
    assert says(elsewhere, alice_key, "hostname") == "c"
    Slice(person(lab), other.urn, other.credential).done("Delete")


def is_let_in_at_all(access: Access, key: KeyPair) -> bool:
    return ssh(access, key, "true", well=False).returncode == 0
