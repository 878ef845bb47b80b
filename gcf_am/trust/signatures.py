"""XML signatures: the only place that knows the xmlsec library.

The library is handed one key and one element. KeyInfo is not read by it, and no id but that of
the element is known to it, so that what it calls signed is the element that the caller holds.
Source: XML-Signature Syntax and Processing; decision 29; FED 4.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import xmlsec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from lxml import etree
from xmlsec import constants

from gcf_am.trust.certificates import PublicKey
from gcf_am.trust.refusal import Refusal

XML: Final = "http://www.w3.org/XML/1998/namespace"
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_ENC: Final = "http://www.w3.org/2001/04/xmlenc#"

C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED: Final = f"{DSIG}enveloped-signature"
RSA_SHA256: Final = f"{_MORE}rsa-sha256"
SHA256: Final = f"{_ENC}sha256"


@dataclass(frozen=True, slots=True)
class Method:
    """A signature or digest method: the library's name for it, and whether it is SHA-1."""

    transform: Any
    sha1: bool = False
    keys: type[PublicKey] = rsa.RSAPublicKey


# FED 4.4: what is not listed here does not exist: no MD5, no HMAC, no DSA, no XPath, no XSLT
CANONICALIZATIONS: Final[Mapping[str, Any]] = {
    C14N: constants.TransformInclC14N,
    "http://www.w3.org/2001/10/xml-exc-c14n#": constants.TransformExclC14N,
}
TRANSFORMS: Final[Mapping[str, Any]] = {
    ENVELOPED: constants.TransformEnveloped,
    **CANONICALIZATIONS,
}
SIGNATURES: Final[Mapping[str, Method]] = {
    f"{DSIG}rsa-sha1": Method(constants.TransformRsaSha1, sha1=True),
    RSA_SHA256: Method(constants.TransformRsaSha256),
    f"{_MORE}rsa-sha384": Method(constants.TransformRsaSha384),
    f"{_MORE}rsa-sha512": Method(constants.TransformRsaSha512),
    f"{_MORE}ecdsa-sha256": Method(constants.TransformEcdsaSha256, keys=ec.EllipticCurvePublicKey),
    f"{_MORE}ecdsa-sha384": Method(constants.TransformEcdsaSha384, keys=ec.EllipticCurvePublicKey),
}
DIGESTS: Final[Mapping[str, Method]] = {
    f"{DSIG}sha1": Method(constants.TransformSha1, sha1=True),
    SHA256: Method(constants.TransformSha256),
    f"{_MORE}sha384": Method(constants.TransformSha384),
    f"{_ENC}sha512": Method(constants.TransformSha512),
}


def verify(signature: etree._Element, signed: etree._Element, key: PublicKey) -> None:
    """Raise Refusal unless `key` made the signature over the element `signed`.

    The caller has checked that the signature has one Reference, to the element's `xml:id`, and
    names only methods of the tables above.
    """
    context = _context(signed)
    try:
        context.key = xmlsec.Key.from_memory(
            key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            constants.KeyDataFormatPem,
        )
        context.verify(signature)
    except xmlsec.Error as error:
        raise Refusal(
            "signature.invalid", "the signature is not the signer's, or what it signed was changed"
        ) from error


def sign(signature: etree._Element, signed: etree._Element, key: rsa.RSAPrivateKey) -> None:
    """Fill in a signature whose Reference names the `xml:id` of the element `signed`."""
    context = _context(signed)
    context.key = xmlsec.Key.from_memory(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        constants.KeyDataFormatPem,
    )
    context.sign(signature)


def _context(signed: etree._Element) -> xmlsec.SignatureContext:
    context = xmlsec.SignatureContext()
    context.set_enabled_key_data([])  # KeyInfo is never a source of keys
    for transform in (*TRANSFORMS.values(), *(each.transform for each in DIGESTS.values())):
        context.enable_reference_transform(transform)
    for transform in (
        *CANONICALIZATIONS.values(),
        *(each.transform for each in SIGNATURES.values()),
    ):
        context.enable_signature_transform(transform)
    # safexml collects no ids: this one is the only one there is
    context.register_id(signed, "id", XML)
    return context
