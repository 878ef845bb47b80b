"""A node's console: what its first processes print, of which only the newest is kept.

Root in the node can print without end. What is printed goes through a pipe to a process outside
of the node, the only one that has the file: nothing in the node can make it longer, and whoever
prints faster than it reads waits. Imports the standard library only, see `launch`.
"""

import fcntl
import os
import sys
import time
from pathlib import Path
from typing import Final

from gcf_am.drivers.host import keeper

_PAUSE: Final = 0.05  # seconds
_PATIENCE: Final = 5.0  # seconds


def record(path: str) -> int:
    """Start the process that keeps the console; answers what is to be printed to.

    It belongs to nobody and ends when nobody can print any more.
    """
    # what is removed meanwhile does not come back
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        os.close(file)
        return writing
    # whatever happens, the copy of the caller ends here
    try:
        os.setsid()
        # the keeper of the node's last run may not be done
        fcntl.flock(file, fcntl.LOCK_EX)
        # the caller's own are waited for by others
        for number, descriptor in enumerate((reading, file, os.open("/dev/null", os.O_RDWR))):
            os.dup2(descriptor, number)
        os.execv(sys.executable, [sys.executable, "-I", "-S", keeper.__file__])  # noqa: S606
    finally:
        os._exit(1)


def wait_until_kept(path: Path) -> None:
    """Wait a moment for the last words of a node that ended."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_PAUSE)
            else:
                return
    finally:
        os.close(descriptor)
