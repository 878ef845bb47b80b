"""What this machine's kernel can do, found by doing it in a scratch namespace.

The namespace belongs to a process that waits, so nothing stays, whoever is killed. A kernel tells
nothing in advance: modules are loaded when they are first used, if they are there.
"""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from pyroute2.netlink.exceptions import NetlinkError

from gcf_am.drivers.host import links, namespaces, qdiscs, rules, shaping
from gcf_am.drivers.host.names import port
from gcf_am.drivers.host.netlink import handle
from gcf_am.drivers.host.network import End, Features, Ids, LinkShape, Way
from gcf_am.manager.ports import DriverError

_ENDS: Final = (End("scratch000", "eth1"), End("scratch001", "eth1"))
_PORT: Final = port(_ENDS[0])


def probe() -> Features:
    """Try everything; raises DriverError where not even a scratch namespace can be had."""
    with namespaces.waiting("unshare", "--net") as pid:
        scratch = Path(f"/proc/{pid}/ns/net")
        with handle(scratch) as route:
            veth = _works(lambda: _make_veth(route))
            bridge = veth and _works(lambda: _make_bridge(route))
            htb = veth and _works(lambda: _shape(route, shaping.Lane(1, 125_000, 3200)))
            late = shaping.Delay(1000, 100, 0.1)
            netem = htb and _works(lambda: _shape(route, shaping.Lane(1, 125_000, 3200, late)))
            marks = veth and _works(lambda: _rule(scratch, Way(*_ENDS[::-1], capacity=1)))
            loses = marks and _works(lambda: _rule(scratch, Way(*_ENDS[::-1], packet_loss=0.1)))
            mtu = 9000 if veth and _works(lambda: _grow(route, 9000)) else 1500
    delays = "netem below HTB" if netem and marks else ""
    return Features(
        veth="veth pairs" if veth else "",
        bridge="a Linux bridge for each link" if bridge else "",
        capacity="HTB, frames told apart by nftables ingress" if htb and marks else "",
        packet_loss=delays or ("nftables egress, numgen random" if loses else ""),
        latency=delays,
        jitter=delays,
        mtu=mtu if veth else 0,
    )


def lacks() -> Sequence[str]:
    """What keeps the network half from working at all, in words."""
    if os.geteuid() != 0:
        return ["it does not run as root"]
    missing = [one for one in ("unshare", "nsenter", "cat") if shutil.which(one) is None]
    if missing:
        return [f"the program {one} is not installed" for one in missing]
    try:
        features = probe()
        with namespaces.mapped(Ids(first=1_000_000)):
            pass
    except DriverError as error:
        return [str(error)]
    except OSError as error:
        return [f"it may not make namespaces: {error.strerror}"]
    return [
        f"the kernel makes no {name}"
        for name, how in (("veth pairs", features.veth), ("bridges", features.bridge))
        if not how
    ]


def _works(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except (NetlinkError, OSError, DriverError):
        return False
    return True


def _make_veth(route: Any) -> None:
    route.link("add", ifname=_PORT, kind="veth", peer={"ifname": port(_ENDS[1])})


def _make_bridge(route: Any) -> None:
    links.attach(route, _port(route), links.make_bridge(route, "scratch"))


def _shape(route: Any, lane: shaping.Lane) -> None:
    qdiscs.put(route, _port(route).index, [lane])


def _rule(scratch: Path, way: Way) -> None:
    made = shaping.plan("scratch", _ENDS, LinkShape((way,)), netem=False)
    rules.replace(scratch, "scratch", made.rules)


def _grow(route: Any, mtu: int) -> None:
    route.link("set", index=_port(route).index, mtu=mtu)


def _port(route: Any) -> links.Interface:
    found = links.find(route, _PORT)
    if found is None:
        raise NetlinkError(errno.ENODEV)
    return found
