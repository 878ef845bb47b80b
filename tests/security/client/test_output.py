"""Words of a hostile aggregate reach a terminal only as letters, and no program ever."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.omni import omni
from tests.security.client.evil import Evil, Script, http, says, sends, success

Start = Callable[[Script], Evil]
Configure = Callable[[Evil], Path]
NASTY = "[bold red]x[/bold red] \x1b]0;title\x07 \x1b[2J \u202e $(touch pwned) `touch pwned` ; touch pwned"
CREDENTIAL = (
    "<signed-credential><credential><type>privilege</type><target_urn>urn:x</target_urn>"
    "<expires>2030-01-01T00:00:00Z</expires></credential></signed-credential>"
)


@pytest.fixture
def omni_says(
    evil: Start, omni_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cred.xml").write_text(CREDENTIAL)

    def run(script: Script, *arguments: str) -> Result:
        file = omni_config(evil(script))
        options = ["-c", str(file), "--slicecredfile", "cred.xml", "--usercredfile", "cred.xml"]
        result = CliRunner(catch_exceptions=False).invoke(omni, [*options, *arguments])
        for stream in (result.stdout, result.stderr):
            assert not any(ord(one) < 32 and one != "\n" for one in stream)
            assert "\u202e" not in stream
            assert "Traceback" not in stream
        assert not (tmp_path / "pwned").exists()
        return result

    return run


def test_a_refusal_is_shown_as_letters(omni_says: Callable[..., Result]) -> None:
    answer = {"code": {"geni_code": 7}, "value": "", "output": NASTY + "\nsecond line"}
    body = http(
        b"<methodResponse><params><param><value><struct>"
        b"<member><name>code</name><value><struct><member><name>geni_code</name><value><int>7</int>"
        b"</value></member></struct></value></member>"
        b"<member><name>output</name><value>[bold]x[/bold] \xc2\x9b2J &#13;&#10;line</value></member>"
        b"</struct></value></param></params></methodResponse>"
    )
    for script in (says(answer), sends(body)):
        result = omni_says(script, "status", "one")
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.startswith("gcf-omni: evil: refused with REFUSED (7): [bold")
        assert result.stderr.count("\n") == 1


def sliver(**changes: Any) -> dict[str, Any]:
    return {
        "geni_sliver_urn": f"urn:publicid:IDN+evil+sliver+{NASTY}",
        "geni_expires": NASTY,
        "geni_allocation_status": NASTY,
        "geni_operational_status": NASTY,
        "geni_next_allocation_status": NASTY,
        "geni_error": NASTY,
        "geni_client_id": NASTY,
    } | changes


def test_tables_show_letters(omni_says: Callable[..., Result]) -> None:
    script = says(success({"geni_urn": NASTY, "geni_slivers": [sliver()]}))
    result = omni_says(script, "status", "one")
    assert result.exit_code == 0
    assert "[bold red]x[/bold red]" in result.stdout


def test_json_shows_what_came(omni_says: Callable[..., Result]) -> None:
    value = {"geni_urn": "\u202e", "geni_slivers": [sliver()]}
    result = omni_says(says(success(value)), "--json", "status", "one")
    (answer,) = json.loads(result.stdout).values()
    assert answer["value"]["geni_urn"] == "\u202e"


MANIFEST = """<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest">
<node client_id="[red]n[/]" sliver_id="urn:1" component_id="urn:publicid:IDN+e+node+$(touch pwned)">
<services><login hostname="-oProxyCommand=touch pwned" username="&#x9b;2J" port="22"/></services>
</node></rspec>"""


def test_manifests_show_letters(omni_says: Callable[..., Result]) -> None:
    value = {"geni_rspec": MANIFEST, "geni_urn": "", "geni_slivers": [sliver(geni_client_id="")]}
    result = omni_says(says(success(value)), "describe", "one", "--no-compress")
    assert "[red]n[/]" in result.stdout
    document = omni_says(says(success(value)), "describe", "one", "--no-compress", "--tostdout")
    assert "\x9b" not in document.stdout


@pytest.mark.parametrize(
    "value",
    [
        "",
        7,
        [],
        [7],
        {"geni_slivers": "x"},
        {"geni_rspec": 7, "geni_slivers": []},
        [sliver(geni_sliver_urn=7)],
    ],
)
@pytest.mark.parametrize("command", ["status", "describe", "delete", "provision", "cancel"])
def test_nonsense_is_one_sentence(
    omni_says: Callable[..., Result], command: str, value: object
) -> None:
    result = omni_says(says(success(value)), command, "one")
    if value == []:  # a list of no slivers is one
        return
    assert result.exit_code == 1
    assert result.stderr.startswith("gcf-omni: evil: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "value"),
    [
        (("listresources",), "<html/>"),
        (("listresources",), "eJw="),
        (("listresources",), ["x"]),
        (("shutdown", "one"), "yes"),
        (("getversion",), "3"),
        (("getversion",), {"geni_api": "3"}),
    ],
)
def test_other_nonsense_is_one_sentence(
    omni_says: Callable[..., Result], command: tuple[str, ...], value: object
) -> None:
    result = omni_says(says(success(value)), *command)
    assert result.exit_code == 1
    assert result.stderr.startswith("gcf-omni: ")


def test_no_server_chooses_where_files_go(omni_says: Callable[..., Result], tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    value = {"geni_rspec": MANIFEST, "geni_urn": "../../up", "geni_slivers": []}
    result = omni_says(says(success(value)), "describe", "one", "--no-compress", "-o")
    assert result.exit_code == 0
    made = {file.name for file in set(tmp_path.rglob("*")) - before}
    assert made - {"omni_config"} == {"one-manifest-rspec-evil.xml"}
