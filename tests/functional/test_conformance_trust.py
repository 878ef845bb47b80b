"""The kit's checks of TLS, certificates and credentials against our own aggregate.

The second user may be a tool here, and the federation's authorities make what only they can.
"""

import json
from collections.abc import Callable
from pathlib import Path

from tests.functional.federation import HomePki
from tests.functional.running import Running, config_of, let_speak
from tests.functional.test_conformance import against, conform
from tests.pki import write_identity

AREAS = ("tls", "certificate", "credential", "delegation", "speaksfor")


def test_our_own_aggregate_keeps_every_rule_of_trust(
    starting: Callable[..., Running], template: Path, tmp_path: Path
) -> None:
    running = starting()
    let_speak(running.home)
    pki = HomePki(running.home)
    options: list[str | Path] = []
    certificate, key = write_identity(pki.root, tmp_path, "root")
    options += ["--certificate", f"authority={certificate},{key}"]
    report = tmp_path / "report.json"
    options += ["--second", config_of(running.home, "bob"), "--report", f"json={report}"]
    for area in AREAS:
        options += ["--only", f"{area}."]
    cassette = tmp_path / "cassette"
    done = conform("record", *against(running, *options), "--cassette", cassette)
    told = json.loads(report.read_text("utf-8"))
    odd = {
        one["id"]: (one["verdict"], one["expected"], one["got"], one["reason"])
        for one in told["checks"]
        if one["verdict"] != "pass"
    }
    assert not odd
    assert done.returncode == 0, done.stderr
    assert len(told["checks"]) > 70
    # nothing that could be used is in the report
    assert "PRIVATE KEY" not in report.read_text("utf-8")
    assert "<signed-credential" not in report.read_text("utf-8")
    # judged again without keys, credentials or an aggregate
    done = conform("replay", cassette)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cannot tell" not in done.stdout.replace("cannot tell", "", 1)
