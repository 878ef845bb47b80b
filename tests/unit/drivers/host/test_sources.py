"""What images are made of: the command lines, and what is refused before any runs."""

import shutil
from pathlib import Path

import pytest

from gcf_am.drivers.host import sources
from gcf_am.errors import ConfigError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs are looked for before anything else."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, name: str) -> Path:
    made = path / name
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    return made


@pytest.mark.parametrize("mirror", [None, "http://deb.example.org/debian", "file:///srv/debian"])
def test_debian_is_built_of_its_packages(path: Path, mirror: str | None) -> None:
    made = program(path, "mmdebstrap")
    built = sources.from_mirror("debian12", mirror)
    assert built.command[0] == str(made)
    assert {"--variant=minbase", "--format=tar"} <= set(built.command)
    (include,) = [one for one in built.command if one.startswith("--include=")]
    needed = {"openssh-server", "sudo", "iproute2", "iputils-ping"}
    assert needed <= set(include.removeprefix("--include=").split(","))
    assert built.command[-2:] == (["-", mirror] if mirror else [*built.command[-2:-1], "-"])
    assert "bookworm" in built.command
    assert built.talks


@pytest.mark.parametrize(
    "mirror", ["", "--hook-dir=/x", "deb http://a b c", "ftp:/x", "http://a b", "http://a\nb"]
)
def test_what_is_no_mirror(path: Path, mirror: str) -> None:
    program(path, "mmdebstrap")
    with pytest.raises(ConfigError, match="a URL like http://deb"):
        sources.from_mirror("debian12", mirror)


def test_a_program_that_is_missing_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name, path: None)
    with pytest.raises(ConfigError, match=r"there is no mmdebstrap \(Debian: mmdebstrap\)"):
        sources.from_mirror("debian12", None)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        sources.from_path(tmp_path / "none", tmp_path / "images")


def test_a_directory_stays_on_its_file_system(tmp_path: Path) -> None:
    (tmp_path / "system").mkdir()
    found = sources.from_path(tmp_path / "system", tmp_path / "images")
    assert {"--one-file-system", "--numeric-owner", "--format=pax"} <= set(found.command)
