"""Runs the servers until somebody stops them."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from gcf_am.app.aggregate import chosen_driver, make_aggregate, site_of, urn_of
from gcf_am.app.application import make_application
from gcf_am.app.fetching import Fetcher
from gcf_am.app.settling import check_place
from gcf_am.app.waking import Bell
from gcf_am.app.working import at_work
from gcf_am.clearinghouse import home as clearinghouse_home
from gcf_am.clearinghouse.application import make_application as make_clearinghouse
from gcf_am.cli.home import check_database, check_ports, make_home, write_client_config
from gcf_am.cli.served import Served, beside_others, forget_served, note_served, only_up
from gcf_am.cli.signals import stopped_by_signals
from gcf_am.config import Config, read_config
from gcf_am.errors import ConfigError
from gcf_am.manager.aggregate import Aggregate
from gcf_am.store.upgrade import check
from gcf_am.xmlrpc.server import HttpLimits, Workers, bind, given, load_for_workers

# On a busy machine the first start of a worker takes a while.
_START_SECONDS: Final = 120.0
# What a fetch of trust roots that is under way is given to end.
_LAST_MOMENT: Final = 1.0


def serve_aggregate(
    home: Path, values: Mapping[tuple[str, str], object], *, reconciles: bool = True
) -> None:
    """Serve the aggregate from a home that is there, until a signal stops it.

    Without `reconciles` calls are answered, and others work on the slivers.
    """
    config = _changed(read_config(home), values)
    with stopped_by_signals() as stop, ExitStack() as running:
        noted = running.enter_context(_noted(home))
        running.enter_context(beside_others(home))
        load_for_workers(make_application.__module__)
        url, driver = running.enter_context(_aggregate(config, reconciles=reconciles))
        noted(Served(driver, (url,)))
        stop.wait()


def reconcile(home: Path, values: Mapping[tuple[str, str], object], *, move: bool = False) -> None:
    """Work on slivers and answer no calls, until a signal stops it; `move` as in settle()."""
    config = _changed(read_config(home), values)
    with stopped_by_signals() as stop, ExitStack() as running:
        running.enter_context(beside_others(home))
        aggregate = running.enter_context(_assembled(config, lambda: None))
        running.enter_context(at_work(config, aggregate, move=move))
        click.echo("ready: slivers are worked on")
        stop.wait()


def serve_both(
    home: Path, values: Mapping[tuple[str, str], object], *, homing: bool = False
) -> None:
    """Serve clearinghouse and aggregate, making what is missing of the home first.

    With `homing` Homing, too. A home that others serve already is there, and is left as it is.
    """
    with stopped_by_signals() as stop, ExitStack() as running:
        running.enter_context(only_up(home))
        noted = running.enter_context(_noted(home))
        load_for_workers(make_application.__module__, make_clearinghouse.__module__)
        running.enter_context(beside_others(home, first=partial(make_home, home, values)))
        config = _changed(read_config(home), values)
        check_ports(config)
        # it starts while the aggregate is put together
        clearinghouse, server = running.enter_context(_clearinghouse(config))
        aggregate, driver = running.enter_context(
            _aggregate(_told_to(config, clearinghouse), reconciles=True)
        )
        server.ready(_START_SECONDS)
        # a free port is another one at each start
        clearinghouse_home.add_aggregate(
            home,
            urn_of(config),
            aggregate,
            certificate=config.path(config.trust.certificate).read_text(),
        )
        write_client_config(config, clearinghouse_url=clearinghouse, aggregate_url=aggregate)
        beside = []
        if homing:
            from gcf_am.cli.homing_serving import homing_server

            beside.append(running.enter_context(homing_server(_settled(config, driver))))
        noted(Served(driver, (clearinghouse, aggregate)), *beside)
        stop.wait()


@contextmanager
def _assembled(config: Config, wake: Callable[[], None]) -> Iterator[Aggregate]:
    """The aggregate in this process, with the driver that this machine has."""
    check(config.database_url)
    chosen = chosen_driver(config, site_of(config), prove=True)
    click.echo(f"driver: {chosen.driver.name}, {chosen.why}")
    aggregate = make_aggregate(config, wake=wake, driver=chosen.driver)
    try:
        yield aggregate
    finally:
        aggregate.store.close()


@contextmanager
def _aggregate(config: Config, *, reconciles: bool) -> Iterator[tuple[str, str]]:
    """The aggregate's server processes, and what works here; yields URL and driver's name."""
    listen = _listening(config)
    url = config.listen.url or url_of(config.listen.host, listen)
    bell = Bell()
    fetcher = Fetcher(config)
    with ExitStack() as running:
        running.enter_context(listen)
        running.callback(bell.close)
        aggregate = running.enter_context(_assembled(config, bell.rope))
        check_place(aggregate)
        if reconciles:
            bell.listen(running.enter_context(at_work(config, aggregate)).wake)
        servers = Workers(
            partial(make_application, _settled(config, aggregate.driver.name), url, bell.rope),
            listen,
            _limits(config),
            count=config.listen.workers,
            stop_seconds=config.listen.stop_seconds,
            leave_seconds=config.listen.leave_seconds,
        )
        running.callback(servers.stop, config.listen.stop_seconds)
        servers.start(_START_SECONDS)
        fetcher.start()
        running.callback(fetcher.stop, _LAST_MOMENT)
        # first of all, so that the workers alone have it
        running.callback(listen.close)
        yield url, aggregate.driver.name


def _told_to(config: Config, clearinghouse: str) -> Config:
    """The configuration by which the clearinghouse beside is told of slivers, unless it names one."""
    if config.federation.sliver_info:
        return config
    # an address to bind may be none to call
    url = clearinghouse.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    return replace(config, federation=replace(config.federation, sliver_info=f"{url}SA"))


def _settled(config: Config, driver: str) -> Config:
    """The configuration with the driver that was chosen: all processes have the same one.

    To choose again in each of them would probe the machine as often, and could end otherwise.
    """
    return replace(config, driver=replace(config.driver, name=driver))


@contextmanager
def _clearinghouse(config: Config) -> Iterator[tuple[str, Workers]]:
    """The clearinghouse's one process, launched but not yet ready; yields its URL too."""
    listen = listening_at(config.clearinghouse.host, config.clearinghouse.port, "clearinghouse")
    url = url_of(config.clearinghouse.host, listen)
    make = partial(make_clearinghouse, config.home.resolve(), url)
    server = Workers(make, listen, _limits(config), count=1, stop_seconds=5)
    try:
        server.launch()
        yield url, server
    finally:
        listen.close()
        server.stop(config.listen.stop_seconds)


def _limits(config: Config) -> HttpLimits:
    listen = config.listen
    return HttpLimits(
        threads=listen.threads,
        queue=listen.queue,
        body_bytes=listen.body_bytes,
        read_seconds=listen.read_seconds,
    )


def _listening(config: Config) -> socket.socket:
    """The aggregate's socket: the one that whoever started this process gave it, or a new one."""
    try:
        inherited = given()
    except (OSError, ValueError) as error:
        raise ConfigError(f"LISTEN_FDS: the socket cannot be used: {error}") from error
    return inherited or listening_at(config.listen.host, config.listen.port, "listen")


def listening_at(host: str, port: int, table: str) -> socket.socket:
    """A listening socket; raises ConfigError naming the table of the configuration."""
    try:
        return bind(host, port)
    except OSError as error:
        raise ConfigError(
            f"host and port in [{table}]: {host} port {port} cannot be had: {error.strerror}"
        ) from error


def url_of(host: str, listen: socket.socket) -> str:
    """Where a socket's server answers."""
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}:{listen.getsockname()[1]}/"


def _changed(config: Config, values: Mapping[tuple[str, str], object]) -> Config:
    """The configuration with what the command line says for this run."""
    sections: dict[str, Any] = {}
    for (table, key), value in values.items():
        section = sections.get(table, getattr(config, table))
        if (table, key) == ("aggregate", "authority"):
            if value != section.authority:
                raise ConfigError(
                    f"this home's authority is {section.authority}; another needs a home of its own"
                )
            continue
        if (table, key) == ("store", "url"):
            check_database(config, value)
            continue
        sections[table] = replace(section, **{key: value})
    return replace(config, **sections)


@contextmanager
def _noted(home: Path) -> Iterator[Callable[..., None]]:
    """What to call with how the home is served, once it is; entered before it is held."""
    told: list[Served] = []

    def ready(served: Served, *beside: str) -> None:
        note_served(home, served)
        told.append(served)
        click.echo(f"ready: {' '.join((*served.urls, *beside))}")

    try:
        yield ready
    finally:
        for one in told:
            forget_served(home, one)
