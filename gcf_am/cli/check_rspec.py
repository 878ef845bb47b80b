"""RSpecs judged from files: what `gcf-am check-rspec` prints and what gcf-omni does not send."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gcf_am.cli.omni_output import complain
from gcf_am.cli.printable import printable
from gcf_am.cli.reading import read_file
from gcf_am.errors import ConfigError
from gcf_am.rspec.check import KINDS, Finding, Verdict, check


def verdict_on(file: str, kind: str | None = None) -> Verdict:
    """The verdict on a file (`-` is standard input); one that cannot be read is a finding.

    With `kind` it must be of that one.
    """
    try:
        data = read_file(file)
    except ConfigError as error:
        return Verdict("", (Finding(0, "", str(error), "a file that can be read"),))
    return check(data, kinds=[kind] if kind else KINDS)


def verdict_lines(file: str, verdict: Verdict) -> Iterator[str]:
    """A verdict for people: one line, and two for each finding."""
    errors = sum(one.fatal for one in verdict.findings)
    warnings = len(verdict.findings) - errors
    said = [
        "advertisement" if verdict.kind == "ad" else verdict.kind,
        _many(errors, "error") if errors else "valid",
        _many(warnings, "warning") if warnings else "",
    ]
    yield printable(f"{file}: {', '.join(filter(None, said))}")
    for one in verdict.findings:
        yield printable(f"  {_sentence(one)}")
        yield printable(f"    ({one.clause})")


def verdict_for_programs(file: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict for programs."""
    return {
        "file": file,
        "kind": verdict.kind,
        "valid": verdict.valid,
        "findings": [
            {
                "line": one.line,
                "element": one.element,
                "expectation": one.expectation,
                "clause": one.clause,
                "fatal": one.fatal,
            }
            for one in verdict.findings
        ],
    }


def refuse_invalid(file: str, text: str, kinds: Iterable[str]) -> None:
    """Raise ConfigError where an aggregate would refuse an RSpec that is about to be sent.

    What is wrong with it is told on standard error first.
    """
    verdict = check(text, kinds=kinds)
    if verdict.valid:
        return
    for one in verdict.findings:
        complain(f"{Path(file).name}: {_sentence(one)} ({one.clause})")
    raise ConfigError(f"{file} was not sent; --no-check sends it all the same")


def _sentence(finding: Finding) -> str:
    where = f"line {finding.line}: " if finding.line else ""
    grade = "" if finding.fatal else "warning: "
    element = f"{finding.element}: " if finding.element else ""
    return f"{where}{grade}{element}{finding.expectation}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
