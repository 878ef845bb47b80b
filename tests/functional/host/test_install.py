"""Archives that a request wants are fetched by nobody special and unpacked as the node's root."""

import io
import random
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.driver import HostDriver
from gcf_am.manager.ports import DriverError, Order
from tests.contract.driver.host import host_driver
from tests.contract.driver.orders import node
from tests.functional.host.files import Files, serving
from tests.functional.host.logins import KeyPair, says
from tests.functional.host.test_services import RSPEC, executing, serve, up
from tests.functional.host.traces import traces_of

RANDOM = random.Random(1).randbytes(3 << 20)


@pytest.fixture(scope="module")
def files() -> Iterator[Files]:
    with serving() as found:
        found.content = {
            "/a.tgz": archive(("bin/hello", b"#!/bin/sh\necho hello\n", 0o755), how="w:gz"),
            "/a.zip": zipped(("share/word", b"from zip")),
            "/out.tar": archive(("fine", b"x", 0o644), ("../../root/out", b"x", 0o644)),
            "/large.tar": archive(("large", RANDOM, 0o644)),
            "/full.tar.bz2": archive(("zeros", bytes(40 << 20), 0o644), how="w:bz2"),
        }
        yield found


@pytest.fixture
def driver(tmp_path: Path, files: Files) -> Iterator[HostDriver]:
    made = host_driver(
        tmp_path / "driver",
        fetch=[files.url],
        fetch_mb=2,
        sliver_types={"container": {"disk_mb": 32}},
    )
    yield made
    for urn in made.observe([]):
        made.destroy(replace(node(generation=100), sliver=urn))
    assert traces_of(made) == []


def archive(*members: tuple[str, bytes, int], how: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=how) as tar:  # type: ignore[call-overload]
        for name, content, mode in members:
            header = tarfile.TarInfo(name)
            header.size, header.mode, header.uid, header.gid = len(content), mode, 1000, 1000
            tar.addfile(header, io.BytesIO(content))
    return made.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def installing(key: KeyPair, *archives: tuple[str, str], generation: int = 1) -> Order:
    more = "".join(
        f"<install xmlns='{RSPEC}' url='{url}' install_path='{path}'/>" for url, path in archives
    )
    run = "/opt/x/bin/hello > /root/said 2>&1"
    return executing(key, run, generation=generation, more=more)


def test_before_commands_as_root_by_a_process_without_rights(
    driver: HostDriver, alice_key: KeyPair, files: Files
) -> None:
    order = installing(alice_key, (f"{files.url}a.tgz", "/opt/x"), (f"{files.url}a.zip", "/opt/x"))
    access = up(driver, order)
    assert says(access, alice_key, "sudo -n cat /root/said") == "hello"
    assert says(access, alice_key, "sudo -n cat /opt/x/share/word") == "from zip"
    listed = says(access, alice_key, "stat -c '%a %u %g' /opt /opt/x/bin /opt/x/bin/hello")
    assert listed.splitlines() == ["755 0 0", "755 0 0", "755 0 0"]
    # who fetched it was nobody, without capabilities, and can never be anybody again
    assert files.askers
    for asker in files.askers:
        assert set(asker["Uid"].split()) | set(asker["Gid"].split()) == {"65534"}
        assert {asker[f"Cap{one}"] for one in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}
        assert asker["NoNewPrivs"] == "1"
        assert asker["Groups"] == ""
    # once for a disk
    asked = len(files.askers)
    serve(driver, replace(order, generation=2))
    assert len(files.askers) == asked


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("out.tar", r"member '\.\./\.\./root/out' leads out"),
        ("large.tar", f"more than {2 << 20}"),
        ("full.tar.bz2", "does not fit on the node's disk"),
        ("missing", "answers 404"),
    ],
)
def test_what_cannot_be_installed_is_told(
    driver: HostDriver, alice_key: KeyPair, files: Files, name: str, why: str
) -> None:
    order = installing(alice_key, (f"{files.url}{name}", "/opt/x"))
    driver.prepare(order)
    access = driver.start(order)
    with pytest.raises(DriverError, match=rf"install of http://.*/{name}: .*{why}") as failed:
        serve(driver, order)
    assert failed.value.lasting
    # no command ran
    assert says(access, alice_key, "sudo -n ls /root") == ""
    made = driver._journal.standing()[order.sliver.text]
    directory = driver._settings.directory / "nodes" / made.tag
    assert {one.name for one in directory.iterdir()} == {"bundle", "console", "disk", "host_key"}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_machines_own_services_are_no_sources(
    driver: HostDriver, alice_key: KeyPair, files: Files
) -> None:
    before = len(files.askers)
    other = files.url.replace("127.0.0.1", "localhost")
    with pytest.raises(DriverError, match="not among those that are fetched here"):
        driver.check(installing(alice_key, (f"{other}a.tgz", "/opt/x")).contents)
    # by a name whose address is told later only
    settings = replace(driver._settings, fetch=replace(driver._settings.fetch, entries=("global",)))
    driver._nodes._settings = settings
    order = installing(alice_key, (f"{other}a.tgz", "/opt/x"))
    driver.check(order.contents)
    driver.prepare(order)
    driver.start(order)
    with pytest.raises(DriverError, match=r"localhost: .*(own|not an) address"):
        serve(driver, order)
    assert len(files.askers) == before
    for path in ("opt/x", "", "/opt/../etc"):
        with pytest.raises(DriverError, match="install_path"):
            driver.check(installing(alice_key, ("http://files.test/a", path)).contents)
