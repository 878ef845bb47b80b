"""Images are found by name, by URN and by the operator's names for them."""

from pathlib import Path

import pytest

from gcf_am.drivers.host.images import Images, name_of
from gcf_am.manager.ports import DriverError
from gcf_am.model.site import DiskImage


def add(directory: Path, name: str, version: str) -> None:
    """An image as it lies there, without what it is for."""
    (directory / name / version / "root").mkdir(parents=True)
    (directory / name / version / "image.json").write_text('{"system": "Debian 12"}')
    (directory / name / "current").unlink(missing_ok=True)
    (directory / name / "current").symlink_to(version)


@pytest.fixture
def images(tmp_path: Path) -> Images:
    add(tmp_path, "debian12", "0123abcd")
    (tmp_path / "half-made" / "0123abcd" / "root").mkdir(parents=True)
    add(tmp_path, ".scratch-x", "0123abcd")
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "current").symlink_to("../../0123abcd")
    return Images(tmp_path, "debian12", {"UBUNTU22": "host", "gone": "missing"})


@pytest.mark.parametrize(
    ("wanted", "image"),
    [
        (None, "debian12"),
        ("host", "host"),
        ("debian12", "debian12"),
        ("UBUNTU22", "host"),
        ("urn:publicid:IDN+am.test+image+debian12", "debian12"),
        ("urn:publicid:IDN+am.test:sub+image+host", "host"),
        ("urn:publicid:IDN+am.test+image+emulab-ops//UBUNTU22", "host"),
    ],
)
def test_names(images: Images, wanted: str | None, image: str) -> None:
    assert images.resolve(wanted) == image


@pytest.mark.parametrize(
    "wanted",
    ["", "..", ".", "half-made", "away", "gone", "Debian12", "urn:publicid:IDN+a+image+../host"],
)
def test_what_is_not_here_is_refused_with_what_is(images: Images, wanted: str) -> None:
    with pytest.raises(DriverError, match=r"there are host, debian12") as refused:
        images.resolve(wanted)
    assert refused.value.lasting


def test_the_hosts_image_shows_no_person_and_no_secret(images: Images) -> None:
    root, usr = images.layers("host")
    assert (root.place, usr.place) == ("/", "/usr")
    assert usr.directory == Path("/usr")
    etc = root.directory / "etc"
    for line in (etc / "passwd").read_text().splitlines():
        name, _, uid = line.split(":")[:3]
        assert int(uid) < 1000 or name == "nobody"
    assert all(line.split(":")[1] == "*" for line in (etc / "shadow").read_text().splitlines())
    assert not (etc / "ssl" / "private").exists()
    assert not list(etc.glob("ssh/*key*"))
    assert not any(list((root.directory / one).glob("*")) for one in ("root", "home", "opt", "srv"))


def test_it_is_made_once(images: Images) -> None:
    assert images.layers("host") == images.layers("host")


def test_a_disk_keeps_its_version_and_new_ones_get_the_newest(
    images: Images, tmp_path: Path
) -> None:
    first = images.newest("debian12")
    add(tmp_path, "debian12", "4567cdef")
    second = images.newest("debian12")
    assert first != second
    assert {name_of(one) for one in (first, second)} == {"debian12"}
    for key, version in ((first, "0123abcd"), (second, "4567cdef")):
        (root,) = images.layers(key)
        assert (root.place, root.directory) == ("/", tmp_path / "debian12" / version / "root")
    assert images.newest("host") == "host"


def test_a_version_that_is_gone_is_told_without_a_path(images: Images, tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="geni_reload") as refused:
        images.layers("debian12@ffffffff")
    assert str(tmp_path) not in str(refused.value)


def test_what_was_added_is_told_with_its_system(images: Images) -> None:
    assert images.added() == (DiskImage("debian12", "Linux", description="Debian 12"),)
