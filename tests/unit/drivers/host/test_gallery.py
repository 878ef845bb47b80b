"""Images are added whole or not at all, and never taken from under a node."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.drivers.host.gallery import Gallery
from gcf_am.drivers.host.images import Images, key_of
from gcf_am.drivers.host.journal import Journal, Made
from gcf_am.drivers.host.settings import read_settings
from gcf_am.drivers.host.sources import from_path
from gcf_am.errors import ConfigError
from tests.unit.drivers.host.systems import file, needs_root, tar


@pytest.fixture(autouse=True)
def _root() -> None:
    needs_root()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "driver")


@pytest.fixture
def gallery(tmp_path: Path, journal: Journal) -> Gallery:
    named = {"directory": str(tmp_path / "driver"), "images": {"UBUNTU": "named"}}
    return Gallery(read_settings(named), journal)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tar(tmp_path / "tiny.tar")


def add(gallery: Gallery, source: Path, name: str = "tiny", *, again: bool = False) -> str:
    """Add it; the version that it has now."""
    gallery.add(name, from_path(source, gallery.directory), replace=again)
    return (gallery.directory / name / "current").readlink().name


def a_node(journal: Journal, image: str) -> Made:
    made = Made("urn:s", "tag", "node", 1, slice="urn:slice", client_id="left", image=image)
    journal.put(made)
    return made


def names(gallery: Gallery) -> list[str]:
    return sorted(one.name for one in gallery.directory.iterdir())


def versions(gallery: Gallery, name: str = "tiny") -> list[str]:
    place = gallery.directory / name
    return sorted(one.name for one in place.iterdir() if one.name != "current")


def test_it_is_added_listed_and_removed(gallery: Gallery, tiny: Path, journal: Journal) -> None:
    version = add(gallery, tiny)
    images = Images(gallery.directory, "host", {})
    assert images.known() == ("host", "tiny")
    assert images.newest("tiny") == key_of("tiny", version)
    made = a_node(journal, images.newest("tiny"))
    host, tiny_ = gallery.shown()
    assert (host.name, host.note, host.nodes) == ("host", None, ())
    assert tiny_.note is not None
    assert tiny_.note.source == str(tiny)
    assert (tiny_.former, tiny_.nodes) == (0, (made,))
    with pytest.raises(ConfigError, match="tiny is used by left of urn:slice"):
        gallery.remove("tiny")
    journal.put(made.destroyed(2))
    gallery.remove("tiny")
    assert images.known() == ("host",)
    assert names(gallery) == []


@pytest.mark.parametrize("name", ["host", "", ".", "..", "a/b", ".hidden", "-x", "x" * 64, "n\n"])
def test_what_is_no_name(gallery: Gallery, tiny: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="is no name for an image"):
        add(gallery, tiny, name)


def test_what_a_setting_names_stays(gallery: Gallery, tiny: Path) -> None:
    add(gallery, tiny, "named")
    with pytest.raises(ConfigError, match="names named for 'UBUNTU'"):
        gallery.remove("named")
    with pytest.raises(ConfigError, match="no image 'other'; those that were added: named"):
        gallery.remove("other")


def test_one_that_is_refused_leaves_nothing(gallery: Gallery, tmp_path: Path, tiny: Path) -> None:
    bad = tar(tmp_path / "bad.tar", file("srv/first"), file("../second"))
    with pytest.raises(ConfigError, match="leads out of the image"):
        add(gallery, bad)
    assert names(gallery) == []
    version = add(gallery, tiny)
    with pytest.raises(ConfigError, match="leads out of the image"):
        add(gallery, bad, again=True)
    assert versions(gallery) == [version]
    with pytest.raises(ConfigError, match="there is an image tiny; with --replace"):
        add(gallery, tiny)


def test_the_former_one_stays_for_nodes_and_goes_with_them(
    gallery: Gallery, tiny: Path, journal: Journal
) -> None:
    first = add(gallery, tiny)
    made = a_node(journal, key_of("tiny", first))
    inode = (gallery.directory / "tiny" / first / "root" / "bin" / "sh").stat().st_ino
    second = add(gallery, tiny, again=True)
    assert versions(gallery) == sorted([first, second])
    assert (gallery.directory / "tiny" / first / "root" / "bin" / "sh").stat().st_ino == inode
    assert gallery.shown()[1].former == 1
    # a node that uses a former one uses the image
    with pytest.raises(ConfigError, match="used by left"):
        gallery.remove("tiny")
    journal.put(replace(made, image=key_of("tiny", second)))
    gallery.tidy()
    assert versions(gallery) == [second]


def test_what_the_killed_left_is_removed_and_what_is_at_work_is_not(
    gallery: Gallery, tiny: Path
) -> None:
    version = add(gallery, tiny)
    # killed before it was the present one, and before that
    (gallery.directory / "tiny" / "0123abcd" / "root" / "usr").mkdir(parents=True)
    (gallery.directory / "new" / "0123abcd" / "root").mkdir(parents=True)
    (gallery.directory / "begun").mkdir()
    (gallery.directory / "stray").touch()
    (gallery.directory / "host" / "0123abcd").mkdir(parents=True)
    (gallery.directory / ".scratch-dead" / "new" / "root" / "etc").mkdir(parents=True)
    with gallery._scratch() as scratch:
        gallery.tidy()
        assert scratch.is_dir()
        assert names(gallery) == [scratch.name, "host", "stray", "tiny"]
    assert versions(gallery) == [version]
    assert (gallery.directory / "host" / "0123abcd").is_dir()


def test_killed_at_work_is_all_or_nothing(gallery: Gallery, tmp_path: Path) -> None:
    whole = tar(tmp_path / "whole.tar", file("srv/large", bytes(1 << 20))).read_bytes()
    (tmp_path / "part").write_bytes(whole[: 1 << 18])
    # the rest never comes; it ends with who reads it
    slow = 'cat "$0"; exec tail --pid=$PPID -s 0.1 -f /dev/null'
    command = ("/bin/sh", "-c", slow, str(tmp_path / "part"))
    work = (
        "import sys; from gcf_am.drivers.host.driver import make\n"
        "from gcf_am.drivers.host.sources import Source\n"
        "driver = make({'directory': sys.argv[1]})\n"
        "driver.gallery.add('tiny', Source('slow', command=sys.argv[2:]), replace=False)"
    )
    adding = subprocess.Popen([sys.executable, "-c", work, gallery.directory.parent, *command])
    try:
        until = time.monotonic() + 60
        while not list(gallery.directory.glob(".scratch-*/new/root/srv/large")):
            assert adding.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        gallery.tidy()  # it is at work
        assert len(list(gallery.directory.glob(".scratch-*"))) == 1
    finally:
        adding.kill()
        adding.wait()
    gallery.tidy()
    assert names(gallery) == []
    assert Images(gallery.directory, "host", {}).known() == ("host",)
