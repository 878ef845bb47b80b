from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from gcf_am.app.readiness import Readiness
from gcf_am.store import SqlStore, open_store
from gcf_am.store.upgrade import upgrade


@pytest.fixture
def file(tmp_path: Path) -> Path:
    upgrade(f"sqlite:///{tmp_path / 'store.sqlite'}")
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    with closing(open_store(f"sqlite:///{file}", authority="am.test")) as store:
        yield store


def looked(readiness: Readiness) -> str:
    readiness.look()
    return readiness()


def test_it_is_ready_from_the_start_and_as_long_as_the_database_answers(store: SqlStore) -> None:
    readiness = Readiness(store)
    assert readiness() == looked(readiness) == ""


def test_a_database_that_is_lost_and_found(store: SqlStore, file: Path) -> None:
    readiness = Readiness(store)
    file.rename(file.with_suffix(".away"))
    assert looked(readiness) == "The database cannot be used now."
    file.with_suffix(".away").rename(file)
    assert looked(readiness) == ""


def test_a_database_that_has_another_schema_now(store: SqlStore, file: Path) -> None:
    readiness = Readiness(store)
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'newer'"))
    engine.dispose()
    assert "must be restarted" in looked(readiness)


def test_a_database_that_does_not_answer(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    readiness = Readiness(store)
    now = 1e9
    monkeypatch.setattr("gcf_am.app.readiness.monotonic", lambda: now)
    assert readiness() == "The database does not answer."
    readiness.look()
    assert readiness() == ""


def test_it_asks_by_itself(store: SqlStore, file: Path) -> None:
    readiness = Readiness(store)
    file.rename(file.with_suffix(".away"))
    readiness.start()
    while not readiness():
        readiness._stopping.wait(0.01)
    readiness.stop(60)
