"""FED 4.4: transforms, canonicalization, weak digests and signatures, algorithm confusion."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gcf_am.trust import issue
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier
from tests.pki import NOW, Pki
from tests.security.credentials.conftest import Judge
from tests.security.credentials.forge import Forgery

DSIG = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def use(forgery: Forgery, element: str, algorithm: str) -> Forgery:
    forgery.one(f"//d:{element}").set("Algorithm", algorithm)
    return forgery


@pytest.mark.parametrize(
    "algorithm",
    [
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        f"{DSIG}base64",
        f"{INCLUSIVE}#WithComments",
        f"{EXCLUSIVE}WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "",
    ],
)
@pytest.mark.parametrize("element", ["Transform", "CanonicalizationMethod"])
def test_what_changes_the_meaning_of_a_signature(
    forgery: Forgery, rule: Judge, element: str, algorithm: str
) -> None:
    assert rule(use(forgery, element, algorithm).text) == "signature.algorithm"


def test_enveloped_signature_is_no_canonicalization(forgery: Forgery, rule: Judge) -> None:
    changed = use(forgery, "CanonicalizationMethod", f"{DSIG}enveloped-signature")
    assert rule(changed.text) == "signature.algorithm"


def test_one_or_two_transforms(genuine: str, rule: Judge) -> None:
    one = f'<Transform Algorithm="{DSIG}enveloped-signature"/>'
    assert one in genuine
    assert rule(genuine.replace(one, "")) == "signature.transform"
    assert rule(genuine.replace(one, one * 3)) == "signature.transform"
    assert rule(genuine.replace(one, "<Other/>")) == "signature.shape"


@pytest.mark.parametrize("element", ["CanonicalizationMethod", "SignatureMethod", "Transform"])
def test_no_method_has_parameters(genuine: str, rule: Judge, element: str) -> None:
    for parameter in ("InclusiveNamespaces", "HMACOutputLength", "XPath"):
        forgery = Forgery(genuine)
        method = forgery.one(f"//d:{element}")
        method.append(Forgery(f"<{parameter}>1</{parameter}>").root)
        assert rule(forgery.text) == "signature.algorithm"


def test_the_canonicalizations_in_the_field(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    # R098; libabac writes exclusive ones
    use(forgery, "CanonicalizationMethod", EXCLUSIVE)
    assert rule(forgery.sign(pki.sa).text) == "accepted"
    use(forgery, "Transform", EXCLUSIVE)
    assert rule(forgery.sign(pki.sa).text) == "accepted"


@pytest.mark.parametrize(
    ("element", "algorithm"),
    [
        ("SignatureMethod", f"{MORE}rsa-md5"),
        ("SignatureMethod", f"{MORE}rsa-ripemd160"),
        ("SignatureMethod", f"{DSIG}dsa-sha1"),
        ("SignatureMethod", f"{DSIG}hmac-sha1"),
        ("SignatureMethod", f"{MORE}hmac-sha256"),
        ("SignatureMethod", f"{MORE}ecdsa-sha1"),
        ("SignatureMethod", "rsa-sha256"),
        ("DigestMethod", f"{MORE}md5"),
        ("DigestMethod", f"{ENC}ripemd160"),
        ("DigestMethod", ""),
    ],
)
def test_methods_that_do_not_exist_here(
    forgery: Forgery, rule: Judge, element: str, algorithm: str
) -> None:
    assert rule(use(forgery, element, algorithm).text) == "signature.algorithm"


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (f"{MORE}rsa-sha256", f"{ENC}sha256"),
        (f"{MORE}rsa-sha384", f"{MORE}sha384"),
        (f"{MORE}rsa-sha512", f"{ENC}sha512"),
    ],
)
def test_the_strong_methods(
    pki: Pki, forgery: Forgery, rule: Judge, method: str, digest: str
) -> None:
    use(forgery, "SignatureMethod", method)
    use(forgery, "DigestMethod", digest)
    assert rule(forgery.sign(pki.sa).text) == "accepted"


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (f"{DSIG}rsa-sha1", f"{DSIG}sha1"),
        (f"{MORE}rsa-sha256", f"{DSIG}sha1"),
        (f"{DSIG}rsa-sha1", f"{ENC}sha256"),
    ],
)
def test_sha1_only_below_roots_configured_so(
    pki: Pki, forgery: Forgery, rule: Judge, tmp_path: Path, method: str, digest: str
) -> None:  # R098
    use(forgery, "SignatureMethod", method)
    use(forgery, "DigestMethod", digest)
    text = forgery.sign(pki.sa).text
    assert rule(text) == "signature.sha1"
    other = Pki("other.example")
    store = TrustStore(pki.write_roots(tmp_path / "both", other), ["gcf.local.pem"])
    assert Verifier(store).credential(text, NOW).owner.urn.name == "alice"
    # the switch is the other root's: it opens nothing here
    store = TrustStore(pki.write_roots(tmp_path / "both", other), ["other.example.pem"])
    with pytest.raises(Refusal, match="SHA-1"):
        Verifier(store).credential(text, NOW)


def test_the_method_must_fit_the_signers_key(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    use(forgery, "SignatureMethod", f"{MORE}ecdsa-sha256")
    assert rule(forgery.text) == "signature.algorithm"
    curve = ec.generate_private_key(ec.SECP256R1())
    certificate = issue.certify(
        pki.sa.urn,
        curve.public_key(),
        signer=pki.root,
        now=NOW,
        until=NOW + issue.USER_LIFE,
        path_length=0,
    )
    forgery.certificates(certificate)
    assert rule(forgery.text) == "signature.invalid"
    use(forgery, "SignatureMethod", f"{MORE}rsa-sha256")
    assert rule(forgery.text) == "signature.algorithm"


def test_an_authority_with_a_short_key(pki: Pki, forgery: Forgery, rule: Judge) -> None:
    weak = issue.new_key(1024)
    authority = issue.make_authority(pki.root, "sa", now=NOW, key=weak)
    assert rule(forgery.sign(Identity(weak, authority.chain)).text) == "certificate.weak_key"
