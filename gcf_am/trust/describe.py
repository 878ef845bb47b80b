"""What a credential says, for a person to read: nothing of it is verified here.

Neither keys nor signatures are told.
"""

from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from gcf_am.clock import format_time
from gcf_am.trust.abac_document import is_abac, read_abac
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.credential_document import Statement, read_document
from gcf_am.trust.credentials import digest_of
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.signature_block import SignatureBlock

Told = dict[str, Any]


def describe(text: str) -> Told:
    """What the text says of itself; raises Refusal where it has not the shape of a credential."""
    told: Told = {"sha256": digest_of(text)}
    if is_abac(text):
        word = read_abac(text)
        rule = f"{word.head}.{word.role} <- {word.tail}"
        return told | {
            "type": "abac",
            "statements": [{"says": rule, "expires": format_time(word.expires),
                            "signed by": _signature(word.signature)}],
        }  # fmt: skip
    return told | {"type": "privilege", "statements": [_statement(x) for x in read_document(text)]}


def describe_certificate(one: Certificate) -> Told:
    """What a certificate says of whom it names."""
    kind = "RSA" if isinstance(one.public_key, rsa.RSAPublicKey) else "ECDSA"
    return {
        "urn": str(one.urn),
        "uuid": one.uuid,
        "issuer": one.parsed.issuer.rfc4514_string(),
        "serial": f"{one.parsed.serial_number:x}",
        "sha256": one.fingerprint,
        "valid": f"{format_time(one.not_before)} to {format_time(one.not_after)}",
        "key": f"{kind} {one.public_key.key_size}, id {one.key_id}",
    }


def _statement(one: Statement) -> Told:
    return {
        "owner": _chain(one.owner_gid),
        "owner_urn": one.owner_urn,
        "target": _chain(one.target_gid),
        "target_urn": one.target_urn,
        "expires": format_time(one.expires),
        "privileges": [
            f"{each.name}{' (may be handed on)' if each.delegatable else ''}"
            for each in one.privileges
        ],
        "signed by": _signature(one.signature),
    }


def _signature(block: SignatureBlock) -> Told:
    methods = (block.method.rpartition("#")[2], block.digest.rpartition("#")[2])
    return {"method": " over ".join(methods), "certificates": _readable(block.certificates)}


def _chain(gid: str) -> list[Told]:
    try:
        return [describe_certificate(one) for one in load_chain(gid)]
    except Refusal as refusal:
        return [{"unreadable": refusal.message}]


def _readable(ders: Iterable[bytes]) -> list[Told]:
    told: list[Told] = []
    for der in ders:
        try:
            told.append(describe_certificate(Certificate.read(der)))
        except Refusal as refusal:
            told.append({"unreadable": refusal.message})
    return told
