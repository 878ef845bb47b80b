"""From where archives of install services may be fetched, as the operator allows it.

An experimenter chooses the URL and the machine fetches it: unless told otherwise it must not be
a way to what only the machine can reach. So an address counts, not a name, and only one of the
Internet. Imports the standard library only, see `launch`.
"""

import ipaddress
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

GLOBAL: Final = "global"
_PORTS: Final = {"http": 80, "https": 443}
# what IANA gave out for single machines of the Internet
_UNICAST: Final = ipaddress.ip_network("2000::/3")
# RFC 6052: an IPv4 address in the last four bytes
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in the parts that a request is made of; `path` has the query, too."""

    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Origins:
    """What may be fetched: each entry is `global`, a network, or a URL's beginning.

    Raises ValueError, naming it, for an entry that is none of them.
    """

    entries: tuple[str, ...] = (GLOBAL,)

    def __post_init__(self) -> None:
        """Judge the entries."""
        for one in self.entries:
            if one != GLOBAL and "://" in one:
                target(one)
            elif one != GLOBAL:
                try:
                    ipaddress.ip_network(one)
                except ValueError:
                    raise ValueError(
                        f"{one[:80]!r} is neither {GLOBAL}, a network, nor a URL's beginning"
                    ) from None

    def target(self, url: str) -> Target:
        """The URL, if it may be fetched as far as can be told without asking for its host.

        Raises ValueError with the reason.
        """
        found = target(url)
        if not self.entries:
            raise ValueError("nothing is fetched here")
        if self._named(url):
            return found
        if all("://" in one for one in self.entries):
            raise ValueError("it is not among those that are fetched here")
        try:
            address = ipaddress.ip_address(found.host)
        except ValueError:
            return found  # a name may have any address
        self.judge(url, address)
        return found

    def judge(self, url: str, address: Address, *, own: bool = False) -> None:
        """Refuse an address to connect to for that URL; `own`: it is the machine's own one.

        Raises ValueError with the reason.
        """
        if self._named(url) or any(address in one for one in self._networks()):
            return
        if own:
            raise ValueError(f"{address} is this machine's own address")
        if GLOBAL not in self.entries or not is_global(address):
            raise ValueError(f"{address} is not an address that is fetched from here")

    def _networks(self) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        return [ipaddress.ip_network(one) for one in self.entries if _is_network(one)]

    def _named(self, url: str) -> bool:
        return any(_begins(url, one) for one in self.entries if "://" in one)


def target(url: str) -> Target:
    """The parts of a URL; raises ValueError with what is wrong about it."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("a URL of printable ASCII is expected")
    split = urlsplit(url)
    if split.scheme not in _PORTS:
        raise ValueError("an http or https URL is expected")
    if "@" in split.netloc:
        raise ValueError("a URL without a login is expected")
    if not split.hostname:
        raise ValueError("a URL with a host is expected")
    path = split.path or "/"
    if split.query:
        path += f"?{split.query}"
    return Target(split.scheme == "https", split.hostname, _port(split), path)


def is_global(address: Address) -> bool:
    """Whether it is one machine's on the Internet, and so is what it may be translated to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _TRANSLATED:
        return is_global(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    within = [address.sixtofour, *(address.teredo or ())]
    return (
        address in _UNICAST
        and address.is_global
        and all(is_global(one) for one in within if one is not None)
    )


def _is_network(entry: str) -> bool:
    return entry != GLOBAL and "://" not in entry


def _begins(url: str, beginning: str) -> bool:
    """Whether the URL lies below the other one, and no `..` leads out of it."""
    one, other = urlsplit(url), urlsplit(beginning)
    if (one.scheme, one.hostname, _port(one)) != (other.scheme, other.hostname, _port(other)):
        return False
    # servers differ in what they make of %2e and %2f
    path = unquote(unquote(one.path)) or "/"
    if path != posixpath.normpath(path) + ("/" if path.endswith("/") and path != "/" else ""):
        return False
    above = other.path or "/"
    return path == above or path.startswith(above if above.endswith("/") else f"{above}/")


def _port(split: SplitResult) -> int:
    try:
        return split.port or _PORTS[split.scheme]
    except ValueError:
        raise ValueError("a port up to 65535 is expected") from None
