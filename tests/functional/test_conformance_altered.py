"""Each of these checks fails when what it asks about is not so: recorded answers are altered.

A run against our own aggregate is recorded once. Then one thing in the answers of a check is made
wrong, as a server might get it wrong, and the check is judged again: it must see it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gcf_am.conformance import checks
from gcf_am.conformance.cassette import Cassette, read_cassette
from gcf_am.conformance.lines import Lines
from gcf_am.conformance.run import Run
from gcf_am.conformance.verdict import Result, Verdict
from tests.functional.running import Running
from tests.functional.test_conformance import against, conform

Altered = Callable[[str, Cassette], Cassette]
SCHEMAS = Path(__file__).parents[2] / "schemas" / "xsd"


def bodies(value: Any) -> Iterator[dict[str, Any]]:
    """The answers in what was recorded, in their order."""
    if isinstance(value, dict):
        if isinstance(value.get("body"), str):
            yield value
        else:
            value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from bodies(one)


def altered(cassette: Cassette, check: str, change: Callable[[Any, Any], None]) -> Cassette:
    """A copy with the check's items, and what all share, changed in place."""
    items = json.loads(json.dumps(cassette.checks[check]))
    shared = json.loads(json.dumps(dict(cassette.shared)))
    change(items, shared)
    pairs = [(kind, value) for kind, value in items]
    return replace(cassette, checks={check: pairs}, shared=shared)


def said(old: str, new: str, *, times: int = 0, own: bool = False) -> Altered:
    """Another text, wherever it stands in the answers; or so many times in each, from its end.

    `own`: not in what all checks share.
    """

    def change(items: Any, shared: Any) -> None:
        found = 0
        for one in bodies(items if own else [items, shared]):
            parts = one["body"].rsplit(old, times or -1)
            found += len(parts) - 1
            one["body"] = new.join(parts)
        assert found, old

    return lambda check, cassette: altered(cassette, check, change)


def said_last(old: str, new: str) -> Altered:
    """Another text wherever it stands in the last answer that has it."""

    def change(items: Any, _: Any) -> None:
        one = [each for each in bodies(items) if old in each["body"]][-1]
        one["body"] = one["body"].replace(old, new)

    return lambda check, cassette: altered(cassette, check, change)


def code(number: int, nth: int = -1) -> Altered:
    """Another geni_code in the nth answer."""

    def change(items: Any, _: Any) -> None:
        one = list(bodies(items))[nth]
        told = re.compile(r"(?<=<name>geni_code</name><value><int>)-?\d+")
        one["body"], count = told.subn(str(number), one["body"])
        assert count == 1

    return lambda check, cassette: altered(cassette, check, change)


def ends_like(text: str, old: str = "", new: str = "") -> Altered:
    """In the end the first answer with this text comes again, perhaps with another text in it."""

    def change(items: Any, _: Any) -> None:
        told = list(bodies(items))
        again = next(one["body"] for one in told if text in one["body"])
        told[-1]["body"] = again.replace(old, new) if old else again

    return lambda check, cassette: altered(cassette, check, change)


def asked_at(url: str) -> Altered:
    """At another address."""
    return lambda _, cassette: replace(cassette, url=url)


ALTERED: list[tuple[str, Altered]] = [
    ("update.end-time-beyond", code(19)),
    ("update.unknown-option", code(1)),
    ("update.absent-allocated-goes", ends_like("geni_allocated")),
    ("update.expiry-kept", ends_like("geni_allocated")),
    ("update.preserve-legal", said('guarantee="geni_', 'guarantee="x_')),
    ("cancel.allocated-deleted", ends_like("geni_allocated")),
    ("cancel.unknown-option", code(1)),
    ("cancel.empty-slice", code(3)),
    ("draft.am-type-listed", said("<string>gcfam", "<string>gcf-am")),
    ("draft.am-types-agree", said("<string>gcfam", "<string>other", times=1)),
    ("draft.am-types-agree-when-refused", said("<string>gcfam", "<string>other", own=True)),
    (
        "draft.code-version-characters",
        said("geni_am_code_version</name><value><string>", "geni_am_code_version</name><value><string>/"),
    ),
    ("draft.rspec-version-characters", said("<string>GENI<", "<string>GE NI<")),
    ("draft.credential-type-characters", said("<string>geni_sfa<", "<string>geni sfa<")),
    (
        "draft.unicode-boolean",
        said("geni_unicode_compliant</name><value><boolean>0</boolean>", "geni_unicode_compliant</name><value><int>0</int>"),
    ),
    ("draft.ascii-version", said("<string>gcfam", "<string>gçfam")),
    ("draft.ascii-slivers", said("geni_notready<", "geni_nötready<")),
    ("draft.sliver-names", said("+sliver+", "+sliver+a:")),
    ("draft.operational-statuses", said("geni_notready<", "geni-notready<")),
    ("manifest.valid-by-others", said("exclusive=", "exklusive=")),
    ("manifest.ad-valid-by-others", said("exclusive=", "exklusive=")),
    ("manifest.schema-location", said("3/manifest.xsd", "3/manifest.rng")),
    ("manifest.component-managers", said('component_manager_id="urn:publicid:IDN+gcf', 'component_manager_id="urn:publicid:IDN+other')),
    ("manifest.link-tag", said('vlantag="', 'vlantag="x')),
    ("manifest.link-property", said('capacity="1000"', 'capacity="9"')),
    ("request.unknown-sliver-type", code(0, -2)),
    ("request.unknown-shared-vlan", code(0, -2)),
    ("logins.no-keys", code(1)),
    ("logins.nobody", code(1)),
    ("race.one-node-once", said("<int>26<", "<int>0<")),
    ("race.loser-is-told", said("<int>26</int>", "<string>26</string>")),
    ("race.loser-holds-nothing", ends_like("geni_allocated")),
    ("race.deleted-twice", ends_like("geni_allocated")),
    ("race.renewed-and-deleted", ends_like("geni_allocated")),
    ("race.whole-or-not", ends_like("geni_allocated", "+sliver+", "+sliver+x")),
    ("race.versions", code(5)),
    ("fed4fire.named-host", asked_at("https://8.8.8.8/")),
    ("fed4fire.advised-port", asked_at("https://am.example.net:12369/")),
    ("fed4fire.urls-named", asked_at("https://am.example.net/")),
    ("fed4fire.urls-absolute", said("<string>https://", "<string>http://")),
    ("fed4fire.urn-told", said("authority+am<", "authority+sa<")),
    ("fed4fire.managed-by-urn", said('component_manager_id="urn:publicid:IDN+gcf', 'component_manager_id="urn:publicid:IDN+other')),
    ("fed4fire.allocate-told", said("geni_many", "geny_many")),
    ("fed4fire.single-allocation-told", said("geni_single_allocation", "geni_single")),
    ("fed4fire.without-options", code(1)),
    ("fed4fire.unknown-credential", code(3)),
    ("fed4fire.sliver-types", said("sliver_type", "slice_type")),
    ("fed4fire.availabilities", said(' now="true"', ' now="yes"')),
    ("fed4fire.countries", said(' country="BE"', ' country="Belgium"')),
    ("v2.version-with-options", code(1)),
    ("v2.version-unknown-option", code(1)),
    ("v2.lists-compressed", said("<string>e", "<string>-")),
    ("v2.lists-without-credentials", code(5)),
    ("v2.three-deleted", ends_like("geni_allocated")),
    ("v2.creates-with-structs", code(3)),
    ("v2.creates-with-unknown-option", code(1)),
    ("v2.renews", said("<boolean>1<", "<boolean>0<")),
    ("transport.int-as-i4", code(1)),
    ("transport.bare-text", code(1)),
    ("transport.other-scripts", code(1)),
    ("transport.needed-members", said("<name>value", "<name>valu")),
    ("getversion.allocate-told", said("geni_allocate<", "geni_alloc<")),
    ("listresources.all-listed", said_last("+node+", "+node+x")),
    ("allocate.told-alike", code(12, -2)),
    ("allocate.twice-on-one", code(0, -2)),
    ("allocate.never-again", ends_like("geni_allocated")),
    ("allocate.long-name", code(1)),
    ("perform.nothing-there", code(7)),
    ("delete.never-had", code(7)),
    ("update.urns-kept", said_last("+sliver+", "+sliver+x")),
    ("update.no-room", code(0, -2)),
    ("update.other-namespace", code(0, -2)),
    ("update.expiry-ends", ends_like("geni_allocated")),
    ("cancel.twice", ends_like("geni_allocated")),
    ("credential.expires-without-zone", code(0)),
    ("manifest.sliver-ids-last", said_last("+sliver+", "+sliver+x")),
    ("manifest.others-valid", said("client_id=", "klient_id=")),
    ("manifest.link-alone", ends_like("geni_allocated")),
    ("race.many-slices", ends_like("geni_allocated")),
    ("race.same-slice", code(12)),
    ("race.provisioned-twice", ends_like("geni_allocated")),
    ("race.updated-and-cancelled", code(12, -2)),
    ("race.updated-twice", code(12, -2)),
    ("v2.rspec-versions", said("GENI", "GEMI")),
    ("v2.seen-in-three", ends_like("geni_provisioned")),
    ("v2.login", said("hostname=", "host=")),
]  # fmt: skip


@pytest.fixture(scope="module")
def cassette(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Cassette:
    """A recorded run of these checks, in which all hold that apply."""
    file = tmp_path_factory.mktemp("altered") / "run.json"
    chosen = [word for check, _ in ALTERED for word in ("--only", check)]
    options: list[str | Path] = ["--profile", "all", "--schemas", SCHEMAS, "--parallel"]
    done = conform("record", *against(running, *options, *chosen), "--cassette", file)
    assert done.returncode == 0, done.stdout + done.stderr
    return read_cassette(file)


def judged(check: str, cassette: Cassette, folder: Path) -> Result:
    (one,) = (each for each in checks.ALL if each.id == check)
    target = cassette.target(folder, SCHEMAS)
    run = Run(target, tape=lambda each: cassette.tape(each.id))
    result = run.attempt(one, Lines(1))
    assert result is not None
    return result


@pytest.mark.parametrize(("check", "alter"), ALTERED, ids=[check for check, _ in ALTERED])
def test_a_wrong_answer_is_seen(
    check: str, alter: Altered, cassette: Cassette, tmp_path: Path
) -> None:
    assert cassette.verdicts[check] in {"pass", "skip"}
    result = judged(check, alter(check, cassette), tmp_path)
    assert result.verdict in {Verdict.FAIL, Verdict.WARN}, (result.reason, result.got)
    assert result.expected


@pytest.mark.parametrize("check", ["fed4fire.named-host", "fed4fire.advised-port"])
def test_a_public_name_and_the_advised_port_pass(
    check: str, cassette: Cassette, tmp_path: Path
) -> None:
    there = replace(cassette, url="https://am.example.net/")
    assert judged(check, there, tmp_path).verdict is Verdict.PASS
