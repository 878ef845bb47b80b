"""The kit's checks of TLS, certificates and credentials against our own aggregate.

The second user may be a tool here, and the federation's authorities make what only they can.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.trust import issue
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue import Identity
from tests.functional.federation import HomePki
from tests.functional.running import Running
from tests.functional.test_conformance import against, conform
from tests.pki import NOW, write_identity

AREAS = ("tls", "certificate", "credential", "delegation", "speaksfor")


def expired(pki: HomePki) -> Identity:
    """Alice's certificate of last year, for the key that she still has."""
    alice = pki.user("alice")
    made = issue.certify(
        alice.urn,
        alice.key.public_key(),
        signer=pki.ma,
        now=NOW - timedelta(days=2),
        until=NOW - timedelta(days=1),
    )
    return Identity(alice.key, (made, *pki.ma.chain))


def nameless(pki: HomePki) -> Identity:
    """A certificate of the federation's without subjectAltName."""
    alice = pki.user("alice")
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(pki.ma.certificate.parsed.subject)
        .public_key(alice.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(pki.ma.key, SHA256())
    )
    return Identity(alice.key, (Certificate.read(made.public_bytes(Encoding.DER)), *pki.ma.chain))


def test_our_own_aggregate_keeps_every_rule_of_trust(
    starting: Callable[..., Running], template: Path, tmp_path: Path
) -> None:
    running = starting()
    speaking = '[root."ch-cert.pem"]\nspeaks_for_tools = ["*"]\n'
    (running.home / "trusted_roots" / "roots.toml").write_text(speaking, "utf-8")
    pki = HomePki(running.home)
    options: list[str | Path] = []
    for kind, made in (("expired", expired(pki)), ("nameless", nameless(pki))):
        certificate, key = write_identity(made, tmp_path, kind)
        options += ["--certificate", f"{kind}={certificate},{key}"]
    second = running.home / "bob_config"
    text = (running.home / "omni_config").read_text("utf-8")
    second.write_text(text.replace("alice", "bob"), "utf-8")
    report = tmp_path / "report.json"
    options += ["--second", second, "--report", f"json={report}"]
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
