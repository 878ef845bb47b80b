"""The operator's commands on a home: what they refuse, and whether they say where and why."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.x509 import DNSName, SubjectAlternativeName, load_pem_x509_certificate

from gcf_am.cli.am import main
from gcf_am.cli.home import make_home
from gcf_am.cli.served import only_one
from gcf_am.config import FILE
from gcf_am.urn import Urn

SLICE = Urn.of("gcf.local", "slice", "stopped")
UNHEARD = (
    f"{SLICE} is shut down before it has anything: no sliver of such a slice is or was here. If "
    "that is not meant, `gcf-am slivers` tells the slices' names, and `gcf-am release` undoes this"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("operator") / "home"
    make_home(home, {("driver", "name"): "simulated"})
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def run(*words: str | Path | int) -> Result:
    return CliRunner().invoke(main, [str(one) for one in words])


def change(home: Path, before: str, after: str) -> None:
    file = home / FILE
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")


def wrong(home: Path) -> str:
    """What check-config finds wrong."""
    result = run("check-config", "--home", home)
    assert result.exit_code == 1, result.output
    assert not isinstance(result.exception, OSError), result.output
    return "\n".join(line for line in result.output.splitlines() if not line.startswith("ok"))


def carried(home: Path, name: str) -> list[str]:
    """The DNS names of a server's certificate."""
    certificate = load_pem_x509_certificate((home / name).read_bytes())
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    return names.get_values_for_type(DNSName)


def test_servers_certificates_are_for_the_host_that_clients_are_told(home: Path) -> None:
    """Behind a balancer the aggregate listens elsewhere."""
    key = (home / "certs/am-key.pem").read_bytes()
    change(home, 'url = ""', 'url = "https://am.example.net/"')
    assert run("init", "--home", home).exit_code == 0
    for name in ("certs/am-cert.pem", "ch/tls-cert.pem"):
        assert carried(home, name) == ["localhost", "am.example.net"]
    assert (home / "certs/am-key.pem").read_bytes() == key


def test_a_url_without_a_host_is_refused(home: Path) -> None:
    for url in ("https://", "https://[", "http://am.example.net/"):
        change(home, 'url = ""', f'url = "{url}"')
        assert "url in [listen] must be like https://am.example.org:8001/" in wrong(home)
        change(home, f'url = "{url}"', 'url = ""')


def test_a_new_home_is_found_good(home: Path) -> None:
    result = run("check-config", "--home", home)
    assert result.exit_code == 0, result.output
    assert "wrong" not in result.output


@pytest.mark.parametrize("name", [SLICE.name, SLICE.text])
def test_a_slice_is_shut_down_and_released_as_often_as_one_likes(home: Path, name: str) -> None:
    for words, wanted in (
        ("shutdown", UNHEARD),
        ("shutdown", f"{SLICE} was shut down already"),
        ("release", f"{SLICE} may be used again; 0 slivers will go on"),
        ("shutdown", f"{SLICE} is shut down; 0 slivers will be frozen"),
        ("release", f"{SLICE} may be used again; 0 slivers will go on"),
        ("release", f"{SLICE} is not shut down"),
        ("purge", f"{SLICE} is not shut down, and has nothing here"),
    ):
        told = run(words, "--home", home, name, *(["--yes"] if words == "purge" else []))
        assert (told.exit_code, told.output) == (0, f"{wanted}\n")


@pytest.mark.parametrize("command", ["release", "purge"])
@pytest.mark.parametrize("name", ["stoped", "a b", "urn:publicid:IDN+gcf.local+user+alice"])
def test_a_slip_of_the_pen_changes_nothing(home: Path, name: str, command: str) -> None:
    run("shutdown", "--home", home, SLICE.name)
    result = run(command, "--home", home, name, *(["--yes"] if command == "purge" else []))
    assert result.exit_code == 1
    assert "was never heard of here" in result.output or "is no slice" in result.output
    assert "already" in run("shutdown", "--home", home, SLICE.name).output


def test_a_purge_is_asked_for_twice(home: Path) -> None:
    run("shutdown", "--home", home, SLICE.name)
    asked = CliRunner().invoke(main, ["purge", "--home", str(home), SLICE.name], input="n\n")
    assert asked.exit_code == 1
    assert f"End 0 slivers of {SLICE} for good" in asked.output
    assert "already" in run("shutdown", "--home", home, SLICE.name).output
    asked = CliRunner().invoke(main, ["purge", "--home", str(home), SLICE.name], input="y\n")
    assert asked.exit_code == 0
    assert f"{SLICE} may be used again; 0 slivers will be removed" in asked.output


def test_an_emergency_stop_needs_no_inventory_and_no_driver(home: Path) -> None:
    (home / "site.xml").unlink()
    file = home / FILE
    file.write_text(re.sub(r'(?m)^name = ".*"$', 'name = "gone"', file.read_text("utf-8")), "utf-8")
    assert run("shutdown", "--home", home, SLICE.name).exit_code == 0
    assert run("release", "--home", home, SLICE.name).exit_code == 0


@pytest.mark.parametrize("command", ["init", "up"])
def test_one_port_is_not_enough_for_two_servers(tmp_path: Path, command: str) -> None:
    told = run(command, "--home", tmp_path / "new", "--port", 9001, "--ch-port", 9001)
    assert told.exit_code == 1
    assert "--port and --ch-port are both 9001" in told.output
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", ["init", "up"])
def test_one_port_may_meet_the_other_servers_usual_one(tmp_path: Path, command: str) -> None:
    told = run(command, "--home", tmp_path / "new", "--port", 8000)
    assert told.exit_code == 1
    assert "port in [listen] and port in [clearinghouse] are both 8000: give --port" in told.output
    assert not (tmp_path / "new" / FILE).exists()


def test_a_home_that_was_made_with_one_port_for_both_is_not_served(home: Path) -> None:
    change(home, "port = 8001", "port = 8000")
    told = run("up", "--home", home)
    assert told.exit_code == 1
    assert "are both 8000" in told.output


def test_init_says_that_it_keeps_what_is_there(home: Path) -> None:
    same = run("init", "--home", home, "--port", 8001, "--authority", "gcf.local")
    assert same.exit_code == 0, same.output
    port = run("init", "--home", home, "--port", 9001)
    assert port.exit_code == 1
    assert "port in [listen] is 8001, not 9001; edit it there" in port.output
    authority = run("init", "--home", home, "--authority", "lab.example")
    assert authority.exit_code == 1
    assert "another authority needs a home of its own" in authority.output


def test_a_home_for_another_database_than_was_meant_is_told_which_wins(tmp_path: Path) -> None:
    """The first URL was mistyped: that nothing answers there is no help to who mends it."""
    home = tmp_path / "new"
    url = "postgresql://user@127.0.0.1:1/aggregate"
    assert "cannot be reached" in run("init", "--home", home, "--database-url", url).output
    for command in ("init", "up"):
        told = run(command, "--home", home, "--database-url", "sqlite:///other.sqlite")
        assert told.exit_code == 1
        assert "url in [store] names another database than --database-url; edit it" in told.output
        assert url not in told.output


def test_a_new_home_is_not_made_for_a_driver_that_there_is_not(tmp_path: Path) -> None:
    home = tmp_path / "new"
    told = run("init", "--home", home, "--driver", "simulatd")
    assert told.exit_code == 1
    assert "no driver 'simulatd' is installed; there are auto, host, simulated" in told.output
    assert not (home / FILE).exists()


def test_the_database_is_not_changed_below_a_server(home: Path) -> None:
    with only_one(home):
        result = run("upgrade-db", "--home", home)
    assert result.exit_code == 1
    assert "is being served already" in result.output
    assert run("upgrade-db", "--home", home).exit_code == 0


def test_check_config_reads_the_operators(home: Path) -> None:
    change(home, '"urn:publicid:IDN+gcf.local+user+carol"', '"carol"')
    assert "operators in [aggregate]: 'carol'" in wrong(home)


def test_check_config_wants_people_as_operators(home: Path) -> None:
    change(home, "+user+carol", "+slice+carol")
    assert "+slice+carol is no user" in wrong(home)


def test_check_config_pairs_key_and_certificate(home: Path) -> None:
    change(home, "certs/am-key.pem", "certs/alice-key.pem")
    assert "alice-key.pem is not the key of certs/am-cert.pem" in wrong(home)


def test_check_config_reads_the_key(home: Path) -> None:
    change(home, "certs/am-key.pem", "certs/am-cert.pem")
    assert "am-cert.pem is no private key" in wrong(home)


def test_check_config_reads_the_certificate(home: Path) -> None:
    change(home, "certs/am-cert.pem", "certs/am-key.pem")
    assert "certificate in [trust]: " in wrong(home)


def test_check_config_tells_how_to_renew_the_certificate(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gcf_am.cli.checks._SOON", timedelta(days=36500))
    assert f"`gcf-am init --home {home}` makes a new one" in wrong(home)


def test_check_config_tells_of_every_file_among_the_roots(home: Path) -> None:
    (home / "trusted_roots" / "junk.pem").write_text("junk")
    change(home, "sha1_roots = []", 'sha1_roots = ["old.pem"]')
    found = wrong(home)
    assert "junk.pem: " in found
    assert "has no usable root old.pem" in found


def test_check_config_tells_once_what_is_wrong_with_the_inventory(home: Path) -> None:
    (home / "site.xml").write_text("<rspec")
    found = wrong(home)
    assert found.count("site.xml") == 1
    assert "driver: it needs an inventory" in found


def test_check_config_judges_the_url(home: Path) -> None:
    change(home, 'url = ""', 'url = "http://am.example.org/"')
    assert "url in [listen] must be like https://" in wrong(home)


def test_held_slivers_name_no_slice_when_there_are_none(home: Path) -> None:
    assert run("slivers", "--home", home).output.endswith("no slivers\n")


def test_an_inventory_with_a_name_of_its_own_is_not_made_up(home: Path) -> None:
    change(home, '"site.xml"', '"our-site.xml"')
    assert "our-site.xml cannot be read" in wrong(home)
    assert run("init", "--home", home).exit_code == 0
    assert not (home / "our-site.xml").exists()


def test_a_home_is_not_begun_with_an_option_that_is_wrong(tmp_path: Path) -> None:
    refused = run("init", "--home", tmp_path / "new", "--authority", "lab:example")
    assert refused.exit_code == 1
    assert "not 'lab:example'" in refused.output
    assert not (tmp_path / "new" / FILE).exists()


@pytest.mark.parametrize("command", ["init", "up"])
def test_where_no_home_can_be_one_sentence_says_so(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    result = run(command, "--home", tmp_path / "file" / "home")
    assert result.exit_code == 1
    assert "cannot be made a home: Not a directory" in result.output
