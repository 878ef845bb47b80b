"""What is done in a node that is up: its request's install and execute services.

Each runs once on a disk, as root of the node, in the order of the request, the post-boot script
last; the first that fails ends it. Output and exit status lie in the node, in /var/log/services,
as `1.output` and `1.status`.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from gcf_am.manager.ports import DriverError
from gcf_am.model.topology import Node
from gcf_am.rspec.services import Execute, Services, services_of

# Runs in the node: a number, a shell, seconds, and the command as one word, unchanged.
_RUN: Final = """\
mkdir -p /var/log/services && cd /root && umask 022
timeout -k 5 "$3" "$2" -c "$4" > "/var/log/services/$1.output" 2>&1 < /dev/null
status=$?
echo $status > "/var/log/services/$1.status"
tail -n 3 "/var/log/services/$1.output" | tail -c 300
exit $status
"""
_TIMED_OUT: Final = (124, 137)
_INTERPRETER: Final = "/bin/sh"

# Runs words in the node, for at most so many seconds; answers exit status and output.
Run = Callable[[Sequence[str], float], tuple[int, str]]


def check(node: Node) -> None:
    """Refuse, naming it, what is asked for and is not done here."""
    asked = services_of(node)
    if asked.installs:
        raise DriverError(
            f"services/install of {asked.installs[0].url[:200]}: nodes of this driver have no way "
            "to fetch it",
            lasting=True,
        )
    if node.pipes:
        raise DriverError("a node that shapes traffic (pipe) is not made here", lasting=True)
    if node.blockstore is not None:
        raise DriverError(f"the blockstore {node.blockstore[:80]} is not made here", lasting=True)


def digest(asked: Services) -> str:
    """A text that tells these services from others; empty where there are none."""
    return sha256(repr(asked).encode()).hexdigest() if asked else ""


def execute(
    commands: Sequence[Execute], run: Run, seconds: float, wanted: Callable[[], bool]
) -> None:
    """Run them; raises DriverError with the exit status and the end of the output."""
    for number, one in enumerate(commands, 1):
        if not wanted():
            raise DriverError("its services are not wanted any more")
        shell = one.shell if one.shell.startswith("/") else f"/bin/{one.shell or 'sh'}"
        words = [_INTERPRETER, "-c", _RUN, "run", str(number), shell, f"{seconds:g}", one.command]
        status, output = run(words, seconds + 30)
        if status:
            how = f"did not end within {seconds:g} s" if status in _TIMED_OUT else f"gave {status}"
            raise DriverError(
                f"service {number} ({one.command[:60]!r}) {how}: {output.strip()[-300:]}",
                lasting=True,
            )
