"""Certificates of members: made for keys they proved to hold, recorded, revoked.

Source: FED 3.3, 3.6 and 1.7 (create_certificate, get_crl).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select
from sqlalchemy.orm import Session

from gcf_am.clearinghouse.handlers import MA, urn
from gcf_am.clearinghouse.members import chain_of, find_member, known_member, put_member
from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.slices import geni_sfa
from gcf_am.clearinghouse.tables import CertificateRow
from gcf_am.clearinghouse.turn import Turn
from gcf_am.errors import BadArgs, Forbidden
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Operation
from gcf_am.trust.certificates import Certificate, key_name, write_chain
from gcf_am.trust.revocation_list import Withdrawn, make_list
from gcf_am.urn import Urn

_SHORTEST: Final = 2048
_LONGEST: Final = 8192
_EXPONENT: Final = 65537
_LARGEST_REQUEST: Final = 16 * 1024


@MA.serves("get_credentials")
def get_credentials(turn: Turn, asked: Asked, operation: Operation) -> list[dict[str, str]]:
    """A member's credential over themselves.

    It is for the member's registered certificate, whoever asks: an operator who asks for bob's
    gets what only bob can use.
    """
    about = urn(asked.about)
    row = find_member(turn.session, about)
    turn.permit(operation, about.text, turn.towards(row.id) if row else ())
    row = known_member(turn, about)
    return [geni_sfa(turn.desk.authority.user_credential(chain_of(row)))]


@MA.serves("create_certificate")
def create_certificate(turn: Turn, asked: Asked, operation: Operation) -> str:
    """A new certificate for the caller; from now on it is the registered one."""
    about = urn(asked.about)
    row = find_member(turn.session, about)
    turn.permit(operation, about.text, turn.towards(row.id) if row else ())
    if turn.actor.tool is not None:
        # who speaks for a user must not become that user
        raise Forbidden(f"{about} asks for a certificate in person, not through a tool")
    member = known_member(turn, about)
    key = requested_key(asked.csr)
    check_unused(turn.session, key, about)
    chain = turn.desk.authority.user_certificate(
        member.name, key, turn.now, uuid=member.uuid, email=member.email
    )
    put_member(turn.session, chain, now=turn.now)
    issued(turn.session, chain[0], "ma")
    turn.record("create_certificate", member.urn)
    return write_chain(chain)


@MA.serves("get_crl")
def get_crl(turn: Turn, asked: Asked, operation: Operation) -> str:
    """The member authority's revocation list, made now."""
    del asked
    turn.permit(operation, "revocation lists")
    signer = turn.desk.authority.ma
    return make_list(signer, withdrawn(turn.session, "ma", turn.now), now=turn.now)


def requested_key(text: str) -> rsa.RSAPublicKey:
    """The key of a request (PEM), which its holder signed; all else in it is ignored.

    Raises BadArgs unless the signature proves that the holder has the key, and the key is as
    certificates of ours have them (FED 3.3).
    """
    try:
        if len(text) > _LARGEST_REQUEST:
            raise ValueError("it is too long")
        request = x509.load_pem_x509_csr(text.encode("ascii"))
        signed = request.is_signature_valid
        key = request.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadArgs("the certificate request cannot be read; PEM is expected") from None
    if not signed:
        raise BadArgs("the certificate request is not signed with the key that it names")
    if not isinstance(key, rsa.RSAPublicKey) or key.public_numbers().e != _EXPONENT:
        raise BadArgs(f"the key of the request must be RSA with the exponent {_EXPONENT}")
    if not _SHORTEST <= key.key_size <= _LONGEST:
        raise BadArgs(f"an RSA key needs {_SHORTEST} to {_LONGEST} bits, not {key.key_size}")
    return key


def check_unused(session: Session, key: rsa.RSAPublicKey, owner: Urn) -> None:
    """Raise BadArgs for a key that is, or was, anybody else's, or that was revoked."""
    rows = session.scalars(select(CertificateRow).where(CertificateRow.key == key_name(key)))
    for row in rows:
        if row.urn_key != key_of(owner):
            raise BadArgs("this key is somebody else's; make one of your own")
        if row.revoked is not None:
            raise BadArgs("this key was revoked; make another")


def issued(session: Session, one: Certificate, issuer: str) -> CertificateRow:
    """Remember a certificate of ours; twice does no harm."""
    serial = str(one.parsed.serial_number)
    known = select(CertificateRow).where(
        CertificateRow.issuer == issuer, CertificateRow.serial == serial
    )
    row = session.scalar(known)
    if row is None:
        row = CertificateRow(
            issuer=issuer,
            serial=serial,
            urn=one.named.text,
            urn_key=key_of(one.named),
            key=one.key,
            not_after=one.not_after,
        )
        session.add(row)
        session.flush()
    return row


def revoke(rows: Iterable[CertificateRow], now: datetime, reason: str) -> int:
    """Revoke certificates; returns how many were not revoked before."""
    count = 0
    for row in rows:
        if row.revoked is None:
            row.revoked, row.reason = now, reason
            count += 1
    return count


def issued_to(session: Session, owner: Urn) -> list[CertificateRow]:
    """Every certificate that was ever issued to somebody."""
    mine = select(CertificateRow).where(CertificateRow.urn_key == key_of(owner))
    return list(session.scalars(mine.order_by(CertificateRow.id)))


def withdrawn(session: Session, issuer: str, now: datetime) -> list[Withdrawn]:
    """What an issuer's list has to name: what was revoked and has not ended by itself."""
    rows = session.scalars(
        select(CertificateRow)
        .where(
            CertificateRow.issuer == issuer,
            CertificateRow.revoked.is_not(None),
            CertificateRow.not_after > now,
        )
        .order_by(CertificateRow.id)
    )
    return [Withdrawn(int(row.serial), row.revoked or now, row.reason) for row in rows]
