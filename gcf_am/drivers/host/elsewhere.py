"""Doing one thing in another network namespace."""

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_NEWNET: Final = 0x40000000
_libc: Final = ctypes.CDLL(None, use_errno=True)


def within(namespace: Path, work: Callable[[], T]) -> T:
    """What `work` answers in the network namespace; raises OSError.

    A namespace is a thread's own, so a thread of its own goes there and ends.
    """
    ended: list[T] = []
    failed: list[OSError] = []

    def go() -> None:
        try:
            descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(descriptor, _NEWNET):
                    raise OSError(ctypes.get_errno(), "a namespace cannot be entered")
            finally:
                os.close(descriptor)
            ended.append(work())
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=go, name="into-namespace")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return ended[0]
