"""An aggregate fetches the trust roots of a clearinghouse that it knows by its certificate."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.app.fetching import Fetcher
from gcf_am.app.material import trust_of
from gcf_am.config import AggregateConfig, Config
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.directory import TrustStore
from tests.functional.clearinghouse.serving import Clearing
from tests.functional.manager.house import Clock
from tests.pki import NOW, Pki, write_identity

AUTHORITY = "am.example"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An aggregate of another federation."""
    pki = Pki(AUTHORITY)
    pki.write_roots(tmp_path / "trusted_roots")
    write_identity(pki.server(), tmp_path / "certs", "am")
    return Config(tmp_path, aggregate=AggregateConfig(authority=AUTHORITY))


@pytest.fixture
def trust(config: Config) -> TrustStore:
    return trust_of(config, look_every=0)


def tell(config: Config, served: Clearing, pin: Path, **more: str) -> None:
    """Name the clearinghouse as a source, to be known by `pin`."""
    directory = config.path(config.trust.roots)
    (directory / "pins").mkdir(exist_ok=True)
    shutil.copyfile(pin, directory / "pins" / "ch.pem")
    keys = {"url": f'"{served.url}"', "pin": '"pins/ch.pem"', "namespaces": '["gcf.local"]', **more}
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    (directory / "roots.toml").write_text(f"[source.friends]\n{lines}")


def files(trust: TrustStore) -> list[str]:
    return [root.file for root in trust.current().roots]


def clock() -> Clock:
    found = Clock()
    found.time = NOW
    return found


def test_roots_come_by_themselves_and_stay_when_the_source_is_gone(
    shared: Clearing, config: Config, trust: TrustStore
) -> None:
    tell(config, shared, shared.cert("ch"))
    time = clock()
    fetcher = Fetcher(config, clock=time)
    fetcher.run_once()
    _, ma = load_chain(shared.cert("alice").read_bytes())
    assert ma in [root.certificate for root in trust.current().roots]
    assert {root.source for root in trust.current().roots} == {"", "friends"}
    assert list(trust.problems) == []
    # not before its time, and then in vain
    config.path(config.trust.roots).joinpath("pins", "ch.pem").unlink()
    before = trust.current().version
    for minutes in (59, 61):
        time.time = NOW + timedelta(minutes=minutes)
        fetcher.run_once()
        assert trust.current().version == before
    # a source that the operator takes out takes its roots along
    config.path(config.trust.roots).joinpath("roots.toml").unlink()
    assert files(trust) == [f"{AUTHORITY}.pem"]
    assert "no [source.friends] any more" in trust.problems[0]


def test_a_server_with_another_certificate_tells_nothing(
    shared: Clearing, config: Config, trust: TrustStore, caplog: pytest.LogCaptureFixture
) -> None:
    tell(config, shared, config.path("certs/am-cert.pem"))
    Fetcher(config, clock=clock()).run_once()
    assert files(trust) == [f"{AUTHORITY}.pem"]
    assert "its certificate is not trusted" in caplog.text


def test_the_servers_own_certificate_is_a_pin(
    shared: Clearing, config: Config, trust: TrustStore
) -> None:
    tell(config, shared, shared.home / "ch" / "tls-cert.pem")
    Fetcher(config, clock=clock()).run_once()
    assert len(files(trust)) == 4


def test_nothing_is_taken_from_outside_the_sources_namespaces(
    shared: Clearing, config: Config, trust: TrustStore, caplog: pytest.LogCaptureFixture
) -> None:
    tell(config, shared, shared.cert("ch"), namespaces='["gcf.local:lab"]')
    Fetcher(config, clock=clock()).run_once()
    (lab,) = {root.namespaces for root in trust.current().roots if root.source}
    assert lab == (("gcf.local", "lab"),)
    tell(config, shared, shared.cert("ch"), namespaces='["elsewhere"]')
    Fetcher(config, clock=clock()).run_once()
    assert files(trust) == [f"{AUTHORITY}.pem"]
    assert "holds none of the namespaces elsewhere" in caplog.text


def test_a_source_that_is_not_there_changes_nothing(
    shared: Clearing, config: Config, trust: TrustStore, caplog: pytest.LogCaptureFixture
) -> None:
    tell(config, shared, shared.cert("ch"), url='"https://127.0.0.1:9/"')
    fetcher = Fetcher(config, clock=clock())
    fetcher.start()
    fetcher.stop(timeout=60)
    assert files(trust) == [f"{AUTHORITY}.pem"]
    tell(config, shared, shared.cert("ch"), url=f'"{shared.url}nowhere"')
    Fetcher(config, clock=clock()).run_once()
    assert files(trust) == [f"{AUTHORITY}.pem"]
    assert caplog.text.count("are those that it last told") >= 1
