"""What a boot of the machine leaves of a driver's nodes: files. The aggregate does not run."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.names import NETNS
from gcf_am.drivers.host.namespaces import unpin
from tests.functional.host.traces import below, commands, files_of, groups_of, pids

PATIENCE = 60.0


def reboot(driver: HostDriver) -> None:
    """End every process, namespace, mount and cgroup of it, and let it all be another boot's."""
    owner, directory = f"gcf-{driver._journal.owner}", driver._settings.directory
    until = time.monotonic() + PATIENCE
    while running := _running(owner, str(directory)):
        assert time.monotonic() < until, running
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    for pin in (*NETNS.glob(f"{owner}*"), *Path(f"/run/{owner}").iterdir()):
        unpin(pin)
    Path(f"/run/{owner}").rmdir()
    for group in sorted(below("/sys/fs/cgroup", owner), reverse=True):
        Path(group).rmdir()
    for state in directory.glob("containers-*"):
        state.rename(directory / "containers-00000000")
    for made in driver._journal.standing().values():
        if made.process is not None:
            ended = replace(made.process, boot="another")
            driver._journal.put(replace(made, process=ended))


def _running(owner: str, directory: str) -> set[int]:
    """All in its cgroups, and its gates and keepers beside them."""
    found = {pid for pid in pids() if owner in groups_of(pid) or files_of(pid, directory)}
    return found | {pid for pid, line in commands() if directory in line}
