"""Putting a port's lanes into the kernel: HTB, with netem or a short queue below each class.

Every function takes a handle of `netlink.handle` and raises pyroute2's NetlinkError.
"""

import errno
from collections.abc import Sequence
from typing import Any, Final

from pyroute2.netlink.exceptions import NetlinkError

from gcf_am.drivers.host.shaping import HTB, Lane

_QUEUE: Final = 100  # frames
_LATE: Final = 10_000  # frames that netem keeps on their way


def put(route: Any, index: int, lanes: Sequence[Lane]) -> None:
    """Make these the port's lanes, all new; none of them: no qdisc. Other frames pass freely."""
    try:
        route.tc("del", index=index, root=True)
    except NetlinkError as error:
        # the kernel's own, which cannot be deleted
        if error.code not in (errno.ENOENT, errno.EINVAL):
            raise
    if not lanes:
        return
    route.tc("add", "htb", index, HTB, default=0)
    for lane in lanes:
        classid = HTB + lane.number
        route.tc(
            "add-class",
            "htb",
            index,
            classid,
            parent=HTB,
            rate=lane.rate,
            ceil=lane.rate,
            burst=lane.burst,
            cburst=lane.burst,
        )
        # the kernel's own queue is there already, so it is replaced; its number is the class's
        handle = lane.number + 1 << 16
        if lane.delay is None:
            route.tc("replace", "pfifo", index, handle, parent=classid, limit=_QUEUE)
        else:
            route.tc(
                "replace",
                "netem",
                index,
                handle,
                parent=classid,
                limit=_LATE,
                delay=lane.delay.latency,
                jitter=lane.delay.jitter,
                loss=lane.delay.loss * 100,
            )
