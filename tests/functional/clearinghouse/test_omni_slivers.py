"""gcf-omni against a whole installation: the newcomer's story, refusals, files, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.omni import omni
from gcf_am.client.omni_config import write_omni_config
from tests.functional.running import Person

REQUESTS = Path(__file__).parents[3] / "rspecs" / "requests"
TWO_NODES = str(REQUESTS / "two-nodes.xml")
ONE_NODE = str(REQUESTS / "one-node.xml")
Omni = Callable[..., Result]


def configuration(person: Person, directory: Path) -> Path:
    file = directory / f"omni_config_{person.name}"
    write_omni_config(
        file,
        authority="gcf.local",
        clearinghouse=person.at.ch_url,
        user=f"urn:publicid:IDN+gcf.local+user+{person.name}",
        cert=person.cert,
        key=person.key,
        nickname="local",
        aggregate_urn="urn:publicid:IDN+gcf.local+authority+am",
        aggregate_url=person.at.am_url,
        keys=[person.at.home / "certs" / f"{person.name}-ssh.pub"],
        ca=person.at.home / "certs" / "ch-cert.pem",
    )
    return file


@pytest.fixture
def by(tmp_path: Path) -> Callable[[Person], Omni]:
    def who(person: Person) -> Omni:
        file = configuration(person, tmp_path)

        def run(*arguments: str) -> Result:
            result = CliRunner(catch_exceptions=False).invoke(omni, ["-c", str(file), *arguments])
            assert "Traceback" not in result.output
            return result

        return run

    return who


@pytest.fixture
def run(alice: Person, by: Callable[[Person], Omni]) -> Omni:
    return by(alice)


@pytest.fixture
def name(alice: Person) -> str:
    """A slice of alice's, by its name."""
    return alice.new_slice().urn.rpartition("+")[2]


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output
    assert all(len(line.rstrip()) <= 80 for line in result.stdout.splitlines())
    return result.stdout


def value(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    (answer,) = json.loads(result.stdout).values()
    assert answer["code"] == 0
    return answer["value"]


def test_the_newcomers_story(run: Omni, name: str) -> None:
    assert "GENI 3" in told(run("getversion"))
    assert "vmhost1" in told(run("listresources", "--available"))
    allocated = told(run("allocate", name, TWO_NODES))
    assert "left     allocated" in allocated
    told(run("provision", name, "--wait", "notready"))
    started = told(run("poa", name, "geni_start", "--wait", "ready"))
    assert started.count("ready") == 3
    # Status tells no names; a table has them all the same
    assert "left     provisioned" in told(run("status", name))
    assert "ssh alice@left" in told(run("describe", name))
    assert "unallocated" in told(run("update", name, ONE_NODE))
    assert "web" in told(run("cancel", name))
    assert "left     unallocated" in told(run("delete", name))
    gone = run("status", name)
    assert gone.exit_code == 1
    assert gone.stdout == ""
    assert gone.stderr.startswith("gcf-omni: local: refused with SEARCHFAILED (12): ")


def test_slivers_are_named_one_by_one(run: Omni, name: str) -> None:
    slivers = value(run("--json", "allocate", name, TWO_NODES))["geni_slivers"]
    urn = slivers[0]["geni_sliver_urn"]
    assert [one["geni_sliver_urn"] for one in value(run("provision", name, "-u", urn, "--json"))[
        "geni_slivers"
    ]] == [urn]  # fmt: skip
    assert len(value(run("-u", urn, "--json", "status", name))["geni_slivers"]) == 1
    assert len(value(run("delete", name, "--json"))) == 3


def test_time_is_renewed_and_refused(run: Omni, name: str) -> None:
    told(run("allocate", name, ONE_NODE))
    soon = datetime.now(UTC) + timedelta(hours=1)
    until = f"{soon:%Y-%m-%dT%H:%M:%SZ}"
    assert value(run("renew", name, until, "--json"))[0]["geni_expires"] == until
    late = run("renew", name, "2099-01-01")
    assert late.exit_code == 1
    assert "OUTOFRANGE (19)" in late.stderr
    assert value(run("--alap", "renew", name, "2099-01-01", "--json"))[0]["geni_expires"] > until
    told(run("delete", name))


def test_documents_go_to_files_with_telling_names(
    run: Omni, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told(run("allocate", name, ONE_NODE, "-o"))
    manifest = (tmp_path / f"{name}-manifest-rspec-local.xml").read_text()
    assert 'type="manifest"' in manifest
    told(run("listresources", "--outputfile", "ad-%a.xml", "--no-compress"))
    assert 'type="advertisement"' in (tmp_path / "ad-local.xml").read_text()
    shown = run("describe", name, "--tostdout").stdout
    assert shown.strip() == manifest.strip()
    # a manifest passes as Update's input
    told(run("update", name, f"{name}-manifest-rspec-local.xml"))
    told(run("delete", name))


def test_a_refusal_names_the_place_in_the_request(run: Omni, name: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xml"
    bad.write_text(
        '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="request"><nod/></rspec>'
    )
    # nobody is asked
    result = run("allocate", name, str(bad))
    assert result.exit_code == 1
    assert result.stderr.startswith("gcf-omni: bad.xml: line 1: nod: it may not stand here")
    assert "was not sent; --no-check" in result.stderr
    # the aggregate says the same
    result = run("allocate", name, str(bad), "--no-check")
    assert result.exit_code == 1
    assert result.stderr.startswith("gcf-omni: local: refused with BADARGS (1): ")
    assert "line 1" in result.stderr
    manifest = REQUESTS.parent / "manifests" / "one-node.xml"
    assert "it must be request" in run("allocate", name, str(manifest)).stderr
    assert run("allocate", name, str(tmp_path / "none.xml")).exit_code == 1


def test_a_refusal_names_the_aggregate_that_was_asked(run: Omni, name: str, tmp_path: Path) -> None:
    bound = (REQUESTS / "bound.xml").read_text().replace("gcf.local", "other.example")
    (tmp_path / "foreign.xml").write_text(bound)
    foreign = run("allocate", name, str(tmp_path / "foreign.xml"))
    assert "nothing of this aggregate, urn:publicid:IDN+gcf.local+authority+am" in foreign.stderr
    # port 9 of this host answers nobody
    nobody = run("-a", "https://127.0.0.1:9/", "getversion").stderr
    assert nobody.startswith("gcf-omni: https://127.0.0.1:9/ gave no answer: ")


def test_others_see_nothing_and_operators_act(
    run: Omni, name: str, bob: Person, carol: Person, by: Callable[[Person], Omni]
) -> None:
    told(run("allocate", name, ONE_NODE))
    assert "you have no slice" in by(bob)("status", name).stderr
    assert "FORBIDDEN (3)" in by(bob)("status", name, "--operator").stderr
    assert "FORBIDDEN (3)" in by(bob)("shutdown", name).stderr
    assert "web" in told(by(carol)("status", name, "--operator"))
    assert "is shut down" in told(by(carol)("shutdown", name))
    assert "FORBIDDEN (3)" in run("status", name).stderr
