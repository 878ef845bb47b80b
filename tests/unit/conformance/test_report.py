"""The reports; what the aggregate answered is hostile in all of them."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from gcf_am import safexml
from gcf_am.conformance.check import Check, Profile, Severity
from gcf_am.conformance.report.header import Header
from gcf_am.conformance.report.kinds import KINDS
from gcf_am.conformance.report.matrix import conforms, count, matrix
from gcf_am.conformance.report.plain import plain
from gcf_am.conformance.trial import Trial
from gcf_am.conformance.verdict import Exchange, Result, Verdict

HOSTILE = "<script>alert('\"')</script>\x00\x1b[31m\ud800\u202e\ufffe]]> &amp; \U000e0041 ünïcode"
HEADER = Header(
    url="https://127.0.0.1:8001/",
    urn="urn:publicid:IDN+example.org+authority+am",
    started=datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
    version="1.0.0",
    profile="v3",
    abilities={"geni_allocate": HOSTILE},
)


def unused(_: Trial) -> None:
    """No check is run here."""


def result(verdict: Verdict, severity: Severity = Severity.MUST, **more: object) -> Result:
    area = "getversion" if verdict is Verdict.PASS else "allocate"
    check = Check(
        f"{area}.{verdict.replace(' ', '-')}",
        "GetVersion" if verdict is Verdict.PASS else "Allocate",
        "a rule with a < in it",
        "AM API v3, Allocate; R140",
        severity,
        unused,
        frozenset({Profile.V3, Profile.FED4FIRE}),
    )
    plain_one = Result(
        check, verdict, exchanges=(Exchange("GetVersion()", HOSTILE, 0.5),), seconds=1
    )
    return replace(plain_one, **more)  # type: ignore[arg-type]


RESULTS = [
    result(Verdict.PASS),
    result(Verdict.FAIL, expected="a struct", got=HOSTILE),
    result(Verdict.WARN, Severity.SHOULD, expected="an int", got=HOSTILE),
    result(Verdict.SKIP, reason=HOSTILE),
    result(Verdict.CANNOT_TELL, reason=HOSTILE),
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_report_can_be_written_and_none_holds_what_it_must_not(kind: str) -> None:
    text = KINDS[kind](HEADER, RESULTS)
    assert text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0e-\x1f\ud800-\udfff\u202e\ufffe]", text)
    if kind != "json":  # which is no markup
        assert "<script" not in text


def test_json_has_an_object_for_each_check() -> None:
    told = json.loads(KINDS["json"](HEADER, RESULTS))
    assert told["counts"] == dict.fromkeys(map(str, Verdict), 1)
    assert [one["verdict"] for one in told["checks"]] == list(told["counts"])
    assert told["started"] == "2026-11-25T12:00:00+00:00"
    failed = told["checks"][1]
    assert failed["id"] == "allocate.fail"
    assert failed["sent"] == "GetVersion()"
    assert (failed["got"], failed["expected"]) == (HOSTILE, "a struct")
    assert failed["clause"] == "AM API v3, Allocate; R140"
    assert failed["exchanges"] == [{"sent": "GetVersion()", "got": HOSTILE, "seconds": 0.5}]
    # what held tells what came back
    assert told["checks"][0]["got"] == HOSTILE
    assert told["checks"][0]["expected"] == "a rule with a < in it"


def test_junit_tells_failures_errors_and_skips_apart() -> None:
    root = safexml.parse(KINDS["junit"](HEADER, RESULTS).partition("\n")[2])
    assert dict(root.items()) == {
        "name": "gcf-conform",
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "5.000",
    }
    assert [one.get("name") for one in root] == ["GetVersion", "Allocate"]
    found = {one.get("name"): [each.tag for each in one] for one in root.iter("testcase")}
    assert found == {
        "getversion.pass": [],
        "allocate.fail": ["failure"],
        "allocate.warn": ["system-out"],
        "allocate.skip": ["skipped"],
        "allocate.cannot-tell": ["error"],
    }
    (failure,) = root.iter("failure")
    assert "\\x1b[31m" in (failure.text or "")
    assert "<script>alert" in failure.get("message", "")


class Page:
    """The page as a browser reads it."""

    def __init__(self, results: list[Result]) -> None:
        self.tree = etree.HTML(KINDS["html"](HEADER, results))

    def find(self, path: str) -> list[str]:
        """The attributes or texts at an XPath."""
        found = self.tree.xpath(path)
        assert isinstance(found, list)
        return [str(one) for one in found]


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    page = Page(RESULTS)
    (policy,) = page.find("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; style-src")
    assert not page.find("//script | //img | //link | //iframe | //@style | //@onclick")
    assert all(one.startswith("#") for one in page.find("//@href | //@src"))


def test_the_page_shows_what_did_not_hold_and_links_to_it() -> None:
    page = Page(RESULTS)
    opened = ["allocate.fail", "allocate.warn", "allocate.cannot-tell"]
    assert page.find("//details[@open]/@id") == opened
    assert {one[1:] for one in page.find("//@href")} <= set(page.find("//@id"))
    assert page.find("//*[@class='sum']/text()") == [
        "1 of the 2 MUST rules that could be judged did not hold."
    ]
    (shown,) = page.find("//details[@id='allocate.fail']//pre[2]/text()")
    assert "<script>alert('\"')</script>\\x00\\x1b[31m\\ud800\\u202e" in shown


def test_a_page_of_what_held_says_so() -> None:
    page = Page([result(Verdict.PASS)] * 2)
    assert page.find("//*[@class='sum']/text()") == ["All 2 MUST rules that could be judged held."]
    assert not page.find("//h2[.='What did not hold']")
    assert Page([]).find("//h1")


def test_sums_by_method_and_severity() -> None:
    assert matrix(RESULTS)["Allocate"][Severity.SHOULD] == count([RESULTS[2]])
    assert list(matrix(RESULTS)) == ["GetVersion", "Allocate"]
    assert conforms(RESULTS[:1])
    assert not conforms(RESULTS)


def test_a_long_text_is_cut_and_says_so() -> None:
    assert plain("x" * 30, 20) == "x" * 20 + "\n[10 more characters: see the JSON report]"
    assert plain("a\r\nb\tc\rü\x07") == "a\nb\tc\\rü\\x07"


def test_a_long_answer_stands_once_in_a_report() -> None:
    ad = Exchange("ListResources()", "<rspec/>" * 1000, 0.1)
    results = [result(each, exchanges=(ad, ad)) for each in (Verdict.PASS, Verdict.FAIL)]
    first, second = (
        one["exchanges"] for one in json.loads(KINDS["json"](HEADER, results))["checks"]
    )
    place = {"check": "getversion.pass", "call": 1}
    assert first[0]["got"] == ad.got
    assert [one.get("as_in") for one in (*first, *second)] == [None, place, place, place]
    assert all("got" not in one for one in (first[1], *second))
    page = Page(results)
    texts = page.find("//pre/text()")
    assert [len(one) > 1000 for one in texts].count(True) == 1
    assert page.find("//details[@class='call']/p/a/@href") == ["#getversion.pass"] * 3
