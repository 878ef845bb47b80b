"""A whole installation in this process, whose aggregate goes through the switch-board.

To start it takes a second; to switch from one misbehaviour to another takes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

from gcf_am.app import application
from gcf_am.app.aggregate import make_aggregate
from gcf_am.app.waking import Bell
from gcf_am.app.working import at_work
from gcf_am.clearinghouse.application import make_application as make_clearinghouse
from gcf_am.cli.home import write_client_config
from gcf_am.cli.serving import listening_at, url_of
from gcf_am.config import Config, read_config
from gcf_am.trust.verifier import Verifier
from gcf_am.xmlrpc.server import Application, HttpLimits, Route, Server, TlsMaterial
from tests.sabotage.board import Board

_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Sabotaged:
    """The aggregate at `url`, its switches, and the configuration of who calls it."""

    url: str
    board: Board
    omni_config: Path


@contextmanager
def sabotaged(home: Path) -> Iterator[Sabotaged]:
    """Serve the clearinghouse and the aggregate of a home that was made."""
    config = read_config(home)
    board = Board()
    with ExitStack() as running:
        there = running.enter_context(_served(lambda url: make_clearinghouse(home, url)))
        here = running.enter_context(_served(lambda url: _aggregate(config, url, board, running)))
        written = write_client_config(config, clearinghouse_url=there, aggregate_url=here)
        yield Sabotaged(here, board, written)


@contextmanager
def _served(make: Callable[[str], Application]) -> Iterator[str]:
    with listening_at(_HOST, 0, "listen") as listen:
        url = url_of(_HOST, listen)
        with Server(make(url), listen, HttpLimits()):
            yield url


def _aggregate(config: Config, url: str, board: Board, running: ExitStack) -> Application:
    """What each server process serves, with the board before it, and nothing remembered.

    What a verifier remembers it would not judge again when a rule is switched off.
    """
    bell = Bell()
    running.callback(bell.close)
    aggregate = make_aggregate(config, wake=bell.rope)
    running.callback(aggregate.store.close)
    bell.listen(running.enter_context(at_work(config, aggregate)).wake)
    with patch.object(application, "Verifier", partial(Verifier, size=0)):
        made = application.make_application(config, url, bell.rope)
    routes = {
        path: Route(board.answering(route.answer), wait=route.wait)
        for path, route in made.routes.items()
    }
    material = made.tls

    def tls() -> TlsMaterial:
        # equal to nothing before the last turn of a switch, so that a new context is made
        now = material()
        return replace(now, certificate=now.certificate + b"\n" * board.turns)

    return replace(made, routes=routes, tls=tls)
