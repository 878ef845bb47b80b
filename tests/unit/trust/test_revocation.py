from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from gcf_am.errors import ConfigError, Forbidden
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, Pki, crl, crl_pem
from tests.unit.trust.calls import Aggregate

DAY = timedelta(days=1)


def refused(store: TrustStore, pki: Pki, who: Identity) -> str:
    with pytest.raises(Refusal) as error:
        pki.caller(who, trust=store.current())
    return error.value.rule


def test_a_revoked_user_calls_no_more(aggregate: Aggregate, pki: Pki) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    credential = pki.slice_credential(alice, pki.slice("s1"))
    aggregate.call(alice, credential)
    before = aggregate.trust.current().version
    (aggregate.trust.directory / "ma.crl").write_bytes(crl_pem(crl(pki.ma, alice)))
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
    bundle = (
        b"words\r\n"
        + crl_pem(crl(pki.root, pki.sa))
        + b"\n"
        + crl_pem(crl(pki.ma, pki.user("bob")))
    )
    (aggregate.trust.directory / "all.crl").write_bytes(bundle)
    assert aggregate.trust.reload() == ()
    assert refused(aggregate.trust, pki, pki.user("bob")) == "certificate.revoked"
    pki.caller(pki.user("alice"), trust=aggregate.trust.current())


def test_a_list_that_somebody_else_signed_revokes_nothing(aggregate: Aggregate, pki: Pki) -> None:
    alice = pki.user("alice")
    forged = crl(pki.ma, alice, signer=pki.user("mallory"))
    (aggregate.trust.directory / "ma.crl").write_bytes(crl_pem(forged))
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
    file.write_bytes(crl_pem(crl(pki.ma, pki.user("alice"))))
    aggregate.trust.reload()
    file.write_bytes(b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    assert "revocation list" in aggregate.trust.reload()[0]
    # the list that was good stays in force
    assert refused(aggregate.trust, pki, pki.user("alice")) == "certificate.revoked"


def test_a_list_that_is_out_of_date_is_judged_as_the_roots_terms_say(
    aggregate: Aggregate, pki: Pki
) -> None:  # FED 3.6
    alice, bob = pki.user("alice"), pki.user("bob")
    directory = aggregate.trust.directory
    terms, lists = directory / "roots.toml", directory / "ma.crl"

    def judged(who: Identity, crl: str) -> str:
        terms.write_text(f'[root."gcf.local.pem"]\ncrl = "{crl}"\n')
        assert aggregate.trust.reload() == ()
        try:
            pki.caller(who, trust=aggregate.trust.current())
        except Refusal as refusal:
            return refusal.rule
        return "accepted"

    assert [judged(bob, one) for one in ("warn", "current", "required")] == [
        "accepted",
        "accepted",
        "crl.missing",
    ]
    (directory / "root.crl").write_bytes(crl_pem(crl(pki.root, until=NOW + DAY)))
    lists.write_bytes(crl_pem(crl(pki.ma, alice)))  # ended two days ago
    for one, wanted in (
        ("warn", "accepted"),
        ("current", "crl.stale"),
        ("required", "crl.stale"),
    ):
        assert judged(bob, one) == wanted
        assert judged(alice, one) == "certificate.revoked"  # whatever its age
    lists.write_bytes(crl_pem(crl(pki.ma, alice)) + crl_pem(crl(pki.ma, until=NOW + DAY)))
    assert judged(bob, "required") == "accepted"
    assert judged(alice, "required") == "certificate.revoked"


def test_what_was_judged_by_a_list_is_forgotten_when_that_ends(
    aggregate: Aggregate, pki: Pki
) -> None:
    directory, alice = aggregate.trust.directory, pki.user("alice")
    for one, until in ((pki.root, NOW + DAY), (pki.ma, NOW + timedelta(minutes=2))):
        file = directory / f"{one.urn.name}.crl"
        file.write_bytes(crl_pem(crl(one, until=until)))
    (directory / "roots.toml").write_text('[root."gcf.local.pem"]\ncrl = "required"\n')
    aggregate.trust.reload()
    ders = [one.der for one in alice.chain]
    for minutes in (0, 1):
        aggregate.verifier.caller(ders, NOW + timedelta(minutes=minutes))
    with pytest.raises(Refusal, match="out of date"):
        aggregate.verifier.caller(ders, NOW + timedelta(minutes=2))


def test_an_authority_among_the_roots_is_its_own_authoritys_to_revoke(
    aggregate: Aggregate, pki: Pki
) -> None:
    """As FED 3.3 has it: SA and MA lie beside the root for those who cannot build chains."""
    directory = aggregate.trust.directory
    (directory / "ma.pem").write_text(pki.ma.certificate.pem)
    aggregate.trust.reload()
    pki.caller(pki.user("alice"), trust=aggregate.trust.current())
    (directory / "root.crl").write_bytes(crl_pem(crl(pki.root, pki.ma)))
    aggregate.trust.reload()
    assert refused(aggregate.trust, pki, pki.user("alice")) == "certificate.revoked"


def test_certificates_are_denied_by_their_numbers(aggregate: Aggregate, pki: Pki) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    number = f"{alice.certificate.parsed.serial_number:X}"
    even = number.zfill(len(number) + len(number) % 2)
    spelled = ":".join(even[n : n + 2] for n in range(0, len(even), 2))
    file = aggregate.trust.directory / "denied"
    for line in (f"serial {number}", f"Serial {spelled} {pki.ma.urn}  # lost"):
        file.write_text(line)
        assert aggregate.trust.reload() == ()
        assert refused(aggregate.trust, pki, alice) == "certificate.denied"
        pki.caller(bob, trust=aggregate.trust.current())
    # another issuer's certificate may have the same number
    file.write_text(f"serial {number} {pki.sa.urn}")
    aggregate.trust.reload()
    pki.caller(alice, trust=aggregate.trust.current())


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


@pytest.mark.parametrize(
    "text",
    ["alice", "urn:publicid:IDN+nobody", "ab" * 31, "serial", "serial xyz", "serial 1 2"],
)
def test_a_denied_file_must_say_what_it_means(aggregate: Aggregate, text: str) -> None:
    (aggregate.trust.directory / "denied").write_text(text)
    assert aggregate.trust.reload()[0].startswith("denied: ")
    with pytest.raises(ConfigError, match="denied: "):  # what it forbids would be allowed
        TrustStore(aggregate.trust.directory)


@pytest.mark.parametrize(
    ("genuine", "odd"),
    [(b"gcf.local.authority.ma", b"\xff" * 22), (b"\x02\x01\x01\x30", b"\x02\x01\x03\x30")],
    ids=["issuer", "version"],
)
def test_a_list_that_is_odd_does_not_come_in(
    aggregate: Aggregate, pki: Pki, genuine: bytes, odd: bytes
) -> None:
    """Nor does it make every call of everybody fail."""
    der = crl(pki.ma, pki.user("alice")).public_bytes(Encoding.DER)
    assert der.count(genuine) == 1
    (aggregate.trust.directory / "odd.crl").write_bytes(der.replace(genuine, odd))
    assert "odd.crl" in str(aggregate.trust.reload())
    aggregate.call(pki.user("alice"), pki.slice_credential(pki.user("alice"), pki.slice("s1")))
