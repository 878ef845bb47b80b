"""All checks of a run, one after another or several at once; what they made is removed."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

from gcf_am.client.answers import BadAnswer
from gcf_am.client.shown import UnreadableRspec
from gcf_am.client.transport import Unreachable
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.cleaning import emptied, require_empty
from gcf_am.conformance.lines import Lines
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.tape import Recording, Tape
from gcf_am.conformance.target import Target
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Failed, Result, Skipped, Stopped, Undecided, Verdict

# As many nodes as a check asks for at once.
_NODES: Final = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `left` says what could not be removed, "" for each slice that is empty;
    `stopped`: it ended before all checks were tried.
    """

    results: tuple[Result, ...]
    left: tuple[str, ...]
    stopped: bool
    seconds: float


@dataclass
class Run:
    """Tries checks; `told` hears each result as it comes, `began` of each check that begins."""

    target: Target
    tape: Callable[[Check], Tape] = lambda _: Recording()
    began: Callable[[Check], None] = lambda _: None
    told: Callable[[Result], None] = lambda _: None

    def reach(self) -> None:
        """Ask for GetVersion, once for all checks, and whether slices that were given are empty.

        Raises Unreachable where nobody answers, and NotEmpty for a slice that somebody uses: a run
        deletes all that its slices have.
        """
        lines = Lines(self.target.terms.seconds)
        try:
            answer = Trial("", self.target, Recording(), lines).version_answer
            if answer.ended is not None and not answer.status:
                raise Unreachable(answer.ended)
            for one in () if self.target.terms.readonly else self.target.pool.source.given:
                require_empty(self.target, lines, one)
        finally:
            lines.close()

    def run(self, checks: Sequence[Check], *, workers: int = 1) -> Outcome:
        """Try them; with several `workers` those that disturb each other come last, one by one."""
        begin = monotonic()
        if self.target.pool.source.limited or (workers > 1 and self._is_narrow(workers)):
            workers = 1
        together = [one for one in checks if not one.alone] if workers > 1 else []
        results: dict[str, Result] = {}
        local = threading.local()
        opened: list[Lines] = []

        def work(check: Check) -> None:
            if self.target.stop.is_set():
                return
            if not hasattr(local, "lines"):
                local.lines = Lines(self.target.terms.seconds)
                opened.append(local.lines)
            self.began(check)
            result = self.attempt(check, local.lines)
            if result is not None:
                results[check.id] = result
                self.told(result)

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, together))
        with ThreadPoolExecutor(1) as thread:
            list(thread.map(work, [one for one in checks if one not in together]))
        for one in opened:
            one.close()
        left = self._sweep()
        found = tuple(results[one.id] for one in checks if one.id in results)
        return Outcome(found, left, len(found) < len(checks), monotonic() - begin)

    def _is_narrow(self, workers: int) -> bool:
        """Whether checks would take each other's nodes: they are few, and go to one at a time."""
        lines = Lines(self.target.terms.seconds)
        try:
            usable = Trial("", self.target, Recording(), lines).ad.usable
        except Undecided:
            return False
        finally:
            lines.close()
        return all(one.exclusive for one in usable) and len(usable) < _NODES * workers

    def attempt(self, check: Check, lines: Lines) -> Result | None:
        """Try one check, and remove what it made; None when it was stopped."""
        begin = monotonic()
        trial = Trial(check.id, self.target, self.tape(check), lines)
        verdict, expected, got, reason = Verdict.PASS, "", "", ""
        try:
            _admit(check, trial)
            check.run(trial)
        except Failed as failed:
            verdict = Verdict.FAIL if check.severity is Severity.MUST else Verdict.WARN
            expected, got = failed.expected, failed.got
        except (UnreadableRspec, BadAnswer) as unread:
            verdict = Verdict.FAIL if check.severity is Severity.MUST else Verdict.WARN
            expected, got = "an RSpec that can be read", str(unread)
        except Skipped as skipped:
            verdict, reason = Verdict.SKIP, skipped.reason
        except Undecided as undecided:
            verdict, reason = Verdict.CANNOT_TELL, undecided.reason
        except Stopped:
            return None
        except Exception as error:  # noqa: BLE001 an aggregate may answer anything
            verdict = Verdict.CANNOT_TELL
            reason = f"the kit itself failed: {type(error).__name__}: {error}"
        finally:
            self._release(trial)
        seconds = monotonic() - begin
        return Result(check, verdict, expected, got, reason, tuple(trial.exchanges), seconds)

    def _release(self, trial: Trial) -> None:
        self.target.give_back(trial.components)
        if not trial.tape.live:
            return
        for one in trial.slices:
            if one.urn in trial.shut:
                self.target.shut.add(one.urn)
            elif not trial.wrote or not emptied(self.target, trial.lines, one):
                self.target.pool.give_back(one)

    def _sweep(self) -> tuple[str, ...]:
        """Nothing is left, or it is told; slices that were made for the run end."""
        left = []
        lines = Lines(self.target.terms.seconds)
        for one in self.target.pool.used:
            shut = one.urn in self.target.shut
            # an operator may do what the experimenter must not any more
            why = emptied(self.target, lines, one, by=self.target.operator if shut else None)
            if shut:
                why = f"{_SHUT}, {f'not empty: {why}' if why else 'empty'}"
            if why:
                left.append(f"{one.urn}: {why}")
        lines.close()
        for one in self.target.pool.used:
            self._end(one)
        return tuple(left)

    def _end(self, one: SliceUnderTest) -> None:
        with suppress(Exception):  # not every clearinghouse lets slices end before their time
            self.target.pool.source.end(one)


_SHUT = "it stays shut down"
_READONLY = "the run may reserve nothing (--readonly)"


def _admit(check: Check, trial: Trial) -> None:
    """Skipped, with the reason, for a check that does not apply."""
    for need in check.needs:
        reason = _REASONS[need](trial)
        if reason:
            trial.skip(reason)


def _few_nodes(trial: Trial) -> str:
    usable = trial.ad.usable
    enough = len(usable) > 1 or any(not one.exclusive for one in usable)
    return "" if enough else "the advertisement has no second node that can be had"


def _no_update(trial: Trial) -> str:
    if trial.target.terms.readonly:
        return _READONLY
    answer = trial.shared("Cancel", [], [], {})
    return "the aggregate has no Update and Cancel" if answer.code in {None, 13} else ""


_REASONS: dict[Need, Callable[[Trial], str]] = {
    Need.WRITES: lambda trial: _READONLY if trial.target.terms.readonly else "",
    Need.UNBOUND: lambda trial: (
        "requests name their components (--bound)" if trial.target.terms.bound else ""
    ),
    Need.SECOND_NODE: _few_nodes,
    Need.SEVERAL_ALLOCATES: lambda trial: (
        "geni_allocate is geni_single: a slice is allocated once"
        if trial.abilities.allocate == "geni_single"
        else ""
    ),
    Need.PARTS: lambda trial: (
        "geni_single_allocation is 1: slivers are not acted on one by one"
        if trial.abilities.single_allocation
        else ""
    ),
    Need.UPDATE: _no_update,
    Need.SECOND_USER: lambda trial: (
        "no second user was given (--second)" if len(trial.target.people) < 2 else ""
    ),
    Need.OPERATOR: lambda trial: (
        "nobody who may shut slices down was named (--operator)"
        if trial.target.operator is None
        else ""
    ),
    Need.SCHEMAS: lambda trial: (
        "" if trial.target.schemas else "no folder of schemas was given (--schemas)"
    ),
    Need.LINKS: lambda trial: "" if trial.ad.has_links else "the advertisement has no links",
}
