"""What runs in a node when it was built: its request's execute services and post-boot script.

Each runs once, as root, in the order of the request, the script last; the first that fails ends
it. Output and exit status lie in the node, in /var/log/services, as `1.output` and `1.status`.
They run before the node is joined to its links: links wait until all their ends are ready.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from gcf_am.manager.ports import DriverError
from gcf_am.model.topology import Node
from gcf_am.rspec.services import Execute, services_of

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
    asked = services_of(node.xml)
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


def commands_of(node: Node) -> tuple[Execute, ...]:
    """What is to run, in order."""
    executes = services_of(node.xml).executes
    script = node.boot_script
    return executes if script is None else (*executes, Execute(script.kind, script.text))


def digest(commands: Sequence[Execute]) -> str:
    """A text that tells these commands from others; empty where there are none."""
    return sha256(repr(commands).encode()).hexdigest() if commands else ""


def execute(commands: Sequence[Execute], run: Run, seconds: float) -> None:
    """Run them; raises DriverError with the exit status and the end of the output."""
    for number, one in enumerate(commands, 1):
        shell = one.shell if one.shell.startswith("/") else f"/bin/{one.shell or 'sh'}"
        words = [_INTERPRETER, "-c", _RUN, "run", str(number), shell, f"{seconds:g}", one.command]
        status, output = run(words, seconds + 30)
        if status:
            how = f"did not end within {seconds:g} s" if status in _TIMED_OUT else f"gave {status}"
            raise DriverError(
                f"service {number} ({one.command[:60]!r}) {how}: {output.strip()[-300:]}",
                lasting=True,
            )
