"""What is done in a node that is up: its request's install and execute services.

Each is done once on a disk, as root of the node: first archives, then commands, each in the order
of the request, the post-boot script last; the first that fails ends it. Output and exit status of
commands lie in the node, in /var/log/services, as `1.output` and `1.status`.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from gcf_am.drivers.host.origins import Origins
from gcf_am.manager.ports import DriverError
from gcf_am.model.topology import Node
from gcf_am.rspec.services import Execute, Install, Services, services_of

# Runs in the node: a number, a shell, and the command as one word, unchanged.
_RUN: Final = """\
mkdir -p /var/log/services && cd /root && umask 022
"$2" -c "$3" > "/var/log/services/$1.output" 2>&1 < /dev/null
status=$?
echo $status > "/var/log/services/$1.status"
tail -n 3 "/var/log/services/$1.output" | tail -c 300
exit $status
"""
# The same for a command that was ended: what `timeout` of coreutils would answer.
_END: Final = """\
echo 124 > "/var/log/services/$1.status"
tail -n 3 "/var/log/services/$1.output" | tail -c 300
"""
_INTERPRETER: Final = "/bin/sh"

# Runs words in the node, for at most so many seconds; answers exit status, or None, and output.
Run = Callable[[Sequence[str], float], tuple[int | None, str]]


def check(node: Node, origins: Origins) -> None:
    """Refuse, naming it, what is asked for and is not done here."""
    for one in services_of(node).installs:
        try:
            origins.target(one.url)
            _check_path(one.path)
        except ValueError as error:
            raise DriverError(f"{_named(one)}: {error}", lasting=True) from None
    if node.pipes:
        raise DriverError("a node that shapes traffic (pipe) is not made here", lasting=True)
    if node.blockstore is not None:
        raise DriverError(f"the blockstore {node.blockstore[:80]} is not made here", lasting=True)


def digest(asked: Services) -> str:
    """A text that tells these services from others; empty where there are none."""
    return sha256(repr(asked).encode()).hexdigest() if asked else ""


def install(archives: Sequence[Install], put: Callable[[Install], None]) -> None:
    """Have each fetched and unpacked; raises DriverError naming the one that cannot be."""
    for one in archives:
        try:
            put(one)
        except DriverError as error:
            raise DriverError(f"{_named(one)}: {error}", lasting=error.lasting) from error


def execute(commands: Sequence[Execute], run: Run, seconds: float) -> None:
    """Run them; raises DriverError with the exit status and the end of the output."""
    for number, one in enumerate(commands, 1):
        shell = one.shell if one.shell.startswith("/") else f"/bin/{one.shell or 'sh'}"
        words = [_INTERPRETER, "-c", _RUN, "run", str(number), shell, one.command]
        status, output = run(words, seconds)
        how = f"gave {status}"
        if status is None:
            how = f"did not end within {seconds:g} s"
            _, output = run([_INTERPRETER, "-c", _END, "end", str(number)], seconds)
        if status != 0:
            raise DriverError(
                f"service {number} ({one.command[:60]!r}) {how}: {output.strip()[-300:]}",
                lasting=True,
            )


def _check_path(path: str) -> None:
    if not path.startswith("/") or "\0" in path or ".." in path.split("/"):
        raise ValueError(f"an absolute install_path without '..' is expected, not {path[:80]!r}")


def _named(one: Install) -> str:
    return f"services/install of {one.url[:200]}"
