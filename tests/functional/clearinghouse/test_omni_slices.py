"""gcf-omni's clearinghouse commands against a real clearinghouse."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.clearinghouse.people import add_project
from gcf_am.cli.omni import omni
from tests.functional.clearinghouse.serving import AUTHORITY, Clearing

ONE = f"{AUTHORITY}slice+one"


def run(clearing: Clearing, *arguments: str, who: str = "alice") -> Result:
    file = clearing.omni_config(who)
    return CliRunner(catch_exceptions=False).invoke(omni, ["-c", str(file), *arguments])


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output
    assert all(len(line.rstrip()) <= 80 for line in result.stdout.splitlines())
    return result.stdout


def refused(result: Result) -> str:
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("gcf-omni: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_slices_life(clearing: Clearing) -> None:
    assert ONE in told(run(clearing, "createslice", "one"))
    assert ONE in told(run(clearing, "listslices"))
    made = json.loads(told(run(clearing, "--json", "print_slice_expiration", "one")))
    later = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    renewed = json.loads(told(run(clearing, "renewslice", "one", later, "--json")))
    assert made["slice_urn"] == ONE
    assert renewed == {"slice_urn": ONE, "expires": f"{later}T00:00:00Z"}
    assert "has ended" in told(run(clearing, "deleteslice", ONE))
    assert json.loads(told(run(clearing, "listmyslices", "--json"))) == []


def test_refusals_are_one_sentence(clearing: Clearing) -> None:
    told(run(clearing, "createslice", "one"))
    assert "belongs to somebody else" in refused(run(clearing, "createslice", "one", who="bob"))
    assert "you have no slice" in refused(run(clearing, "getslicecred", "one", who="bob"))
    assert "is it yours?" in refused(run(clearing, "deleteslice", "one", who="bob"))
    shorter = refused(run(clearing, "renewslice", "one", "2020-01-01"))
    assert f"{ONE} lives until 20" in shorter
    assert "does not let it live until 2020-01-01T00:00:00Z: a slice is never" in shorter
    assert "you have no slice" in refused(run(clearing, "renewslice", "two", "2099-01-01"))
    assert "only operators" in refused(run(clearing, "listslices", "alice", who="bob"))
    assert ONE in told(run(clearing, "listslices", "alice", who="carol"))


def test_asking_makes_no_slice(clearing: Clearing) -> None:
    # CreateSlice is get-or-create: a slip of the pen must not make one
    refused(run(clearing, "status", "typo"))
    assert clearing.call("alice", "ListMySlices", f"{AUTHORITY}user+alice") == []


def test_credentials_go_to_files_that_only_their_owner_reads(
    clearing: Clearing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told(run(clearing, "createslice", "one"))
    told(run(clearing, "-o", "getslicecred", "one"))
    told(run(clearing, "getusercred", "-o", "-p", "my-"))
    for name in ("one-cred.xml", "my-alice-usercred.xml"):
        file = Path(name)
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().startswith("<?xml")
    again = run(clearing, "getslicecred", "one", "--slicecredfile", "one-cred.xml")
    assert again.stdout.strip() == Path("one-cred.xml").read_text().strip()
    argument = json.loads(run(clearing, "getusercred", "--json").stdout)
    assert (argument["geni_type"], argument["geni_version"]) == ("geni_sfa", "3")


def test_the_aggregates_it_knows(clearing: Clearing) -> None:
    assert json.loads(told(run(clearing, "listaggregates", "--json"))) == []
    assert "gcf-ch_api" in told(run(clearing, "get_ch_version"))


def test_a_silent_aggregate_is_told_and_the_status_says_so(clearing: Clearing) -> None:
    told(run(clearing, "createslice", "one"))
    result = run(clearing, "status", "one", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)["https://127.0.0.1:9/"]
    assert answer["code"] is None
    assert "gave no answer" in answer["output"]
    assert result.stderr.startswith("gcf-omni: local: https://127.0.0.1:9/ gave no answer")


def test_people_of_a_slice_share_it(clearing: Clearing) -> None:
    told(run(clearing, "createslice", "one"))
    told(run(clearing, "addslicemember", "one", "bob"))
    rows = json.loads(told(run(clearing, "listslicemembers", "one", "--json")))
    assert {row["SLICE_MEMBER"].rpartition("+")[2]: row["SLICE_ROLE"] for row in rows} == {
        "alice": "LEAD",
        "bob": "MEMBER",
    }
    assert "slice+one" in told(run(clearing, "listslices", who="bob"))
    assert json.loads(told(run(clearing, "print_slice_expiration", "one", "--json", who="bob")))
    assert "AUTHORIZATION_ERROR" in refused(
        run(clearing, "addslicemember", "one", "carol", who="bob")
    )
    assert "bob" not in told(run(clearing, "removeslicemember", "one", "bob"))
    refused(run(clearing, "print_slice_expiration", "one", who="bob"))
    [key] = json.loads(run(clearing, "listkeys", "bob", "--json").stdout)
    assert key["KEY_PUBLIC"].startswith("ssh-rsa ")
    add_project(clearing.home, "demo", "alice")
    assert "demo" in told(run(clearing, "listprojects"))
