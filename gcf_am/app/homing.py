"""Homing, put together from the configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from gcf_am.app.aggregate import make_aggregate
from gcf_am.app.homing_sources import (
    GENI,
    Directory,
    Gathering,
    Outgoing,
    lists_of,
    places_of,
)
from gcf_am.app.logs import write_logs
from gcf_am.app.material import Material, trust_of
from gcf_am.clearinghouse.home import keep_homing
from gcf_am.client.credential_file import read_credential
from gcf_am.clock import Clock, SystemClock
from gcf_am.config import Config
from gcf_am.homing.api.access import Access
from gcf_am.homing.api.application import Wsgi, make_wsgi
from gcf_am.homing.api.judging import Judge
from gcf_am.homing.api.resources import Desk
from gcf_am.homing.plans.database import open_database
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.plans.seats import read_licences
from gcf_am.homing.plans.vault import open_vault
from gcf_am.homing.reserve.controller import AggregateController
from gcf_am.homing.service.solver import Solvers
from gcf_am.homing.service.stages import Parts
from gcf_am.homing.service.worker import Workers
from gcf_am.homing.template.reading import read_template
from gcf_am.homing.terms import Template
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from gcf_am.xmlrpc.server import Application

_LOOK_SECONDS: Final = 1.0
_LAST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Homing:
    """The service: its WSGI application, for any server, and the workers behind it."""

    wsgi: Wsgi
    workers: Workers
    solvers: Solvers
    close_database: Callable[[], None]

    def start(self) -> None:
        """Begin to work on plans."""
        self.solvers.warm()
        self.workers.start()

    def close(self) -> None:
        """Stop, and let go of everything; plans at work are taken over by who comes next."""
        self.workers.stop(_LAST_SECONDS)
        self.solvers.close()
        self.close_database()


def own_credential(config: Config) -> str:
    """Homing's certificate and key, made where missing, and its credential; raises ConfigError."""
    settings = config.homing
    certificate, key = config.path(settings.certificate), config.path(settings.key)
    return keep_homing(config.home, certificate, key, hosts=(settings.host,))


def make_homing(
    config: Config, credential: str, trust: TrustStore, clock: Clock | None = None
) -> Homing:
    """Put the parts together; `credential` is Homing's own. Raises ConfigError."""
    clock = clock or SystemClock()
    settings = config.homing
    database = open_database(config.database_url)
    plans = Plans(database, open_vault(config.path("homing.key")), read_licences(settings.licences))
    verifier = Verifier(trust)
    outgoing = Outgoing(config.path(settings.certificate), config.path(settings.key), trust)
    directory = Directory(config)
    own = (read_credential(credential),) if credential else ()
    aggregate = make_aggregate(config)
    # what is wrong with these is told at the start
    lists_of(config)
    places_of(config)
    solvers = Solvers()
    read = _reader(config)
    workers = Workers(
        Parts(
            plans=plans,
            clock=clock,
            read=read,
            gather=Gathering(config, outgoing, directory, aggregate, plans.licences.free),
            solve=solvers.solve,
            controller=lambda bearer: AggregateController(outgoing, bearer),
            url_of=directory.url_of,
            attempts=settings.attempts,
            own_credentials=lambda: own,
        ),
        count=settings.workers,
        retain=timedelta(days=settings.retain_days),
    )
    authority = config.aggregate.authority
    passwords = {name: str(kept) for name, kept in settings.passwords.items()}
    desk = Desk(
        plans,
        clock,
        Judge(read, verifier, clock, Urn.of(authority, "authority", "homing")),
        wake=workers.wake,
        template_hosts=settings.template_hosts,
        late_errors=settings.late_errors,
    )
    access = Access(verifier, clock, authority, passwords)

    def close() -> None:
        database.close()
        aggregate.store.close()

    return Homing(make_wsgi(desk, access, debug=settings.debug), workers, solvers, close)


def _reader(config: Config) -> Callable[[str, Mapping[str, str]], Template]:
    """Reads templates that name what there is here."""
    names = frozenset({GENI, *config.homing.aliases})
    providers = names | frozenset(config.homing.inventories)

    def read(text: str, files: Mapping[str, str]) -> Template:
        return read_template(text, files=files, providers=providers, controllers=names)

    return read


def make_application(config: Config, credential: str) -> Application:
    """What Homing's server process serves; raises ConfigError."""
    write_logs()
    trust = trust_of(config, look_every=_LOOK_SECONDS)
    service = make_homing(config, credential, trust)
    service.start()
    # the same material as the aggregate's, but for the certificate
    own = replace(config.trust, certificate=config.homing.certificate, key=config.homing.key)
    return Application(
        routes={},
        tls=Material(replace(config, trust=own), trust),
        close=service.close,
        wsgi=service.wsgi,
    )
