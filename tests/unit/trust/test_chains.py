import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gcf_am.errors import CREDENTIAL_EXPIRED, CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust import issue
from gcf_am.trust.certificates import Certificate, PublicKey
from gcf_am.trust.chains import SKEW, verify_chain
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.urn import Urn
from tests.pki import NOW, Pki, key

pki = Pki()
alice = pki.user("alice")
trust = pki.trust()
DAY = timedelta(days=1)


def made(
    urn: str,
    signer: Identity,
    *,
    number: int = 50,
    public_key: PublicKey | None = None,
    path_length: int | None = None,
) -> Identity:
    """Something that an authority should perhaps not have signed."""
    own = key("made", number)
    certificate = issue.certify(
        Urn.parse(f"urn:publicid:IDN+{urn}"),
        public_key or own.public_key(),
        signer=signer,
        now=NOW,
        until=NOW + DAY,
        path_length=path_length,
    )
    return Identity(own, (certificate, *signer.chain))


def accepted(given: Sequence[Certificate], trusted: TrustSet = trust, now: datetime = NOW) -> None:
    assert verify_chain(given, trusted, now).leaf == given[0]


def refused(
    rule: str, *given: Certificate, trusted: TrustSet = trust, now: datetime = NOW
) -> Refusal:
    with pytest.raises(Refusal) as error:
        verify_chain(given, trusted, now)
    assert error.value.rule == rule
    return error.value


def test_a_chain_ends_at_the_trusted_root() -> None:
    chain = verify_chain(alice.chain, trust, NOW)
    assert chain.certificates == (*alice.chain, pki.root.certificate)
    assert chain.urn == alice.urn
    assert chain.issuer == pki.ma.certificate
    assert chain.until == alice.certificate.not_after


def test_the_order_of_the_signers_and_the_root_among_them_do_not_matter() -> None:
    signers = (pki.ma.certificate, pki.root.certificate, pki.sa.certificate)
    for order in itertools.permutations(signers):
        assert verify_chain((alice.certificate, *order), trust, NOW).issuer == pki.ma.certificate


def test_a_root_is_a_chain_of_its_own() -> None:
    chain = verify_chain(pki.root.chain, trust, NOW)
    assert chain.issuer == chain.leaf == pki.root.certificate


def test_nothing_and_too_much_are_no_chain() -> None:  # (1)
    refused("chain.length")
    refused("chain.length", *alice.chain * 6)


def test_without_its_signer_a_certificate_leads_nowhere() -> None:  # (2)
    refusal = refused("chain.untrusted", alice.certificate)
    assert refusal.am_code == CREDENTIAL_SIGNER_UNTRUSTED
    other = Pki("other.example")
    refused("chain.untrusted", *other.user("alice").chain)
    refused("chain.untrusted", *other.user("alice").chain, other.root.certificate)


def test_a_signer_with_the_right_name_but_another_key_is_none() -> None:  # (2)
    root = issue.make_root("gcf.local", now=NOW, key=key("made", 51))
    ma = issue.make_authority(root, "ma", now=NOW, key=key("made", 52))
    refused("chain.untrusted", *made("gcf.local+user+alice", ma).chain, pki.ma.certificate)


def test_a_trusted_intermediate_ends_a_chain() -> None:  # (2)
    only_ma = TrustSet((Root(pki.ma.certificate, "ma.pem"),))
    assert len(verify_chain(alice.chain[:1], only_ma, NOW).certificates) == 2


def test_of_two_certificates_of_a_renewed_authority_the_one_in_force_counts() -> None:  # (2), (4)
    old = issue.certify(
        pki.ma.urn,
        pki.ma.key.public_key(),
        signer=pki.root,
        now=NOW - 9 * DAY,
        until=NOW - DAY,
        path_length=0,
    )
    for order in ((old, pki.ma.certificate), (pki.ma.certificate, old)):
        assert verify_chain((alice.certificate, *order), trust, NOW).issuer == pki.ma.certificate


def test_short_keys_are_refused() -> None:  # (3)
    weak = rsa.generate_private_key(65537, 1024)
    leaf = made("gcf.local+user+weak", pki.ma, public_key=weak.public_key()).chain
    refused("certificate.weak_key", *leaf)
    accepted(leaf, pki.trust(sha1=True))


def test_elliptic_keys_are_taken_from_256_bits() -> None:  # (3)
    good, weak = (
        made(
            "gcf.local+user+curve",
            pki.ma,
            public_key=ec.generate_private_key(curve).public_key(),
        )
        for curve in (ec.SECP256R1(), ec.SECP192R1())
    )
    accepted(good.chain)
    refused("certificate.weak_key", *weak.chain)


def test_the_end_of_any_certificate_ends_the_chain() -> None:  # (4)
    late = pki.root.certificate.not_after + timedelta(seconds=1)
    for when in (alice.certificate.not_after, pki.ma.certificate.not_after):
        refusal = refused("certificate.expired", *alice.chain, now=when + timedelta(seconds=1))
        assert refusal.am_code == CREDENTIAL_EXPIRED
    refused("certificate.expired", pki.root.certificate, now=late)


def test_five_minutes_of_grace_before_the_beginning_only() -> None:  # (4)
    begin = alice.certificate.not_before
    accepted(alice.chain, now=begin - SKEW)
    refused("certificate.early", *alice.chain, now=begin - SKEW - timedelta(seconds=1))
    accepted(alice.chain, now=alice.certificate.not_after)


def test_who_is_no_ca_signs_no_certificates() -> None:  # (5), R061
    no_ca = made("gcf.local+authority+ma", pki.root)
    refused("signer.ca", *made("gcf.local+user+eve", no_ca, number=53).chain)


def test_a_ca_signs_no_deeper_than_it_says() -> None:  # (5)
    below = made("gcf.local+authority+ma", pki.ma, path_length=0)
    refused("signer.path_length", *made("gcf.local+user+eve", below, number=53).chain)


def test_a_signer_must_be_an_authority() -> None:  # (6), R063
    user_ca = made("gcf.local+user+mallory", pki.root, path_length=0)
    refused("signer.authority", *made("gcf.local+user+eve", user_ca, number=53).chain)


@pytest.mark.parametrize("name", ["gcf.localhost", "gcf", "local", "other", "xgcf.local"])
def test_a_signer_signs_only_in_its_namespace(name: str) -> None:  # (6), R062
    refused("signer.namespace", *made(f"{name}+user+alice", pki.ma).chain)


@pytest.mark.parametrize("name", ["gcf.local", "GCF.Local", "gcf.local:project", "gcf.local:a:b"])
def test_the_namespace_below_belongs_to_it_in_any_case(name: str) -> None:  # (6), decision 27
    accepted(made(f"{name}+user+alice", pki.ma).chain)


def test_a_sub_authority_signs_neither_for_its_parent_nor_its_sibling() -> None:  # (6)
    sub = issue.make_authority(
        pki.root, "ma", now=NOW, key=key("made", 54), authority="gcf.local:a"
    )
    accepted(made("gcf.local:a+user+x", sub).chain)
    for name in ("gcf.local", "gcf.local:b", "gcf.local:aa"):
        refused("signer.namespace", *made(f"{name}+user+x", sub).chain)


@pytest.mark.parametrize(
    ("signer", "subject", "allowed"),
    [
        ("ma", "user", True),
        ("ma", "tool", True),
        ("ma", "slice", False),
        ("ma", "authority", False),
        ("sa", "slice", True),
        ("sa", "user", False),
        ("sa", "authority", False),
        ("am", "slice", False),
        ("am", "user", False),
        ("cm", "slice", False),
        ("ca", "slice", False),
        ("ca", "authority", True),
        ("MA", "user", True),
        ("ma", "node", False),
    ],
)
def test_each_kind_of_authority_signs_its_own_kind_of_thing(
    signer: str, subject: str, allowed: bool
) -> None:
    # (7), decision 28
    authority = made(f"gcf.local+authority+{signer}", pki.root, path_length=0)
    thing = made(f"gcf.local+{subject}+am", authority, number=53)
    if allowed:
        accepted(thing.chain)
    else:
        refused("signer.kind", *thing.chain)


@pytest.mark.parametrize("subject", ["user", "slice", "authority", "node"])
def test_a_root_signs_everything_below_it(subject: str) -> None:  # (7)
    accepted(made(f"gcf.local+{subject}+am", pki.root).chain)


def test_a_trusted_intermediate_keeps_its_kind() -> None:  # (7)
    trusted = TrustSet((Root(pki.ma.certificate, "ma.pem"), Root(pki.sa.certificate, "sa.pem")))
    refused("signer.kind", *made("gcf.local+user+eve", pki.sa).chain, trusted=trusted)
    refused("signer.kind", *made("gcf.local+slice+s1", pki.ma).chain, trusted=trusted)


def test_an_authority_comes_from_its_own_kind_above_it() -> None:  # (7)
    top = made("gcf.local+authority+sa", pki.root, path_length=1)
    sub = made("gcf.local:p+authority+sa", top, number=53, path_length=0)
    deep = TrustSet((Root(top.certificate, "sa.pem"),))
    accepted(sub.chain, deep)
    refused(
        "signer.kind",
        *made("gcf.local:p+authority+ma", top, number=53, path_length=0).chain,
        trusted=deep,
    )


def odd_authority(*, ca: bool, signs: bool) -> Identity:
    """An MA below the root whose basicConstraints and keyUsage say this."""
    own = key("made", 60)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(pki.ma.urn.text)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")]))
        .issuer_name(pki.root.certificate.parsed.subject)
        .public_key(own.public_key())
        .serial_number(60)
        .not_valid_before(NOW)
        .not_valid_after(NOW + DAY)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(usage, critical=True)
        .sign(pki.root.key, SHA256())
    )
    return Identity(own, (Certificate.read(made.public_bytes(Encoding.DER)),))


def test_constraints_and_usage_must_both_allow_signing() -> None:  # (5)
    for ca, signs in ((False, True), (True, False)):
        refused("signer.ca", *made("gcf.local+user+eve", odd_authority(ca=ca, signs=signs)).chain)
    accepted(made("gcf.local+user+eve", odd_authority(ca=True, signs=True)).chain)


def with_sha1(certificate: Certificate, signer: Identity) -> Certificate:
    """The same certificate signed with SHA-1, which the library no longer does by itself."""
    sha256, sha1 = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
    old = certificate.parsed.tbs_certificate_bytes
    new = old.replace(sha256, sha1)
    signature = signer.key.sign(new, PKCS1v15(), SHA1())
    der = certificate.der.replace(sha256, sha1)
    assert new in der
    return Certificate.read(der[: -len(signature)] + signature)


def test_sha1_certificates_only_below_roots_configured_so() -> None:  # (3)
    old = with_sha1(alice.certificate, pki.ma)
    refused("certificate.weak_hash", old, *pki.ma.chain)
    accepted((old, *pki.ma.chain), pki.trust(sha1=True))
    # the name of the signer counts as with other hashes
    namesake = issue.make_root("other.example", now=NOW, key=pki.ma.key).certificate
    assert not old.signed_by(namesake)
    assert not alice.certificate.signed_by(namesake)
    # nobody relies on what a root signed itself with
    root = with_sha1(pki.root.certificate, pki.root)
    accepted(alice.chain, TrustSet((Root(root, "old.pem"),)))


def test_an_authoritys_next_certificate_does_not_count_yet() -> None:  # (2), (4)
    future = issue.certify(
        pki.ma.urn,
        pki.ma.key.public_key(),
        signer=pki.root,
        now=NOW + 9 * DAY,
        until=pki.root.certificate.not_after,
        path_length=0,
    )
    for order in ((future, pki.ma.certificate), (pki.ma.certificate, future)):
        assert verify_chain((alice.certificate, *order), trust, NOW).issuer == pki.ma.certificate
