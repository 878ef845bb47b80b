"""What each server process of the aggregate serves."""

from collections.abc import Callable
from typing import Final

from gcf_am import __version__
from gcf_am.app.aggregate import make_aggregate
from gcf_am.app.logs import write_logs
from gcf_am.app.material import Material, trust_of
from gcf_am.app.readiness import Readiness
from gcf_am.config import Config
from gcf_am.rpc.authorizer import Authorizer
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rpc.journal import Journal
from gcf_am.rpc.server import application, url_2
from gcf_am.surface.version import SiteFacts
from gcf_am.trust.verifier import Verifier
from gcf_am.xmlrpc.patience import Patience
from gcf_am.xmlrpc.server import Application

# How soon changed trust roots, revocation lists and denials count.
_LOOK_SECONDS: Final = 1.0
# What the last calls are given to be recorded.
_LAST_SECONDS: Final = 5.0


def make_application(config: Config, url: str, wake: Callable[[], None]) -> Application:
    """The aggregate's application, made in the process that serves it; raises ConfigError.

    `url` is what GetVersion tells clients; `wake` reaches the reconciler in its own process.
    """
    write_logs()
    aggregate = make_aggregate(config, wake=wake)
    trust = trust_of(config, look_every=_LOOK_SECONDS)
    trust.log()
    facts = SiteFacts(
        urn=aggregate.urn,
        url=url,
        url_2=url_2(url),
        allocate=aggregate.allocate_mode,
        single_allocation=aggregate.single_allocation,
        code_version=__version__ if config.aggregate.show_code_version else None,
        prototypes=config.api.prototypes,
        speaks_for=lambda: trust.current().speaks_for,
    )
    journal = Journal(aggregate.store, aggregate.clock)
    journal.start()
    readiness = Readiness(aggregate.store)
    readiness.start()

    def close() -> None:
        readiness.stop(_LAST_SECONDS)
        journal.stop(_LAST_SECONDS)
        aggregate.store.close()

    return application(
        Endpoint(aggregate, facts),
        Authorizer(aggregate, Verifier(trust), owners_shut_down=config.aggregate.owners_shut_down),
        tls=Material(config, trust),
        close=close,
        unready=readiness,
        report=journal,
        patience=Patience(config.listen.refusals, config.listen.refusal_seconds),
    )
