"""gcf-conform against our own aggregate: a run, its cassette, and that it leaves nothing."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.functional.rspecs import node, request
from tests.functional.running import BIN, PATIENCE, Running, eventually

KINDS = ("html", "junit", "json")
SOME = ["--only", "getversion.", "--only", "allocate."]


def conform(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [BIN / "gcf-conform", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def against(running: Running, *options: str | Path) -> list[str | Path]:
    return ["--am", running.am_url, "-c", running.home / "omni_config", *options]


def verdicts(text: str) -> set[str]:
    """The lines that tell of checks."""
    return {line for line in text.splitlines() if line[12:13].isalpha() and "." in line}


def left(running: Running) -> str:
    """What slices that were made for a run have."""
    command: list[str | Path] = [BIN / "gcf-am", "slivers", "--home", running.home]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
    return "\n".join(line for line in told.splitlines() if "Conform-" in line)


@pytest.fixture(scope="module")
def cassette(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded run of some checks, several at once."""
    file = tmp_path_factory.mktemp("cassette") / "run.json"
    reports = [word for kind in KINDS for word in ("--report", f"{kind}={file}.{kind}")]
    done = conform("record", *against(running, *SOME, "--parallel", "--cassette", file, *reports))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert "pass        getversion.bare" in verdicts(done.stdout)
    file.with_suffix(".out").write_text(done.stdout, "utf-8")
    return file


def test_nothing_is_left(cassette: Path, running: Running) -> None:
    assert json.loads(cassette.read_text("utf-8"))["verdicts"]
    assert left(running) == ""


def test_reports_tell_of_it(cassette: Path, running: Running) -> None:
    text = {kind: Path(f"{cassette}.{kind}").read_text("utf-8") for kind in KINDS}
    told = json.loads(text["json"])
    assert told["aggregate"]["url"] == running.am_url
    assert told["aggregate"]["urn"] == "urn:publicid:IDN+gcf.local+authority+am"
    assert told["abilities"]["geni_allocate"] == "geni_many"
    by_id = {one["id"]: one for one in told["checks"]}
    assert by_id["getversion.bare"]["sent"] == "GetVersion()"
    assert told["counts"]["pass"] == sum(one["verdict"] == "pass" for one in told["checks"])
    assert f'tests="{len(by_id)}"' in text["junit"]
    assert "<h1>Conformance of urn:publicid:IDN+gcf.local" in text["html"]


def test_a_cassette_is_judged_the_same_offline(cassette: Path) -> None:
    done = conform("replay", cassette)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert verdicts(done.stdout) == verdicts(cassette.with_suffix(".out").read_text("utf-8"))


def test_a_cassette_holds_no_secrets(cassette: Path, running: Running) -> None:
    text = cassette.read_text("utf-8")
    assert "PRIVATE KEY" not in text
    assert "signed-credential" not in text
    assert "SignatureValue" not in text
    key = (running.home / "certs" / "alice-key.pem").read_text("ascii").splitlines()[1]
    assert key not in text


def test_an_altered_answer_is_judged_otherwise(cassette: Path, tmp_path: Path) -> None:
    told = json.loads(cassette.read_text("utf-8"))
    ((kind, answer),) = told["checks"]["getversion.bare"]
    assert kind == "call"
    answer["body"] = answer["body"].replace("<name>geni_code</name><value><int>0<",
                                            "<name>geni_code</name><value><int>2<")  # fmt: skip
    altered = tmp_path / "altered.json"
    altered.write_text(json.dumps(told), "utf-8")
    done = conform("replay", altered)
    assert done.returncode == 1
    assert "getversion.bare: fail now, pass then" in done.stderr.splitlines()


def test_answers_that_are_missing_are_told(cassette: Path, tmp_path: Path) -> None:
    told = json.loads(cassette.read_text("utf-8"))
    told["checks"]["getversion.bare"] = []
    told["checks"]["no.such-check"] = []
    cut = tmp_path / "cut.json"
    cut.write_text(json.dumps(told), "utf-8")
    done = conform("replay", cut)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "getversion.bare: cannot tell now, pass then",
        "no.such-check: recorded, but this kit has no such check",
    ]
    cut.write_text("{}", "utf-8")
    done = conform("replay", cut)
    assert done.returncode == 2
    assert done.stderr.startswith(f"gcf-conform: {cut} is no cassette")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(running: Running, how: signal.Signals) -> None:
    command = [BIN / "gcf-conform", "run", *against(running, "--profile", "v4-draft")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        # it is in the middle of a check that holds slivers
        eventually(lambda: process.poll() or left(running), what="any slivers of the run's")
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, out + err
    assert err == "the run was stopped before its end; what it had made was removed\n"
    assert left(running) == ""


def test_what_cannot_be_run_ends_with_2(running: Running, tmp_path: Path) -> None:
    done = conform("run", *against(running, "--only", "nothing-like-this"))
    assert (done.returncode, "no check of profile v3 has an id" in done.stderr) == (2, True)
    done = conform("run", *against(running, "--second", running.home / "omni_config"))
    assert done.returncode == 2
    assert "--second is the same user" in done.stderr
    done = conform("run", *against(running, "--report", f"html={tmp_path}"))
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)
    done = conform("run", *against(running, "--report", "pdf=report.pdf"))
    assert (done.returncode, "html, junit, json" in done.stderr) == (2, True)
    done = conform("run", "--am", running.am_url, "-c", tmp_path / "nowhere")
    assert done.returncode == 2
    empty = tmp_path / "empty"
    empty.touch()
    done = conform("run", "--am", running.am_url, "-c", empty)
    assert done.returncode == 2
    assert done.stderr == f"gcf-conform: {empty}: there is no section [omni]\n"
    done = conform("run", "--am", "https://127.0.0.1:1/", "-c", running.home / "omni_config")
    assert done.returncode == 2
    assert done.stderr.startswith("gcf-conform: https://127.0.0.1:1/ gave no answer")


def test_a_slice_that_somebody_uses_is_not_touched(running: Running, tmp_path: Path) -> None:
    used = running.person("alice").new_slice()
    file = tmp_path / "slice-cred.xml"
    file.write_text(used.credential, "utf-8")
    asked = against(running, "--slice-credential", file, "--only", "allocate.all-allocated")
    made = used.allocate(request(node("n0")))
    done = conform("run", *asked)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{used.urn} must be empty at the aggregate" in done.stderr
    assert set(used.slivers()) == set(made.values())
    used.done("Delete")
    done = conform("run", *asked)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_slice_that_was_given_is_not_shut_down(running: Running, tmp_path: Path) -> None:
    used = running.person("alice").new_slice()
    file = tmp_path / "slice-cred.xml"
    file.write_text(used.credential, "utf-8")
    carol = tmp_path / "carol_config"
    mine = (running.home / "omni_config").read_text("utf-8")
    carol.write_text(mine.replace("alice", "carol"), "utf-8")
    done = conform(
        "run", *against(running, "--slice-credential", file, "--operator", carol),
        *("--only", "shutdown.", "--report", f"json={tmp_path / 'report.json'}"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))["checks"]
    reasons = {one["id"]: one.get("reason") for one in told if one["verdict"] == "skip"}
    assert "put at the risk" in str(reasons["shutdown.empty"]), told
    assert used.refused("Status") == 12
