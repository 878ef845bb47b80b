from datetime import timedelta
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gcf_am import safexml
from gcf_am.trust import issue
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.chains import verify_chain
from gcf_am.trust.verifier import verify_credential
from gcf_am.urn import Urn
from tests.pki import NOW, Pki
from tests.security.credentials.forge import Forgery


def usages(certificate: Certificate) -> set[x509.ObjectIdentifier]:
    extension = certificate.parsed.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    return set(extension.value)


def everything(pki: Pki) -> list[Certificate]:
    return [
        pki.root.certificate,
        pki.sa.certificate,
        pki.ma.certificate,
        pki.user("alice").certificate,
        pki.slice("s1").chain[0],
        pki.server("am").certificate,
    ]


def test_every_certificate(pki: Pki) -> None:
    """FED checklist 98 and 99: version, serial, hash, key, key identifiers, names, dates."""
    serials = set()
    for certificate in everything(pki):
        parsed = certificate.parsed
        assert parsed.version == x509.Version.v3
        assert parsed.serial_number.bit_length() > 64
        serials.add(parsed.serial_number)
        assert parsed.signature_hash_algorithm is not None
        assert parsed.signature_hash_algorithm.name == "sha256"
        assert isinstance(certificate.public_key, rsa.RSAPublicKey)
        assert certificate.public_key.key_size >= 2048
        parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        parsed.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
        constraints = parsed.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical
        assert certificate.urn is not None
        assert certificate.uuid is not None
        assert certificate.not_before == NOW - timedelta(minutes=5)
    assert len(serials) == 6


def test_authorities_sign_and_nobody_else_does(pki: Pki) -> None:
    signs = [certificate.authority for certificate in everything(pki)]
    assert signs == [True, True, True, False, False, False]
    assert signs == [certificate.signs_certificates for certificate in everything(pki)]
    assert [pki.root.certificate.path_length, pki.sa.certificate.path_length] == [1, 0]


def test_all_of_it_leads_to_the_root(pki: Pki) -> None:
    for chain in (pki.user("alice").chain, pki.slice("s1").chain, pki.server("am").chain):
        assert verify_chain(chain, pki.trust(), NOW).root.certificate == pki.root.certificate


def test_no_certificate_outlives_its_signer(pki: Pki) -> None:
    far = NOW + timedelta(days=99_999)
    chain = issue.make_slice(
        pki.sa, pki.urn("slice", "s9"), now=NOW, until=far, public_key=pki.next_key().public_key()
    )
    assert chain[0].not_after == pki.sa.certificate.not_after
    assert pki.sa.certificate.not_after <= pki.root.certificate.not_after


def test_users_and_servers_say_what_their_keys_are_for(pki: Pki) -> None:
    assert ExtendedKeyUsageOID.CLIENT_AUTH in usages(pki.user("alice").certificate)
    assert ExtendedKeyUsageOID.SERVER_AUTH in usages(pki.server("am").certificate)


def test_a_server_names_its_hosts(pki: Pki) -> None:
    certificate = pki.server("am", hosts=["am.example.net", "127.0.0.1", "::1"]).certificate
    names = certificate.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == ["am.example.net"]
    addresses = names.value.get_values_for_type(x509.IPAddress)
    assert [str(address) for address in addresses] == ["127.0.0.1", "::1"]


def test_a_renewed_slice_keeps_its_key_and_uuid(pki: Pki) -> None:
    old = pki.slice("s1").chain[0]
    (new, *_) = issue.make_slice(
        pki.sa,
        old.named,
        now=NOW,
        until=NOW + timedelta(days=60),
        uuid=UUID(old.identity),
        public_key=old.public_key,
    )
    assert (new.key, new.uuid, new.urn) == (old.key, old.uuid, old.urn)
    assert new.not_after > old.not_after


def test_a_long_common_name_is_cut_the_urn_is_not(pki: Pki) -> None:
    urn = Urn.of("gcf.local", "user", "x" * 80)
    certificate = issue.certify(
        urn,
        pki.next_key().public_key(),
        signer=pki.ma,
        now=NOW,
        until=NOW + timedelta(days=1),
    )
    (common_name,) = certificate.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert len(str(common_name.value)) == 64
    assert str(certificate.urn) == urn.text


def test_a_root_needs_a_key(pki: Pki) -> None:
    with pytest.raises(ValueError, match="its own key"):
        issue.certify(pki.root.urn, pki.root.key.public_key(), signer=None, now=NOW, until=NOW)


def test_keys_are_made_when_none_are_given(pki: Pki) -> None:
    user = issue.make_user(pki.ma, "bob", now=NOW, email="bob@example.net")
    assert user.key.key_size == 2048
    assert user.certificate.email == "bob@example.net"


def test_credentials_have_the_form_that_clients_expect(pki: Pki) -> None:
    """FED 2.1 and checklist 94, 95: what Omni and geni-lib look for in the text."""
    text = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    assert text.startswith("<?xml")
    for word in ("signed-credential", "owner_gid", "target_gid", "Signature", "target_urn"):
        assert word in text
    assert text.count("<type>privilege</type>") == 1
    root = safexml.parse(text)
    assert safexml.load("credential").errors(root) == []
    assert root.findtext("credential/expires", "").endswith("Z")
    assert root.find(".//{*}KeyValue") is None


def test_delegation_keeps_the_declarations_of_the_root(pki: Pki) -> None:
    """The parent's signature covers them (FED 4.5)."""
    alice, bob = pki.user("alice"), pki.user("bob")
    text = pki.slice_credential(alice, pki.slice("s1")).replace(
        "<signed-credential>",
        '<signed-credential xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:noNamespaceSchemaLocation="http://www.geni.net/resources/credential/2/x.xsd">',
    )
    given = Forgery(text).sign(pki.sa).text
    delegated = pki.delegated(given, alice, bob)
    assert "noNamespaceSchemaLocation" in delegated
    assert verify_credential(delegated, pki.trust(), NOW).owner.urn == bob.urn
