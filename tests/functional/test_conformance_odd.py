"""gcf-conform against aggregates that can do less: it skips what does not apply, and says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from gcf_am import safexml
from tests.functional.rspecs import core
from tests.functional.running import Running
from tests.functional.test_conformance import against, conform


def judged(running: Running, folder: Path, *areas: str) -> dict[str, dict[str, Any]]:
    """What came of the checks in these areas; none of them fails."""
    report = folder / "report.json"
    only = [word for one in areas for word in ("--only", one)]
    options = ["--profile", "all", "--parallel", *only]
    done = conform("run", *against(running, *options), "--report", f"json={report}")
    assert done.returncode == 0, done.stdout + done.stderr
    told = {one["id"]: one for one in json.loads(report.read_text("utf-8"))["checks"]}
    assert not [one for one in told.values() if one["verdict"] not in {"pass", "skip"}]
    return told


def skipped(told: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: one["reason"] for name, one in told.items() if one["verdict"] == "skip"}


def test_slices_that_are_allocated_once_and_acted_on_as_a_whole(
    starting: Callable[..., Running], tmp_path: Path
) -> None:
    whole = starting(geni_allocate='"geni_single"', geni_single_allocation="true")
    told = judged(whole, tmp_path, "update.part", "cancel.part", "cancel.one", "manifest.only-new")
    once = "geni_allocate is geni_single: a slice is allocated once"
    parts = "geni_single_allocation is 1: slivers are not acted on one by one"
    assert skipped(told) == {
        "cancel.one-of-two": parts,
        "manifest.only-new-allocated": once,
        "manifest.only-new-provisioned": parts,
    }
    assert told["update.part-under-single"]["verdict"] == "pass"
    assert told["cancel.part-under-single"]["verdict"] == "pass"


def test_one_node_and_no_links(
    starting: Callable[..., Running], template: Path, tmp_path: Path
) -> None:
    site = tmp_path / "one-node.xml"
    root = safexml.parse((template / "site.xml").read_text("utf-8"))
    nodes = [one for one in root.findall(core("node")) if one.find(core("sliver_type")) is not None]
    kept = next(one for one in nodes if one.get("exclusive") == "true")
    for one in root.findall("*"):
        if one.tag in {core("node"), core("link")} and one is not kept:
            root.remove(one)
    for one in kept.findall(core("interface")):
        kept.remove(one)
    site.write_bytes(etree.tostring(root))
    told = judged(starting("--site", str(site)), tmp_path, "manifest.", "race.", "update.delete")
    reasons = set(skipped(told).values())
    assert "the advertisement has no second node that can be had" in reasons
    assert told["manifest.valid-provisioned"]["verdict"] == "pass"
    assert told["race.one-node-once"]["verdict"] == "pass"
    assert told["update.delete-updating"]["verdict"] == "pass"
