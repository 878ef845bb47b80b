"""What is seen while gcf-omni waits: a table that lives on a terminal, lines elsewhere."""

from collections.abc import Callable

import pytest

from gcf_am.cli.omni_options import Settings
from gcf_am.cli.omni_progress import wait
from gcf_am.client.answers import Slivers, SliverStatus
from gcf_am.client.waiting import WaitEnded

A, B = (f"urn:publicid:IDN+am.test+sliver+{n}" for n in (1, 2))
KNOWN = {A: "web\x1b[2J", B: "db"}
READY = Settings(wait="ready", wait_seconds=60)


def seen(first: str, second: str, error: str = "") -> Slivers:
    rows = [
        SliverStatus(urn, "", "geni_provisioned", state, "", why, "")
        for urn, state, why in ((A, first, ""), (B, second, error))
    ]
    return Slivers(tuple(rows), "", "", [])


def story(*answers: Slivers) -> Callable[[], Slivers]:
    rest = iter(answers)
    return lambda: next(rest)


def normal() -> Callable[[], Slivers]:
    return story(
        seen("geni_configuring", "geni_configuring"),
        seen("geni_ready", "geni_configuring"),
        seen("geni_ready", "geni_ready"),
    )


def test_each_change_is_a_line_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    last = wait(READY, normal(), known=KNOWN, pause=0)
    assert {one.operational for one in last.slivers} == {"geni_ready"}
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "web\\x1b[2J: geni_configuring",
        "db: geni_configuring",
        "web\\x1b[2J: geni_ready",
        "db: geni_ready",
    ]


def test_on_a_terminal_a_table_lives_and_goes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    wait(READY, normal(), known=KNOWN, pause=0)
    out, err = capsys.readouterr()
    assert out == ""
    for count in ("0 of 2", "1 of 2", "2 of 2"):
        assert f"waiting until ready: {count}" in err
    assert "web\\x1b[2J" in err
    # what erases lines is rich's own, and comes after the last table
    assert "\x1b[2K" in err.rpartition("2 of 2")[2]
    assert "\x1b[2J" not in err


def test_programs_are_shown_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    wait(Settings(wait="ready", json=True), normal(), pause=0)
    assert capsys.readouterr() == ("", "")


def test_a_failure_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    broken = story(seen("geni_ready", "geni_failed", "no disk"))
    with pytest.raises(WaitEnded, match="no disk"):
        wait(READY, broken, known=KNOWN, pause=0)
    assert "db: geni_failed (no disk)" in capsys.readouterr().err
