"""gcf-omni as an installed command, with the configuration that `gcf-am up` wrote.

What its commands show and write is tested beside the clearinghouse; here are Update and Cancel,
best effort, several aggregates, waiting in vain, and how refusals end.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.omni import omni
from tests.functional.rspecs import example, node, request
from tests.functional.running import BIN, PATIENCE, Person, Slice

UNKNOWN = "urn:publicid:IDN+gcf.local+sliver+never"


@pytest.fixture
def mine(slice_: Slice) -> "Omni":
    return Omni(slice_)


class Omni:
    """gcf-omni for one slice of alice's."""

    def __init__(self, slice_: Slice) -> None:
        self.slice = slice_
        self.name = slice_.urn.rpartition("+")[2]
        self.config = slice_.owner.at.home / "omni_config"

    def run(self, command: str, *arguments: str, stdin: str | None = None) -> Result:
        line = ["-c", str(self.config), command, self.name, *arguments]
        result = CliRunner(catch_exceptions=False).invoke(omni, line, input=stdin)
        assert "Traceback" not in result.output
        return result

    def value(self, command: str, *arguments: str, stdin: str | None = None) -> Any:
        """What the aggregate answered, from --json."""
        result = self.run(command, *arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        (answer,) = json.loads(result.stdout).values()
        assert (answer["code"], answer["output"]) == (0, "")
        return answer["value"]

    def refused(self, command: str, *arguments: str, stdin: str | None = None) -> int:
        """The code of a refusal: status 1, one sentence on stderr, nothing on stdout."""
        result = self.run(command, *arguments, stdin=stdin)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("gcf-omni: local: ")
        assert result.stderr.count("\n") == 1
        answers = json.loads(self.run(command, *arguments, "--json", stdin=stdin).stdout)
        (answer,) = answers.values()
        code = answer["code"]
        assert f"({code})" in result.stderr
        assert isinstance(code, int)
        return code


def test_the_command_itself_ends_with_a_status(alice: Person) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [str(BIN / "gcf-omni"), "-c", str(alice.at.home / "omni_config"), *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False)

    good = run("getversion", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    (answer,) = json.loads(good.stdout).values()
    assert answer["value"]["geni_api"] == 3
    bad = run("status", "nobody-has-it")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.startswith("gcf-omni: you have no slice ")
    assert bad.stderr.count("\n") == 1


def test_update_cancel_and_provision(mine: Omni) -> None:
    made = mine.slice.running(request(node("a"), node("b")))
    changed = request(node("a", "x", sliver_id=made["a"]))

    def states() -> dict[str, tuple[str, str]]:
        return {urn: one[:2] for urn, one in mine.slice.states().items()}

    updated = mine.value("update", "-", stdin=changed)
    assert {one["geni_sliver_urn"] for one in updated["geni_slivers"]} == set(made.values())
    assert states() == {
        made["a"]: ("geni_updating", "geni_provisioned"),
        made["b"]: ("geni_updating", "geni_unallocated"),
    }
    assert 'client_id="b"' not in mine.run("describe", "--tostdout").stdout
    assert 'client_id="b"' in mine.run("describe", "--tostdout", "--cancelled").stdout
    assert "updating" in mine.run("status").stdout

    cancelled = mine.value("cancel")
    assert {one["geni_allocation_status"] for one in cancelled["geni_slivers"]} == {
        "geni_provisioned"
    }
    mine.value("update", "-", "-u", made["a"], stdin=changed)
    assert states()[made["b"]] == ("geni_provisioned", "")
    shown = mine.run("provision", "--wait", "ready")
    assert shown.exit_code == 0, shown.output
    assert states() == dict.fromkeys(made.values(), ("geni_provisioned", ""))
    mine.value("poa", "geni_update_users", "--wait", "ready")
    assert mine.run("delete").exit_code == 0


def test_best_effort_does_what_can_be_done(mine: Omni) -> None:
    made = mine.slice.allocate(request(node("a"), node("b")))
    both = ("-u", made["a"], "-u", UNKNOWN)
    for command, more in (
        ("renew", ("2125-01-01", "--alap")),
        ("provision", ()),
        ("cancel", ()),
        ("status", ()),
        ("delete", ()),
    ):
        arguments = (*more, *both)
        assert mine.refused(command, *arguments) == 12
        value = mine.value(command, *arguments, "--best-effort")
        slivers = value if isinstance(value, list) else value["geni_slivers"]
        assert UNKNOWN in {one["geni_sliver_urn"] for one in slivers if one["geni_error"]}
    assert mine.slice.states().keys() == {made["b"]}


def test_refusals_end_with_status_1_and_a_sentence(mine: Omni) -> None:
    for command, more in (
        ("provision", ()),
        ("renew", ("2125-01-01",)),
        ("status", ()),
        ("poa", ("geni_start",)),
        ("cancel", ()),
        ("delete", ()),
    ):
        assert mine.refused(command, *more) == 12
    unsent = mine.run("allocate", "-", stdin="<rspec")
    assert (unsent.exit_code, unsent.stdout) == (1, "")
    assert "line 1" in unsent.stderr
    assert "was not sent" in unsent.stderr
    assert mine.refused("allocate", "--no-check", "-", stdin="<rspec") == 1
    assert mine.refused("allocate", "-", stdin=request(node("a", host="pc99"))) == 12
    assert mine.refused("update", "-", stdin=request()) == 1
    mine.value("allocate", "-", stdin=example("one-node"))
    assert mine.refused("poa", "geni_start") == 13
    assert mine.refused("renew", "2020-01-01") == 19


def test_waiting_ends_where_something_failed(mine: Omni) -> None:
    mine.value("allocate", "-", stdin=request(node("unstartable")))
    assert mine.run("provision", "--wait", "notready").exit_code == 0
    result = mine.run("poa", "geni_start", "--wait", "ready")
    assert result.exit_code == 1
    assert "the fan is broken" in result.output
    again = mine.run("status", "--wait", "ready", "--wait-seconds", "0")
    assert again.exit_code == 1


def test_several_aggregates_are_asked_and_one_refusal_is_told(mine: Omni) -> None:
    url = mine.slice.owner.at.am_url
    nowhere = "https://127.0.0.1:9/"
    result = mine.run("describe", "-a", url, "-a", f"{url}RPC2", "-a", nowhere, "--json")
    assert result.exit_code == 1
    answers = json.loads(result.stdout)
    assert {place: one["code"] for place, one in answers.items()} == {
        url: 0,
        f"{url}RPC2": 0,
        nowhere: None,
    }
    assert result.stderr.startswith("gcf-omni: ")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_manifest_goes_to_a_file_and_comes_back_changed(mine: Omni, directory: Path) -> None:
    assert mine.run("allocate", "-", "-o", stdin=example("two-nodes")).exit_code == 0
    (file,) = directory.iterdir()
    text = file.read_text("utf-8")
    begin = text.index('<node client_id="right"')
    end = text.index("</node>", begin) + len("</node>")
    link = text.index("<link ")
    close = text.index("</link>") + len("</link>")
    file.write_text(text[:begin] + text[end:link] + text[close:], "utf-8")
    mine.value("update", file.name)
    assert len(mine.slice.states()) == 1
