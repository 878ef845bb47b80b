"""Which system calls a node may not make: those that reach the kernel itself, or widen its face.

A node's root has no right to most of them anyhow (user namespace, capabilities); they are named
because a kernel's faults sit where few programs go. Source: OCI Runtime Specification 1.0,
config-linux.md, Seccomp.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_REFUSED: Final = (
    # the machine: its clock, its modules, its memory, its going on
    "acct adjtimex clock_adjtime clock_settime settimeofday stime",
    "create_module delete_module finit_module get_kernel_syms init_module query_module",
    "kexec_file_load kexec_load reboot syslog swapoff swapon nfsservctl quotactl quotactl_fd",
    "ioperm iopl vm86 vm86old lookup_dcookie uselib ustat _sysctl sysfs",
    # file systems: a node's mounts are made for it
    "fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_by_handle_at open_tree",
    "pivot_root umount umount2 name_to_handle_at fanotify_init",
    # other namespaces
    "setns unshare",
    # keys are not parted by namespaces; the rest has a long record of faults
    "add_key keyctl request_key bpf perf_event_open userfaultfd kcmp",
    "io_uring_enter io_uring_register io_uring_setup",
    "get_mempolicy mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node",
)
_EPERM: Final = 1
_ENOSYS: Final = 38
# sched.h; a new user namespace would give all capabilities back, over less
_CLONE_NEWUSER: Final = 0x10000000


def _rule(names: Sequence[str], error: int, **more: Any) -> Mapping[str, Any]:
    return {"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": error, **more}


FILTER: Final[Mapping[str, Any]] = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [
        _rule(" ".join(_REFUSED).split(), _EPERM),
        _rule(
            ["clone"],
            _EPERM,
            args=[
                {
                    "index": 0,
                    "value": _CLONE_NEWUSER,
                    "valueTwo": _CLONE_NEWUSER,
                    "op": "SCMP_CMP_MASKED_EQ",
                }
            ],
        ),
        # its flags lie in memory, where no filter looks; the C library then takes clone
        _rule(["clone3"], _ENOSYS),
    ],
}
