"""A home put together into what the HTTPS server serves."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.federation import Federation
from gcf_am.clearinghouse.handlers import MA, SA, SR
from gcf_am.clearinghouse.methods import answer
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.revoking import Refresher
from gcf_am.clearinghouse.service import Service
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.clearinghouse.turn import Desk
from gcf_am.clock import Clock, SystemClock
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.verifier import Verifier
from gcf_am.xmlrpc.server import Application, Route, TlsMaterial

# FED 2.8: the paths that clients and their configurations know the services by
_PATHS: Final = {"SR": ("/CH", "/SR", "/reg/2"), "SA": ("/SA", "/sa/2"), "MA": ("/MA", "/ma/2")}
_LOOK_SECONDS: Final = 1.0


def make_application(home: Path, url: str = "", *, clock: Clock | None = None) -> Application:
    """The clearinghouse of a home that `create` has made; raises ConfigError.

    `url` is where it answers, unless the settings say. A client certificate is optional in TLS
    (decision 30): what is for everybody needs none, the rest says so in the answer. Whose
    certificates count follows trusted_roots/ while the server runs.
    """
    places = Places(home)
    server = places.authority("tls")
    desk = make_desk(home, url, clock=clock)
    routes = {"/": Route(partial(answer, Service(desk)), needs_certificate=False)}
    for handlers in (SR, SA, MA):
        route = Route(Federation(handlers, desk).answer, needs_certificate=False)
        routes |= dict.fromkeys(_PATHS[handlers.authority.name], route)
    refresher = Refresher(home, desk.register, desk.clock)
    refresher.start()

    def close() -> None:
        refresher.stop()
        desk.register.close()

    return Application(
        routes, _material(server.chain_pem, server.key_pem, desk.verifier.trust), close
    )


def make_desk(home: Path, url: str = "", *, clock: Clock | None = None) -> Desk:
    """What it works with, without the server."""
    places = Places(home)
    settings = read_settings(places.settings)
    root, sa, ma = places.root(), places.authority("sa"), places.authority("ma")
    return Desk(
        register=Register(places.database),
        authority=Authority(sa, ma, *settings.lives),
        verifier=Verifier(TrustStore(places.trusted, look_every=_LOOK_SECONDS)),
        roots=(root.pem, sa.certificate.pem, ma.certificate.pem),
        clock=clock or SystemClock(),
        url=settings.url or url,
        projects=settings.projects,
    )


def _material(certificate: str, key: str, trust: TrustStore) -> Callable[[], TlsMaterial]:
    """The TLS material with the roots of the moment."""

    def material() -> TlsMaterial:
        roots = tuple(root.certificate.der for root in trust.current().roots)
        return TlsMaterial(certificate.encode("ascii"), key.encode("ascii"), roots)

    return material
