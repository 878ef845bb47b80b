"""`gcf-am image`: what is added, listed and removed, and what is refused with its reason."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.cli.home import make_home
from gcf_am.config import FILE
from tests.unit.drivers.host.systems import needs_root, tar


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs_root()
    home = tmp_path_factory.mktemp("operator") / "home"
    make_home(home, {("driver", "name"): "host"})
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def run(home: Path, *words: str | Path) -> Result:
    command = ["image", *map(str, words), "--home", str(home)]
    return CliRunner().invoke(main, command)


def told(home: Path, *words: str | Path) -> str:
    result = run(home, *words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(home: Path, *words: str | Path) -> str:
    result = run(home, *words)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    return result.output


def test_an_image_from_its_tar_to_its_end(home: Path, tmp_path: Path) -> None:
    source = tar(tmp_path / "tiny.tar.gz", mode="w:gz")
    said = told(home, "add", "tiny", source)
    assert "tiny: Tiny" in said
    assert "\x1b" not in said
    assert "ask for tiny or urn:publicid:IDN+gcf.local+image+tiny" in said
    assert "there is an image tiny" in refused(home, "add", "tiny", source)
    told(home, "add", "tiny", source, "--replace")
    host, tiny = json.loads(told(home, "list", "--json"))
    assert (host["name"], host["bytes"], host["nodes"]) == ("host", None, [])
    assert (tiny["name"], tiny["source"], tiny["former"]) == ("tiny", str(source), 0)
    assert tiny["bytes"] > 0
    assert tiny["age"] >= 0
    assert "tiny" in told(home, "list")
    assert told(home, "remove", "tiny") == "tiny is removed\n"
    assert "there is no image 'tiny'" in refused(home, "remove", "tiny")


def test_what_the_inventory_or_the_configuration_names_stays(home: Path, tmp_path: Path) -> None:
    source = tar(tmp_path / "tiny.tar")
    told(home, "add", "tiny", source)
    inventory = home / "site.xml"
    text = inventory.read_text("utf-8")
    assert "+image+host" in text
    inventory.write_text(text.replace("+image+host", "+image+tiny"), "utf-8")
    assert "the inventory names tiny" in refused(home, "remove", "tiny")
    inventory.write_text(text, "utf-8")
    config = (home / FILE).read_text("utf-8")
    assert "[driver.settings]\n" in config
    named = config.replace("[driver.settings]\n", '[driver.settings]\nimage = "tiny"\n')
    (home / FILE).write_text(named, "utf-8")
    assert "names tiny for 'image'" in refused(home, "remove", "tiny")


def test_what_cannot_be_added_is_told_in_a_sentence(home: Path, tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refused(home, "add", "tiny", tmp_path / "none")
    assert "holds this home" in refused(home, "add", "tiny", tmp_path)
    assert "is no name for an image" in refused(home, "add", "host", tmp_path)
    assert "a URL like" in refused(home, "build", "debian12", "--mirror", "ftp:nowhere") or (
        shutil.which("mmdebstrap") is None
    )
    assert run(home, "build", "debian1").exit_code == 2


def test_without_mmdebstrap_nothing_is_built(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which
    monkeypatch.setattr(
        shutil,
        "which",
        lambda name, **where: None if name == "mmdebstrap" else found(name, **where),
    )
    said = refused(home, "build", "debian12")
    assert "there is no mmdebstrap (Debian: mmdebstrap)" in said


def test_the_simulated_driver_has_no_images(home: Path) -> None:
    text = (home / FILE).read_text("utf-8").replace('name = "host"', 'name = "simulated"')
    (home / FILE).write_text(text, "utf-8")
    assert "images are the driver host's" in refused(home, "list")
