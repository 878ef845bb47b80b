"""What is wrong with TLS and HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from OpenSSL import SSL

from gcf_am.xmlrpc.server import Application, Route, tls
from tests.sabotage.board import Misbehaviour, Replaced

_make_context: Final = tls.make_context
_route: Final = Application.route
_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED


def _old_tls(material: tls.TlsMaterial) -> SSL.Context:
    context = _make_context(material)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    return context


def believing(*errors: int) -> Any:
    """A context that does not mind these errors of a client's chain, or without any: none."""

    def make(material: tls.TlsMaterial) -> SSL.Context:
        context = _make_context(material)
        context.set_verify(
            SSL.VERIFY_PEER,
            lambda _c, _x, error, _d, ok: bool(ok) or not errors or error in errors,
        )
        return context

    return make


def _no_intermediate(material: tls.TlsMaterial) -> SSL.Context:
    context = _make_context(material)
    # none between a client's certificate and a trusted one
    context.set_verify_depth(0)
    return context


def _for_anybody(application: Application, path: str) -> Route | None:
    found = _route(application, path)
    return None if found is None else replace(found, needs_certificate=False)


ROWS: Final = (
    Misbehaviour(
        "tls-old",
        "TLS 1.0 and 1.1 are spoken, too.",
        ("tls.no-tls-1-0", "tls.no-tls-1-1"),
        replaced=(Replaced(tls, "make_context", _old_tls),),
    ),
    Misbehaviour(
        "no-certificate-needed",
        "Calls need no client certificate.",
        ("tls.no-certificate",),
        replaced=(Replaced(Application, "route", _for_anybody),),
    ),
    Misbehaviour(
        "any-certificate",
        "Any client certificate will do.",
        ("tls.foreign-root", "tls.self-signed"),
        replaced=(Replaced(tls, "make_context", believing()),),
    ),
    Misbehaviour(
        "expired-client",
        "A client certificate may have expired.",
        ("tls.expired-certificate",),
        replaced=(Replaced(tls, "make_context", believing(_EXPIRED)),),
    ),
    Misbehaviour(
        "no-intermediate",
        "A client certificate must come from a root itself.",
        ("certificate.intermediate-accepted",),
        replaced=(Replaced(tls, "make_context", _no_intermediate),),
    ),
)
