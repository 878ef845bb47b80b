"""Keeps the gate at its work: starts it where it is missing, tells it to look again."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gcf_am.drivers.host.gate import LOCK, SOCKET
from gcf_am.manager.ports import DriverError

_PATIENCE: Final = 30.0  # seconds
_PAUSE: Final = 0.02


@dataclass(frozen=True, slots=True)
class _Answer:
    """The ports that could not be opened, and whether the gate goes on."""

    failed: dict[int, str]
    stays: bool


class Gatekeeper:
    """The gate of a directory, as the driver sees it."""

    def __init__(self, directory: Path, address: str) -> None:
        self._directory = directory
        self._address = address

    def look(self) -> dict[int, str]:
        """Make the gate open what the journal says, start it if need be; answers what failed.

        Raises DriverError when there is no gate to be had.
        """
        until = time.monotonic() + _PATIENCE
        while (answer := self._ask()) is None:
            if time.monotonic() > until:
                raise DriverError("the gate for logins does not answer")
            self._start()
            time.sleep(_PAUSE)
        return answer.failed

    def close(self) -> None:
        """Make the gate close what is gone; returns when a gate that has nothing to do ended.

        One that is not there has nothing open.
        """
        answer = self._ask()
        until = time.monotonic() + _PATIENCE
        while answer is not None and not answer.stays and not self._has_ended():
            if time.monotonic() > until:
                raise DriverError("the gate for logins does not end")
            time.sleep(_PAUSE)

    def _has_ended(self) -> bool:
        """Whether no gate runs, the next one that was started meanwhile included."""
        lock = os.open(self._directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            answer = self._ask()
            return answer is not None and answer.stays
        else:
            return True
        finally:
            os.close(lock)

    def _ask(self) -> _Answer | None:
        """What the gate says; None where there is none."""
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
                asking.settimeout(_PATIENCE)
                # a socket's path may have 107 bytes, a directory's more
                asking.connect(f"/proc/self/fd/{directory}/{SOCKET}")
                asking.sendall(f"{self._address}\n".encode())
                with asking.makefile("rb") as answer:
                    told = json.loads(answer.readline())
        except (OSError, ValueError):
            return None
        finally:
            os.close(directory)
        failed = {int(port): str(why) for port, why in told["failed"].items()}
        return _Answer(failed, stays=told["stays"])

    def _start(self) -> None:
        """Start a gate; returns when it listens, or when there is another one."""
        with (self._directory / "gate.log").open("ab") as log:
            subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-m", "gcf_am.drivers.host.gate", str(self._directory)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                timeout=_PATIENCE,
            )
