import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gcf_am.errors import ConfigError, DatabaseError
from gcf_am.store import open_store
from gcf_am.store.tables import METADATA
from gcf_am.store.upgrade import check, upgrade
from tests.contract.store.conftest import Place, change
from tests.contract.store.samples import AUTHORITY, node, slice_key


def test_the_migrations_make_the_tables_that_the_store_uses(place: Place) -> None:
    engine = sa.create_engine(place.url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
    finally:
        engine.dispose()


def test_an_upgrade_of_what_is_upgraded_keeps_everything(place: Place) -> None:
    store = place.open()
    with store.write() as unit:
        one = node(unit, slice_key(unit))
        unit.add([one])
    upgrade(place.url)
    check(place.url)
    with store.read() as unit:
        assert unit.named([one.urn]) == {one.urn: one}


def test_upgrades_at_once_do_it_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [url] * 4))
    check(url)


def test_a_missing_database_is_not_made_by_looking(tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite"
    with pytest.raises(ConfigError, match="gcf-am upgrade-db"):
        check(f"sqlite:///{file}")
    with pytest.raises(ConfigError, match="gcf-am upgrade-db"):
        open_store(f"sqlite:///{file}", authority=AUTHORITY)
    assert not file.exists()


def test_a_database_that_is_behind_is_refused(place: Place) -> None:
    change(place.url, "DELETE FROM alembic_version")
    with pytest.raises(ConfigError, match="gcf-am upgrade-db"):
        place.open()


def test_a_database_that_is_ahead_is_refused(place: Place) -> None:
    change(place.url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer release"):
        place.open()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes\n" * 100)
    with pytest.raises(ConfigError, match="no usable database"):
        check(f"sqlite:///{file}")
    with pytest.raises(DatabaseError) as refused:
        upgrade(f"sqlite:///{file}")
    assert str(tmp_path) not in str(refused.value)
    assert file.read_text().startswith("these are my notes")


def test_a_directory_that_is_not_there_is_a_database_error(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        upgrade(f"sqlite:///{tmp_path / 'none' / 'store.sqlite'}")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:///a?b=c", "mysql://x/y"]
)
def test_a_url_that_is_none_of_ours_names_key_and_form(url: str) -> None:
    for use in (upgrade, check):
        with pytest.raises(ConfigError, match=r"url in \[store\].*sqlite:///FILE"):
            use(url)


def test_a_file_name_may_hold_what_urls_escape(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/50% of caf\u00e9 #1.sqlite"
    upgrade(url)
    check(url)
    assert (tmp_path / "50% of caf\u00e9 #1.sqlite").exists()


def test_numbers_of_slivers_begin_at_the_second_of_the_making(tmp_path: Path) -> None:
    """So a database that replaces a lost one does not hand out the URNs of that again."""
    begin = int(time.time())
    place = Place(f"sqlite:///{tmp_path / 'anew.sqlite'}")
    upgrade(place.url)
    store = place.open()
    with store.write() as unit:
        assert begin < int(unit.new_urns(1)[0].name) <= time.time() + 1
    store.close()
