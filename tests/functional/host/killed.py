"""Builds, changes and removes a node and a link, each time killed at a later step.

`python -m tests.functional.host.killed DIRECTORY EVERY FROM`: see `steps`. A new driver then
finishes what that one was at, or destroys it, by turns. Prints how many tries there were; ends
with 1 when something was not whole, or not gone.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver, make
from gcf_am.manager.ports import Order
from gcf_am.model.topology import Interface, Link, Node, Property, Script
from tests.contract.driver.orders import link, node, sliver
from tests.functional.host.steps import Countdown, disguise, watch
from tests.functional.host.traces import traces_of

PATIENCE = 60.0
NICS = ("left:0", "left:1")


def left(generation: int) -> Order:
    order = node("left", generation, image=None)
    resource = order.contents.resource
    assert isinstance(resource, Node)
    nics = tuple(Interface(one) for one in NICS)
    resource = replace(resource, interfaces=nics, boot_script=Script("sh", "true"))
    return replace(order, contents=replace(order.contents, resource=resource))


def wire(generation: int) -> Order:
    """A link from the node to itself, so that one node is enough."""
    order = link("wire", generation)
    resource = order.contents.resource
    assert isinstance(resource, Link)
    limit = Property(*NICS, capacity=10_000, packet_loss=0.5)
    resource = replace(resource, interfaces=NICS, properties=(limit,))
    ends = tuple((one, sliver("left")) for one in NICS)
    return replace(order, contents=replace(order.contents, resource=resource), ends=ends)


Act = Callable[[HostDriver, int], object]
# and whether the node and the link run then; None: it is not there
ACTS: Sequence[tuple[Act, bool | None, bool | None]] = (
    (lambda driver, n: driver.prepare(left(n)), False, None),
    (lambda driver, n: driver.prepare(wire(n)), False, False),
    (lambda driver, n: driver.start(left(n)), True, False),
    (lambda driver, n: driver.start(wire(n)), True, True),
    (lambda driver, n: driver.update_users(replace(left(n), logins=())), True, True),
    (lambda driver, n: driver.run_services(left(n), lambda: True), True, True),
    (lambda driver, n: driver.restart(left(n)), True, True),
    (lambda driver, n: driver.reload(left(n)), True, True),
    (lambda driver, n: driver.stop(wire(n)), True, False),
    (lambda driver, n: driver.stop(left(n)), False, False),
    (lambda driver, n: driver.destroy(wire(n)), False, None),
    (lambda driver, n: driver.destroy(left(n)), None, None),
)


def new_driver(directory: Path) -> HostDriver:
    return make({"directory": str(directory)})


def is_killed(directory: Path, countdown: Countdown, generation: int) -> bool:
    """Whether a process that does it all had to be killed, or had ended before."""
    child = os.fork()
    if child == 0:
        _live(directory, countdown, generation)
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if countdown.over:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.002)
    countdown.died()
    code = os.waitstatus_to_exitcode(ended[1])
    if code > 0:
        sys.exit("it failed before it was killed")
    return code < 0


def _live(directory: Path, countdown: Countdown, generation: int) -> None:
    try:
        disguise(countdown.path)
        driver = new_driver(directory)
        watch(countdown)
        for number, (act, *_) in enumerate(ACTS):
            countdown.reach(number)
            act(driver, generation + number)
    except BaseException as error:  # noqa: BLE001 - a child ends here, whatever happens
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def amiss(directory: Path, number: int, generation: int, *, goes_on: bool) -> list[str]:
    """What is wrong after a new driver took over at this act: it goes on, or destroys all."""
    driver = new_driver(directory)
    driver.observe([])
    found = []
    if goes_on:
        act, *expected = ACTS[number]
        act(driver, generation + number)
        seen = driver.observe([left(0), wire(0)])
        for order, runs in zip((left(0), wire(0)), expected, strict=True):
            one = seen[order.sliver]
            if one.error or (one.running if one.exists else None) != runs:
                found.append(f"{order.sliver}: {one}")
    for order in (wire(generation + 99), left(generation + 99)):
        driver.destroy(order)
    # who built for the one that was killed ends a moment after it
    until = time.monotonic() + PATIENCE
    while (traces := traces_of(driver)) and time.monotonic() < until:
        time.sleep(0.02)
    return found + traces


def main() -> int:
    directory, every, step = Path(sys.argv[1], "host"), int(sys.argv[2]), int(sys.argv[3])
    # what is made once, for all nodes
    new_driver(directory)._nodes.images.layers("host")
    for tries in range(sys.maxsize):
        # what runs for it is among the traces by its path
        countdown = Countdown(Path(f"{directory}-step-{step}"))
        countdown.begin(step)
        if not is_killed(directory, countdown, tries * 100):
            sys.stdout.write(f"{tries} tries, {countdown.taken} steps\n")
            return 0
        found = amiss(directory, countdown.act, tries * 100, goes_on=not tries % 2)
        if found:
            sys.stderr.write(f"killed at step {step}, in act {countdown.act}: {found}\n")
            return 1
        step += every
    return 0


if __name__ == "__main__":
    sys.exit(main())
