from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.ch import ch
from gcf_am.cli.omni import omni
from gcf_am.cli.omni_options import Settings

COMMANDS = (
    "getversion", "listresources", "createslice", "getslicecred", "getusercred", "allocate",
    "update", "cancel", "provision", "performoperationalaction", "describe", "status", "renew",
    "delete", "shutdown", "listslices", "renewslice", "print_slice_expiration", "deleteslice",
    "listaggregates", "get_ch_version", "ssh",
)  # fmt: skip


def run(*arguments: str) -> Result:
    result = CliRunner(catch_exceptions=False).invoke(omni, arguments)
    assert "Traceback" not in result.output
    return result


def test_every_omni_command_is_there() -> None:
    told = run("--help").output
    for name in COMMANDS:
        assert f"  {name} " in told
        assert run(name, "--help").exit_code == 0


@pytest.mark.parametrize("name", ["poa", "PerformOperationalAction", "listMySlices", "GetVersion"])
def test_names_as_omni_users_write_them(name: str) -> None:
    assert run(name, "--help").exit_code == 0


def test_a_missing_configuration_is_one_sentence(tmp_path: Path) -> None:
    result = run("-c", str(tmp_path / "none"), "status", "s")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("gcf-omni: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("renew", "s", "soon"), "no date like 2030-01-31T12:00:00Z"),
        (("allocate", "s"), "Missing argument 'RSPEC'"),
        (("-V", "2", "status", "s"), "'2' is not '3'"),
        (("status", "s", "--wait", "never"), "'never' is not one of"),
        (("nothing",), "No such command"),
        (("status", "s", "--alap"), "No such option"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_what_stands_after_the_command_wins() -> None:
    outer = Settings(framework="one", aggregate=("a",), best_effort=True)
    inner = Settings(framework="two")
    assert inner.over(outer) == Settings(framework="two", aggregate=("a",), best_effort=True)


@pytest.mark.parametrize(
    "name", ["-bad", "twenty-letters-are-many", "a_b", "urn:publicid:IDN+a+user+b"]
)
def test_no_slice_has_such_a_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / "omni_config"
    file.write_text(
        "[omni]\ndefault_cf = g\n[g]\ntype = gcf\nauthority = a\nch = https://h/\ncert = c\nkey = k\n"
    )
    result = run("-c", str(file), "status", "--", name)
    assert result.exit_code == 1
    assert "is no slice" in result.stderr


def test_the_clearinghouses_commands() -> None:
    told = CliRunner().invoke(ch, ["--help"]).output
    assert all(f"  {name} " in told for name in ("init", "serve", "add-user", "add-aggregate"))


def test_a_clearinghouse_in_commands(tmp_path: Path) -> None:
    home = str(tmp_path / "home")

    def run_ch(*arguments: str) -> Result:
        return CliRunner(catch_exceptions=False).invoke(ch, arguments)

    refused = run_ch("add-user", "--home", home, "dave")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("gcf-ch: there is no ")
    assert run_ch("init", "--home", home, "--authority", "a:b").exit_code == 1
    made = run_ch("init", "--home", home, "--authority", "lab.example", "--user", "alice")
    assert made.exit_code == 0, made.output
    assert run_ch("add-user", "--home", home, "dave", "--operator").exit_code == 0
    assert (tmp_path / "home" / "certs" / "dave-key.pem").stat().st_mode & 0o077 == 0
    assert run_ch("add-user", "--home", home, "Robert'); --").exit_code == 1
    assert run_ch("add-aggregate", "--home", home, "https://x/").exit_code == 2
    assert run_ch("add-aggregate", "--home", home, "https://x/", "--urn", "am").exit_code == 1
    urn = "urn:publicid:IDN+lab.example+authority+am"
    assert run_ch("add-aggregate", "--home", home, "https://x/", "--urn", urn).exit_code == 0
    kit = tmp_path / "kit"
    told = run_ch("add-aggregate", "--home", home, "https://y/", "--make", str(kit)).output
    assert "urn:publicid:IDN+lab.example:am1+authority+am is known" in told
    assert (kit / "am-key.pem").stat().st_mode & 0o077 == 0
    assert (kit / "trusted_roots" / "ch-cert.pem").exists()
