"""doc/audit.md is true: it names every key of a row, and the settings with their defaults."""

import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from gcf_am.audit.event import Event, Kind
from gcf_am.audit.lines import write_line
from gcf_am.audit.row import Row
from gcf_am.config import RetentionConfig
from gcf_am.rpc.journal import MOST

PAGE = (Path(__file__).parents[3] / "doc" / "audit.md").read_text("utf-8")


def test_every_key_and_kind_of_a_row_is_named() -> None:
    line = write_line(Row(Event(datetime.now(UTC), "", "", "", "")))
    # what proves the rest is told in words
    keys = json.loads(line).keys() - {"salts", "forgotten"}
    named = set(re.findall(r"`([a-z]+)`", PAGE))
    assert keys <= named
    assert {one.value for one in Kind} <= named


def test_settings_stand_with_their_defaults() -> None:
    for one in fields(RetentionConfig):
        assert f"| `{one.name}` | {one.default} |" in PAGE
    assert f"{MOST:,} of them wait" in PAGE
