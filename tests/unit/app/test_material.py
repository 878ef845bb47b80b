"""Certificates and roots are followed as their files change."""

import shutil
from pathlib import Path

import pytest

from gcf_am.app.material import Material, read_material, trust_of
from gcf_am.clearinghouse import home as clearinghouse_home
from gcf_am.config import Config
from gcf_am.errors import ConfigError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("material") / "home"
    clearinghouse_home.create(home, authority="gcf.local", users=("alice",))
    return home


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Config:
    shutil.copytree(made, tmp_path / "home")
    return Config(tmp_path / "home")


@pytest.fixture
def follow(config: Config) -> Material:
    return Material(config, trust_of(config, look_every=0), look_every=0)


def test_while_files_stay_the_material_is_the_same_object(follow: Material) -> None:
    assert follow() is follow()


def test_a_new_root_counts_at_the_next_connection(config: Config, follow: Material) -> None:
    before = follow()
    alice = config.home / "certs" / "ch-cert.pem"
    other = config.path(config.trust.roots) / "other.pem"
    clearinghouse_home.create(config.home / "other", authority="other.example", users=())
    shutil.copyfile(config.home / "other" / "certs" / alice.name, other)
    after = follow()
    assert len(after.roots) == len(before.roots) + 1
    other.unlink()
    assert follow().roots == before.roots


def test_a_spoilt_root_leaves_the_last_good_set(config: Config, follow: Material) -> None:
    before = follow()
    for file in config.path(config.trust.roots).iterdir():
        file.write_text("spoilt", "ascii")
    assert follow().roots == before.roots


def test_a_certificate_that_went_away_leaves_the_last_good_one(
    config: Config, follow: Material
) -> None:
    before = follow()
    config.path(config.trust.certificate).unlink()
    assert follow() == before


def test_a_missing_key_is_named(config: Config) -> None:
    config.path(config.trust.key).unlink()
    with pytest.raises(ConfigError, match=r"key in \[trust\]"):
        read_material(config)
