"""XML signatures over credentials: the kit's only use of the xmlsec library.

Source: XML-Signature Syntax and Processing; GENI credentials.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from xmlsec import constants

from gcf_am.conformance.forging.identity import Identity, PrivateKey

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
XML_ID: Final = f"{{{_XML}}}id"
_DEFAULT: Final[Any] = {None: DSIG}  # lxml's None for the default namespace


@dataclass(frozen=True, slots=True)
class Method:
    """How a signature is made: algorithm names as they stand in it; `signature` is for RSA.

    `key_value`: the bare key stands beside it, too, which nobody should take it from.
    """

    signature: str = f"{_MORE}rsa-sha256"
    digest: str = "http://www.w3.org/2001/04/xmlenc#sha256"
    canonical: str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    key_value: bool = False


SHA256: Final = Method()
SHA1: Final = Method(signature=f"{DSIG}rsa-sha1", digest=f"{DSIG}sha1")
EXCLUSIVE: Final = Method(canonical="http://www.w3.org/2001/10/xml-exc-c14n#")
KEY_BESIDE: Final = Method(key_value=True)


def parse(text: str) -> etree._Element:
    """The tree of an XML text; raises etree.XMLSyntaxError. Nothing outside it is ever read."""
    # ids are not collected: a forgery may use one twice
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, collect_ids=False
    )
    # the kit can be split off: it has a parser of its own
    return etree.fromstring(text.encode(), parser)  # noqa: TID251


def write(root: etree._Element) -> str:
    """The document as text, with the declaration that Omni looks for."""
    return '<?xml version="1.0"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def sign(text: str, signer: Identity, method: Method = SHA256) -> str:
    """The document with a signature over its outermost credential.

    It stands after the signatures that are there, with the signer's certificates beside it.
    """
    root = parse(text)
    credential, signatures = root
    ident = credential.get(XML_ID, "")
    signatures.append(_template(ident, signer, method))
    # read again, so that what is signed is what a reader of the text will see
    root = parse(etree.tostring(root, encoding="unicode"))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.key_pem, constants.KeyDataFormatPem)
    context.register_id(root[0], "id", _XML)
    context.sign(root[1][-1])
    return write(root)


def signers(text: str) -> tuple[x509.Certificate, ...]:
    """The certificates beside the last signature of a document, in its order."""
    (*_, last) = parse(text).iter(f"{{{DSIG}}}Signature")
    return tuple(
        x509.load_der_x509_certificate(base64.b64decode(one.text or ""))
        for one in last.iter(f"{{{DSIG}}}X509Certificate")
    )


def _template(ident: str, signer: Identity, method: Method) -> etree._Element:
    ecdsa = isinstance(signer.key, ec.EllipticCurvePrivateKey)
    signature = _dsig(
        "Signature",
        _dsig(
            "SignedInfo",
            _dsig("CanonicalizationMethod", Algorithm=method.canonical),
            _dsig(
                "SignatureMethod",
                Algorithm=method.signature.replace("rsa", "ecdsa") if ecdsa else method.signature,
            ),
            _dsig(
                "Reference",
                _dsig(
                    "Transforms",
                    _dsig("Transform", Algorithm=f"{DSIG}enveloped-signature"),
                    *(
                        [_dsig("Transform", Algorithm=method.canonical)]
                        if method is EXCLUSIVE
                        else []  # inclusive is what is done without one
                    ),
                ),
                _dsig("DigestMethod", Algorithm=method.digest),
                _dsig("DigestValue"),
                URI=f"#{ident}",
            ),
        ),
        _dsig("SignatureValue"),
        _dsig(
            "KeyInfo",
            *(_key_value(signer.key) if method.key_value else ()),
            _dsig("X509Data", *map(_certificate, signer.chain)),
        ),
    )
    signature.set(XML_ID, f"Sig_{ident}")
    return signature


def _key_value(key: PrivateKey) -> Iterator[etree._Element]:
    """The bare key, of RSA; that of another kind would be told otherwise, and is left out."""
    if not isinstance(key, rsa.RSAPrivateKey):
        return
    numbers = key.public_key().public_numbers()
    members = []
    for name, number in (("Modulus", numbers.n), ("Exponent", numbers.e)):
        member = _dsig(name)
        data = number.to_bytes((number.bit_length() + 7) // 8)
        member.text = base64.b64encode(data).decode("ascii")
        members.append(member)
    yield _dsig("KeyValue", _dsig("RSAKeyValue", *members))


def _certificate(certificate: x509.Certificate) -> etree._Element:
    element = _dsig("X509Certificate")
    pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
    element.text = "\n".join(pem.splitlines()[1:-1])
    return element


def _dsig(name: str, *children: etree._Element, **attributes: str) -> etree._Element:
    element = etree.Element(f"{{{DSIG}}}{name}", attributes, nsmap=_DEFAULT)
    element.extend(children)
    return element
