"""Makes a small network and removes it, again and again, each time killed at a later step.

`python -m tests.functional.host.network.killed OWNER EVERY FROM`: a step is a call of a function
of the network half; each try is a process of its own. Prints how many tries there were; ends with
1 when a repeat did not mend what a try left.
"""

import os
import signal
import sys
from types import FrameType

from gcf_am.drivers.host.fabric import Fabric
from gcf_am.drivers.host.network import End, Ids, LinkShape, Nic, Way

A, B = "a" * 10, "b" * 10
ENDS = (End(A, "eth1"), End(B, "eth1"))
LINK = "l" * 10


def make(fabric: Fabric) -> None:
    for number, tag in enumerate((A, B)):
        fabric.open_node(tag, Ids(0x70000000 + 65536 * number))
        fabric.plug(tag, Nic("eth1", f"02:00:00:00:00:0{number}", (f"10.0.0.{number + 1}/24",)))
    way = Way(*ENDS, capacity=10_000, packet_loss=0.5)
    fabric.join(LINK, ENDS, LinkShape((way,) if fabric.features().capacity else ()))


def remove(fabric: Fabric) -> None:
    fabric.part(LINK)
    for tag in (A, B):
        fabric.close_node(tag)


def mended(fabric: Fabric) -> bool:
    """Whether a repeat makes it whole, and removing it then leaves nothing."""
    make(fabric)
    found = fabric.found()
    whole = found.nodes == {A, B} and found.links == {LINK: frozenset(ENDS)}
    remove(fabric)
    found = fabric.found()
    return whole and not found.nodes and not found.links


def killed_at(step: int, fabric: Fabric) -> bool:
    """Whether a process that makes and removes it was killed at this step, or had ended before."""
    child = os.fork()
    if child == 0:
        left = [step]

        def count(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and "/drivers/host/" in frame.f_code.co_filename:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        make(fabric)
        remove(fabric)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main() -> int:
    fabric = Fabric(sys.argv[1])
    fabric.features()
    step, tries = int(sys.argv[3]), 0
    while killed_at(step, fabric):
        if not mended(fabric):
            sys.stderr.write(f"killed at step {step}: not mended\n")
            return 1
        step, tries = step + int(sys.argv[2]), tries + 1
    sys.stdout.write(f"{tries}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
