"""Runs the servers until somebody stops them."""

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from gcf_am.app.aggregate import chosen_driver, make_aggregate, site_of, urn_of
from gcf_am.app.announcing import Announcer
from gcf_am.app.application import make_application
from gcf_am.app.fetching import Fetcher
from gcf_am.app.keeping import Keeper
from gcf_am.app.waking import Bell
from gcf_am.clearinghouse import home as clearinghouse_home
from gcf_am.clearinghouse.application import make_application as make_clearinghouse
from gcf_am.cli.home import make_home, write_client_config
from gcf_am.cli.served import Served, note_served, only_one
from gcf_am.config import Config, read_config
from gcf_am.errors import ConfigError
from gcf_am.manager.aggregate import Aggregate
from gcf_am.reconciler import Reconciler
from gcf_am.store.upgrade import check
from gcf_am.xmlrpc.server import HttpLimits, Workers, bind, load_for_workers

# On a busy machine the first start of a worker takes a while.
_START_SECONDS: Final = 120.0
# What a fetch of trust roots that is under way is given to end.
_LAST_MOMENT: Final = 1.0


def serve_aggregate(home: Path, given: Mapping[tuple[str, str], object]) -> None:
    """Serve the aggregate from a home that is there, until a signal stops it."""
    config = _changed(read_config(home), given)
    with stopped_by_signals() as stop, ExitStack() as running:
        running.enter_context(only_one(home))
        load_for_workers(make_application.__module__)
        url, driver = running.enter_context(_aggregate(config))
        _ready(home, Served(driver, (url,)))
        stop.wait()


def serve_both(home: Path, given: Mapping[tuple[str, str], object]) -> None:
    """Serve clearinghouse and aggregate, making what is missing of the home first."""
    with stopped_by_signals() as stop, ExitStack() as running:
        running.enter_context(only_one(home))
        load_for_workers(make_application.__module__, make_clearinghouse.__module__)
        config = _changed(make_home(home, given), given)
        # it starts while the aggregate is put together
        clearinghouse, server = running.enter_context(_clearinghouse(config))
        aggregate, driver = running.enter_context(_aggregate(_told_to(config, clearinghouse)))
        server.ready(_START_SECONDS)
        # a free port is another one at each start
        clearinghouse_home.add_aggregate(
            home,
            urn_of(config),
            aggregate,
            certificate=config.path(config.trust.certificate).read_text(),
        )
        write_client_config(config, clearinghouse_url=clearinghouse, aggregate_url=aggregate)
        _ready(home, Served(driver, (clearinghouse, aggregate)))
        stop.wait()


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and SIGHUP set, in place of what they otherwise do.

    A terminal that closes sends SIGHUP; under nohup it goes on meaning nothing.
    """
    stop = threading.Event()

    def set_it(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    heard = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        heard.append(signal.SIGHUP)
    before = {one: signal.signal(one, set_it) for one in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _aggregate(config: Config) -> Iterator[tuple[str, str]]:
    """The aggregate's server processes, and here the reconciler; yields URL and driver's name."""
    listen = _bound(config.listen.host, config.listen.port, "listen")
    url = config.listen.url or _url(config.listen.host, listen)
    bell = Bell()
    check(config.database_url)
    chosen = chosen_driver(config, site_of(config), prove=True)
    click.echo(f"driver: {chosen.driver.name}, {chosen.why}")
    aggregate = make_aggregate(config, wake=bell.rope, driver=chosen.driver)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    reconciler = Reconciler(aggregate, workers=config.driver.workers, owner=owner)
    keeper = Keeper(config, aggregate.store, owner=owner)
    fetcher, announcer = Fetcher(config), Announcer(config, aggregate.store)
    servers = Workers(
        partial(make_application, _settled(config, aggregate), url, bell.rope),
        listen,
        _limits(config),
        count=config.listen.workers,
        stop_seconds=config.listen.stop_seconds,
    )
    try:
        servers.start(_START_SECONDS)
        reconciler.start()
        fetcher.start()
        keeper.start()
        announcer.start()
        bell.listen(reconciler.wake)
        yield url, aggregate.driver.name
    finally:
        listen.close()
        servers.stop(config.listen.stop_seconds)
        reconciler.stop(config.listen.stop_seconds)
        fetcher.stop(_LAST_MOMENT)
        announcer.stop(_LAST_MOMENT)
        bell.close()
        # last of all, as all others write to the log
        keeper.stop(config.listen.stop_seconds)
        aggregate.store.close()


def _told_to(config: Config, clearinghouse: str) -> Config:
    """The configuration by which the clearinghouse beside is told of slivers, unless it names one."""
    if config.federation.sliver_info:
        return config
    # an address to bind may be none to call
    url = clearinghouse.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    return replace(config, federation=replace(config.federation, sliver_info=f"{url}SA"))


def _settled(config: Config, aggregate: Aggregate) -> Config:
    """The configuration with the driver that was chosen: all processes have the same one.

    To choose again in each of them would probe the machine as often, and could end otherwise.
    """
    return replace(config, driver=replace(config.driver, name=aggregate.driver.name))


@contextmanager
def _clearinghouse(config: Config) -> Iterator[tuple[str, Workers]]:
    """The clearinghouse's one process, launched but not yet ready; yields its URL too."""
    listen = _bound(config.clearinghouse.host, config.clearinghouse.port, "clearinghouse")
    url = _url(config.clearinghouse.host, listen)
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


def _bound(host: str, port: int, table: str) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        raise ConfigError(
            f"host and port in [{table}]: {host} port {port} cannot be had: {error.strerror}"
        ) from error


def _url(host: str, listen: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}:{listen.getsockname()[1]}/"


def _changed(config: Config, given: Mapping[tuple[str, str], object]) -> Config:
    """The configuration with what the command line says for this run."""
    sections: dict[str, Any] = {}
    for (table, key), value in given.items():
        section = sections.get(table, getattr(config, table))
        if (table, key) == ("aggregate", "authority"):
            if value != section.authority:
                raise ConfigError(
                    f"this home's authority is {section.authority}; another needs a home of its own"
                )
            continue
        sections[table] = replace(section, **{key: value})
    return replace(config, **sections)


def _ready(home: Path, served: Served) -> None:
    note_served(home, served)
    click.echo(f"ready: {' '.join(served.urls)}")
