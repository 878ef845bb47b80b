"""What a link holds at an end is free when the end is gone (decisions 2 and 8)."""

from tests.functional.manager.house import House, link, node, request

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
