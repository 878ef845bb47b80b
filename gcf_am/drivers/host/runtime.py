"""The OCI runtime that runs nodes: runc, called as a program.

A container's state lies in a directory of this boot of the machine; what an earlier boot left is
not believed. A process is known by its number and the time it started, so that a number that was
used again is never taken for a node.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gcf_am.drivers.host import cgroups
from gcf_am.drivers.host.cgroups import Enclosure
from gcf_am.drivers.host.console import wait_until_kept
from gcf_am.drivers.host.journal import Process
from gcf_am.drivers.host.launch import MAY_PASS
from gcf_am.drivers.host.removal import remove_tree
from gcf_am.manager.ports import DriverError

RUNC: Final = "runc"
# seconds; the runtime itself takes a tenth of one
_PATIENCE: Final = 60.0
# how often who waits asks whether it is still wanted, and how long what is not may take to end
_PAUSE: Final = 0.5
_GRACE: Final = 2.0
# a bundle's file: the groups of who started the node
_STARTER: Final = "cgroup"
_PACKAGES: Final = str(Path(__file__).parents[3])

# Whether it is still wanted.
Wanted = Callable[[], bool]


def boot() -> str:
    """The name of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


@dataclass(frozen=True, slots=True)
class Launch:
    """What starts a node: see `launch`; `wear` is what it is dressed in (`dress`)."""

    config: Mapping[str, Any]
    layers: Sequence[tuple[str, str]]
    disk: Path
    disk_mb: int
    user: Path
    first_id: int
    console: Path
    wear: Mapping[str, Any]


class Runtime:
    """runc with the containers of one owner, by their tags."""

    def __init__(self, directory: Path, owner: str) -> None:
        self._program = shutil.which(RUNC) or RUNC
        self._owner = owner
        self._nodes = directory / "nodes"
        self._state = directory / f"containers-{boot()[:8]}"

    def name(self, tag: str) -> str:
        """The container's name, which is its cgroup's too."""
        return f"gcf-{self._owner}-{tag}"

    def start(self, tag: str, launch: Launch) -> Process:
        """Start a node; answers its first process. Raises DriverError with the reason."""
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        bundle = self._bundle(tag)
        bundle.mkdir(mode=0o700, exist_ok=True)
        said, number = bundle / "runtime.log", bundle / "pid"
        for old in (said, number):
            old.unlink(missing_ok=True)
        (bundle / "config.json").write_text(json.dumps(launch.config))
        # a successor may be started in other groups than this process
        (bundle / _STARTER).write_text(cgroups.own())
        runtime = [
            *self._command("--log", str(said)),
            *("run", "--detach", "--bundle", str(bundle), "--pid-file", str(number)),
            self.name(tag),
        ]
        try:
            _launch({"start": {
                "layers": launch.layers, "disk": str(launch.disk), "disk_mb": launch.disk_mb,
                "user": str(launch.user), "first_id": launch.first_id,
                "log": str(launch.console), "wear": launch.wear, "runtime": runtime,
            }})  # fmt: skip
        except DriverError as error:
            raise DriverError(f"{error} {last_line(said)}".strip()) from error
        found = process_of(int(number.read_text("ascii")))
        if found is None:
            raise DriverError(f"it ended at once: {last_words(launch.console)}")
        return found

    def dress(self, process: Process, wear: Mapping[str, Any]) -> None:
        """Change files in a node that runs."""
        _launch({"dress": {"namespaces": _namespaces(process), "wear": wear}})

    def install(
        self, process: Process, what: Mapping[str, Any], seconds: float, wanted: Wanted
    ) -> None:
        """Fetch an archive and unpack it in a node that runs: `url`, `path`, and what may be.

        Raises DriverError with the reason.
        """
        told = {**what, "seconds": seconds, "namespaces": _namespaces(process)}
        # fetching and unpacking take so long each at most
        done = _watched({"install": told}, 2 * seconds + _PATIENCE, wanted)
        if done is None:
            raise DriverError("it takes too long", lasting=True)
        status, said = done
        if status:
            raise DriverError(said.strip()[-500:], lasting=status != MAY_PASS)

    def run(
        self, tag: str, process: Process, words: Sequence[str], seconds: float, wanted: Wanted
    ) -> tuple[int | None, str]:
        """Run a program in a node that runs; answers its exit status and what it printed.

        What did not end in time is ended with all that it started; the status is None then.
        """
        with Enclosure(process.pid) as enclosure:
            runtime = self._command("exec", "--cgroup", enclosure.option, self.name(tag), *words)
            try:
                done = _watched({"run": {"runtime": runtime}}, seconds, wanted)
            except DriverError:
                # whoever ends, freezes or starts the node anew does not wait for this
                with suppress(DriverError):
                    enclosure.end(_GRACE)
                raise
            if done is None:
                enclosure.end()
        return (None, "") if done is None else done

    def pause(self, tag: str) -> None:
        """Let every process of a node stand still where it is."""
        self._say("pause", tag)

    def resume(self, tag: str) -> None:
        """Let them go on."""
        self._say("resume", tag)

    def _say(self, word: str, tag: str) -> None:
        done = _run(self._command(word, self.name(tag)))
        if done.returncode:
            raise DriverError(f"{RUNC} {word} failed: {done.stderr.strip()[-300:]}")

    def remove(self, tag: str) -> None:
        """End a node and all its processes; well when there is none."""
        state = self._state / self.name(tag)
        if state.exists():
            done = _run(self._command("delete", "--force", self.name(tag)))
            if state.exists():
                raise DriverError(f"it cannot be ended: {done.stderr.strip()[-300:]}")
        # what a runtime that was killed itself has left
        starters = [cgroups.own()]
        with suppress(FileNotFoundError):
            starters.append((self._bundle(tag) / _STARTER).read_text())
        cgroups.remove(self.name(tag), starters)

    def tags(self) -> frozenset[str]:
        """The tags of all containers there are."""
        prefix = self.name("")
        found = self._state.iterdir() if self._state.is_dir() else ()
        return frozenset(one.name.removeprefix(prefix) for one in found)

    def end(self, process: Process, seconds: float) -> bool:
        """Ask a node to end; whether it did within that time."""
        try:
            handle = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return True
        try:
            if not alive(process):
                return True
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            return _ended(handle, seconds)
        except ProcessLookupError:
            return True
        finally:
            os.close(handle)

    def forget(self) -> None:
        """Remove the state's directory when no container is left in it."""
        try:
            self._state.rmdir()
        except OSError:
            return

    def forget_earlier_boots(self) -> None:
        """Remove what earlier boots of the machine left: their containers ended with them."""
        for one in self._state.parent.glob("containers-*"):
            if one != self._state:
                remove_tree(one)

    def _bundle(self, tag: str) -> Path:
        return self._nodes / tag / "bundle"

    def _command(self, *arguments: str) -> list[str]:
        return [self._program, "--root", str(self._state), *arguments]


def alive(process: Process | None) -> bool:
    """Whether it is this boot's, still the same process, and not one that only waits to go."""
    return process is not None and process.boot == boot() and process_of(process.pid) == process


def process_of(pid: int) -> Process | None:
    """The process with this number, None where it ended (a zombie did)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name in brackets may hold anything; the state is field 3, the start field 22
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else Process(pid, int(fields[19]), boot())


def _namespaces(process: Process) -> Sequence[str]:
    """Where a node's user and mount namespace are found; raises DriverError: it does not run."""
    if not alive(process):
        raise DriverError("it does not run")
    return [f"/proc/{process.pid}/ns/{kind}" for kind in ("user", "mnt")]


def _ended(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _launch(told: Mapping[str, Any]) -> None:
    done = _run(*_launching(told))
    if done.returncode:
        raise DriverError(done.stderr.strip()[-500:])


def _watched(told: Mapping[str, Any], seconds: float, wanted: Wanted) -> tuple[int, str] | None:
    """Exit status and output of such a process, None when it did not end in time.

    Raises DriverError when it is not wanted any more. It has ended in any case, which does not
    mean that what it started has.
    """
    end = time.monotonic() + seconds
    command, given = _launching(told)
    with subprocess.Popen(  # noqa: S603 - a program of ours
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as running:
        try:
            while time.monotonic() < end:
                if not wanted():
                    raise DriverError("it is not wanted any more")
                with suppress(subprocess.TimeoutExpired):
                    said, _ = running.communicate(given, timeout=_PAUSE)
                    return running.returncode, said
                given = None
            return None
        finally:
            running.kill()


def _launching(told: Mapping[str, Any]) -> tuple[Sequence[str], str | None]:
    """The command that does it, and what is to be given to it."""
    start = f"import sys; sys.path.insert(0, {_PACKAGES!r})"
    start += "; from gcf_am.drivers.host.launch import main; main()"
    command = [sys.executable, "-I", "-S", "-c", start]
    return command, json.dumps({**told, "parent": os.getpid()})


def _run(
    command: Sequence[str], given: str | None = "", seconds: float = _PATIENCE
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - a program of ours or the runtime, no shell
            command,
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DriverError(f"{command[0]} did not end within {seconds:g} s") from None
    except OSError as error:
        raise DriverError(f"{command[0]} cannot be run: {error.strerror}") from error


def last_words(console: Path) -> str:
    """What a node's console ends with, when all that it printed is there."""
    wait_until_kept(console)
    return last_line(console)


def last_line(file: Path) -> str:
    """What a log ends with; of a JSON log the message."""
    try:
        lines = file.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    last = lines[-1][-500:] if lines else ""
    try:
        return str(json.loads(last)["msg"])
    except (ValueError, KeyError, TypeError):
        return last
