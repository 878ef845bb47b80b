"""Images are found by name, by URN and by the operator's names for them."""

from pathlib import Path

import pytest

from gcf_am.drivers.host.images import Images
from gcf_am.manager.ports import DriverError


@pytest.fixture
def images(tmp_path: Path) -> Images:
    (tmp_path / "debian12" / "usr").mkdir(parents=True)
    (tmp_path / "half-made").mkdir()
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
    "wanted", ["", "..", ".", "half-made", "gone", "Debian12", "urn:publicid:IDN+a+image+../host"]
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
