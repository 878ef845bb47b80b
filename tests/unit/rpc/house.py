"""A whole aggregate behind a dispatcher: store, driver, site and trust are the real ones."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gcf_am.clock import SystemClock
from gcf_am.drivers import simulated
from gcf_am.manager.aggregate import Aggregate
from gcf_am.model.site import Site
from gcf_am.rpc import handlers_v2, handlers_v3
from gcf_am.rpc.authorizer import Authorizer
from gcf_am.rpc.dispatch import Dispatcher
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rspec.inventory import read_site
from gcf_am.store.repository import open_store
from gcf_am.store.upgrade import upgrade
from gcf_am.surface.am_v2 import AM_2
from gcf_am.surface.am_v3 import AM_3
from gcf_am.surface.version import SiteFacts
from gcf_am.trust.issue import Identity
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_response, write_call
from tests.pki import Pki, SliceCertificate

RSPECS = Path(__file__).parents[3] / "rspecs"
GENI_3 = {"geni_rspec_version": {"type": "GENI", "version": "3"}}
URL = "https://127.0.0.1:8001/xmlrpc/am/3"
URL_2 = "https://127.0.0.1:8001/xmlrpc/am/2"


def request(name: str) -> str:
    return (RSPECS / "requests" / f"{name}.xml").read_text("utf-8")


@functools.cache
def site_of(manager: Urn) -> Site:
    return read_site((RSPECS / "site.xml").read_bytes(), manager=manager)


@dataclass(frozen=True)
class House:
    """An aggregate, its federation, and ways to call it without a network."""

    pki: Pki
    at: Endpoint
    authorizer: Authorizer
    dispatcher: Dispatcher

    @property
    def verifier(self) -> Verifier:
        return self.authorizer.verifier

    def send(self, who: Identity, body: bytes) -> bytes:
        ders = tuple(one.der for one in who.chain)
        return self.dispatcher.answer(Call(body, ders, request_id="r1"))

    def call(self, who: Identity, method: str, *parameters: object) -> dict[str, Any]:
        """The return struct; raises Fault where there is none."""
        answer = read_response(self.send(who, write_call(method, parameters)))
        assert isinstance(answer, dict)
        return answer

    def in_version_2(self) -> "House":
        """The same aggregate, called at version 2's address."""
        dispatcher = Dispatcher(AM_2, handlers_v2.HANDLERS, self.at, self.authorizer)
        return replace(self, dispatcher=dispatcher)

    def creds(self, who: Identity, slice_: SliceCertificate, *only: str) -> list[dict[str, str]]:
        text = self.pki.slice_credential(who, slice_, privileges=only or None)
        return [self.pki.struct(text)]


def build(folder: Path, **settings: Any) -> House:
    pki = Pki()
    urn = pki.urn("authority", "am")
    url = f"sqlite:///{folder / 'am.sqlite'}"
    upgrade(url)
    am = Aggregate(
        urn=urn,
        store=open_store(url, authority=pki.authority),
        driver=simulated.make({"directory": str(folder / "simulated")}),
        clock=SystemClock(),
        site=lambda: site_of(urn),
        **settings,
    )
    at = Endpoint(am, SiteFacts(urn, URL, URL_2, code_version="1.0"))
    authorizer = Authorizer(am, pki.verifier(folder / "roots"))
    return House(pki, at, authorizer, Dispatcher(AM_3, handlers_v3.HANDLERS, at, authorizer))
