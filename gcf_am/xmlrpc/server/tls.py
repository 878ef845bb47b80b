"""TLS: our certificate, whom we trust, and the chain that was verified."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from OpenSSL import SSL, crypto
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer  # type: ignore[import-untyped]

_log: Final = logging.getLogger(__name__)
_DEPTH: Final = 8
# X509_STORE_CTX_get_error(3SSL)
_REASONS: Final = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed and not trusted",
    19: "its root is not trusted",
    20: "its issuer is not known",
    24: "its issuer is no authority",
    79: "its issuer is no authority",
}


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What a TLS server needs.

    `certificate` is PEM, the server's own first and then its chain; `key` is its private key in
    PEM without a passphrase; `roots` are the trusted certificates in DER.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    roots: tuple[bytes, ...] = field(repr=False)


def make_context(material: TlsMaterial) -> SSL.Context:
    """A context for the server side: TLS 1.2 or 1.3, client certificate optional.

    A client certificate that is shown must chain to a root and be in its time, else the
    handshake fails. Raises ValueError or OpenSSL's error when certificate and key are no pair.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET | SSL.OP_NO_RENEGOTIATION)
    # A resumed session would carry a chain that was verified against older roots, or none.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    leaf, *chain = x509.load_pem_x509_certificates(material.certificate)
    context.use_certificate(leaf)
    for issuer in chain:
        context.add_extra_chain_cert(issuer)
    key = load_pem_private_key(material.key, None)
    context.use_privatekey(key)  # type: ignore[arg-type]  # a key for signing, or it is refused
    context.check_privatekey()
    store = context.get_cert_store()
    assert store is not None
    # A pinned intermediate is an anchor as it stands, its own root need not be there.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    for root in dict.fromkeys(material.roots):
        store.add_cert(crypto.X509.from_cryptography(x509.load_der_x509_certificate(root)))
    context.set_verify_depth(_DEPTH)
    context.set_verify(SSL.VERIFY_PEER, _verified)
    return context


def _verified(
    _connection: SSL.Connection, _shown: crypto.X509, error: int, depth: int, ok: int
) -> bool:
    # It reads nothing of what a stranger sent: an exception here would be lost in OpenSSL.
    if not ok:
        why = _REASONS.get(error, f"OpenSSL's error {error}")
        _log.info("a client's certificate chain is refused at place %d: %s", depth, why)
    return bool(ok)


@implementer(IOpenSSLServerConnectionCreator)
class Contexts:
    """A context for each version of the material; what connects anew meets the newest."""

    def __init__(self, material: Callable[[], TlsMaterial]) -> None:
        self._material = material
        self._made_of: TlsMaterial | None = None
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)

    def refresh(self) -> SSL.Context:
        """The context for the material of the moment."""
        material = self._material()
        if material is not self._made_of and material != self._made_of:
            self._context = make_context(material)
            self._made_of = material
        return self._context

    def serverConnectionForTLS(  # noqa: N802  (the interface's name)
        self, protocol: TLSMemoryBIOProtocol
    ) -> SSL.Connection:
        """What Twisted asks for when somebody connects."""
        del protocol
        try:
            context = self.refresh()
        except Exception:  # noqa: BLE001  (whatever is wrong with new files)
            # What was good before stays in use: a half-written file must not stop the server.
            _log.exception("new TLS material cannot be used; the former stays in use")
            context = self._context
        return SSL.Connection(context, None)


def chain_of(connection: SSL.Connection) -> tuple[bytes, ...]:
    """The peer's verified chain in DER, leaf first; empty when it showed no certificate."""
    chain = connection.get_verified_chain(as_cryptography=True) or []
    return tuple(one.public_bytes(Encoding.DER) for one in chain)
