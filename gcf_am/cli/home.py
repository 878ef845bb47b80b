"""Makes an aggregate's home: configuration, identities, inventory, database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gcf_am.app.aggregate import chosen_driver, urn_of
from gcf_am.clearinghouse import home as clearinghouse_home
from gcf_am.client.omni_config import write_omni_config
from gcf_am.config import (
    FILE,
    Config,
    PolicyConfig,
    SiteConfig,
    judge_config,
    read_config,
    write_template,
)
from gcf_am.drivers.choose import AUTO, check_name
from gcf_am.errors import ConfigError
from gcf_am.policy.template import TEMPLATE
from gcf_am.rspec.inventory import read_site
from gcf_am.store.upgrade import upgrade
from gcf_am.urn import Urn

# The people of a new home: two experimenters and, the last, the operator.
PEOPLE: Final = ("alice", "bob", "carol")

# Examples: inventories and requests; in a checkout a link to rspecs/, in a wheel its files.
_RSPECS: Final = Path(__file__).with_name("rspecs")
_REQUESTS: Final = "requests"


def make_home(home: Path, values: Mapping[tuple[str, str], object]) -> Config:
    """Make whatever of a home is missing; what is there is kept.

    `values` go into a configuration file that is made new, by (table, key). Returns the
    configuration as it stands then; raises ConfigError.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (home / FILE).exists():
            authority = str(values.get(("aggregate", "authority"), "gcf.local"))
            operator = str(Urn.of(authority, "user", PEOPLE[-1]))
            filled = {("aggregate", "operators"): [operator], **values}
            text = write_template(filled)
            # what is wrong must not be there the next time
            judged = judge_config(home, text)
            check_ports(judged)
            check_name(judged.driver.name)
            (home / FILE).write_text(text, "utf-8")
        config = read_config(home)
        clearinghouse_home.create(
            home,
            authority=config.aggregate.authority,
            users=PEOPLE,
            hosts=_hosts(config),
        )
        # another name was chosen by somebody: where nothing has it, that is a mistake to be told
        usual = config.site.inventory == SiteConfig().inventory
        if usual and not config.path(config.site.inventory).exists():
            config.path(config.site.inventory).write_text(_inventory(config), "utf-8")
        _write_requests(config)
        # so it is with rules: none are lost because their file's name is misspelt
        usual = config.policy.file == PolicyConfig().file
        if usual and not config.path(config.policy.file).exists():
            config.path(config.policy.file).write_text(TEMPLATE, "utf-8")
    except OSError as error:
        raise ConfigError(f"{home} cannot be made a home: {error.strerror}") from error
    # before it is asked, since another one may be meant
    check_database(config, values.get(("store", "url"), config.store.url))
    upgrade(config.database_url)
    return config


def check_database(config: Config, url: object) -> None:
    """Raise ConfigError where --database-url names another database than the home has."""
    if url != config.store.url:
        # the operator's commands would look into the other one; both may hold a password
        raise ConfigError(
            f"{config.home / FILE} is kept as it is: url in [store] names another database than"
            " --database-url; edit it there, or make a home of its own"
        )


def _hosts(config: Config) -> tuple[str, ...]:
    """What servers' certificates are for: where they listen, and where clients are told they do.

    Behind a balancer those differ.
    """
    told = urlsplit(config.listen.url).hostname
    return (config.listen.host, told) if told else (config.listen.host,)


def _inventory(config: Config) -> str:
    """The first inventory: this machine for real nodes, else the example site to pretend on.

    With the driver `auto` it is this machine's when the driver `host` can serve it.
    """
    machine = _example(_RSPECS / "host.xml", config)
    name = config.driver.name
    if name == AUTO:
        site = read_site(machine.encode(), manager=urn_of(config))
        name = chosen_driver(config, site).driver.name
    return machine if name == "host" else _example(_RSPECS / "site.xml", config)


def _write_requests(config: Config) -> None:
    """Requests to begin with, for those who have no checkout; only where the directory lacks."""
    directory = config.home / _REQUESTS
    if directory.exists():
        return
    directory.mkdir()
    for file in sorted((_RSPECS / _REQUESTS).glob("*.xml")):
        (directory / file.name).write_text(_example(file, config), "utf-8")


def _example(file: Path, config: Config) -> str:
    """An RSpec that comes with the package, of a home's own authority."""
    text = file.read_text("utf-8")
    return text.replace("IDN+gcf.local+", f"IDN+{config.aggregate.authority}+")


def check_kept(config: Config, values: Mapping[tuple[str, str], object]) -> None:
    """Raise ConfigError where the configuration, which was there before, says otherwise."""
    for (table, key), value in values.items():
        kept = getattr(getattr(config, table), key)
        if kept == value:
            continue
        advice = (
            "another authority needs a home of its own"
            if key == "authority"
            else "edit it there, or give the option to `gcf-am up`"
        )
        raise ConfigError(
            f"{config.home / FILE} is kept as it is: {key} in [{table}] is {kept}, not {value};"
            f" {advice}"
        )


def check_ports(config: Config) -> None:
    """Raise ConfigError where clearinghouse and aggregate could not both be had."""
    port = config.listen.port
    if port and port == config.clearinghouse.port:
        raise ConfigError(
            f"port in [listen] and port in [clearinghouse] are both {port}: give --port or --ch-port"
            " another one"
        )


def write_client_config(config: Config, *, clearinghouse_url: str, aggregate_url: str) -> Path:
    """Write `omni_config` for the first of the people, with where both answer now."""
    certs = config.home.resolve() / "certs"
    user = PEOPLE[0]
    path = config.home / "omni_config"
    write_omni_config(
        path,
        authority=config.aggregate.authority,
        clearinghouse=clearinghouse_url,
        user=str(Urn.of(config.aggregate.authority, "user", user)),
        cert=certs / f"{user}-cert.pem",
        key=certs / f"{user}-key.pem",
        keys=[certs / f"{user}-ssh.pub"],
        ca=certs / "ch-cert.pem",
        nickname="local",
        aggregate_urn=str(Urn.of(config.aggregate.authority, "authority", "am")),
        aggregate_url=aggregate_url,
    )
    return path
