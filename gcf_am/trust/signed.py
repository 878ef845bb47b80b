"""Who signed an element of a credential, and whether that is so."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from gcf_am.errors import CREDENTIAL_SIGNER_UNTRUSTED
from gcf_am.trust.certificates import Certificate
from gcf_am.trust.chains import Chain, verify_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.signature_block import SignatureBlock
from gcf_am.trust.signatures import SIGNATURES, verify
from gcf_am.trust.trail import SILENT, Trail


def find_signer(
    block: SignatureBlock, trust: TrustSet, now: datetime, trail: Trail = SILENT
) -> Chain:
    """The chain of the one certificate beside the signature that issued none of the others there.

    FED 4.4: the order of the certificates says nothing. Raises Refusal.
    """
    certificates = [Certificate.read(der) for der in block.certificates]
    leaves = [
        one
        for one in certificates
        if not any(other.signed_by(one) for other in certificates if other != one)
    ]
    if len(leaves) != 1:
        raise Refusal(
            "signature.signer",
            "the certificates beside a signature are not those of one signer",
            CREDENTIAL_SIGNER_UNTRUSTED,
        )
    others = (one for one in certificates if one != leaves[0])
    return verify_chain((leaves[0], *others), trust, now, trail)


def check_methods(block: SignatureBlock, signer: Chain) -> None:
    """Raise Refusal when the signature is too weak for the root, or offers another key."""
    if block.sha1 and not signer.root.terms.sha1:
        raise Refusal("signature.sha1", f"SHA-1 signatures below {signer.root.urn} do not count")
    key = signer.leaf.public_key
    if not isinstance(key, SIGNATURES[block.method].keys):
        raise Refusal("signature.algorithm", "the signature's method is not for the signer's key")
    for modulus, exponent in block.keys:
        if not isinstance(key, rsa.RSAPublicKey) or (
            (modulus, exponent) != (key.public_numbers().n, key.public_numbers().e)
        ):
            raise Refusal(
                "signature.key_value",
                "the key written beside the signature is not the signer's",
                CREDENTIAL_SIGNER_UNTRUSTED,
            )


def check_signature(block: SignatureBlock, element: etree._Element, signer: Chain) -> None:
    """Raise Refusal unless the signer made the signature over this very element."""
    verify(block.element, element, signer.leaf.public_key)
