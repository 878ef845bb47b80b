"""What a driver leaves on the machine: everything that bears its name or lies in its directory.

A process that ended and waits for the machine's init to take note of it is gone.
"""

import os
from contextlib import suppress
from pathlib import Path

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.runtime import process_of


def traces_of(driver: HostDriver) -> list[str]:
    owner, directory = f"gcf-{driver._journal.owner}", str(driver._settings.directory)
    found = [f"process {pid}: {line}" for pid, line in commands() if directory in line]
    found += [f"process {pid} has {one}" for pid in pids() for one in files_of(pid, directory)]
    found += [f"process {pid} in {owner}" for pid in pids() if owner in groups_of(pid)]
    found += [
        line for line in Path("/proc/self/mountinfo").read_text().splitlines() if owner in line
    ]
    found += [
        line for line in Path("/proc/self/mountinfo").read_text().splitlines() if directory in line
    ]
    found += [f"loop device of {one}" for one in loops() if directory in one]
    found += below("/sys/fs/cgroup", owner)
    found += below("/run", owner)
    found += [str(one) for one in (driver._settings.directory / "nodes").glob("*")]
    return found


def loops() -> list[str]:
    """The files that are block devices."""
    found = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        with suppress(FileNotFoundError):
            found.append(file.read_text().strip())
    return found


def below(top: str, owner: str) -> list[str]:
    """Files and directories with that name at their beginning; what others remove meanwhile
    does not matter.
    """
    return [
        f"{directory}/{name}"
        for directory, directories, files in os.walk(top)
        for name in (*directories, *files)
        if name.startswith(owner)
    ]


def children(parent: int) -> list[int]:
    """The processes that a process started and did not take note of yet, zombies among them."""
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            # proc(5): after the name in brackets the state, then the parent
            if int(one.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(one.parent.name))
    return sorted(found)


def pids() -> list[int]:
    every = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [pid for pid in every if process_of(pid) is not None]


def files_of(pid: int, directory: str) -> list[str]:
    """What it has open of the nodes' files below the directory, removed ones too."""
    found = []
    with suppress(OSError):
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.append(str(one.readlink()))
    return [one for one in found if one.startswith(f"{directory}/nodes/")]


def commands() -> list[tuple[int, str]]:
    found = []
    for pid in pids():
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        found.append((pid, line.decode("utf-8", "replace")))
    return found


def groups_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return ""
