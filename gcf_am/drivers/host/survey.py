"""What this machine can do for the host driver, and by what: `gcf-am probe`."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from gcf_am.drivers.host import bundle, features, hierarchies
from gcf_am.drivers.host.runtime import RUNC
from gcf_am.manager.ports import DriverError


@dataclass(frozen=True, slots=True)
class Finding:
    """A feature and how it is made, the empty string where it is not; nodes need some of them."""

    feature: str
    how: str
    needed: bool = False


def survey() -> Sequence[Finding]:
    """Look at the programs and try the kernel; nothing is left of the trial."""
    init = bundle.init_program()
    return [
        Finding("root", "runs as root" if os.geteuid() == 0 else "", needed=True),
        Finding("containers", _program(RUNC), needed=True),
        Finding("first process", str(init or ""), needed=True),
        Finding("logins", _program("sshd"), needed=True),
        Finding("limits", hierarchies.version(), needed=True),
        *_network(),
    ]


def _network() -> Sequence[Finding]:
    lacks = features.lacks()
    namespaces = Finding("namespaces", "" if lacks else "unshare, nsenter", needed=True)
    try:
        can = features.probe()
    except (DriverError, OSError):
        return [namespaces]
    return [
        namespaces,
        Finding("interfaces", can.veth, needed=True),
        Finding("links", can.bridge, needed=True),
        Finding("frames", f"up to {can.mtu} bytes (MTU)" if can.mtu else ""),
        Finding("capacity", can.capacity),
        Finding("packet_loss", can.packet_loss),
        Finding("latency", can.latency),
        Finding("jitter", can.jitter),
    ]


def _program(name: str) -> str:
    # daemons lie where a user's PATH does not lead
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin") or ""
