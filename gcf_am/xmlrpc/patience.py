"""How often one peer may be refused before it is not listened to for a while.

Source: FED 4.4, expensive verification: a rate limit per peer.
"""

import hashlib
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from gcf_am.xmlrpc.call import Call

_log: Final = logging.getLogger(__name__)
# What a refused call costs grows with what it brought: each piece of so many bytes counts as one.
_PIECE: Final = 262_144
# One household's, so to speak: whoever has one address of it has all of them.
_IPV6_PREFIX: Final = 64

_Peer = tuple[str, bytes]


@dataclass(slots=True)
class _Window:
    """When the present count ends, and what was refused in it."""

    end: float
    refused: int = 0
    unheard: int = 0


class Patience:
    """Counts what was refused to each peer; what is granted costs nothing.

    A peer is an address with a certificate: another certificate from the same address, or the
    same one from elsewhere, has a count of its own. From `refusals` in one window of `seconds`
    on, the peer is not heard until that window ends. 0 refusals mean patience without end.

    At most `peers` are remembered; those that were refused least recently are forgotten first.
    `clock` counts seconds. Safe in threads.
    """

    def __init__(
        self,
        refusals: int,
        seconds: float,
        *,
        peers: int = 4096,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._refusals = refusals
        self._seconds = seconds
        self._peers = peers
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: OrderedDict[_Peer, _Window] = OrderedDict()

    def wait(self, call: Call) -> int:
        """For how many whole seconds this call's peer is not heard; 0 where it is."""
        if not self._refusals:
            return 0
        with self._lock:
            window = self._windows.get(_peer(call))
            if window is None or window.refused < self._refusals:
                return 0
            left = window.end - self._clock()
            if left <= 0:
                return 0
            window.unheard += 1
            return math.ceil(left)

    def refused(self, call: Call) -> None:
        """Count a call that was refused."""
        if not self._refusals:
            return
        peer, now = _peer(call), self._clock()
        with self._lock:
            window = self._windows.pop(peer, None)
            if window is None or window.end <= now:
                if window is not None and window.unheard:
                    _log.info("%s: %d calls were not heard", call.peer, window.unheard)
                window = _Window(now + self._seconds)
            heard = window.refused < self._refusals
            window.refused += 1 + len(call.body) // _PIECE
            self._windows[peer] = window
            while len(self._windows) > self._peers:
                self._windows.popitem(last=False)
        if heard and window.refused >= self._refusals:
            _log.warning(
                "%s %s was refused %d times and is not heard for %d seconds",
                call.request_id,
                call.peer,
                window.refused,
                math.ceil(window.end - now),
            )

    def __len__(self) -> int:
        return len(self._windows)


def _peer(call: Call) -> _Peer:
    leaf = hashlib.sha256(call.chain[0]).digest() if call.chain else b""
    return _network(call.peer.rpartition(":")[0]), leaf


def _network(host: str) -> str:
    """The address, or of IPv6 the network that one customer is given whole."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or IPv6Network((address.packed, _IPV6_PREFIX), strict=False))
    return host
