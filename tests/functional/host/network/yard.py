"""A network of a test's own, and what the test sees from inside its nodes."""

import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gcf_am.drivers.host.elsewhere import within
from gcf_am.drivers.host.fabric import Fabric
from gcf_am.drivers.host.names import NETNS
from gcf_am.drivers.host.network import End, Ids, Nic

T = TypeVar("T")

# IEEE 802, local experimental: not IP
EXPERIMENT = 0x88B5
_IDS = 0x70000000


class Yard:
    """One owner's network with nodes named by letters; all of it ends with the test."""

    def __init__(self) -> None:
        self.owner = secrets.token_hex(3)
        self.fabric = Fabric(self.owner)
        self.fabric_pin = NETNS / f"gcf-{self.owner}"
        self.tags: set[str] = set()

    def node(self, letter: str, *addresses: str, mtu: int = 1500, nic: str = "eth1") -> End:
        """A node with an interface."""
        tag = letter * 10
        self.tags.add(tag)
        number = ord(letter) - ord("a")
        self.fabric.open_node(tag, Ids(_IDS + 65536 * number))
        self.fabric.plug(tag, self.nic(letter, *addresses, mtu=mtu, nic=nic))
        return End(tag, nic)

    def nic(self, letter: str, *addresses: str, mtu: int = 1500, nic: str = "eth1") -> Nic:
        mac = f"02:00:00:00:{int(nic[3:]):02x}:{ord(letter):02x}"
        return Nic(nic, mac, addresses, mtu)

    def net(self, node: End | str) -> Path:
        tag = node.node if isinstance(node, End) else node
        return NETNS / f"gcf-{self.owner}-{tag}"

    def inside(self, node: End, work: Callable[[], T]) -> T:
        """What `work` answers in the node's network."""
        return within(self.net(node), work)

    def run(self, node: End | Path, *argv: str, check: bool = True) -> str:
        """What a program says that runs as root of the node, in its network."""
        where = [f"--net={node}"]
        if isinstance(node, End):
            where = [f"--net={self.net(node)}", f"--user=/run/gcf-{self.owner}/{node.node}"]
        done = subprocess.run(
            ["nsenter", *where, *argv], check=check, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def pings(self, node: End, address: str, *more: str) -> bool:
        """Whether it gets an answer; one is asked for again and again before it gives up."""
        asked = ["ping", "-n", "-q", "-c", "1", "-w", "20", *more, address]
        return "1 received" in self.run(node, *asked, check=False)

    def ear(self, node: End) -> socket.socket:
        """A socket that hears the experiment's frames at the node's interface."""
        made = self.inside(
            node, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EXPERIMENT))
        )
        made.bind((node.nic, EXPERIMENT))
        made.settimeout(20)
        return made

    def say(self, node: End, dest: str, text: bytes, *, times: int = 1, source: str = "") -> None:
        """Send frames of the experiment from the node's interface."""
        raw = self.inside(node, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
        with raw:
            raw.bind((node.nic, EXPERIMENT))
            own = raw.getsockname()[4] if not source else bytes.fromhex(source.replace(":", ""))
            head = bytes.fromhex(dest.replace(":", "")) + own + EXPERIMENT.to_bytes(2)
            for _ in range(times):
                raw.send(head + text.ljust(46, b"\0"))

    def close(self) -> None:
        """Remove all that stands of it."""
        found = self.fabric.found()
        for link in found.links:
            self.fabric.part(link)
        for tag in self.tags | found.nodes:
            self.fabric.close_node(tag)

    def traces(self) -> list[str]:
        """What is left of it on the machine."""
        pins = [one.name for one in NETNS.iterdir()] if NETNS.exists() else []
        left = [one for one in pins if self.owner in one]
        left += [str(one) for one in Path("/run").glob(f"gcf-{self.owner}*")]
        mounts = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
        return left + [one for one in mounts if self.owner in one]


def lacking() -> str:
    """Why these tests cannot run here; empty when they can."""
    lacks = list(Fabric("000000").lacks())
    lacks += [f"no {one}" for one in ("ping", "ip") if shutil.which(one) is None]
    return "; ".join(lacks)
