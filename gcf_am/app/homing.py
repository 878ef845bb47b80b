"""Homing, put together from the configuration."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from gcf_am.app.logs import write_logs
from gcf_am.app.material import Material, trust_of
from gcf_am.clearinghouse.home import aggregates_of, keep_homing
from gcf_am.client.credential_file import read_credential
from gcf_am.client.transport import Endpoint
from gcf_am.clock import Clock, SystemClock
from gcf_am.config import Config
from gcf_am.errors import ConfigError
from gcf_am.homing.api.access import Access
from gcf_am.homing.api.application import Wsgi, make_wsgi
from gcf_am.homing.api.judging import Judge
from gcf_am.homing.api.resources import Desk
from gcf_am.homing.inventory.fitting import Advertised
from gcf_am.homing.inventory.gather import gather
from gcf_am.homing.inventory.geni import Aggregates
from gcf_am.homing.inventory.places import Places, read_places
from gcf_am.homing.inventory.provider import Context, Inventory
from gcf_am.homing.inventory.sources import Remote, Source
from gcf_am.homing.plans.database import open_database
from gcf_am.homing.plans.repository import Plans
from gcf_am.homing.plans.vault import open_vault
from gcf_am.homing.reserve.controller import AggregateController
from gcf_am.homing.service.solver import Solvers
from gcf_am.homing.service.stages import Parts
from gcf_am.homing.service.worker import Workers
from gcf_am.homing.stock import Stock
from gcf_am.homing.template.reading import read_template
from gcf_am.homing.terms import Template
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from gcf_am.xmlrpc.server import Application

_LOOK_SECONDS: Final = 1.0
_LAST_SECONDS: Final = 5.0
GENI: Final = "geni"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Who Homing is to aggregates, and the roots that theirs must lead to."""

    certificate: Path
    key: Path
    trust: TrustStore = field(repr=False)

    def context(self) -> ssl.SSLContext:
        """The TLS settings of the moment; raises ConfigError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        roots = b"".join(root.certificate.der for root in self.trust.current().roots)
        try:
            context.load_verify_locations(cadata=roots)
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError("certificate and key in [homing] cannot be used") from error
        return context


@dataclass(frozen=True, slots=True)
class Directory:
    """Where aggregates answer: what the configuration says, else what the clearinghouse here
    knows at the moment.
    """

    config: Config

    def urls(self) -> Mapping[str, str]:
        """URLs by URN; raises ConfigError."""
        told = self.config.homing.aggregates
        if not told:
            return aggregates_of(self.config.home)
        found = {}
        for one in told:
            urn, _, url = one.partition(",")
            try:
                found[Urn.parse(urn).text] = url.strip()
            except ValueError as error:
                raise ConfigError(f"aggregates in [homing]: {error}") from None
            if not url.strip().startswith("https://"):
                raise ConfigError(f"aggregates in [homing] must be URN,URL each, not {one!r}")
        return found

    def url_of(self, urn: str) -> str | None:
        """Where one answers; None where nobody knows."""
        wanted = Urn.parse(urn)
        return next((url for one, url in self.urls().items() if Urn.parse(one) == wanted), None)


@dataclass
class Gathering:
    """Asks the aggregates of the directory; new ones are asked from the next plan on."""

    config: Config
    outgoing: Outgoing
    directory: Directory
    _known: tuple[Mapping[str, str], Inventory] | None = field(default=None, init=False)

    def __call__(self, template: Template, context: Context) -> Stock:
        """All that the template can be solved with."""
        settings = self.config.homing
        names = (GENI, *settings.aliases)
        inventory, controller = self._inventory(), Advertised(GENI)
        return gather(
            template,
            dict.fromkeys(names, inventory),
            dict.fromkeys(names, controller),
            replace(context, timeout=float(settings.ad_timeout_seconds)),
            places=_places(self.config),
        )

    def _inventory(self) -> Inventory:
        urls = self.directory.urls()
        if self._known is None or self._known[0] != urls:
            sources = [self._source(urn, url) for urn, url in urls.items()]
            self._known = (urls, Aggregates(sources, kept=float(self.config.homing.ad_seconds)))
        return self._known[1]

    def _source(self, urn: str, url: str) -> Source:
        return Remote(urn, lambda context: Endpoint(url, self.outgoing, context.timeout))


def _places(config: Config) -> Places:
    """The operator's table of places; raises ConfigError."""
    if not config.homing.places:
        return Places()
    file = config.path(config.homing.places)
    try:
        return read_places(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"places in [homing]: {file} cannot be read") from error


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
    plans = Plans(database, open_vault(config.path("homing.key")))
    verifier = Verifier(trust)
    outgoing = Outgoing(config.path(settings.certificate), config.path(settings.key), trust)
    directory = Directory(config)
    own = (read_credential(credential),) if credential else ()
    _places(config)  # what is wrong with it is told at the start
    solvers = Solvers()
    read = _reader(config)
    workers = Workers(
        Parts(
            plans=plans,
            clock=clock,
            read=read,
            gather=Gathering(config, outgoing, directory),
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
    return Homing(make_wsgi(desk, access, debug=settings.debug), workers, solvers, database.close)


def _reader(config: Config) -> Callable[[str, Mapping[str, str]], Template]:
    """Reads templates that name what there is here."""
    names = frozenset({GENI, *config.homing.aliases})

    def read(text: str, files: Mapping[str, str]) -> Template:
        return read_template(text, files=files, providers=names, controllers=names)

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
