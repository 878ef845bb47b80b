"""What a link holds at an end is free when the end is gone (decisions 2 and 8)."""

import pytest

from gcf_am.errors import Refused
from gcf_am.urn import Urn
from tests.functional.manager.house import Caller, House, link, node, request

PAIR = request(
    node("a", "a:0", host="pc1"),
    node("b", "b:0", host="pc2"),
    link("lan", "a:0", "b:0", capacity=1000000),
)


def on_wires(house: House) -> dict[str, int]:
    """What is held of hosts' ports and of wires, by the last part of their names."""
    return {
        component.rsplit("+", 1)[-1]: amount
        for (component, dimension), amount in house.held().items()
        if dimension == "bandwidth" and "+sw:" not in component
    }


def test_cancel_of_a_reservation_frees_the_ends_of_its_links(house: House) -> None:
    one = house.slice("one")
    made = {it.client_id: it.urn for it in one.allocate(PAIR).slivers}
    assert set(on_wires(house)) == {"pc1:eth0", "pc2:eth0", "pc1.0", "pc2.0"}
    one.cancel(made["b"])
    # what is left joins nothing: it keeps its own port, and no wire
    assert set(on_wires(house)) == {"pc1:eth0"}
    house.slice("two").allocate(PAIR.replace("pc1", "vm1"))


def test_delete_frees_the_wires_too_when_the_node_is_destroyed(house: House) -> None:
    one = house.slice("one")
    made = one.running(PAIR)
    one.delete(made["b"])
    assert set(on_wires(house)) == {"pc1:eth0", "pc2:eth0", "pc1.0", "pc2.0"}
    house.work()
    assert set(on_wires(house)) == {"pc1:eth0"}


def test_a_lan_keeps_the_wires_between_the_ends_that_are_left(house: House) -> None:
    one = house.slice("one")
    parts = [
        node(name, f"{name}:0", host=host)
        for name, host in (("a", "pc1"), ("b", "pc2"), ("c", "vm1"))
    ]
    made = one.running(request(*parts, link("lan", "a:0", "b:0", "c:0", capacity=1000)))
    one.delete(made["b"])
    house.work()
    assert set(on_wires(house)) == {"pc1:eth0", "vm1:eth0", "pc1.0", "vm1.0"}


def test_cancel_of_an_update_frees_the_ends_of_links_on_what_it_added(house: House) -> None:
    one = house.slice("one")
    made = one.running(request(node("a", host="pc1"), node("b", "b:0", host="pc2")))
    one.update(request(node("a", "a:0", host="pc1", sliver_id=made["a"])), made["a"])
    one.allocate(request(link("lan", "a:0", "b:0", capacity=1000)))
    assert "pc1:eth0" in on_wires(house)
    one.cancel(made["a"])
    assert set(on_wires(house)) == {"pc2:eth0"}


def test_a_node_that_moves_may_be_updated_again_without_its_new_link(house: House) -> None:
    one = house.slice("one")
    made = one.running(request(node("a", "a:0", "a:1", host="vm1")))
    moved = request(node("a", "a:0", "a:1", host="pc1", sliver_id=made["a"]))
    one.update(moved, made["a"])
    one.allocate(request(link("loop", "a:0", "a:1")))
    one.update(moved, made["a"])
    one.provision()
    house.work()
    assert {one.rsplit("+", 1)[-1] for one, what in house.held() if what == "slots"} == {"pc1"}


def moving(house: House) -> tuple[Caller, dict[str, Urn]]:
    """Node a runs on vm1 and is to move to pc1, where a new link shall meet it."""
    one = house.slice("one")
    made = one.running(request(node("a", "a:0", host="vm1"), node("b", "b:0", host="vm2")))
    one.update(request(node("a", "a:0", host="pc1", sliver_id=made["a"])), made["a"])
    new = one.allocate(request(link("lan", "a:0", "b:0", capacity=1000))).slivers
    return one, made | {"lan": new[0].urn}


@pytest.mark.parametrize("verb", ["provision", "cancel"])
@pytest.mark.parametrize("best_effort", [False, True])
def test_a_link_is_not_left_where_its_node_is_not(
    house: House, verb: str, *, best_effort: bool
) -> None:
    one, made = moving(house)
    act = getattr(one, verb)
    before = house.held()
    # either alone would part them: the link provisioned, or the node taken back
    alone = made["lan" if verb == "provision" else "a"]
    if best_effort:
        (told,) = act(alone, best_effort=True).slivers
        assert "would not be; name both" in told.error
    else:
        with pytest.raises(Refused, match="would not be; name both"):
            act(alone)
    assert house.held() == before
    act(made["a"], made["lan"])


def test_a_node_that_moves_may_be_provisioned_before_its_new_link(house: House) -> None:
    one, made = moving(house)
    one.provision(made["a"])
    one.provision(made["lan"])
    house.work()
    one.act("geni_start", made["lan"])
    house.work()
    assert set(one.states().values()) == {("geni_provisioned", "geni_ready")}


def test_a_new_link_may_be_cancelled_before_its_node_stays(house: House) -> None:
    one, made = moving(house)
    one.cancel(made["lan"])
    one.cancel(made["a"])
    assert set(one.states()) == {"a", "b"}
