import logging
from pathlib import Path

import pytest

from gcf_am.app.inventory import InventoryFile
from gcf_am.errors import ConfigError
from gcf_am.rspec.inventory import read_site
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


def large(text: bytes = SITE.read_bytes()) -> bytes:
    """The same inventory in a file that is no longer small."""
    return text.replace(b"</rspec>", b"<!--" + b" " * 2**20 + b"--></rspec>")


@pytest.fixture
def digest(file: Path) -> Path:
    file.write_bytes(large())
    return file.with_name(".site.xml.digest")


def test_a_large_file_is_read_once_for_all(file: Path, digest: Path) -> None:
    """Which shows in what is kept: it tells the site, and nobody writes it again."""
    first = InventoryFile(file, MANAGER)()
    small = read_site(SITE.read_bytes(), manager=MANAGER)
    assert (first.hosts, first.wires) == (small.hosts, small.wires)
    kept = digest.read_bytes()
    assert len(kept) < len(large())
    assert digest.stat().st_mode & 0o777 == 0o600
    digest.write_bytes(kept.replace(b"node+pc1", b"node+pc0"))
    assert "urn:publicid:IDN+gcf.local+node+pc0" in InventoryFile(file, MANAGER)().host


@pytest.mark.parametrize("kept", [b"", b"nonsense", b"\n\n\n"])
def test_what_is_kept_of_something_else_is_made_anew(file: Path, digest: Path, kept: bytes) -> None:
    digest.write_bytes(kept)
    first = InventoryFile(file, MANAGER)()
    assert "urn:publicid:IDN+gcf.local+node+pc1" in first.host
    whole = digest.read_bytes()
    for cut in (len(whole) // 2, len(whole) - 1):
        digest.write_bytes(whole[:cut])
        assert InventoryFile(file, MANAGER)() == first
        assert digest.read_bytes() == whole
    file.write_bytes(large(SITE.read_bytes().replace(b"+node+pc1", b"+node+first")))
    assert "urn:publicid:IDN+gcf.local+node+first" in InventoryFile(file, MANAGER)().host


def test_a_large_file_that_is_no_inventory_is_refused_as_a_small_one(
    file: Path, digest: Path
) -> None:
    wrong = SITE.read_bytes().replace(b' exclusive="true"', b"", 1)
    file.write_bytes(wrong)
    with pytest.raises(ConfigError) as small:
        InventoryFile(file, MANAGER)
    file.write_bytes(large(wrong))
    with pytest.raises(ConfigError) as refused:
        InventoryFile(file, MANAGER)
    assert str(refused.value) == str(small.value)
    assert "exclusive" in str(refused.value)
    assert digest.read_bytes() == b""


def test_where_nothing_can_be_kept_the_file_is_read(
    file: Path, digest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    digest.mkdir()
    assert InventoryFile(file, MANAGER)().hosts
    assert "no digest of the inventory is kept" in caplog.text
