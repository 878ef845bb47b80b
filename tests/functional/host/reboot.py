"""What a boot of the machine leaves of a driver's nodes: files. The aggregate does not run."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.names import NETNS
from gcf_am.drivers.host.namespaces import unpin
from tests.functional.host.traces import below, commands, groups_of, pids

PATIENCE = 60.0


def reboot(driver: HostDriver) -> None:
    """End every process, namespace, mount and cgroup of it, and let it all be another boot's."""
    owner, directory = f"gcf-{driver._journal.owner}", driver._settings.directory
    until = time.monotonic() + PATIENCE
    while running := [*_inside(owner), *_gates(directory)]:
        assert time.monotonic() < until, running
        for pid in running:
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


def _inside(owner: str) -> list[int]:
    return [pid for pid in pids() if owner in groups_of(pid)]


def _gates(directory: Path) -> list[int]:
    return [pid for pid, line in commands() if "host.gate" in line and str(directory) in line]
