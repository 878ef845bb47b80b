"""`gcf-am credential`: the judges' own steps, read out."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.clock import format_time
from gcf_am.config import FILE
from gcf_am.trust import chains, speaks_for, use, verifier
from tests.pki import NOW, WEEK, Pki, crl, crl_pem, write_identity
from tests.security.credentials.forge import Forgery
from tests.speaking import speaks_for as let_speak

DAY = timedelta(days=1)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in words])


@pytest.fixture
def pki() -> Pki:
    return Pki()


@pytest.fixture
def home(pki: Pki, tmp_path: Path) -> Path:
    """An aggregate's home, as far as credentials are concerned."""
    (tmp_path / FILE).write_text("")
    pki.write_roots(tmp_path / "trusted_roots")
    return tmp_path


@pytest.fixture
def verify(home: Path) -> Callable[..., Result]:
    def judged(text: str, *options: object) -> Result:
        file = home / "credential.xml"
        file.write_text(text)
        return run("credential", "verify", file, "--home", home, *options)

    return judged


def rows(result: Result) -> list[tuple[str, str]]:
    """Outcome and number of each step."""
    found = re.findall(r"(?m)^(ok|REFUSED|-) +(\w+)  ", result.output)
    return [(outcome, step) for outcome, step in found]


def test_a_good_one_passes_every_step_of_the_verifiers_list(
    pki: Pki, verify: Callable[..., Result]
) -> None:
    alice = pki.user("alice")
    result = verify(pki.slice_credential(alice, pki.slice("s1")))
    assert result.exit_code == 0, result.output
    assert result.output.endswith("accepted\n")
    assert {step for _, step in rows(result)} == verifier.STEPS.keys()
    assert rows(result)[-1] == ("-", "8")  # nothing was delegated
    for rule in verifier.STEPS.values():
        assert rule in result.output
    delegated = pki.delegated(pki.slice_credential(alice, pki.slice("s1")), alice, pki.user("bob"))
    assert ("ok", "8") in rows(verify(delegated))


def test_the_step_that_refuses_says_why_and_the_later_ones_were_not_reached(
    home: Path, pki: Pki, verify: Callable[..., Result]
) -> None:
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    result = verify(text, "--at", format_time(NOW + 2 * WEEK))
    assert result.exit_code == 1
    assert ("REFUSED", "3") in rows(result)
    assert ("-", "4") in rows(result)
    assert "credential.expired, am_code 21" in result.output
    forged = Forgery(text).set("expires", "2131-01-01T00:00:00Z").text
    assert ("REFUSED", "7") in rows(verify(forged))
    (home / "trusted_roots" / "ma.crl").write_bytes(crl_pem(crl(pki.ma, pki.user("alice"))))
    revoked = verify(text)
    assert ("REFUSED", "4") in rows(revoked)
    assert f"chains, 8: {chains.STEPS[8]}" in revoked.output
    assert "certificate.revoked" in revoked.output


def test_for_a_caller_it_is_judged_as_a_call_would_be(
    home: Path, pki: Pki, verify: Callable[..., Result]
) -> None:
    alice, bob = (write_identity(pki.user(one), home, one)[0] for one in ("alice", "bob"))
    s1, s2 = (pki.slice(one) for one in ("s1", "s2"))
    text = pki.slice_credential(pki.user("alice"), s1, privileges=("info", "control"))
    good = verify(text, "--caller", alice, "--slice", s1.urn)
    assert good.exit_code == 0, good.output
    wanted = {"caller", *verifier.STEPS, *use.STEPS}
    assert {step for _, step in rows(good)} == wanted
    for options, step in (
        (("--caller", bob, "--slice", s1.urn), "c"),
        (("--caller", alice, "--slice", s2.urn), "d"),
        (("--caller", alice, "--slice", s1.urn, "--method", "shutdown"), "e"),
    ):
        refused = verify(text, *options)
        assert refused.exit_code == 1
        assert ("REFUSED", step) in rows(refused), refused.output
    assert verify(text, "--caller", alice).exit_code == 0
    stranger, _ = write_identity(Pki("other.example").user("alice"), home, "stranger")
    refused = verify(text, "--caller", stranger)
    assert ("REFUSED", "caller") in rows(refused)
    assert f"chains, 2: {chains.STEPS[2]}" in refused.output


def test_a_users_word_for_a_tool(home: Path, pki: Pki, verify: Callable[..., Result]) -> None:
    alice, tool = pki.user("alice"), pki.tool()
    file, _ = write_identity(tool, home, "tool")
    options = ("--caller", file, "--speaking-for", alice.urn)
    assert ("REFUSED", "9") in rows(verify(let_speak(alice, tool), *options))
    (home / "trusted_roots" / "roots.toml").write_text(
        '[root."gcf.local.pem"]\nspeaks_for_tools = ["*"]\n'
    )
    good = verify(let_speak(alice, tool), *options)
    assert good.exit_code == 0, good.output
    assert [step for _, step in rows(good)] == ["caller", *speaks_for.STEPS]


def test_what_is_asked_must_make_sense(home: Path, pki: Pki, verify: Callable[..., Result]) -> None:
    alice, _ = write_identity(pki.user("alice"), home, "alice")
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    word = let_speak(pki.user("alice"), pki.tool())
    for given, options, said in (
        (text, ("--slice", "urn:publicid:IDN+gcf.local+slice+s1"), "needs --caller"),
        (text, ("--caller", alice, "--slice", "s1"), "--slice: "),
        (text, ("--caller", alice, "--slice", pki.user("alice").urn), "names no slice"),
        (text, ("--caller", home / "none"), "cannot be read"),
        (text, ("--at", "yesterday"), "--at: "),
        (text, ("--speaking-for", pki.user("alice").urn), "this is none"),
        (word, (), "--speaking-for"),
        (
            text,
            ("--caller", alice, "--slice", pki.slice("s1").urn, "--method", "Fly"),
            "there is no Fly",
        ),
        ('{"geni_value": 1}', (), "no credential with geni_value"),
    ):
        result = verify(given, *options)
        assert result.exit_code == 1
        assert said in result.output, result.output
        assert "Traceback" not in result.output


def test_omnis_json_is_read_and_programs_get_json(pki: Pki, verify: Callable[..., Result]) -> None:
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    kept = json.dumps({"geni_type": "geni_sfa", "geni_version": "3", "geni_value": text})
    result = verify(kept, "--json")
    assert [row["step"] for row in json.loads(result.output)][:3] == ["1", "2", "3"]


def test_inspect_tells_everything_but_keys_and_signatures(home: Path, pki: Pki) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    text = pki.delegated(pki.slice_credential(alice, pki.slice("s1")), alice, bob)
    file = home / "credential.xml"
    for given in (text, let_speak(alice, pki.tool())):
        file.write_text(given)
        result = run("credential", "inspect", file)
        assert result.exit_code == 0, result.output
        assert str(alice.urn) in result.output
        assert alice.certificate.fingerprint in result.output
        assert "BEGIN" not in result.output
        # no run of letters as long as a line of base64: digests are 64
        assert re.search(r"[A-Za-z0-9+/=]{65}", result.output) is None
        json.loads(run("credential", "inspect", file, "--json").output)
    file.write_text(text)
    said = run("credential", "inspect", file).output
    for part in (str(bob.urn), pki.slice("s1").urn.text, "may be handed on", "rsa-sha256"):
        assert part in said
    file.write_text("<a>\x1b[31m</a>")
    assert run("credential", "inspect", file).exit_code == 1
