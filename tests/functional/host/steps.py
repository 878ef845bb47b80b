"""Kills an aggregate at a chosen step of its work. A step is the moment before something changes.

What changes files, processes, mounts, the journal or the kernel's network counts: in the
aggregate, in the launcher that it starts, and in the runtime. They count together, in a file that
all of them map. Imports the standard library only: it runs in the launcher, which has no more.
"""

import json
import mmap
import os
import struct
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

# Functions of C, by name; `send` is a message to the kernel's network.
_CHANGES = {
    "chmod", "chown", "execute", "execv", "fchmod", "fork", "fork_exec", "kill", "mkdir",
    "pidfd_send_signal", "rename", "rmdir", "send", "sendall", "symlink", "truncate", "unlink",
    "write",
}  # fmt: skip
# These only ask the journal.
_QUESTIONS = {"_connect", "find", "frozen", "standing"}
# The launcher calls it after each mount.
_MOUNTED = "_check"
# OCI Runtime Specification 1.0, config.md, POSIX-platform Hooks: when a container is made, and
# when its first process runs.
_STAGES = ("createRuntime", "poststart")
_LAUNCHER = ["-I", "-S", "-c"]
_NUMBERS = struct.Struct("qqqq")
_PAUSE = 0.002  # seconds


class Countdown:
    """How many steps are left, how many were taken, and at which of its acts the aggregate is.

    And whether it is dead: who builds for it and did not end with it goes on then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(bytes(_NUMBERS.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _NUMBERS.size)

    def begin(self, left: int) -> None:
        self._tell(left, 0, 0, 0)

    def reach(self, act: int) -> None:
        left, taken, _, dead = self._told()
        self._tell(left, taken, act, dead)

    def died(self) -> None:
        self._tell(*self._told()[:3], 1)

    def take(self) -> bool:
        """Take a step; whether it is the one."""
        left, taken, act, dead = self._told()
        self._tell(max(0, left - 1), taken + 1, act, dead)
        return left == 1

    def wait_for_death(self) -> None:
        while not self._told()[3]:
            time.sleep(_PAUSE)

    @property
    def over(self) -> bool:
        return self._told()[0] == 0

    @property
    def taken(self) -> int:
        return self._told()[1]

    @property
    def act(self) -> int:
        return self._told()[2]

    def _told(self) -> tuple[int, ...]:
        return _NUMBERS.unpack_from(self._shared)

    def _tell(self, *numbers: int) -> None:
        _NUMBERS.pack_into(self._shared, 0, *numbers)


def watch(countdown: Countdown) -> None:
    """Count the steps of this process, its threads and its forks; at the last one, wait for death.

    Whoever asked for this kills the aggregate: those who build for it have no right to.
    """
    session = os.getsid(0)

    def profile(frame: FrameType, event: str, called: Any) -> None:
        # who keeps a node's console has a session of its own, and goes on beside the launcher
        if _is_step(frame, event, called) and os.getsid(0) == session and countdown.take():
            countdown.wait_for_death()

    threading.setprofile(profile)
    sys.setprofile(profile)


def _is_step(frame: FrameType, event: str, called: Any) -> bool:
    function = frame.f_code.co_name
    if event == "c_call":
        name = called.__name__
        return name in _CHANGES and not (name == "execute" and function in _QUESTIONS)
    return event == "call" and function == _MOUNTED


def disguise(countdown: Path) -> None:
    """From now on this process' Python and its runtime are programs that count for it."""
    directory = countdown.with_suffix(".programs")
    directory.mkdir()
    for name, program in (("python", sys.executable), ("runc", _found("runc"))):
        file = directory / name
        file.write_text(
            f"#!{sys.executable} -IS\n"
            f"import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r})\n"
            f"from tests.functional.host import steps\n"
            f"steps.{name}({str(countdown)!r}, {program!r}, sys.argv[1:])\n"
        )
        file.chmod(0o700)
    sys.executable = str(directory / "python")
    os.environ["PATH"] = f"{directory}:{os.environ['PATH']}"


def python(countdown: str, program: str, words: list[str]) -> None:
    """Be the launcher, counting; anything else runs as it is."""
    if words[:3] != _LAUNCHER:
        os.execv(program, [program, *words])
    watch(Countdown(Path(countdown)))
    exec(words[3], {})


def runc(countdown: str, program: str, words: list[str]) -> None:
    """Be the runtime; a stage of a container's beginning may be the last step."""
    if "--bundle" in words:
        counted = Countdown(Path(countdown))
        file = Path(words[words.index("--bundle") + 1], "config.json")
        # the launcher became this process, so that its parent is the aggregate
        kill = {"path": "/bin/sh", "args": ["sh", "-c", f"kill -9 {os.getppid()}"]}
        hooks = {stage: [kill] for stage in _STAGES if counted.take()}
        file.write_text(json.dumps({**json.loads(file.read_text()), "hooks": hooks}))
    os.execv(program, [program, *words])


def _found(program: str) -> str:
    places = [Path(one, program) for one in os.environ["PATH"].split(":")]
    return next(str(one) for one in places if os.access(one, os.X_OK))
