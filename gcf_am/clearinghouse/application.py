"""A home put together into what the HTTPS server serves."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.methods import answer
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.service import Service
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.clock import Clock, SystemClock
from gcf_am.trust.roots import Root, TrustSet
from gcf_am.xmlrpc.server import Application, Route, TlsMaterial


def make_application(home: Path, *, clock: Clock | None = None) -> Application:
    """The clearinghouse of a home that `create` has made; raises ConfigError.

    A client certificate is optional in TLS (decision 30): GetVersion, ListAggregates and
    get_trust_roots are for everybody, the others answer a fault to a peer without one.
    """
    places = Places(home)
    server = places.authority("tls")
    material = TlsMaterial(
        certificate=server.chain_pem.encode("ascii"),
        key=server.key_pem.encode("ascii"),
        roots=(places.root().der,),
    )
    service = make_service(home, clock=clock)
    route = Route(partial(answer, service), needs_certificate=False)
    return Application({"/": route}, lambda: material, service.register.close)


def make_service(home: Path, *, clock: Clock | None = None) -> Service:
    """The same without the server."""
    places = Places(home)
    settings = read_settings(places.settings)
    root, sa, ma = places.root(), places.authority("sa"), places.authority("ma")
    return Service(
        register=Register(places.database),
        authority=Authority(
            sa, ma, timedelta(days=settings.slice_days), timedelta(days=settings.slice_most_days)
        ),
        trust=TrustSet((Root(root, "ch-cert.pem"),)),
        roots=(root.pem, sa.certificate.pem, ma.certificate.pem),
        clock=clock or SystemClock(),
    )
