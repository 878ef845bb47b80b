"""gcf-omni ssh where nodes are simulated: what it finds, and what it refuses in a sentence.

Real logins are tried where nodes are real, in `host`.
"""

from click.testing import CliRunner, Result

from gcf_am.cli.omni import omni
from tests.functional.rspecs import node, request
from tests.functional.running import Slice


def ssh(slice_: Slice, *words: str) -> Result:
    config = str(slice_.owner.at.home / "omni_config")
    line = ["-c", config, "ssh", slice_.urn.rpartition("+")[2], *words]
    return CliRunner(catch_exceptions=False).invoke(omni, line)


def refused(slice_: Slice, *words: str) -> str:
    result = ssh(slice_, *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("gcf-omni: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_what_cannot_be_logged_in_to_is_told(slice_: Slice) -> None:
    assert "has no node a; there are: none" in refused(slice_, "a")
    made = slice_.provisioned(request(node("a")))
    assert "a is geni_notready and has no login" in refused(slice_, "a")
    assert "there are: a" in refused(slice_, "b")
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_ready")
    assert "geni_update_users` may give it one" in refused(slice_, "a")
    alice = {"urn": "urn:publicid:IDN+gcf.local+user+alice", "keys": []}
    slice_.done("PerformOperationalAction", "geni_update_users", geni_users=[alice])
    slice_.until("geni_ready")
    for name in ("a", made["a"]):
        assert "a is only simulated" in refused(slice_, name, "--", "true")


def test_a_node_that_failed_is_to_be_restarted_or_reloaded(slice_: Slice) -> None:
    slice_.provisioned(request(node("unstartable")))
    slice_.done("PerformOperationalAction", "geni_start")
    slice_.until("geni_failed")
    told = refused(slice_, "unstartable")
    assert "geni_restart` or, with a fresh disk, `geni_reload` may give it one" in told


def test_an_aggregate_that_is_not_there_is_told(slice_: Slice) -> None:
    told = refused(slice_, "a", "-a", "https://127.0.0.1:9/")
    assert "https://127.0.0.1:9/ gave no answer" in told


def test_a_node_at_two_aggregates_is_a_choice(slice_: Slice) -> None:
    slice_.provisioned(request(node("a")))
    url = slice_.owner.at.am_url
    told = refused(slice_, "a", "-a", url, "-a", f"{url}RPC2")
    assert f"a is a node at local, {url}RPC2: choose one with -a" in told
