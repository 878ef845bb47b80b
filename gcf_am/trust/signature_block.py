"""A `Signature` element of a credential: its exact shape, and what it says about itself.

Source: XML-Signature Syntax and Processing; FED 4.4 (references, transforms, algorithms, keys).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gcf_am.trust.certificates import MOST_CERTIFICATES, decode_base64
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.signatures import CANONICALIZATIONS, DIGESTS, DSIG, SIGNATURES, TRANSFORMS
from gcf_am.trust.tree import children, content, only_attributes

_SEGMENT: Final = re.compile(r"#[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, eq=False)
class SignatureBlock:
    """One signature: over which id, by which methods, with which certificates beside it.

    `keys` are RSA keys (modulus, exponent) that stand in KeyValue elements: they are never used,
    but must be the signer's.
    """

    element: etree._Element
    over: str
    method: str
    digest: str
    certificates: tuple[bytes, ...]
    keys: tuple[tuple[int, int], ...]

    @property
    def sha1(self) -> bool:
        """Whether SHA-1 has any part in it."""
        return SIGNATURES[self.method].sha1 or DIGESTS[self.digest].sha1

    @classmethod
    def read(cls, element: etree._Element) -> "SignatureBlock":
        """Read a signature; raises Refusal when it has another shape than credentials have."""
        only_attributes(element, "id", "Id")
        info, value, key_info = children(element, "SignedInfo", "SignatureValue", "KeyInfo")
        content(value)
        only_attributes(info)
        canonical, method, reference = children(
            info, "CanonicalizationMethod", "SignatureMethod", "Reference"
        )
        _algorithm(canonical, CANONICALIZATIONS)
        only_attributes(reference, "URI")
        transforms, digest, digest_value = children(
            reference, "Transforms", "DigestMethod", "DigestValue"
        )
        content(digest_value)
        only_attributes(transforms)
        if not 1 <= len(transforms) <= 2:
            raise Refusal("signature.transform", "a signature needs one or two transforms")
        for transform in transforms:
            _named(transform, "Transform")
            _algorithm(transform, TRANSFORMS)
        uri = reference.get("URI", "")
        if _SEGMENT.fullmatch(uri) is None:
            raise Refusal("signature.reference", "a signature refers to no element by its id")
        certificates, keys = _key_info(key_info)
        return cls(
            element=element,
            over=uri[1:],
            method=_algorithm(method, SIGNATURES),
            digest=_algorithm(digest, DIGESTS),
            certificates=certificates,
            keys=keys,
        )


def _key_info(element: etree._Element) -> tuple[tuple[bytes, ...], tuple[tuple[int, int], ...]]:
    only_attributes(element)
    certificates: dict[bytes, None] = {}
    keys: list[tuple[int, int]] = []
    for child in element:
        match child.tag.removeprefix(f"{{{DSIG}}}"):
            case "X509Data":
                for entry in child.iterchildren(f"{{{DSIG}}}X509Certificate"):
                    if text := content(entry):
                        certificates[decode_base64(text)] = None
            case "KeyValue" if len(child):
                keys.append(_rsa_key(child))
            case "KeyValue" | "KeyName":
                pass  # a template's empty remains; a name that nobody looks up
            case _:
                raise Refusal("signature.key_info", "a signature's KeyInfo holds something odd")
    if not 1 <= len(certificates) <= MOST_CERTIFICATES:
        raise Refusal(
            "signature.certificates",
            f"a signature must come with 1 to {MOST_CERTIFICATES} certificates",
        )
    return tuple(certificates), tuple(keys)


def _rsa_key(key_value: etree._Element) -> tuple[int, int]:
    try:
        (pair,) = key_value
        _named(pair, "RSAKeyValue")
        modulus, exponent = children(pair, "Modulus", "Exponent")
        numbers = [int.from_bytes(decode_base64(content(one))) for one in (modulus, exponent)]
    except (Refusal, ValueError) as error:
        raise Refusal("signature.key_value", "a signature's KeyValue is no RSA key") from error
    return numbers[0], numbers[1]


def _algorithm(element: etree._Element, known: Collection[str]) -> str:
    """The algorithm's name; parameters (InclusiveNamespaces, HMACOutputLength) are refused."""
    only_attributes(element, "Algorithm")
    name = element.get("Algorithm", "")
    if len(element) or name not in known:
        raise Refusal(
            "signature.algorithm", f"a signature uses {name[:80]!r}, which is not accepted"
        )
    return name


def _named(element: etree._Element, name: str) -> None:
    if element.tag != f"{{{DSIG}}}{name}":
        raise Refusal("signature.shape", f"a signature holds no {name} where one belongs")
