from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gcf_am.client.omni_config import write_omni_config
from gcf_am.client.transport import Endpoint, Identity
from tests.security.client.evil import Evil, Script
from tests.unit.clearinghouse.homes import made_home


@pytest.fixture(scope="session")
def evil_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_home(tmp_path_factory)


@pytest.fixture
def evil(evil_home: Path) -> Iterator[Callable[[Script], Evil]]:
    """Start a server that a trusted root vouches for and that means no good."""
    servers: list[Evil] = []

    def start(script: Script) -> Evil:
        ch = evil_home / "ch"
        servers.append(Evil(ch / "tls-cert.pem", ch / "tls-key.pem", script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def identity(evil_home: Path) -> Identity:
    certs = evil_home / "certs"
    return Identity(certs / "alice-cert.pem", certs / "alice-key.pem", certs / "ch-cert.pem")


@pytest.fixture
def endpoint(identity: Identity) -> Iterator[Callable[..., Endpoint]]:
    made: list[Endpoint] = []

    def make(server: Evil, **changes: float) -> Endpoint:
        made.append(Endpoint(server.url, identity, **{"seconds": 10.0, **changes}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def omni_config(identity: Identity, tmp_path: Path) -> Callable[[Evil], Path]:
    def write(server: Evil) -> Path:
        write_omni_config(
            tmp_path / "omni_config",
            authority="gcf.local",
            clearinghouse=server.url,
            user="urn:publicid:IDN+gcf.local+user+alice",
            cert=identity.certificate,
            key=identity.key,
            nickname="evil",
            aggregate_urn="urn:publicid:IDN+evil+authority+am",
            aggregate_url=server.url,
            ca=identity.ca,
        )
        return tmp_path / "omni_config"

    return write
