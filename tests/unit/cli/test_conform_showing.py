"""What a person sees of a run of gcf-conform."""

import io

import pytest
from rich.console import Console
from rich.live import Live

from gcf_am.cli.conform_showing import Show, ending, showing
from gcf_am.conformance.check import Check, Severity
from gcf_am.conformance.run import Outcome
from gcf_am.conformance.verdict import Result, Verdict


def result(
    name: str,
    verdict: Verdict,
    severity: Severity = Severity.MUST,
    expected: str = "",
    got: str = "",
    reason: str = "",
) -> Result:
    one = Check(name, name.partition(".")[0], "a rule", "a clause", severity, lambda _: None)
    return Result(one, verdict, expected, got, reason)


RESULTS = (
    result("renew.a", Verdict.PASS),
    result("renew.b", Verdict.FAIL, expected="19", got="0"),
    result("renew.c", Verdict.WARN, Severity.SHOULD, expected="x", got="\x1b[31my"),
    result("delete.a", Verdict.SKIP, reason="no second user"),
    result("delete.b", Verdict.CANNOT_TELL, reason="nothing could be allocated"),
)


def test_each_result_is_a_line_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with showing(5) as show:
        for one in RESULTS:
            show.began(one.check)
            show.told(one)
    assert capsys.readouterr().out.splitlines() == [
        "pass        renew.a",
        "fail        renew.b: expected 19; got 0",
        "warn        renew.c: expected x; got \\x1b[31my",
        "skip        delete.a: no second user",
        "cannot tell delete.b: nothing could be allocated",
    ]


def test_a_table_lives_on_a_terminal() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, markup=False)
    with Live(console=console, auto_refresh=False) as live:
        show = Show(5, live)
        show.began(RESULTS[0].check)
        seen = screen(console, show)
        assert "0 of 5 checks" in seen
        assert "renew.a" in seen
        for one in RESULTS:
            show.began(one.check)
            show.told(one)
        seen = screen(console, show)
    assert "5 of 5 checks" in seen
    assert "1 pass, 1 fail, 1 warn, 1 skip, 1 cannot tell" in seen
    assert "..." not in seen
    assert "\x1b[31my" not in seen


def screen(console: Console, show: Show) -> str:
    """What stands there now."""
    assert show.live is not None
    with console.capture() as captured:
        console.print(show.live.renderable)
    return captured.get()


def test_the_matrix_is_by_method_and_severity(capsys: pytest.CaptureFixture[str]) -> None:
    ending(Outcome(RESULTS, ("urn:a: it is held",), True, 1.0))
    told = capsys.readouterr()
    rows = [row.split() for row in told.out.splitlines()]
    assert ["renew", "1", "1", "MUST"] in rows
    assert ["renew", "1", "SHOULD"] in rows
    assert ["delete", "1", "1", "MUST"] in rows
    assert rows[-1] == ["all", "1", "1", "1", "1", "1"]
    assert told.err.splitlines() == [
        "left at the aggregate: urn:a: it is held",
        "the run was stopped before its end; all else that it had made was removed",
    ]
