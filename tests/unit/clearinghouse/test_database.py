from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gcf_am.clearinghouse.database import open_database
from gcf_am.clearinghouse.tables import Base
from gcf_am.errors import ConfigError


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "one.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_the_file_is_private_and_opens_again(tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    for _ in range(2):
        open_database(file).dispose()
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite"
    file.write_text("this is a text " * 100)
    with pytest.raises(ConfigError, match="cannot be used"):
        open_database(file)
