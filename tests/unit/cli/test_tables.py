import pytest
from rich.console import Console

from gcf_am.cli.tables import component_table, manifest_tables, sliver_tables, version_table
from gcf_am.client.answers import Slivers, SliverStatus, Version
from gcf_am.client.shown import ShownComponent, ShownLink, ShownNode

URN = "urn:publicid:IDN+gcf.local+sliver+0123456789abcdef0123456789abcdef"


def status(error: str = "", following: str = "") -> SliverStatus:
    return SliverStatus(
        URN,
        "2030-01-31T12:00:00Z",
        "geni_provisioned",
        "geni_pending_allocation",
        following,
        error,
        "",
    )


def drawn(what: object, capsys: pytest.CaptureFixture[str]) -> str:
    Console(width=80, markup=False, highlight=False).print(what)
    out = capsys.readouterr().out
    assert all(len(line.rstrip()) <= 80 for line in out.splitlines())
    return out


def test_slivers_are_read_at_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Slivers((status(), status(following="geni_unallocated")), "", "", [])
    out = drawn(sliver_tables(answer, {URN: "node-0"}), capsys)
    assert "node-0   provisioned" in out
    assert "2030-01-31 12:00 UTC" in out
    assert "unallocated" in out
    assert URN in out  # whole, so that it can be copied


def test_a_sliver_without_a_name_gets_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert "#1 " in drawn(sliver_tables(Slivers((status(),), "", "", [])), capsys)


def test_errors_stand_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    error = "[red]no[/] host \x1b[2J " + "wide " * 30
    out = drawn(sliver_tables(Slivers((status(error),), "", "", [])), capsys)
    assert "[red]no[/] host \\x1b[2J" in out
    assert out.count("wide") == 30


def test_no_slivers_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn(sliver_tables(Slivers((), "", "", [])), capsys) == "no slivers\n"


def test_logins_can_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    logins = (("alice", "127.0.0.1", "2201"), ("bob", "127.0.0.1", "22"), ("\n-x", "h\x1b", "22"))
    node = ShownNode("node-0", URN, "pc1", "container", logins)
    out = drawn(manifest_tables([node], [ShownLink("lan", URN, ("a:0", "b:0"))]), capsys)
    assert "ssh -p 2201 alice@127.0.0.1" in out
    assert "ssh bob@127.0.0.1" in out
    assert "\x1b" not in out
    assert "a:0, b:0" in out


def test_an_advertisement_shows_what_is_free(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        ShownComponent("pc1", "urn", available=True, exclusive=False, hardware_types=("pc",), sliver_types=("a", "b")),
        ShownComponent("", "urn:2", available=False, exclusive=True, hardware_types=(), sliver_types=()),
    ]  # fmt: skip
    out = drawn(component_table(rows), capsys)
    assert "pc1     yes    shared      pc         a, b" in out
    assert "urn:2   no     exclusive" in out


def test_a_version_shows_formats_briefly(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "geni_api": 3,
        "geni_request_rspec_versions": [{"type": "GENI", "version": "3", "schema": "x" * 90}],
        "geni_credential_types": [{"geni_type": "geni_sfa", "geni_version": "3"}],
        "geni_api_versions": {"3": "https://a/"},
    }
    out = drawn(version_table(Version(3, {}, "", value)), capsys)
    assert "GENI 3" in out
    assert "geni_sfa 3" in out
    assert "3: https://a/" in out
