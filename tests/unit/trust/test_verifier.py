import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from gcf_am.trust.issue_credentials import issue_credential
from gcf_am.trust.privileges import Privilege
from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, WEEK, Pki
from tests.security.credentials.forge import Forgery
from tests.unit.trust.calls import Aggregate


def test_a_verified_credential_says_what_it_gives(aggregate: Aggregate, pki: Pki) -> None:
    alice, s1 = pki.user("alice"), pki.slice("s1")
    text = pki.slice_credential(alice, s1, privileges=["info"], delegatable=False)
    credential = aggregate.verifier.credential(text, NOW)
    assert credential.owner.urn == alice.urn
    assert credential.target.urn == s1.urn
    assert credential.signer.urn == pki.sa.urn
    assert credential.privileges == (Privilege("info"),)
    assert credential.expires == credential.until == NOW + WEEK
    assert credential.first is credential
    assert not credential.delegatable
    assert len(credential.digest) == 64


def test_the_second_time_it_is_remembered(aggregate: Aggregate, pki: Pki) -> None:
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    first = aggregate.verifier.credential(text, NOW)
    assert aggregate.verifier.credential(text, NOW + timedelta(minutes=9)) is first
    again = aggregate.verifier.credential(text, NOW + timedelta(minutes=10))
    assert again is not first
    assert again.digest == first.digest


def test_what_is_remembered_ends_with_the_credential(aggregate: Aggregate, pki: Pki) -> None:
    soon = NOW + timedelta(seconds=5)
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"), expires=soon)
    aggregate.verifier.credential(text, NOW)
    with pytest.raises(Refusal) as error:
        aggregate.verifier.credential(text, soon)
    assert error.value.rule == "credential.expired"


def test_what_is_remembered_ends_with_the_trust_set(aggregate: Aggregate, pki: Pki) -> None:
    alice = pki.user("alice")
    text = pki.slice_credential(alice, pki.slice("s1"))
    ders = [one.der for one in alice.chain]
    aggregate.verifier.credential(text, NOW)
    aggregate.verifier.caller(ders, NOW)
    directory = aggregate.trust.directory
    Pki("other.example").write_roots(directory)
    (directory / "gcf.local.pem").unlink()
    aggregate.trust.reload()
    for refused in (
        lambda: aggregate.verifier.credential(text, NOW),
        lambda: aggregate.verifier.caller(ders, NOW),
    ):
        with pytest.raises(Refusal) as error:
            refused()
        assert error.value.rule == "chain.untrusted"


def test_a_refusal_is_not_remembered(aggregate: Aggregate, pki: Pki) -> None:
    other = Pki("other.example")
    text = other.slice_credential(other.user("x"), other.slice("s1"))
    with pytest.raises(Refusal):
        aggregate.verifier.credential(text, NOW)
    other.write_roots(aggregate.trust.directory)
    aggregate.trust.reload()
    assert aggregate.verifier.credential(text, NOW).owner.urn.name == "x"


def test_expires_without_a_zone_is_utc_and_offsets_count(
    aggregate: Aggregate, pki: Pki
) -> None:  # R099
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    for written, meant in (
        ("2131-01-31T12:00:00", "2131-01-31T12:00:00+00:00"),
        ("2131-01-31T12:00:00.25Z", "2131-01-31T12:00:00+00:00"),
        ("2131-01-31T12:00:00+02:00", "2131-01-31T10:00:00+00:00"),
    ):
        forgery = Forgery(text).set("expires", written).sign(pki.sa)
        credential = aggregate.verifier.credential(forgery.text, NOW)
        assert credential.expires.isoformat() == meant


def test_bare_base64_certificates_as_protogeni_writes_them(aggregate: Aggregate, pki: Pki) -> None:
    owner = issue_credential(
        pki.sa,
        owner=pki.user("alice", ma=pki.root).chain,
        target=pki.slice("s1", sa=pki.root).chain,
        privileges=[Privilege("*")],
        expires=NOW + WEEK,
    )
    forgery = Forgery(owner)
    for name in ("owner_gid", "target_gid"):
        pem = forgery.get(name).split("-----")[2]  # the leaf; the root is trusted
        forgery.set(name, pem)
    credential = aggregate.verifier.credential(forgery.sign(pki.sa).text, NOW)
    assert credential.owner.urn.name == "alice"


def test_xmlsec1_accepts_what_we_sign(pki: Pki, tmp_path: Path) -> None:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed (Debian package xmlsec1)")
    root = tmp_path / "root.pem"
    root.write_text(pki.root.certificate.pem)
    alice, bob = pki.user("alice"), pki.user("bob")
    plain = pki.slice_credential(alice, pki.slice("s1"))
    delegated = pki.delegated(plain, alice, bob)
    for text, signatures in ((plain, ["Sig_ref0"]), (delegated, ["Sig_ref0", "Sig_ref1"])):
        file = tmp_path / "credential.xml"
        file.write_text(text)
        for signature in signatures:
            result = subprocess.run(
                [
                    program,
                    "--verify",
                    "--node-id",
                    signature,
                    "--trusted-pem",
                    str(root),
                    str(file),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, result.stderr
