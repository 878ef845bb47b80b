"""A home whose aggregate makes real nodes."""

from pathlib import Path

from gcf_am.cli.home import make_home
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.model.sliver import Access
from tests.contract.driver.host import host_driver
from tests.functional.host.logins import KeyPair
from tests.functional.host.traces import traces_of
from tests.functional.rspecs import RSPEC, link, node, request
from tests.functional.running import Running, Slice, start

LAN = request(
    node("a", inside='<interface client_id="a:0"><ip address="10.5.0.1"/></interface>'),
    node("b", inside='<interface client_id="b:0"><ip address="10.5.0.2"/></interface>'),
    link("lan", "a:0", "b:0"),
)


class House:
    """A home whose aggregate has the host driver, and what its driver left behind in the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.driver: HostDriver = host_driver(home / "host")
        make_home(home, {("driver", "name"): "host"})
        self.servers: list[Running] = []

    def open(self) -> Running:
        self.servers.append(start(self.home, own_group=True))
        return self.servers[-1]

    def close(self) -> list[str]:
        """End what goes on and remove what is left; answers what was left by then."""
        for server in self.servers:
            if server.process.poll() is None:
                server.stop()
        left = traces_of(self.driver)
        for entry in self.driver._journal.standing().values():
            self.driver._journal.put(entry.destroyed(entry.generation))
        self.driver.observe([])  # what is nobody's is removed
        return left


def access_of(slice_: Slice, name: str) -> Access:
    """The login that the manifest tells."""
    nodes = slice_.rspec().nodes()
    login = nodes[name].find(f"{{{RSPEC}}}services/{{{RSPEC}}}login")
    assert login is not None
    assert login.get("username") == "alice"
    return Access(login.get("hostname", ""), int(login.get("port", "0")))


def users(key: KeyPair) -> list[dict[str, object]]:
    return [{"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": [key.public]}]
