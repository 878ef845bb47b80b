"""Runs Homing's server process, alone or beside the others."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from gcf_am.app.homing import make_application, own_credential
from gcf_am.cli.served import beside_others
from gcf_am.cli.serving import listening_at, url_of
from gcf_am.cli.signals import stopped_by_signals
from gcf_am.config import Config, read_config
from gcf_am.store.upgrade import check
from gcf_am.xmlrpc.server import HttpLimits, Workers, load_for_workers

_START_SECONDS: Final = 120.0
# More than a plan may have, so that what is too long is told in the API's own words.
_BODY_BYTES: Final = 2 * 1024 * 1024


def serve_homing(home: Path, values: Mapping[str, Any]) -> None:
    """Serve Homing from a home that is there, until a signal stops it."""
    config = read_config(home)
    config = replace(config, homing=replace(config.homing, **values))
    with stopped_by_signals() as stop, ExitStack() as running:
        running.enter_context(beside_others(home))
        load_for_workers(make_application.__module__)
        url = running.enter_context(homing_server(config))
        click.echo(f"ready: {url}")
        stop.wait()


@contextmanager
def homing_server(config: Config) -> Iterator[str]:
    """Homing's one server process; yields its URL. Raises ConfigError."""
    check(config.database_url)
    settings = config.homing
    credential = own_credential(config)
    limits = HttpLimits(body_bytes=_BODY_BYTES, anonymous_bytes=_BODY_BYTES)
    listen = listening_at(settings.host, settings.port, "homing")
    server = Workers(partial(make_application, config, credential), listen, limits, count=1)
    with ExitStack() as running:
        running.callback(server.stop, config.listen.stop_seconds)
        running.callback(listen.close)
        server.start(_START_SECONDS)
        yield url_of(settings.host, listen)
