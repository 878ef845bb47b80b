"""How many checks of each method and severity came out how."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gcf_am.conformance.check import Severity
from gcf_am.conformance.verdict import Result, Verdict

Matrix = Mapping[str, Mapping[Severity, Counter[Verdict]]]


def count(results: Iterable[Result]) -> Counter[Verdict]:
    """How many came out how; each verdict is there, in order, be it none."""
    found = Counter(one.verdict for one in results)
    return Counter({each: found[each] for each in Verdict})


def matrix(results: Sequence[Result]) -> Matrix:
    """By method, in the order of the results, and by severity; empty cells are there."""
    return {
        method: {
            severity: count(one for one in rows if one.check.severity is severity)
            for severity in Severity
        }
        for method, rows in by_method(results).items()
    }


def by_method(results: Sequence[Result]) -> Mapping[str, Sequence[Result]]:
    """The results by method, in the order in which the methods first come."""
    found: dict[str, list[Result]] = {}
    for one in results:
        found.setdefault(one.check.method, []).append(one)
    return found


def conforms(results: Iterable[Result]) -> bool:
    """Whether nothing failed; what cannot be told is no failure, but a report names it."""
    return all(one.verdict is not Verdict.FAIL for one in results)
