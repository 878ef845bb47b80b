"""A clearinghouse's home that was made once, and copies of it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from gcf_am.clearinghouse.home import create
from gcf_am.urn import Urn

AUTHORITY = "gcf.local"
USERS = ("alice", "bob", "carol")


class SetClock:
    """A clock that a test moves."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def made_home(factory: pytest.TempPathFactory) -> Path:
    home = factory.mktemp("clearinghouse") / "home"
    create(home, authority=AUTHORITY, users=USERS)
    return home


def copied(template: Path, home: Path) -> Path:
    shutil.copytree(template, home)
    return home


def slice_urn(name: str) -> Urn:
    return Urn.of(AUTHORITY, "slice", name)


def user_urn(name: str) -> Urn:
    return Urn.of(AUTHORITY, "user", name)
