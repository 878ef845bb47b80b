import logging
from pathlib import Path

import pytest

from gcf_am.app.inventory import InventoryFile
from gcf_am.errors import ConfigError
from gcf_am.urn import Urn

MANAGER = Urn.of("gcf.local", "authority", "am")
SITE = Path(__file__).parents[3] / "rspecs" / "site.xml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.xml"
    path.write_bytes(SITE.read_bytes())
    return path


def replace(file: Path, data: bytes) -> None:
    """Change a file as editors do: another one takes its name."""
    other = file.with_suffix(".new")
    other.write_bytes(data)
    other.replace(file)


def test_a_file_that_did_not_change_is_not_read_again(file: Path) -> None:
    inventory = InventoryFile(file, MANAGER)
    assert inventory() is inventory()


def test_a_changed_file_is_read_again(file: Path) -> None:
    inventory = InventoryFile(file, MANAGER)
    before = inventory()
    replace(file, SITE.read_bytes().replace(b"+node+pc1", b"+node+first"))
    after = inventory()
    assert after.version != before.version
    assert "urn:publicid:IDN+gcf.local+node+first" in after.host


def test_a_broken_file_is_told_once_and_the_last_good_one_holds(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inventory = InventoryFile(file, MANAGER)
    good = inventory()
    replace(file, b"<rspec")
    with caplog.at_level(logging.ERROR):
        assert inventory() is good
        assert inventory() is good
    assert len(caplog.records) == 1
    file.unlink()
    assert inventory() is good


def test_a_start_without_a_good_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.xml cannot be read"):
        InventoryFile(tmp_path / "absent.xml", MANAGER)
    (tmp_path / "bad.xml").write_text("<rspec", "utf-8")
    with pytest.raises(ConfigError, match=r"bad\.xml: "):
        InventoryFile(tmp_path / "bad.xml", MANAGER)
