"""`gcf-am trust`: who is trusted, and who no longer is."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gcf_am.cli.am import main
from gcf_am.config import FILE
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, Pki, crl, crl_pem


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in words])


@pytest.fixture
def pki() -> Pki:
    return Pki()


@pytest.fixture
def home(pki: Pki, tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text("")
    pki.write_roots(tmp_path / "trusted_roots")
    return tmp_path


def test_a_list_of_all_that_is_trusted(home: Path, pki: Pki) -> None:
    roots = home / "trusted_roots"
    (roots / "roots.toml").write_text('[root."gcf.local.pem"]\nsha1 = true\ncrl = "current"\n')
    (roots / "ma.crl").write_bytes(crl_pem(crl(pki.ma, pki.user("alice"))))
    (roots / "odd.pem").write_text("odd")
    result = run("trust", "list", "--home", home)
    assert result.exit_code == 0, result.output
    for part in (str(pki.root.urn), "SHA-1; CRLs current", pki.root.certificate.fingerprint,
                 "1 revoked", "out of date", "wrong: odd.pem"):  # fmt: skip
        assert part in result.output
    (row,) = json.loads(run("trust", "list", "--home", home, "--json").output)["roots"]
    assert row["namespaces"] == "gcf.local"
    # and check-config says the same
    checked = run("check-config", "--home", home).output
    assert "odd.pem" in checked
    assert "is out of date" in checked


def test_who_is_denied_is_denied_at_once(home: Path, pki: Pki) -> None:
    store = TrustStore(home / "trusted_roots", look_every=0)
    alice, bob = pki.user("alice"), pki.user("bob")
    pki.caller(alice, trust=store.current())
    number = f"{bob.certificate.parsed.serial_number:x}"
    for words in (
        (alice.urn, "--because", "key lost\nnobody"),
        ("serial", number, pki.ma.urn),
    ):
        result = run("trust", "deny", "--home", home, *words)
        assert result.exit_code == 0, result.output
    for who in (alice, bob):
        with pytest.raises(Refusal, match="is refused at this aggregate"):
            pki.caller(who, trust=store.current())
    assert "# key lost nobody\n" in (home / "trusted_roots" / "denied").read_text()
    assert (
        str(alice.urn).removeprefix("urn:publicid:IDN+")
        in run("trust", "list", "--home", home).output
    )


@pytest.mark.parametrize("item", ["alice", "# nobody", "serial"])
def test_what_denies_nobody_is_refused(home: Path, item: str) -> None:
    result = run("trust", "deny", "--home", home, item)
    assert result.exit_code == 1
    assert not (home / "trusted_roots" / "denied").exists()


def test_only_sources_are_fetched(home: Path) -> None:
    assert "there is none" in run("trust", "fetch", "--home", home).output
    (home / "trusted_roots" / "roots.toml").write_text(
        '[source.ch]\nurl = "https://127.0.0.1:9/"\npin = "ch"\nnamespaces = ["geni"]\n'
    )
    assert "there is ch" in run("trust", "fetch", "--home", home, "other").output
    result = run("trust", "fetch", "--home", home)
    assert result.exit_code == 1
    assert "ch: pin: there is no file ch" in result.output


def test_a_root_that_ends_soon_is_told(pki: Pki, home: Path) -> None:
    old = Pki("old.example", now=NOW - timedelta(days=3640))
    old.write_roots(home / "trusted_roots")
    assert "old.example.pem" in run("check-config", "--home", home).output
