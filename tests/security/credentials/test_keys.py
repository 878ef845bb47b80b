"""FED 4.4: which key is used, whatever stands beside the signature."""

import base64
import itertools
import math
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from gcf_am.trust import issue, signatures
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, Pki
from tests.security.credentials.conftest import Judge
from tests.security.credentials.forge import Forgery


def key_value(identity: Identity, *, alter: int = 0) -> etree._Element:
    """A KeyValue with the identity's public key."""
    numbers = identity.key.public_key().public_numbers()
    element = etree.Element(f"{{{signatures.DSIG}}}KeyValue")
    pair = etree.SubElement(element, f"{{{signatures.DSIG}}}RSAKeyValue")
    for name, number in (("Modulus", numbers.n + alter), ("Exponent", numbers.e)):
        child = etree.SubElement(pair, f"{{{signatures.DSIG}}}{name}")
        child.text = base64.b64encode(number.to_bytes(256 if number > 70000 else 3)).decode()
    return element


def test_a_resigned_credential_is_as_good_as_the_original(
    pki: Pki, forgery: Forgery, rule: Judge
) -> None:
    assert rule(forgery.sign(pki.sa).text) == "accepted"


@pytest.mark.parametrize("place", [0, 1])
def test_a_throw_away_key_in_key_value_beside_the_authoritys_certificate(
    pki: Pki, forgery: Forgery, rule: Judge, place: int
) -> None:
    mallory = pki.user("mallory")
    forgery.set("expires", "2131-01-01T00:00:00Z")
    forgery.one("//d:KeyInfo").insert(place, key_value(mallory))
    forgery.sign(mallory, keep_certificates=True)
    assert rule(forgery.text) == "signature.key_value"


def test_a_throw_away_key_alone(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    mallory = pki.user("mallory")
    forgery.one("//d:KeyInfo")[:] = [key_value(mallory)]
    forgery.root = Forgery(forgery.text).root
    signatures.sign(forgery.signature, forgery.credential, mallory.key)
    assert rule(forgery.text) == "signature.certificates"


def test_another_key_with_the_authoritys_certificate(
    pki: Pki, forgery: Forgery, rule: Judge
) -> None:
    forgery.sign(pki.user("mallory"), keep_certificates=True)
    assert rule(forgery.text) == "signature.invalid"


def test_the_signers_own_key_value_does_no_harm_and_no_good(
    pki: Pki, forgery: Forgery, rule: Judge
) -> None:
    key_info = forgery.one("//d:KeyInfo")
    key_info.append(key_value(pki.sa))
    key_info.append(etree.Element(f"{{{signatures.DSIG}}}KeyValue"))
    assert rule(forgery.text) == "accepted"
    key_info.append(key_value(pki.sa, alter=2))
    assert rule(forgery.text) == "signature.key_value"


@pytest.mark.parametrize("content", ["<DSAKeyValue/>", "<RSAKeyValue/>", "<x/><y/>"])
def test_a_key_value_that_is_no_rsa_key(genuine: str, rule: Judge, content: str) -> None:
    changed = genuine.replace("<X509Data>", f"<KeyValue>{content}</KeyValue><X509Data>")
    assert rule(changed) == "signature.key_value"


@pytest.mark.parametrize("name", ["RetrievalMethod", "PGPData", "SPKIData", "MgmtData", "Other"])
def test_other_sources_of_keys(genuine: str, rule: Judge, name: str) -> None:
    changed = genuine.replace("<X509Data>", f'<{name} URI="http://127.0.0.1/"/><X509Data>')
    assert rule(changed) == "signature.key_info"


class TestCertificates:
    """Several X509Certificate entries, order games."""

    def test_the_order_does_not_matter_and_twins_are_one(
        self, pki: Pki, forgery: Forgery, rule: Judge
    ) -> None:
        entries = (pki.sa.certificate, pki.root.certificate, pki.sa.certificate)
        for order in itertools.permutations(entries):
            assert rule(forgery.certificates(*order).text) == "accepted"

    def test_none(self, forgery: Forgery, rule: Judge) -> None:
        assert rule(forgery.certificates().text) == "signature.certificates"

    def test_two_signers(self, pki: Pki, forgery: Forgery, rule: Judge) -> None:
        for other in (pki.ma, pki.user("mallory")):
            for order in ((pki.sa, other), (other, pki.sa)):
                forgery.certificates(*(one.certificate for one in order))
                assert rule(forgery.text) == "signature.signer"

    def test_a_users_signature_in_the_shadow_of_her_authority(
        self, pki: Pki, forgery: Forgery, rule: Judge
    ) -> None:
        mallory = pki.user("mallory")
        forgery.certificates(pki.sa.certificate, pki.root.certificate, *mallory.chain)
        forgery.sign(mallory, keep_certificates=True)
        assert rule(forgery.text) == "signature.signer"

    def test_a_certificate_with_the_authoritys_name_that_mallory_made(
        self, pki: Pki, forgery: Forgery, rule: Judge
    ) -> None:
        mallory = pki.user("mallory")
        fake_root = issue.make_root(pki.authority, now=NOW, key=mallory.key)
        fake_sa = issue.make_authority(fake_root, "sa", now=NOW, key=mallory.key)
        for beside in ((), fake_root.chain, pki.root.chain):
            forgery.certificates(*fake_sa.chain, *beside)
            forgery.sign(Identity(mallory.key, fake_sa.chain), keep_certificates=True)
            assert rule(forgery.text) in {"chain.untrusted", "signature.signer"}

    def test_junk(self, genuine: str, rule: Judge) -> None:
        for junk in ("AAAA", "!", "MIIB"):
            changed = genuine.replace(
                "<X509Data>", f"<X509Data><X509Certificate>{junk}</X509Certificate>"
            )
            assert rule(changed) == "certificate.form"


def with_exponent(key: rsa.RSAPrivateKey, exponent: int) -> rsa.RSAPrivateKey:
    """A key of the same primes, whose exponent is this or the next that can be one."""
    one = key.private_numbers()
    phi = (one.p - 1) * (one.q - 1)
    while math.gcd(exponent, phi) != 1:
        exponent += 2
    d = pow(exponent, -1, phi)
    return rsa.RSAPrivateNumbers(
        p=one.p,
        q=one.q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, one.p),
        dmq1=rsa.rsa_crt_dmq1(d, one.q),
        iqmp=one.iqmp,
        public_numbers=rsa.RSAPublicNumbers(exponent, one.public_numbers.n),
    ).private_key()


@pytest.mark.parametrize(("bits", "accepted"), [(17, True), (33, False), (2040, False)])
def test_a_key_whose_signatures_are_dear_to_verify(pki: Pki, bits: int, accepted: bool) -> None:
    # a hundredfold with an exponent as long as the key; a call can bring hundreds of certificates
    key = with_exponent(pki.next_key(), 2 ** (bits - 1) + 1)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mallory")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(1))
    der = made.sign(key, SHA256()).public_bytes(Encoding.DER)
    if accepted:
        assert Certificate.read(der).key
    else:
        with pytest.raises(Refusal, match="exponent is too long"):
            Certificate.read(der)


def test_a_key_that_is_longer_than_any_in_the_field(pki: Pki) -> None:
    # n of a public key need not be a product of primes that anybody knows
    key = rsa.RSAPublicNumbers(65537, 2**8300 + 1).public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mallory")])
    made = x509.CertificateBuilder(name, name, key, 1, NOW, NOW + timedelta(1))
    der = made.sign(pki.next_key(), SHA256()).public_bytes(Encoding.DER)
    with pytest.raises(Refusal, match="too long"):
        Certificate.read(der)
