"""Several experimenters race with all verbs for a small site; afterwards all accounts agree.

What each call was told, what the slices show, what is held and what the event rows say are four
accounts of one history, whatever the order in which the calls came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Barrier
from typing import Any

from tests.functional.running import Person, Slice, eventually
from tests.properties.verbs import audit
from tests.properties.verbs.accounts import accounted_by, check_capacity
from tests.properties.verbs.documents import Item, read_manifest, write_request
from tests.properties.verbs.ground import Ground, grounds
from tests.properties.verbs.wishes import Link, Node, Wish

ROUNDS = 8
# What is told of once for each event; Update may tell of slivers that stay as they are.
CHANGES = {"Allocate", "Provision", "Cancel", "Delete"}
# Whatever may be wrong in a race: names and slivers that are gone, halves, no room, busy.
REFUSALS = {1, 6, 7, 12, 13, 14, 24, 25, 26}
# hosts and capacity of the pair that is wanted, and where its first node is moved to
WANTS = (
    ("pc1", "pc2", 0, "vm1"),
    ("pc1", "vm1", 600_000, "vm2"),
    ("vm1", "vm2", 600_000, "pc2"),
    ("vm2", "vm1", 300_000, "pc1"),
)


@dataclass
class Racer:
    """One thread: a slice, which it may share, and all that its calls were told."""

    number: int
    slice_: Slice
    told: list[tuple[str, str, str]] = field(default_factory=list)
    capacities: dict[str, int] = field(default_factory=dict)

    def call(self, method: str, *arguments: object, **options: Any) -> dict[str, str]:
        """Slivers by client_id that a call told of; none when it was refused."""
        answer = self.slice_.call(method, *arguments, **options)
        code = answer["code"]["geni_code"]
        assert code == 0 or code in REFUSALS, (method, answer)
        if code != 0:
            return {}
        value = answer["value"]
        entries = value["geni_slivers"] if isinstance(value, dict) else value
        for one in entries:
            assert not one["geni_error"], one
            self.told.append((method, one["geni_sliver_urn"], one["geni_allocation_status"]))
        shown = read_manifest(value["geni_rspec"]) if isinstance(value, dict) else {}
        return {one.name: urn for urn, one in shown.items()}

    def race(self) -> None:
        for turn in range(ROUNDS):
            # every other turn both racers of a slice want the same names
            name = f"n{turn}" if turn % 2 else f"n{self.number}-{turn}"
            for want in range(len(WANTS)):
                if self.build(name, *WANTS[(self.number + turn + want) % len(WANTS)]):
                    break
            self.call(("Cancel", "Provision")[turn % 2])
            if (self.number + turn) % 6 == 0:
                self.call("Delete")

    def build(self, name: str, first: str, second: str, capacity: int, target: str) -> bool:
        """A pair of nodes and a link: there, up, changed, and the most of it gone again."""
        a = Node(f"{name}a", (f"{name}a:0",), host=first)
        b = Node(f"{name}b", (f"{name}b:0",), host=second)
        joint = Link(f"{name}l", (f"{name}a:0", f"{name}b:0"), capacity)
        mine = self.call("Allocate", write_request([Item(a), Item(b), Item(joint)]))
        if not mine:
            return False
        self.capacities[mine[joint.name]] = capacity
        self.call("Provision")
        self.call("PerformOperationalAction", "geni_start")
        moved: list[Wish] = [replace(a, host=target), b, joint]
        wanted = write_request(Item(one, mine[one.name]) for one in moved)
        self.call("Update", wanted, urns=list(mine.values()))
        self.call("Provision", urns=list(mine.values()))
        # sometimes a link loses an end, sometimes all goes
        self.call("Delete", urns=[mine[b.name]] if capacity else list(mine.values()))
        if capacity:
            self.call("Delete", urns=[mine[a.name]])
        return True


def alone(slice_: Slice) -> Slice:
    """The slice with a connection that nobody else uses."""
    owner = slice_.owner
    return replace(slice_, owner=Person(owner.name, replace(owner.at, lines={})))


def run(racers: Sequence[Racer]) -> None:
    start = Barrier(len(racers))

    def race(racer: Racer) -> None:
        start.wait()
        racer.race()
        for line in racer.slice_.owner.at.lines.values():
            line.close()

    with ThreadPoolExecutor(len(racers)) as pool:
        list(pool.map(race, racers))


def watched(ground: Ground, action: Callable[[], None]) -> int:
    """Do it while somebody looks again and again whether there is more held than there is."""
    looks = 0
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(action)
        while not wait([going], timeout=0.01).done:
            check_capacity(ground.held())
            looks += 1
        going.result()
    return looks


def test_all_accounts_of_a_race_agree(tmp_path: Path, database_url: str | None) -> None:
    with grounds(tmp_path / "home", database_url) as ground:
        slices = ground.slices(3)
        racers = [Racer(number, alone(one)) for number, one in enumerate([*slices, *slices])]
        assert watched(ground, lambda: run(racers)) > 1

        # (1) what the slices show is what is held, and no more than there is
        capacities = {urn: one for racer in racers for urn, one in racer.capacities.items()}
        taken = accounted_by(slices, capacities)
        eventually(lambda: ground.held() == taken, what=f"held: {taken}")
        check_capacity(taken)

        # (2) everything ends, and nothing stays behind
        ending = [Racer(number, one) for number, one in enumerate(slices)]
        for last in ending:
            last.call("Delete")
        eventually(lambda: not ground.held(), what="free")
        assert ground.running.stop() == 0, ground.running.log()
    told = audit.stories(ground.url)
    audit.check_stories(told)

    # (3) the event rows tell of what the callers were told, each thing once
    owners = {urn: one.slice_.owner.name for one in racers for _, urn, _ in one.told}
    callers = {
        (urn, step.caller.rpartition("+")[2])
        for urn, story in told.items()
        for step in story
        if step.verb in audit.ALLOCATIONS
    }
    assert callers == set(owners.items())
    answers = Counter(
        (verb, urn, state)
        for racer in (*racers, *ending)
        for verb, urn, state in racer.told
        if verb in CHANGES
    )
    events = Counter(
        (step.verb, urn, audit.allocation(step.after))
        for urn, story in told.items()
        for step in story
        if step.verb in CHANGES and audit.allocation(step.before) != audit.allocation(step.after)
    )
    assert events == answers
