"""The report as continuous integration reads it: JUnit's XML.

A suite is a method, a test case is a check, named by its id. fail is a failure, cannot tell an
error, skip is skipped; warn passes and says why in its output.
"""

from collections.abc import Sequence
from datetime import UTC

from gcf_am.conformance.report.header import Header
from gcf_am.conformance.report.matrix import by_method, count
from gcf_am.conformance.report.plain import escaped, line
from gcf_am.conformance.verdict import Result, Verdict

_MOST = 4000


def as_junit(header: Header, results: Sequence[Result]) -> str:
    """The XML text, to be written as UTF-8."""
    suites = "".join(_suite(header, *each) for each in by_method(results).items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="gcf-conform" {_sums(results)}>\n{suites}</testsuites>\n'
    )


def _suite(header: Header, method: str, results: Sequence[Result]) -> str:
    started = header.started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    said = {
        "aggregate.url": header.url,
        "aggregate.urn": header.urn,
        "kit.version": header.version,
        "profile": header.profile,
    }
    properties = "".join(
        f'      <property name="{name}" value="{line(value)}"/>\n' for name, value in said.items()
    )
    cases = "".join(map(_case, results))
    return (
        f'  <testsuite name="{line(method)}" {_sums(results)} timestamp="{started}">\n'
        f"    <properties>\n{properties}    </properties>\n{cases}  </testsuite>\n"
    )


def _sums(results: Sequence[Result]) -> str:
    of = count(results)
    seconds = sum(one.seconds for one in results)
    return (
        f'tests="{len(results)}" failures="{of[Verdict.FAIL]}" errors="{of[Verdict.CANNOT_TELL]}"'
        f' skipped="{of[Verdict.SKIP]}" time="{seconds:.3f}"'
    )


def _case(one: Result) -> str:
    name = line(one.check.id)
    about = f'classname="gcf-conform.{line(one.check.method)}" name="{name}"'
    begin = f'    <testcase {about} time="{one.seconds:.3f}"'
    match one.verdict:
        case Verdict.PASS:
            return f"{begin}/>\n"
        case Verdict.SKIP:
            inside = f'<skipped message="{line(one.reason)}"/>'
        case Verdict.FAIL:
            inside = (
                f'<failure type="{one.check.severity}" message="{line(_short(one))}">'
                f"{escaped(_long(one))}</failure>"
            )
        case Verdict.CANNOT_TELL:
            inside = (
                f'<error type="cannot tell" message="{line(one.reason)}">'
                f"{escaped(_long(one))}</error>"
            )
        case Verdict.WARN:
            inside = f"<system-out>warn: {escaped(_long(one))}</system-out>"
    return f"{begin}>\n      {inside}\n    </testcase>\n"


def _short(one: Result) -> str:
    return f"expected {one.expected or one.check.rule}; got {one.got}"[:500]


def _long(one: Result) -> str:
    lines = [
        one.check.rule,
        f"clause: {one.check.clause}",
        *([f"expected: {one.expected}"] if one.expected else []),
        *([f"got: {one.got}"] if one.got else []),
        *([f"reason: {one.reason}"] if one.reason else []),
    ]
    for each in one.exchanges[-3:]:
        lines += ["", f"> {each.sent[:_MOST]}", f"< {each.got[:_MOST]}"]
    return "\n".join(lines)
