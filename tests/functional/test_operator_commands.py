"""`gcf-am nodes`, `console` and `doctor` beside a server at work, which they do not disturb."""

import json
import re
from typing import Any

from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from tests.functional.rspecs import node, request
from tests.functional.running import Running, Slice, eventually


def run(running: Running, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--home", str(running.home)])


def rows(slice_: Slice) -> dict[str, dict[str, Any]]:
    """The nodes of a slice by their client_ids."""
    told = json.loads(run(slice_.owner.at, "nodes", "--json").stdout)
    return {one["client_id"]: one for one in told if one["slice"] == slice_.urn}


def test_nodes_tell_what_stands_and_in_which_state(slice_: Slice) -> None:
    made = slice_.running(request(node("a")))
    made |= slice_.allocate(request(node("b")))
    found = rows(slice_)
    assert {name: one["sliver"] for name, one in found.items()} == made
    assert (found["a"]["running"], found["a"]["operational"]) == (True, "geni_ready")
    # reserved only: nothing stands
    assert found["b"]["running"] is None
    assert found["b"]["allocation"] == "geni_allocated"
    # what is simulated has no process to tell of
    assert (found["a"]["pid"], found["a"]["memory"], found["a"]["since"]) == (None, None, None)
    shown = run(slice_.owner.at, "nodes").stdout
    assert slice_.urn in shown
    assert made["a"] in shown


def test_a_console_by_sliver_or_by_name_and_slice(slice_: Slice) -> None:
    made = slice_.running(request(node("talker")))
    running = slice_.owner.at
    told = run(running, "console", made["talker"]).stdout
    assert told == "talker is simulated: it runs and prints nothing\n"
    assert run(running, "console", "talker", "--slice", slice_.urn).stdout == told
    assert run(running, "console", "talker", "--slice", slice_.urn + "x").exit_code == 1


def test_the_doctor_tells_of_what_failed(slice_: Slice) -> None:
    slice_.provisioned(request(node("unstartable-one")))
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_failed")
    told = run(slice_.owner.at, "doctor")
    assert told.exit_code == 1
    lines = {line[10:].partition(":")[0]: line for line in told.stdout.splitlines()}
    assert all(line[3:8] != "wrong" for what, line in lines.items() if what != "slivers")
    assert f"unstartable-one of {slice_.urn} is geni_failed (the fan is broken)" in lines["slivers"]


def test_who_is_shut_down_is_told_and_what_helps(slice_: Slice) -> None:
    slice_.provisioned(request(node("still")))
    running = slice_.owner.at
    assert f"{slice_.urn}\n" in run(running, "nodes").stdout
    run(running, "shutdown", slice_.urn)
    assert f"{slice_.urn}  (shut down)\n" in run(running, "nodes").stdout
    assert rows(slice_)["still"]["shut_down"] is True

    def advised() -> bool:
        told = run(running, "doctor").stdout
        return f"still of {slice_.urn}" in told and "`gcf-am release` lets a slice" in told

    eventually(advised, what="frozen")
    run(running, "release", slice_.urn)


def test_stats_count_slots_calls_and_steps(slice_: Slice) -> None:
    running = slice_.owner.at
    slice_.running(request(node("a")))
    assert slice_.refused("Allocate", request(node("b", host="nowhere"))) == 12
    told = json.loads(run(running, "stats", "--json", str(running.home / "log")).stdout)
    assert told["slots"]["used"] >= 1
    assert told["slots"]["free"] >= 1
    assert told["calls"]["Allocate"]["0"] >= 1
    assert told["calls"]["Allocate"]["12"] >= 1
    for step in ("prepare", "start"):
        assert told["steps"][step]["done"] >= 1
        assert told["steps"][step]["longest"] >= told["steps"][step]["median"]
    shown = run(running, "stats", str(running.home / "log")).stdout
    assert re.match(r"slots: \d+ used, \d+ free\ncall ", shown)
    assert run(running, "stats", str(running.home / "none")).exit_code == 1
