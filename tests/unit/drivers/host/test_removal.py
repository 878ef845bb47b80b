"""A tree is removed, and nothing that is not of it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gcf_am.drivers.host import removal
from gcf_am.drivers.host.removal import MountInside, mounts_below, remove_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "file").write_text("x")
    return tree


@contextmanager
def mounted(source: Path, place: Path) -> Iterator[None]:
    """A bind mount of a test's own directory: one file system, so st_dev tells nothing."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    subprocess.run(["mount", "--bind", source, place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def test_all_of_it_goes(tree: Path) -> None:
    (tree / "a" / "b").chmod(0)
    os.mkfifo(tree / "pipe")
    remove_tree(tree)
    assert not tree.exists()


def test_what_is_not_there_is_well(tmp_path: Path) -> None:
    remove_tree(tmp_path / "none")


def test_what_links_lead_to_stays(tree: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    (tree / "a" / "way").symlink_to(precious)
    (tree / "way").symlink_to(precious / "file")
    remove_tree(tree)
    assert (precious / "file").exists()


def test_a_link_is_no_tree(tree: Path, tmp_path: Path) -> None:
    way = tmp_path / "way"
    way.symlink_to(tree)
    with pytest.raises(NotADirectoryError):
        remove_tree(way)
    assert (tree / "a" / "b" / "file").exists()


def test_nothing_goes_while_something_is_mounted_below(tree: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious with blanks"
    place = tree / "a" / "some where"
    precious.mkdir()
    place.mkdir()
    (precious / "file").write_text("x")
    with mounted(precious, place):
        assert mounts_below(tree) == [str(place)]
        with pytest.raises(MountInside):
            remove_tree(tree)
        assert (tree / "a" / "b" / "file").exists()
    assert (precious / "file").exists()
    remove_tree(tree)


def test_a_mount_that_was_not_seen_first_is_not_entered(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as if it had been mounted after the look at the table of mounts
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    for place in (tree / "a", tree / "a" / "b"):
        with monkeypatch.context() as patch, mounted(precious, place):
            patch.setattr(removal, "mounts_below", lambda path: [])
            with pytest.raises(OSError):
                remove_tree(tree)
        assert (precious / "file").exists()


def test_a_tree_may_be_deeper_than_any_path(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    top = os.open(tree, os.O_RDONLY)
    inner = os.dup(top)
    for _ in range(2000):
        os.mkdir("directory", dir_fd=inner)
        below = os.open("directory", os.O_RDONLY, dir_fd=inner)
        os.close(inner)
        inner = below
    os.close(inner)
    os.close(top)
    remove_tree(tree)
    assert not tree.exists()


def test_names_of_its_own_making_are_no_trap(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("moved-0", "moved-1/moved-0/moved-1", "a/moved-2/b"):
        (tree / name).mkdir(parents=True)
    remove_tree(tree)
    assert not tree.exists()
