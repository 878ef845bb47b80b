"""Nodes of images that the operator added: asked for, replaced and removed while all goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from gcf_am.cli.am import main
from gcf_am.drivers.host.driver import HostDriver
from gcf_am.drivers.host.sources import from_path
from gcf_am.errors import ConfigError
from gcf_am.manager.ports import DriverError
from gcf_am.model.preserve import Guarantee
from gcf_am.model.sliver import Access
from tests.contract.driver.orders import node
from tests.functional.host.house import access_of, users
from tests.functional.host.logins import KeyPair, account, says, ssh
from tests.functional.host.small_system import small_system
from tests.functional.rspecs import core, request
from tests.functional.rspecs import node as wish
from tests.functional.running import GENI3, Slice, credential, eventually

URN = "urn:publicid:IDN+gcf.local+image+small"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_system(tmp_path_factory.mktemp("systems"), "small")


def adding(driver: HostDriver, system: Path, *, again: bool = False) -> None:
    driver.gallery.add("small", from_path(system, driver.gallery.directory), replace=again)


def system_of(access: Access | None, key: KeyPair) -> str:
    return says(access, key, "cat /etc/os-release").splitlines()[0]


def test_a_replaced_image_is_for_new_disks_only(
    driver: HostDriver, alice_key: KeyPair, small: Path
) -> None:
    order = node(image="small", logins=(account("alice", alice_key),))
    with pytest.raises(DriverError, match="disk image small is not here"):
        driver.check(order.contents)
    adding(driver, small)
    driver.check(order.contents)
    driver.prepare(order)
    access = driver.start(order)
    assert system_of(access, alice_key) == "ID=small"
    ssh(access, alice_key, "touch ~/mine")
    # 1. another one of this name: the node keeps what it runs over, also when it starts anew
    release = small / "etc" / "os-release"
    release.write_text("ID=newer\n")
    adding(driver, small, again=True)
    release.write_text("ID=small\n")
    changed = replace(order, generation=2)
    assert driver.keeps(order.contents, changed.contents) is Guarantee.NO_DISRUPTION
    driver.prepare(changed)
    assert says(driver.restart(changed), alice_key, "ls", "mine") == "mine"
    assert system_of(access, alice_key) == "ID=small"
    with pytest.raises(ConfigError, match="small is used by left"):
        driver.gallery.remove("small")
    assert driver.gallery.shown()[1].former == 1
    # 2. a fresh disk is over the newest, and the former one goes with its last node
    assert driver.reload(replace(order, generation=3)) == access
    assert system_of(access, alice_key) == "ID=newer"
    driver.observe([])
    assert driver.gallery.shown()[1].former == 0
    # 3. gone with the node
    driver.destroy(replace(order, generation=4))
    driver.gallery.remove("small")
    assert driver.images() == ()


def test_an_image_is_asked_for_by_name_and_urn_as_soon_as_it_is_added(
    slice_: Slice, alice_key: KeyPair, small: Path
) -> None:
    alice, home = slice_.owner, slice_.owner.at.home

    def image(*words: str) -> str:
        done = CliRunner().invoke(main, ["image", *words, "--home", str(home)])
        return done.output

    def asking(name: str, image: str) -> str:
        disk = f'<sliver_type name="container"><disk_image name="{image}"/></sliver_type>'
        return wish(name, inside=disk)

    told = slice_.call("Allocate", request(asking("a", "small")))
    assert told["code"]["geni_code"] != 0
    assert "small" in told["output"]
    # 1. added beside the server, which is not started anew
    assert f"small or {URN}" in image("add", "small", str(small))
    made = slice_.running(
        request(asking("a", "small"), asking("b", URN), wish("c")),
        geni_users=users(alice_key),
    )
    for name in ("a", "b"):
        assert system_of(access_of(slice_, name), alice_key) == "ID=small"
    assert system_of(access_of(slice_, "c"), alice_key) != "ID=small"
    # 2. told in the advertisement and in the manifest, and by the list
    ad = alice.am("ListResources", [credential(alice.user_credential)], dict(GENI3))
    assert f'disk_image name="{URN}"' in ad["value"]
    disk = slice_.rspec().nodes()["a"].find(f"{core('sliver_type')}/{core('disk_image')}")
    assert disk is not None
    assert disk.get("name") == URN
    assert "2: a, b" in image("list")
    # 3. not removed while it is used, nor while it is promised
    assert "small is promised to a" in image("remove", "small")
    # 4. a fresh disk, by the call
    ssh(access_of(slice_, "a"), alice_key, "touch ~/mine")
    slice_.done("PerformOperationalAction", "geni_reload", urns=[made["a"]])
    slice_.until("geni_ready")
    assert says(access_of(slice_, "a"), alice_key, "ls ~") == ""
    slice_.done("Delete")
    eventually(lambda: "removed" in image("remove", "small"), what="the image free of nodes")
    assert slice_.call("Allocate", request(asking("a", "small")))["code"]["geni_code"] != 0
