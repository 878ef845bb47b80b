from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.errors import Forbidden
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustStore
from tests.pki import NOW, Pki
from tests.unit.trust.calls import Aggregate


def crl(
    issuer: Identity, *revoked: Identity, signer: Identity | None = None
) -> x509.CertificateRevocationList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.parsed.subject)
        .last_update(NOW - timedelta(days=3))
        .next_update(NOW - timedelta(days=2))
    )
    for each in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(each.certificate.parsed.serial_number)
            .revocation_date(NOW - timedelta(days=3))
            .build()
        )
    return builder.sign((signer or issuer).key, SHA256())


def pem(one: x509.CertificateRevocationList) -> bytes:
    return one.public_bytes(Encoding.PEM)


def refused(store: TrustStore, pki: Pki, who: Identity) -> str:
    with pytest.raises(Refusal) as error:
        pki.caller(who, trust=store.current())
    return error.value.rule


def test_a_revoked_user_calls_no_more(aggregate: Aggregate, pki: Pki) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    credential = pki.slice_credential(alice, pki.slice("s1"))
    aggregate.call(alice, credential)
    before = aggregate.trust.current().version
    (aggregate.trust.directory / "ma.crl").write_bytes(pem(crl(pki.ma, alice)))
    assert aggregate.trust.reload() == ()
    assert aggregate.trust.current().version != before
    assert refused(aggregate.trust, pki, alice) == "certificate.revoked"
    pki.caller(bob, trust=aggregate.trust.current())
    # nor does what she was given count for anybody: her certificate is in it
    delegated = pki.delegated(credential, alice, bob)
    with pytest.raises(Forbidden, match="revoked"):
        aggregate.call(bob, delegated)


def test_a_revoked_authority_takes_all_below_it_along(aggregate: Aggregate, pki: Pki) -> None:
    data = crl(pki.root, pki.ma).public_bytes(Encoding.DER)
    (aggregate.trust.directory / "root.crl").write_bytes(data)
    aggregate.trust.reload()
    assert refused(aggregate.trust, pki, pki.user("alice")) == "certificate.revoked"


def test_a_bundle_of_lists(aggregate: Aggregate, pki: Pki) -> None:
    bundle = b"words\r\n" + pem(crl(pki.root, pki.sa)) + b"\n" + pem(crl(pki.ma, pki.user("bob")))
    (aggregate.trust.directory / "all.crl").write_bytes(bundle)
    assert aggregate.trust.reload() == ()
    assert refused(aggregate.trust, pki, pki.user("bob")) == "certificate.revoked"
    pki.caller(pki.user("alice"), trust=aggregate.trust.current())


def test_a_list_that_somebody_else_signed_revokes_nothing(aggregate: Aggregate, pki: Pki) -> None:
    alice = pki.user("alice")
    forged = crl(pki.ma, alice, signer=pki.user("mallory"))
    (aggregate.trust.directory / "ma.crl").write_bytes(pem(forged))
    aggregate.trust.reload()
    pki.caller(alice, trust=aggregate.trust.current())


def test_an_old_authoritys_list_counts(aggregate: Aggregate, pki: Pki) -> None:
    """Signed with SHA-1: a list only ever takes trust away."""
    alice = pki.user("alice")
    sha256, sha1 = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
    new = crl(pki.ma, alice)
    signed = new.tbs_certlist_bytes.replace(sha256, sha1)
    der = new.public_bytes(Encoding.DER).replace(sha256, sha1)
    for signer, rule in ((pki.user("bob"), None), (pki.ma, "certificate.revoked")):
        signature = signer.key.sign(signed, PKCS1v15(), SHA1())
        file = aggregate.trust.directory / "ma.crl"
        file.write_bytes(der[: -len(signature)] + signature)
        assert aggregate.trust.reload() == ()
        if rule is None:
            pki.caller(alice, trust=aggregate.trust.current())
        else:
            assert refused(aggregate.trust, pki, alice) == rule


def test_a_bad_list_is_refused_with_a_reason(aggregate: Aggregate, pki: Pki) -> None:
    file = aggregate.trust.directory / "ma.crl"
    file.write_bytes(pem(crl(pki.ma, pki.user("alice"))))
    aggregate.trust.reload()
    file.write_bytes(b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    assert "revocation list" in aggregate.trust.reload()[0]
    # the list that was good stays in force
    assert refused(aggregate.trust, pki, pki.user("alice")) == "certificate.revoked"


def test_the_operator_denies_urns_certificates_and_credentials(
    aggregate: Aggregate, pki: Pki
) -> None:
    alice, bob, carol = (pki.user(name) for name in ("alice", "bob", "carol"))
    credential = pki.slice_credential(carol, pki.slice("s1"))
    digest = aggregate.verifier.credential(credential, NOW).digest
    (aggregate.trust.directory / "denied").write_text(
        f"# gone\nurn:publicid:IDN+GCF.local+user+ALICE # left\n\n"
        f"{bob.certificate.fingerprint.upper()}  # stolen\n{digest}\n"
    )
    assert aggregate.trust.reload() == ()
    assert refused(aggregate.trust, pki, alice) == "certificate.denied"
    assert refused(aggregate.trust, pki, bob) == "certificate.denied"
    with pytest.raises(Forbidden, match="refused at this aggregate"):
        aggregate.call(carol, credential)
    aggregate.call(carol, pki.slice_credential(carol, pki.slice("s1")))


def test_a_denied_file_must_say_what_it_means(aggregate: Aggregate, tmp_path: Path) -> None:
    for text in ("alice", "urn:publicid:IDN+nobody", "ab" * 31):
        (aggregate.trust.directory / "denied").write_text(text)
        assert aggregate.trust.reload()[0].startswith("trusted root denied:")
