"""A copy of a home from which it can be served again, made while it is being served."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from gcf_am.clearinghouse.key_files import private_directory
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.errors import ConfigError

_PRIVATE: Final = 0o600
_PUBLIC: Final = 0o644


def back_up(home: Path, target: Path) -> Path:
    """Copy the clearinghouse's part of a home into a directory that is not there yet.

    The database is copied as of one moment; keys are readable for their owner only. The copy is a
    home itself: `gcf-ch serve --home` it. Raises ConfigError.
    """
    places = Places(home)
    read_settings(places.settings)
    if target.exists():
        raise ConfigError(f"{target} is there already; name a directory that is not")
    draft = target.with_name(f".{target.name}.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        private_directory(draft)
        for part in (places.certs, places.inner, places.trusted):
            private_directory(draft / part.name)
            for file in sorted(part.iterdir()):
                if file.is_file() and places.database.name not in file.name:
                    _copy(file, draft / part.name / file.name)
        _copy_database(places.database, draft / places.inner.name / places.database.name)
        draft.rename(target)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ConfigError(f"the copy could not be made: {error}") from error
    return target


def _copy(file: Path, target: Path) -> None:
    # made private before anything stands in it
    target.touch(_PRIVATE)
    shutil.copyfile(file, target)
    if not file.name.endswith("-key.pem"):
        target.chmod(_PUBLIC)


def _copy_database(file: Path, target: Path) -> None:
    target.touch(_PRIVATE)
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
