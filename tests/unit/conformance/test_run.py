"""What becomes of checks: verdicts, fixtures, stopping. Nobody is asked."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gcf_am.client.credential_file import Credential
from gcf_am.client.transport import Identity
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.lines import Lines
from gcf_am.conformance.run import Run
from gcf_am.conformance.slices import GivenSlices, Pool
from gcf_am.conformance.tape import Playing, Tape
from gcf_am.conformance.target import Person, Target, Terms
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Failed, Result, Skipped, Undecided, Verdict

SLICE = Credential("<x/>", "geni_sfa", "3", "urn:publicid:IDN+a+slice+s", datetime.now(UTC))


def told(body: str, **more: Any) -> dict[str, Any]:
    """What a tape keeps of an answer."""
    heard = {"sent": "", "status": 200, "reason": "OK", "content_type": "text/xml", "body": body}
    return {**heard, "ended": None, "seconds": 0.1, **more}


def struct(code: str, value: str = "<string>v</string>", output: str = "") -> str:
    return (
        "<methodResponse><params><param><value><struct><member><name>code</name><value><struct>"
        f"<member><name>geni_code</name><value>{code}</value></member></struct></value></member>"
        f"<member><name>value</name><value>{value}</value></member><member><name>output</name>"
        f"<value><string>{output}</string></value></member></struct></value></param></params>"
        "</methodResponse>"
    )


FAULT = (
    "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32601</int>"
    "</value></member><member><name>faultString</name><value>no such method</value></member>"
    "</struct></value></fault></methodResponse>"
)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    nobody = Person("urn:a", Identity(tmp_path / "c", tmp_path / "k"), lambda: SLICE)
    pool = Pool(GivenSlices([SLICE]))
    return Target("https://127.0.0.1:1/", (nobody,), pool, Terms("seed"))


def check(run: Callable[[Trial], None], severity: Severity = Severity.MUST, **more: Any) -> Check:
    return Check("area.rule", "GetVersion", "a rule", "a clause", severity, run, **more)


def attempt(target: Target, one: Check, *items: tuple[str, Any]) -> Result:
    result = Run(target, tape=lambda _: Playing(list(items))).attempt(one, Lines(1.0))
    assert result is not None
    return result


def raising(error: Exception) -> Callable[[Trial], None]:
    def run(_: Trial) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("run", "severity", "verdict"),
    [
        (lambda _: None, Severity.MUST, Verdict.PASS),
        (raising(Failed("this", "that")), Severity.MUST, Verdict.FAIL),
        (raising(Failed("this", "that")), Severity.SHOULD, Verdict.WARN),
        (raising(Skipped("so")), Severity.MUST, Verdict.SKIP),
        (raising(Undecided("so")), Severity.MUST, Verdict.CANNOT_TELL),
        (raising(KeyError("so")), Severity.MUST, Verdict.CANNOT_TELL),
    ],
)
def test_verdicts(
    target: Target, run: Callable[[Trial], None], severity: Severity, verdict: Verdict
) -> None:
    result = attempt(target, check(run, severity))
    assert result.verdict is verdict
    if verdict in {Verdict.FAIL, Verdict.WARN}:
        assert (result.expected, result.got) == ("this", "that")
    elif verdict is not Verdict.PASS:
        assert "so" in result.reason


@pytest.mark.parametrize(
    ("answer", "succeeds", "refuses"),
    [
        (told(struct("<int>0</int>")), True, False),
        (told(struct("<int>1</int>", output="no URN")), False, True),
        (told(struct("<int>1</int>")), False, False),  # it does not say why
        (told(struct("<int>3</int>", output="no")), False, False),
        (told(struct("<boolean>0</boolean>")), False, False),
        (told(struct("<string>0</string>")), False, False),
        (told(FAULT), False, False),
        (told("<html/>"), False, False),
        (told("", status=403, reason="Forbidden"), False, False),
        (told("", ended="it took too long"), False, False),
    ],
)
def test_what_counts_as_success_and_refusal(
    target: Target, answer: dict[str, Any], *, succeeds: bool, refuses: bool
) -> None:
    good = check(lambda trial: trial.succeeds(trial.call("Status", [], [], {})))
    bad = check(lambda trial: trial.refuses(trial.call("Status", [], [], {}), 1))
    assert (attempt(target, good, ("call", answer)).verdict is Verdict.PASS) is succeeds
    result = attempt(target, bad, ("call", answer))
    assert (result.verdict is Verdict.PASS) is refuses
    assert len(result.exchanges) == 1


def test_a_read_only_run_sends_no_verb_that_writes(target: Target, tmp_path: Path) -> None:
    target.terms = Terms("seed", readonly=True)
    for method in ("Allocate", "Delete", "CreateSliver"):
        result = attempt(target, check(lambda trial, name=method: trial.call(name)))  # type: ignore[misc]
        assert result.verdict is Verdict.SKIP
        assert result.reason == "the run may reserve nothing (--readonly)"
    needy = check(lambda _: None, needs=(Need.WRITES,))
    assert attempt(target, needy).verdict is Verdict.SKIP


def test_waiting_keeps_the_first_and_the_last_round(target: Target) -> None:
    times = [f"2030-01-01T00:00:0{second}+00:00" for second in range(5)]
    answers = [told(struct("<int>14</int>", output=str(number))) for number in range(4)]
    tape: list[tuple[str, Any]] = [("now", times[0])]
    for answer, time in zip(answers, times[1:], strict=True):
        tape += [("call", answer), ("now", time)]
    tape.append(("call", told(struct("<int>0</int>"))))

    def run(trial: Trial) -> None:
        def done() -> bool | None:
            return trial.call("Status").code == 0 or None

        assert trial.until(done, "done")

    result = attempt(target, check(run), *tape)
    assert result.verdict is Verdict.PASS
    outputs = ["3" in one.got for one in result.exchanges]
    assert len(outputs) == 3


def test_waiting_ends(target: Target) -> None:
    tape = [
        ("now", "2030-01-01T00:00:00+00:00"),
        ("now", "2030-01-01T00:00:11+00:00"),
    ]
    never = check(lambda trial: trial.until(lambda: None, "anything", 10))
    result = attempt(target, never, *tape)
    assert result.verdict is Verdict.CANNOT_TELL
    assert result.reason == "in 10 s never: anything"


def test_a_tape_that_says_something_else_decides_nothing(target: Target) -> None:
    ask = check(lambda trial: trial.succeeds(trial.call("GetVersion")))
    assert attempt(target, ask).verdict is Verdict.CANNOT_TELL
    result = attempt(target, ask, ("now", "2030-01-01T00:00:00+00:00"))
    assert result.reason == "the cassette has now here, and the check wants to know: call"


def test_a_stopped_run_asks_nothing_more(target: Target) -> None:
    target.stop.set()
    asked = check(lambda trial: trial.succeeds(trial.call("GetVersion")))
    assert Run(target).attempt(asked, Lines(1.0)) is None
    outcome = Run(target).run([asked], workers=2)
    assert outcome.stopped
    assert outcome.results == ()


def test_results_come_in_the_order_of_the_checks_though_they_are_tried_at_once(
    target: Target,
) -> None:
    target.pool.source = GivenSlices([], limited=False)
    target.shared["GetVersion"] = target.shared["ListResources"] = told(struct("<int>2</int>"))
    chosen = [
        Check(f"a.{n}", "m", "r", "c", Severity.MUST, lambda _: None, alone=n % 3 == 0)
        for n in range(20)
    ]

    def tape(_: Check) -> Tape:
        return Playing([])

    heard: list[str] = []
    run = Run(target, tape=tape, told=lambda one: heard.append(one.check.id))
    outcome = run.run(chosen, workers=4)
    assert [one.check.id for one in outcome.results] == [one.id for one in chosen]
    assert sorted(heard) == sorted(one.id for one in chosen)
    assert not outcome.stopped
