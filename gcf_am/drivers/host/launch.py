"""The process that gives a node its root, or changes files in it; ends with what it started.

It is started anew for each node and single-threaded, since a thread cannot part from its process'
mounts. Its own mount namespace dies with the node: nothing is ever mounted where another process
sees it, and nothing needs to be unmounted. It reads what to do from its standard input (JSON) and
imports the standard library only; what goes wrong is one line on its standard error.
"""
# pathlib doubles the time such a process takes to start
# ruff: noqa: PTH102, PTH103, PTH104, PTH110, PTH116, PTH120, PTH123

import ctypes
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gcf_am.drivers.host.console import record
from gcf_am.drivers.host.dress import dress
from gcf_am.drivers.host.lifeline import end_with_parent

# Where the node's root is put together: a directory that every machine has, hidden by a file
# system of our own in our own namespace.
_STAGE: Final = "/mnt"
_ROOT: Final = "/mnt/root"
_DISK: Final = "/mnt/disk"
# what mkfs need not write now
_LAZY: Final = "lazy_itable_init=1,lazy_journal_init=1"
_TIMES: Final = 100
_PAUSE: Final = 0.02  # seconds
# The exit status where trying again may help (EX_TEMPFAIL of sysexits.h).
MAY_PASS: Final = 75

_libc: Final = ctypes.CDLL(None, use_errno=True)
# sched.h
_NEWNS: Final = 0x00020000
_NEWUSER: Final = 0x10000000
# mount.h
_NODEV: Final = 4
_NOSUID: Final = 2
_RECURSIVE: Final = 0x4000
_PRIVATE: Final = 1 << 18
_DETACH: Final = 2
# the same numbers on every architecture (asm-generic/unistd.h), unknown to the C library
_OPEN_TREE: Final = 428
_MOVE_MOUNT: Final = 429
_MOUNT_SETATTR: Final = 442
_AT_FDCWD: Final = -100
_AT_EMPTY_PATH: Final = 0x1000
_CLONE: Final = 1
_CLOEXEC: Final = 0o2000000
_FROM_DESCRIPTOR: Final = 4
_IDMAP: Final = 0x00100000


class _MountAttributes(ctypes.Structure):
    """struct mount_attr, linux/mount.h."""

    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def main() -> None:
    """Do what standard input says.

    `start` a node; `dress` one that runs, `install` an archive or `run` a program in it.
    """
    told = json.load(sys.stdin)
    # nobody goes on building for an aggregate that was killed, not even the runtime
    end_with_parent(told["parent"])
    try:
        if "start" in told:
            _start(told["start"])
        elif "dress" in told:
            _dress_running(told["dress"])
        elif "install" in told:
            _install(told["install"])
        else:
            _run_in(told["run"])
    except ConnectionError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(MAY_PASS)
    except OSError as error:
        sys.exit(f"{error.strerror}: {error.filename}" if error.filename else str(error))


def _start(told: Mapping[str, Any]) -> None:
    """Put the root together, dress it, become the runtime."""
    # first, so that whoever keeps the console does not keep the node's mounts
    console = record(told["log"])
    lock = _alone(os.path.dirname(told["disk"]))
    _stage()
    _disk(told["disk"], told["disk_mb"])
    for number, (place, lower) in enumerate(told["layers"]):
        _layer(number, place, lower, told)
    _child(lambda: _into_root(told), lambda: dress(told["wear"]))
    os.dup2(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC), 0)
    os.dup2(console, 1)
    os.dup2(console, 2)
    os.close(lock)
    os.execv(told["runtime"][0], told["runtime"])  # noqa: S606 - no shell is wanted


def _alone(directory: str) -> int:
    """Wait until nobody builds here any more for an aggregate that was killed; answers the lock.

    Two overlays over one disk would spoil each other. Who helps holds the lock, too; the node
    gets no part of it.
    """
    lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.set_inheritable(lock, True)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _stage() -> None:
    """A mount namespace of our own, in it a place for the node's root."""
    _check(_libc.unshare(_NEWNS), "a mount namespace")
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)
    _mount("tmpfs", _STAGE, "tmpfs", _NOSUID | _NODEV, "mode=755,size=64k")
    os.mkdir(_ROOT)


def _run_in(told: Mapping[str, Any]) -> None:
    """Become the runtime that runs a program in a node: it starts from the place of its root."""
    _stage()
    os.dup2(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC), 0)
    os.execv(told["runtime"][0], told["runtime"])  # noqa: S606 - no shell is wanted


def _disk(path: str, megabytes: int) -> None:
    """Mount the node's own file system: what it writes has an end where the file has one."""
    if not os.path.exists(path):
        making = f"{path}.new"
        with open(making, "wb") as file:
            file.truncate(megabytes << 20)
        if not _run("mkfs.ext4", "-q", "-F", "-m", "0", "-J", "size=4", "-E", _LAZY, making):
            raise OSError("the node's disk cannot be made")
        os.rename(making, path)
    os.mkdir(_DISK)
    # The kernel lets go of the loop device when the node's mounts end. Those of the node's last
    # run may be ending just now: the device is shared then, or vanishes while it is asked for.
    for _ in range(_TIMES):
        if _run("mount", "-n", "-t", "ext4", "-o", "loop,nodev", path, _DISK):
            return
        time.sleep(_PAUSE)
    raise OSError("the node's disk cannot be mounted")


def _run(*command: str) -> bool:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
    return os.spawnvpe(os.P_WAIT, command[0], command, {"PATH": path, "LC_ALL": "C"}) == 0  # noqa: S606


def _layer(number: int, place: str, lower: str, told: Mapping[str, Any]) -> None:
    """Mount one layer of the image, with the node's ids, below what the node wrote over it."""
    below = f"{_STAGE}/below{number}"
    os.mkdir(below)
    _mount_with_ids(lower, below, told["user"])
    written, work = (f"{_DISK}/{number}/{name}" for name in ("written", "work"))
    for directory in (written, work):
        os.makedirs(directory, mode=0o755, exist_ok=True)
    if os.stat(written).st_uid != told["first_id"]:
        os.chown(written, told["first_id"], told["first_id"])
    options = f"lowerdir={below},upperdir={written},workdir={work}"
    _mount("overlay", _ROOT + place, "overlay", _NODEV, options)


def _mount_with_ids(source: str, target: str, user_namespace: str) -> None:
    """Bind `source` so that its owners 0, 1, 2... are the node's 0, 1, 2..."""
    tree = _check(
        _libc.syscall(_OPEN_TREE, _AT_FDCWD, os.fsencode(source), _CLONE | _CLOEXEC), source
    )
    namespace = os.open(user_namespace, os.O_RDONLY | os.O_CLOEXEC)
    attributes = _MountAttributes(_IDMAP, 0, 0, namespace)
    _check(
        _libc.syscall(
            _MOUNT_SETATTR,
            tree,
            b"",
            _AT_EMPTY_PATH,
            ctypes.byref(attributes),
            ctypes.sizeof(attributes),
        ),
        f"mapped ids of {source}",
    )
    _check(
        _libc.syscall(_MOVE_MOUNT, tree, b"", _AT_FDCWD, os.fsencode(target), _FROM_DESCRIPTOR),
        target,
    )
    os.close(namespace)
    os.close(tree)


def _into_root(told: Mapping[str, Any]) -> None:
    _join(told["user"], _NEWUSER)
    os.chroot(_ROOT)
    os.chdir("/")


def _dress_running(told: Mapping[str, Any]) -> None:
    """Change files in a node that runs."""
    _child(lambda: _into_node(told["namespaces"]), lambda: dress(told["wear"]))


def _install(told: Mapping[str, Any]) -> None:
    """Fetch an archive in a process without rights; unpack it in one that is in the node."""
    # it takes longer than what others are started for
    from tempfile import TemporaryFile

    from gcf_am.drivers.host import archives, fetch
    from gcf_am.drivers.host.origins import Origins

    most, seconds = told["most"], told["seconds"]
    fetcher = fetch.Fetcher(Origins(tuple(told["origins"])))
    with TemporaryFile(dir=told["directory"]) as archive:
        _child(
            lambda: fetch.confine(most, seconds),
            lambda: fetcher.fetch(told["url"], archive.fileno(), most),
        )

        def into_node() -> None:
            _into_node(told["namespaces"])
            archives.confine(seconds)

        _child(into_node, lambda: archives.unpack(archive, told["path"]))


def _into_node(namespaces: Sequence[str]) -> None:
    """Enter a node that runs, by the user and the mount namespace of its first process."""
    # opened before the first is joined: what /proc shows depends on who looks
    user, mounts = (os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in namespaces)
    _join(user, _NEWUSER)
    _check(_libc.setns(mounts, _NEWNS), "the node's mounts")
    os.chdir("/")


def _join(user_namespace: str | int, kind: int) -> None:
    descriptor = (
        user_namespace
        if isinstance(user_namespace, int)
        else os.open(user_namespace, os.O_RDONLY | os.O_CLOEXEC)
    )
    _check(_libc.setns(descriptor, kind), "the node's ids")
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _child(enter: Callable[[], None], work: Callable[[], None]) -> None:
    """Do it in a child that entered its place; raises OSError with what it said.

    ConnectionError where it was one.
    """
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        words, status = "", 0
        try:
            os.close(reading)
            enter()
            # other rights ended that
            end_with_parent(parent)
            work()
        except BaseException as error:  # noqa: BLE001 - a child ends here, whatever happens
            words = str(error) or type(error).__name__
            status = MAY_PASS if isinstance(error, ConnectionError) else 0
        os.write(writing, words.encode("utf-8", "replace")[:4000])
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        words = answer.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == MAY_PASS:
        raise ConnectionError(words)
    if os.waitstatus_to_exitcode(status) == -signal.SIGALRM:
        raise OSError("it takes too long")
    if words or status:
        raise OSError(words or f"the node's files: status {status}")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    texts: Sequence[bytes | None] = [os.fsencode(one) or None for one in (source, target, kind)]
    _check(_libc.mount(*texts, flags, os.fsencode(options) or None), f"mount {target}")


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


if __name__ == "__main__":
    main()
