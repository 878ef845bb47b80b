"""What an OCI runtime is told about a node: its config.json.

Source: OCI Runtime Specification 1.0, config.md and config-linux.md. Root in the node is nobody
on the machine (a user namespace); what is taken away here beyond that is a second fence.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gcf_am.drivers.host.hierarchies import place
from gcf_am.drivers.host.network import Ids, Namespaces
from gcf_am.drivers.host.settings import Limits
from gcf_am.drivers.host.syscalls import FILTER

# Where the launcher puts the node's root, in a mount namespace of its own.
ROOT: Final = "/mnt/root"
# The node's first process, whatever image it has: it reaps orphans and hands signals on.
_INIT: Final = "/dev/init"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# capabilities(7): what system software expects, and the node's own network; no mknod, no module,
# no clock, no raw disk, no mount.
_CAPABILITIES: Final = (
    "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
    "CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID",
    "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
)  # fmt: skip
_NOT_READ: Final = (
    "/proc/acpi", "/proc/asound", "/proc/config.gz", "/proc/interrupts", "/proc/kallsyms",
    "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
    "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
)  # fmt: skip
_NOT_WRITTEN: Final = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger")
_MEGABYTE: Final = 1 << 20
_PERIOD: Final = 100_000  # microseconds


@dataclass(frozen=True, slots=True)
class Container:
    """A node as its runtime sees it; `cgroup` is a name, see `hierarchies.place`."""

    hostname: str
    namespaces: Namespaces
    ids: Ids
    limits: Limits
    cgroup: str
    init: Path
    command: Sequence[str]


def config(of: Container) -> Mapping[str, Any]:
    """The contents of config.json."""
    mapping = [{"containerID": 0, "hostID": of.ids.first, "size": of.ids.count}]
    return {
        "ociVersion": "1.0.2",
        "hostname": of.hostname,
        "root": {"path": ROOT, "readonly": False},
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": [_INIT, "--", *of.command],
            "env": [f"PATH={_PATH}", "HOME=/root", "LANG=C.UTF-8"],
            "cwd": "/",
            "capabilities": dict.fromkeys(
                ("bounding", "effective", "permitted", "inheritable"), _CAPABILITIES
            ),
            # sudo must be able to raise what the bounding set leaves
            "noNewPrivileges": False,
            "oomScoreAdj": 500,
        },
        "mounts": [*_mounts(), _bind(of.init, _INIT)],
        "linux": {
            "namespaces": [
                *({"type": kind} for kind in ("pid", "ipc", "uts", "mount")),
                {"type": "network", "path": str(of.namespaces.net)},
                {"type": "user", "path": str(of.namespaces.user)},
            ],
            "uidMappings": mapping,
            "gidMappings": mapping,
            "cgroupsPath": place(of.cgroup),
            "resources": _resources(of.limits),
            "rootfsPropagation": "private",
            "seccomp": FILTER,
            "maskedPaths": list(_NOT_READ),
            "readonlyPaths": list(_NOT_WRITTEN),
        },
    }


def _mounts() -> list[Mapping[str, Any]]:
    plain = ["nosuid", "nodev"]
    return [
        _mount("proc", "/proc", "proc", [*plain, "noexec"]),
        _mount("sysfs", "/sys", "sysfs", [*plain, "noexec", "ro"]),
        _mount("tmpfs", "/dev", "tmpfs", ["nosuid", "mode=755", "size=64k"]),
        _mount(
            "devpts",
            "/dev/pts",
            "devpts",
            ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        ),
        _mount("tmpfs", "/dev/shm", "tmpfs", [*plain, "mode=1777", "size=64m"]),  # noqa: S108
        _mount("mqueue", "/dev/mqueue", "mqueue", [*plain, "noexec"]),
        _mount("tmpfs", "/run", "tmpfs", [*plain, "mode=755", "size=64m"]),
        # sshd wants an empty directory of this name (sshd(8), FILES)
        _mount("tmpfs", "/run/sshd", "tmpfs", [*plain, "noexec", "mode=755", "size=4k"]),
        _bind(Path("/dev/net/tun"), "/dev/net/tun"),
    ]


def _mount(source: str, place: str, kind: str, options: Sequence[str]) -> Mapping[str, Any]:
    return {"source": source, "destination": place, "type": kind, "options": list(options)}


def _bind(source: Path, place: str) -> Mapping[str, Any]:
    return _mount(str(source), place, "bind", ["bind", "nosuid"])


def _resources(limits: Limits) -> Mapping[str, Any]:
    cpu: dict[str, int] = {"shares": limits.cpu_shares}
    if limits.cpus is not None:
        cpu |= {"period": _PERIOD, "quota": int(limits.cpus * _PERIOD)}
    return {
        "memory": {"limit": limits.memory_mb * _MEGABYTE},
        "pids": {"limit": limits.processes},
        "cpu": cpu,
        "devices": [{"allow": False, "access": "rwm"}, *map(_device, _DEVICES)],
    }


# major and minor numbers (Documentation/admin-guide/devices.txt): null zero full random urandom
# tty, ptmx and all pseudo-terminals, net/tun
_DEVICES: Final = (
    *((1, minor) for minor in (3, 5, 7, 8, 9)), (5, 0), (5, 2), (136, None), (10, 200),
)  # fmt: skip


def _device(number: tuple[int, int | None]) -> Mapping[str, Any]:
    major, minor = number
    rule: dict[str, Any] = {"allow": True, "type": "c", "major": major, "access": "rwm"}
    return rule if minor is None else rule | {"minor": minor}


def init_program() -> Path | None:
    """The static program that is the first process of every node (Debian: tini)."""
    program = Path("/usr/bin/tini-static")
    return program if os.access(program, os.X_OK) else None
