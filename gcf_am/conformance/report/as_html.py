"""The report for people: one page that needs nothing else, no script and no network.

What did not hold stands open, the rest is a line that opens; the filter is style sheet alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Final

from gcf_am.conformance.check import Severity
from gcf_am.conformance.report.header import Header
from gcf_am.conformance.report.matrix import by_method, count, matrix
from gcf_am.conformance.report.plain import escaped, line
from gcf_am.conformance.report.repeated import Place, Repeated
from gcf_am.conformance.report.style import POLICY, STYLE
from gcf_am.conformance.verdict import Exchange, Result, Verdict

# What is seen of a text, and of one that nobody needs to argue about
_MOST: Final = 8000
_LITTLE: Final = 1500
_MARKS: Final = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.WARN: "!",
    Verdict.SKIP: "○",
    Verdict.CANNOT_TELL: "?",
}
_MEANING: Final = {
    Verdict.PASS: "the rule held",
    Verdict.FAIL: "a MUST did not hold",
    Verdict.WARN: "a SHOULD or MAY did not hold",
    Verdict.SKIP: "does not apply here, or needs what the run was not given",
    Verdict.CANNOT_TELL: "the aggregate could not be brought to where the rule shows; no pass",
}
# Worst first, as they are read
_ORDER: Final = (Verdict.FAIL, Verdict.CANNOT_TELL, Verdict.WARN, Verdict.SKIP, Verdict.PASS)


def as_html(header: Header, results: Sequence[Result]) -> str:
    """The page, to be written as UTF-8."""
    name = line(header.urn or header.url)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Conformance of {name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>Conformance of {name}</h1>\n{_facts(header)}{_sum(results)}</header>\n"
        f"{_matrix(results)}{_worst(results)}{_checks(results)}</body>\n</html>\n"
    )


def _facts(header: Header) -> str:
    started = header.started.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    said = {
        "Aggregate": header.url,
        "When": f"{started}, for {header.seconds:.0f} seconds",
        "Held to": ", ".join((header.profile, *header.options)),
        "Judged by": f"gcf-conform {header.version}"
        + (", from recorded answers" if header.replayed else ""),
        **({"It says it has": _abilities(header)} if header.abilities else {}),
    }
    return _list(said.items())


def _abilities(header: Header) -> str:
    return "; ".join(f"{name} {value}" for name, value in header.abilities.items())


def _sum(results: Sequence[Result]) -> str:
    of = count(results)
    musts = [one for one in results if one.check.severity is Severity.MUST]
    judged = [one for one in musts if one.verdict in {Verdict.PASS, Verdict.FAIL}]
    failed = of[Verdict.FAIL]
    words = (
        f"{failed} of the {len(judged)} MUST rules that could be judged did not hold."
        if failed
        else f"All {len(judged)} MUST rules that could be judged held."
    )
    legend = "".join(
        f"<dt>{_mark(each)}</dt><dd>{of[each]}: {_MEANING[each]}</dd>\n" for each in _ORDER
    )
    return f'<p class="sum">{words}</p>\n{_bar(of)}<dl>\n{legend}</dl>\n'


def _bar(of: Counter[Verdict]) -> str:
    whole = max(of.total(), 1)
    at, parts = 0, ""
    for each in _ORDER:
        parts += f'<rect class="{_class(each)}" x="{at}" width="{of[each]}" height="1"/>'
        at += of[each]
    view = f'viewBox="0 0 {whole} 1" preserveAspectRatio="none" aria-hidden="true"'
    return f"<svg {view}>{parts}</svg>\n"


def _matrix(results: Sequence[Result]) -> str:
    heads = "".join(f'<th scope="col">{each}</th>' for each in Severity)
    rows = "".join(
        f'<tr><th scope="row"><a href="#{_anchor(method)}">{line(method)}</a></th>'
        + "".join(f"<td>{_cell(cells[each])}</td>" for each in Severity)
        + "</tr>\n"
        for method, cells in matrix(results).items()
    )
    return (
        '<h2>By method and severity</h2>\n<div class="wide"><table>\n'
        f'<thead><tr><th scope="col">Method</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n'
        "</table></div>\n"
    )


def _cell(of: Counter[Verdict]) -> str:
    return " ".join(
        f'<span class="mark {_class(each)}" title="{each}">{_MARKS[each]} {of[each]}</span>'
        for each in _ORDER
        if of[each]
    )


def _worst(results: Sequence[Result]) -> str:
    found = [one for each in _ORDER[:3] for one in results if one.verdict is each]
    if not found:
        return ""
    items = "".join(
        f"<tr><td>{_mark(one.verdict)}</td><td>{one.check.severity}</td>"
        f'<td><a href="#{line(one.check.id)}">{escaped(one.check.rule)}</a></td></tr>\n'
        for one in found
    )
    return f'<h2>What did not hold</h2>\n<div class="wide"><table>\n{items}</table></div>\n'


def _checks(results: Sequence[Result]) -> str:
    of = count(results)
    # the boxes stand before the sections: the style sheet looks at what follows them
    boxes = "".join(
        f'<input class="filter" type="checkbox" id="show-{_class(each)}" checked>'
        f'<label class="filter" for="show-{_class(each)}">{_mark(each)} {of[each]}</label>\n'
        for each in _ORDER
    )
    repeated = Repeated.among(results)
    parts = "".join(
        f'<section>\n<h3 id="{_anchor(method)}">{line(method)}</h3>\n'
        + "".join(_check(one, repeated) for one in rows)
        + "</section>\n"
        for method, rows in by_method(results).items()
    )
    return f"<h2>All checks</h2>\n{boxes}{parts}"


def _check(one: Result, repeated: Repeated) -> str:
    worst = one.verdict in _ORDER[:3]
    opened = " open" if worst else ""
    said = {
        "Clause": one.check.clause,
        "Expected": one.expected,
        "Got": one.got,
        "Took": f"{one.seconds:.2f} s",
    }
    last = len(one.exchanges) if worst else 0
    calls = "".join(
        _call(number, each, repeated.before(one, number, each), worst=worst, last=number == last)
        for number, each in enumerate(one.exchanges, 1)
    )
    why = f'<span class="why">{line(one.reason)}</span>' if one.reason else ""
    return (
        f'<details class="check {_class(one.verdict)}" id="{line(one.check.id)}"{opened}>\n'
        f'<summary>{_mark(one.verdict)}<span class="severity">{one.check.severity}</span>'
        f'<span class="rule">{escaped(one.check.rule)}</span>{why}'
        f'<span class="id">{line(one.check.id)}</span></summary>\n'
        f"<div>{_list((name, text) for name, text in said.items() if text)}{calls}</div>\n"
        "</details>\n"
    )


def _call(number: int, one: Exchange, before: Place | None, *, worst: bool, last: bool) -> str:
    title = line(one.sent.partition("(")[0][:80])
    most = _MOST if worst else _LITTLE
    got = f"<pre>{escaped(one.got, most)}</pre>"
    if before is not None:
        where = f'<a href="#{line(before.check)}">call {before.call} of {line(before.check)}</a>'
        got = f'<p class="quiet">The same answer as in {where}.</p>'
    opened = " open" if last else ""
    return (
        f'<details class="call"{opened}><summary>Call {number}: {title} ({one.seconds:.2f} s)'
        f"</summary>\n<pre>{escaped(one.sent, most)}</pre>\n{got}\n</details>\n"
    )


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{name}</dt><dd>{escaped(text, _MOST)}</dd>\n" for name, text in pairs)
    return f"<dl>\n{rows}</dl>\n"


def _mark(verdict: Verdict) -> str:
    return f'<span class="mark {_class(verdict)}">{_MARKS[verdict]} {verdict}</span>'


def _class(verdict: Verdict) -> str:
    return verdict.replace(" ", "-")


def _anchor(method: str) -> str:
    return "method-" + "".join(one if one.isalnum() else "-" for one in method)
