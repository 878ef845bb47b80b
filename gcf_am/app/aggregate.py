"""From a configuration to an aggregate manager with all its parts."""

from collections.abc import Callable

from gcf_am.app.inventory import InventoryFile
from gcf_am.app.offering import Offering
from gcf_am.app.policy import policy_of
from gcf_am.clock import Clock, SystemClock
from gcf_am.config import Config
from gcf_am.drivers.choose import Chosen, choose
from gcf_am.errors import ConfigError
from gcf_am.manager.aggregate import Aggregate, Limits
from gcf_am.manager.imaging import Imaging
from gcf_am.manager.ports import Driver
from gcf_am.model.site import Site
from gcf_am.store import open_store
from gcf_am.store.upgrade import check
from gcf_am.urn import Urn


def urn_of(config: Config) -> Urn:
    """The aggregate's own name."""
    return Urn.of(config.aggregate.authority, "authority", "am")


def make_aggregate(
    config: Config,
    *,
    wake: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
    driver: Driver | None = None,
) -> Aggregate:
    """Put the parts together; raises ConfigError where one of them is wrong.

    `wake` is called whenever a driver's work was ordered. `driver` is the one that was chosen,
    else one is.
    """
    check(config.database_url)
    urn = urn_of(config)
    inventory = InventoryFile(config.path(config.site.inventory), urn)
    driver = driver or chosen_driver(config, inventory()).driver
    return Aggregate(
        urn=urn,
        store=open_store(
            config.database_url,
            authority=config.aggregate.authority,
            busy_seconds=config.store.busy_seconds,
        ),
        driver=driver,
        clock=clock or SystemClock(),
        site=Offering(inventory, driver) if isinstance(driver, Imaging) else inventory,
        policy=policy_of(config),
        limits=limits_of(config),
        wake=wake,
        operators=operators_of(config),
        allocate_mode=config.aggregate.geni_allocate,
        single_allocation=config.aggregate.geni_single_allocation,
    )


def site_of(config: Config) -> Site:
    """The inventory as it is now; raises ConfigError."""
    return InventoryFile(config.path(config.site.inventory), urn_of(config))()


def chosen_driver(config: Config, site: Site | None, *, prove: bool = False) -> Chosen:
    """The driver that the configuration means, and why; raises ConfigError.

    So it does with `prove` when the driver lacks anything to serve the site.
    """
    name, settings = config.driver.name, config.driver.settings
    return choose(name, settings, site=site, home=config.home, prove=prove)


def limits_of(config: Config) -> Limits:
    """How long slivers live where no rule says anything else."""
    leases = config.leases
    return Limits(*leases.allocated, *leases.provisioned)


def operators_of(config: Config) -> frozenset[Urn]:
    """Whom the configuration names as operators; raises ConfigError for what is no user's URN."""
    operators = set()
    for text in config.aggregate.operators:
        try:
            urn = Urn.parse(text)
        except ValueError as error:
            raise ConfigError(f"operators in [aggregate]: {error}") from None
        if urn.kind != "user":
            raise ConfigError(f"operators in [aggregate]: {text} is no user")
        operators.add(urn)
    return frozenset(operators)
