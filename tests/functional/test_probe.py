"""`gcf-am probe` says what this machine can do, whatever that is."""

import json

from click.testing import CliRunner

from gcf_am.cli.am import main


def test_probe_names_every_feature_and_its_mechanism() -> None:
    result = CliRunner().invoke(main, ["probe", "--json"])
    found = {one["feature"]: one for one in json.loads(result.stdout)}
    assert {"root", "containers", "logins", "limits", "namespaces"} <= found.keys()
    lacking = [one for one in found.values() if one["needed"] and not one["how"]]
    assert result.exit_code == (1 if lacking else 0)
    if not lacking:
        assert {"links", "capacity", "packet_loss", "latency", "jitter"} <= found.keys()


def test_probe_says_yes_or_no() -> None:
    result = CliRunner().invoke(main, ["probe"])
    assert {line.split()[0] for line in result.stdout.splitlines()} <= {"yes", "no"}
