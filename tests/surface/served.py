"""A surface made for a test, served over TLS by the real dispatcher over a whole aggregate."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gcf_am.rpc import handlers_v2, handlers_v3
from gcf_am.rpc.binding import Handlers
from gcf_am.rpc.dispatch import Dispatcher
from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.elements import ApiVersion, Element
from gcf_am.surface.lifecycle import State
from gcf_am.surface.registry import SURFACE, walk
from gcf_am.xmlrpc.server import Application, HttpLimits, Route, Server, TlsMaterial, bind
from tests.security.wire.aggregate import PATIENCE, Served
from tests.unit.rpc.house import House


@dataclass(frozen=True)
class Declared:
    """A surface: the versions of the API, and other elements that take the place of real ones."""

    three: ApiVersion = AM_3
    two: ApiVersion = AM_2
    others: Mapping[str, Element] = field(default_factory=dict)

    def elements(self) -> dict[str, Element]:
        return {**SURFACE, **dict(walk("am", (self.three, self.two))), **self.others}


def bound(version: ApiVersion, handlers: Handlers, **own: Any) -> Handlers:
    """The handlers of what is not removed; `own` are a test's."""
    made = Handlers()
    gone = {one.name for one in version.methods if one.state is State.REMOVED}
    for name, handler in {**handlers._bound, **own}.items():
        if name not in gone:
            made._bound[name] = handler
    return made


@contextlib.contextmanager
def serving(
    house: House, declared: Declared, *, prototypes: bool = True, **own: Any
) -> Iterator[Served]:
    """Serve it; `own` are handlers of version 3 by name, in place of the real ones."""
    facts = replace(house.at.facts, prototypes=prototypes, declared=declared.elements())
    at = replace(house.at, facts=facts)
    server = house.pki.server()
    material = TlsMaterial(
        server.chain_pem.encode(), server.key_pem.encode(), (house.pki.root.certificate.der,)
    )
    routes = {
        path: Route(Dispatcher(version, handlers, at, house.authorizer).answer)
        for path, version, handlers in (
            ("/xmlrpc/am/3", declared.three, bound(declared.three, handlers_v3.HANDLERS, **own)),
            ("/xmlrpc/am/2", declared.two, bound(declared.two, handlers_v2.HANDLERS)),
        )
    }
    with bind("127.0.0.1", 0) as listen, tempfile.TemporaryDirectory() as folder:
        running = Server(Application(routes, lambda: material), listen, HttpLimits())
        running.start()
        try:
            yield Served(replace(house, at=at), listen.getsockname()[1], Path(folder))
        finally:
            running.stop(PATIENCE)
