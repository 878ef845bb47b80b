"""Namespaces without processes: made, pinned to a file, and let go.

A process of no other purpose is born in a new namespace and waits there until it is pinned; when
its maker is killed first, its input ends, and it and the namespace with it. Nothing of ours
forks: a forked copy of a program with threads may hang.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from typing import Final

from pyroute2 import netns

from gcf_am.drivers.host.elsewhere import within
from gcf_am.drivers.host.network import Ids
from gcf_am.manager.ports import DriverError

_PATIENCE: Final = 20.0  # seconds
_BIND: Final = 4096
_DETACH: Final = 2
_libc: Final = ctypes.CDLL(None, use_errno=True)


def stands(pin: Path) -> bool:
    """Whether a namespace is pinned there; a file alone is what a killed process left."""
    try:
        return pin.stat().st_dev == Path("/proc/self/ns/net").stat().st_dev
    except FileNotFoundError:
        return False


def make_silent_net(pin: Path) -> None:
    """Pin a new network namespace of the machine's own, which takes no part in what it carries.

    Its IPv6 stack would answer what comes by, and take an address from any node that says it is
    a router (RFC 4862, 5.5.3); whether IPv4 is forwarded it has from the machine.
    """
    unpin(pin)
    with waiting("unshare", "--net") as pid:
        within(Path(f"/proc/{pid}/ns/net"), _silence)
        _pin_net(pid, pin)


def make_user(pin: Path, ids: Ids) -> None:
    """Pin a new user namespace with this range of ids."""
    unpin(pin)
    with mapped(ids) as pid:
        pin.touch(0o400)
        if _libc.mount(f"/proc/{pid}/ns/user".encode(), bytes(pin), None, _BIND, None):
            raise OSError(ctypes.get_errno(), "a namespace cannot be pinned")


def make_net_of(user: Path, pin: Path) -> None:
    """Pin a new network namespace that belongs to a pinned user namespace."""
    unpin(pin)
    with waiting("nsenter", f"--user={user}", "unshare", "--net") as pid:
        _pin_net(pid, pin)


def unpin(pin: Path) -> None:
    """Let a namespace go; well when nothing is there."""
    _libc.umount2(bytes(pin), _DETACH)  # fails where only a file was left
    with suppress(FileNotFoundError):
        pin.unlink()


@contextmanager
def mapped(ids: Ids) -> Iterator[int]:
    """A process in a new user namespace with this range of ids, as `waiting` has it."""
    with waiting("unshare", "--user") as pid:
        for kind in ("uid", "gid"):
            Path(f"/proc/{pid}/{kind}_map").write_text(f"0 {ids.first} {ids.count}\n", "ascii")
        yield pid


@contextmanager
def waiting(*program: str) -> Iterator[int]:
    """The pid of a process that was born by `program` and waits until the block ends."""
    with subprocess.Popen(  # noqa: S603 - constant programs; paths of our own making
        [*program, "cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            # only when the last program runs does the line come back
            with suppress(BrokenPipeError):
                process.stdin.write(b"\n")
                process.stdin.flush()
            ready, _, _ = select([process.stdout], [], [], _PATIENCE)
            if not ready or not os.read(process.stdout.fileno(), 1):
                raise DriverError(f"this machine makes no namespace by {' '.join(program[-2:])}")
            yield process.pid
        finally:
            process.kill()


def _pin_net(pid: int, pin: Path) -> None:
    # where iproute2 keeps them, and as it does: the directory is a mount of its own
    netns.attach(pin.name, pid, libc=_libc)


def _silence() -> None:
    for switch, state in (
        ("ipv6/conf/all/disable_ipv6", "1"),
        ("ipv6/conf/default/disable_ipv6", "1"),
        ("ipv4/ip_forward", "0"),
    ):
        with suppress(FileNotFoundError):  # a kernel without IPv6
            # the part of /proc/sys that this thread's namespace shows
            Path("/proc/sys/net", switch).write_text(state, "ascii")
