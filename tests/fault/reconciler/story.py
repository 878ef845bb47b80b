"""A slice's life through the manager's verbs, told by a process that may be killed in it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, cast

from gcf_am.manager.accounts import User
from gcf_am.manager.act import perform
from gcf_am.manager.aggregate import Aggregate
from gcf_am.manager.allocate import allocate
from gcf_am.manager.delete import delete
from gcf_am.manager.ports import Driver, Store, Unit
from gcf_am.manager.provision import provision
from gcf_am.manager.update import update
from gcf_am.model.states import Action
from gcf_am.reconciler import Reconciler
from gcf_am.rspec.inventory import read_site
from gcf_am.store.repository import open_store
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn
from tests.unit.reconciler.testbed import START, Watch, machines

RSPECS = Path(__file__).parents[3] / "rspecs"
MANAGER = Urn.parse("urn:publicid:IDN+gcf.local+authority+am")
SLICE = Urn.parse("urn:publicid:IDN+gcf.local+slice+mine")
ALICE = Urn.parse("urn:publicid:IDN+gcf.local+user+alice")
REQUEST = (RSPECS / "requests" / "two-nodes.xml").read_text(encoding="utf-8")
SITE = read_site((RSPECS / "site.xml").read_bytes(), manager=MANAGER)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB2pzNat6bP3u6jw3SrHDdTFk5gmQjmo5ldSVMoGMq/n alice"
USERS = (User(ALICE.text, (KEY,)),)


@dataclass
class Killer:
    """Kills this process without warning when it comes by the place `at`, counted from 1."""

    at: int = 0
    passed: int = 0

    def here(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalStore:
    """A store whose process may die before each commit."""

    def __init__(self, store: Store, killer: Killer) -> None:
        self._store = store
        self._killer = killer

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with self._store.write() as unit:
            yield unit
            self._killer.here()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class MortalDriver:
    """A driver whose process may die after each change of the world."""

    name: ClassVar[str] = "mortal"
    _CHANGES: ClassVar = {"prepare", "start", "stop", "restart", "update_users", "destroy"}

    def __init__(self, driver: Driver, killer: Killer) -> None:
        self._driver = driver
        self._killer = killer

    def __getattr__(self, name: str) -> object:
        method: Callable[..., object] = getattr(self._driver, name)
        if name not in self._CHANGES:
            return method

        def mortal(order: object) -> object:
            answer = method(order)
            self._killer.here()
            return answer

        return mortal


def aggregate(directory: Path, now: datetime, killer: Killer) -> Aggregate:
    """The aggregate over the store and the machines in the directory."""
    url = f"sqlite:///{directory / 'store.sqlite'}"
    store = MortalStore(open_store(url, authority="gcf.local", busy_seconds=60), killer)
    driver = MortalDriver(machines(directory), killer)
    return Aggregate(
        MANAGER, cast("Store", store), cast("Driver", driver), Watch(now), lambda: SITE
    )


def grant(verb: str) -> Grant:
    return Grant(ALICE, verb, "request", START, START + timedelta(days=30), SLICE, "uuid")


def settle(am: Aggregate, owner: str) -> None:
    """Work until nothing is to be done at this time."""
    one = Reconciler(am, workers=3, owner=owner)
    while one.run_once():
        pass


def tell(directory: Path, killer: Killer) -> None:
    """From Allocate over Update to Delete of one node; its neighbour and the link live on."""
    am = aggregate(directory, START, killer)
    manifest = allocate(am, grant("Allocate"), REQUEST, end_time=None)
    names = {one.client_id: one.urn for one in manifest.slivers}
    provisioned(am)
    settle(am, "teller")
    start = Action.START
    perform(am, grant("Act"), [SLICE], start, best_effort=False, users=None)
    settle(am, "teller")
    changed = manifest.rspec.replace("10.10.1.1", "10.10.1.9")
    update(am, grant("Update"), [SLICE], changed, best_effort=False, end_time=None)
    provisioned(am)
    settle(am, "teller")
    delete(am, grant("Delete"), [names["right"]], best_effort=False)
    settle(am, "teller")
    am.store.close()


def provisioned(am: Aggregate) -> None:
    provision(am, grant("Provision"), [SLICE], best_effort=False, end_time=None, users=USERS)


def succeed(directory: Path, after: timedelta, owner: str, killer: Killer) -> None:
    """What a process does that is started anew so long after the story began."""
    am = aggregate(directory, START + after, killer)
    settle(am, owner)
    am.store.close()
