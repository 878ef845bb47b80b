"""How a process of ours is held to the one that started it. Standard library only."""

import ctypes
import os
import signal
import sys
from typing import Final

# PR_SET_PDEATHSIG of prctl(2)
_SET_PARENT_DEATH_SIGNAL: Final = 1

_libc: Final = ctypes.CDLL(None, use_errno=True)


def end_with_parent(parent: int) -> None:
    """Be killed when the process with this number, which started this one, ends however."""
    if _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "prctl")
    if os.getppid() != parent:
        sys.exit("the aggregate ended")
