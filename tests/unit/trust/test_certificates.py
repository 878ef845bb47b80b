from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gcf_am.trust.certificates import Certificate, load_chain, write_chain
from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, Pki, key

pki = Pki()
alice = pki.user("alice")


SigningKey = RSAPrivateKey | ed25519.Ed25519PrivateKey


def certificate(*names: x509.GeneralName, signing_key: SigningKey | None = None) -> bytes:
    """A certificate with exactly these subjectAltNames, as DER."""
    signing_key = signing_key or key("gcf.local", 1)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signing_key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    digest = None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(signing_key, digest).public_bytes(Encoding.DER)


def uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


def refused(rule: str, *data: bytes) -> None:
    for each in data:
        with pytest.raises(Refusal) as error:
            Certificate.read(each)
        assert error.value.rule == rule


@pytest.mark.parametrize("which", ["issuer", "subject"])
def test_a_name_that_is_no_text_is_found_at_once(which: str) -> None:
    """The library reads names when they are asked for: then nobody expects an error."""
    der = alice.certificate.der
    name = {"issuer": b"gcf.local.authority.ma", "subject": b"gcf.local.user.alice"}[which]
    assert der.count(name) == 1
    refused("certificate.form", der.replace(name, b"\xff" * len(name)))


def test_the_names_are_read_from_the_subject_alternative_name() -> None:
    leaf = alice.certificate
    assert str(leaf.urn) == "urn:publicid:IDN+gcf.local+user+alice"
    assert leaf.uuid is not None
    assert leaf.identity == leaf.uuid
    assert leaf.email == "alice@gcf.local"
    assert not leaf.authority
    assert pki.sa.certificate.authority


def test_pem_der_bare_base64_and_text_between_read_alike() -> None:
    leaf = alice.certificate
    bare = "".join(leaf.pem.splitlines()[1:-1])
    between = f"subject=/CN=x\r\n{leaf.pem}\nsome words\n".replace("\n", "\r\n")
    for form in (leaf.pem, leaf.pem.encode(), leaf.der, bare, between, f"\n  {bare}\n"):
        assert load_chain(form) == (leaf,)


def test_a_chain_keeps_its_order() -> None:
    assert load_chain(write_chain(alice.chain)) == alice.chain == (alice.certificate, *pki.ma.chain)


def test_v2_era_certificates_lack_uuid_and_email() -> None:  # R064
    leaf = Certificate.read(certificate(uri("urn:publicid:IDN+gcf.local+user+old")))
    assert (leaf.uuid, leaf.email) == (None, None)
    assert leaf.identity == f"key:{leaf.key[:60]}"
    assert len(leaf.identity) == 64


def test_a_certificate_without_a_urn_names_nobody() -> None:
    leaf = Certificate.read(certificate())
    assert leaf.urn is None
    with pytest.raises(Refusal) as error:
        _ = leaf.named
    assert error.value.rule == "certificate.urn"


def test_two_urns_are_no_identity() -> None:
    two = certificate(
        uri("urn:publicid:IDN+gcf.local+user+alice"), uri("URN:publicid:IDN+gcf.local+user+bob")
    )
    refused("certificate.urn", two)


def test_a_second_name_inside_an_email_address_or_uri_is_no_name() -> None:
    odd = "mallory, URI:urn:publicid:IDN+gcf.local+user+alice"
    leaf = Certificate.read(
        certificate(
            x509.RFC822Name(f"{odd}@x"),
            uri(f"http://x/{odd}"),
            uri("urn:publicid:IDN+gcf.local+user+mallory"),
        )
    )
    assert leaf.named.name == "mallory"


@pytest.mark.parametrize(
    "name",
    [
        "urn:publicid:IDN+gcf.local+user",
        "urn:publicid:IDN++user+alice",
        "urn:publicid:IDN+gcf.local+user+alice ",
        "urn:publicid:IDN+gcf.local+user+al\nice",
        "urn:publicid:IDN+gcf.local+user+al?ice",
    ],
)
def test_malformed_urns_are_refused(name: str) -> None:
    refused("certificate.urn", certificate(uri(name)))


def test_several_or_odd_uuids_are_none() -> None:
    urn = uri("urn:publicid:IDN+gcf.local+slice+s1")
    one, other = (uri(f"urn:uuid:6f7c1a5e-0000-4000-8000-00000000000{n}") for n in (1, 2))
    assert Certificate.read(certificate(urn, one)).uuid == "6f7c1a5e-0000-4000-8000-000000000001"
    assert Certificate.read(certificate(urn, one, other)).uuid is None
    assert Certificate.read(certificate(urn, uri("urn:uuid:zz"))).uuid is None


def test_what_is_no_certificate_is_refused() -> None:
    der = alice.certificate.der
    refused("certificate.form", b"", b"0", der[:-1], der + b"\0", b"\x30\x03\x02\x01\x05")
    refused("certificate.size", der + bytes(20_000))
    for text in ("", "  ", "-----BEGIN CERTIFICATE-----", "nonsense!", "AAAA"):
        with pytest.raises(Refusal) as error:
            load_chain(text)
        assert error.value.rule == "certificate.form"


def test_keys_that_signatures_cannot_use_are_refused() -> None:
    refused("certificate.key", certificate(signing_key=ed25519.Ed25519PrivateKey.generate()))


def test_a_chain_has_at_most_ten_certificates() -> None:
    with pytest.raises(Refusal) as error:
        load_chain(alice.certificate.pem * 11)
    assert error.value.rule == "chain.length"
