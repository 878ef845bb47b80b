from pathlib import Path

import pytest

from gcf_am.app.homing_sources import lists_of, places_of
from gcf_am.config import Config, HomingConfig
from gcf_am.errors import ConfigError


def config(home: Path, **homing: object) -> Config:
    return Config(home, homing=HomingConfig(**homing))  # type: ignore[arg-type]


def test_lists_are_read_as_they_are_now(tmp_path: Path) -> None:
    told = config(tmp_path, inventories={"mine": "mine.yaml"})
    with pytest.raises(ConfigError, match=r"mine in \[homing.inventories\]: .* cannot be read"):
        lists_of(told)
    (tmp_path / "mine.yaml").write_text("candidates: [{candidate_id: x}]")
    with pytest.raises(ConfigError, match="it has no location_id"):
        lists_of(told)
    (tmp_path / "mine.yaml").write_text("candidates: [{candidate_id: x, location_id: r}]")
    assert list(lists_of(told)) == ["mine"]


def test_a_table_of_places_is_read(tmp_path: Path) -> None:
    assert places_of(config(tmp_path)).of_host("x") is None
    told = config(tmp_path, places="places.csv")
    with pytest.raises(ConfigError, match="cannot be read"):
        places_of(told)
    (tmp_path / "places.csv").write_text("host_name,latitude,longitude\nx,1,2\n")
    found = places_of(told).of_host("x")
    assert found is not None
    assert found.latitude == 1
