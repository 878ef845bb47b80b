from pathlib import Path

import pytest

from gcf_am.clearinghouse.settings import Settings, read_settings, write_settings
from gcf_am.errors import ConfigError


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "clearinghouse.toml"
    file.write_text(write_settings(Settings("lab.example", port=9000)))
    assert read_settings(file) == Settings("lab.example", port=9000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "authority is missing"),
        ('authority = "a:b"', "letters, digits"),
        ("authority = 7", "authority must be a string"),
        ('authority = "a"\nport = "8000"', "port must be a whole number"),
        ('authority = "a"\nport = true', "port must be a whole number"),
        ('authority = "a"\nport = 70000', "port must be 0 to"),
        ('authority = "a"\nslice_days = 0', "slice_days must be"),
        ('authority = "a"\nslice_days = 200', "slice_days must be"),
        ('authority = "a"\nslice_dais = 2', "no key slice_dais"),
        ("authority", "is no TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_the_key(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "clearinghouse.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says):
        read_settings(file)


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gcf-ch init"):
        read_settings(tmp_path / "clearinghouse.toml")
