"""A clearinghouse in a test: who is calling is a word, the clock is in the test's hands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from gcf_am.clearinghouse.actor import Visit
from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.federation import Federation
from gcf_am.clearinghouse.handlers import MA, SA, SR
from gcf_am.clearinghouse.living import find, has_ended
from gcf_am.clearinghouse.people import Words, add_user
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register, key_of
from gcf_am.clearinghouse.service import Service
from gcf_am.clearinghouse.tables import EventRow, SliceRow
from gcf_am.clearinghouse.turn import Desk
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import Identity
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_response, write_call
from tests.unit.clearinghouse.homes import SetClock, slice_urn

DAY = timedelta(days=1)
URL = "https://ch.example.org:8000/"
ONE = slice_urn("one")


@dataclass
class House:
    """A home with a service for each API, called without a network."""

    home: Path
    authority: Authority
    clock: SetClock
    projects: bool = False
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        places = Places(self.home)
        signers = (places.root(), *self.authority.sa.chain, *self.authority.ma.chain)
        self.desk = Desk(
            register=Register(places.database),
            authority=self.authority,
            verifier=Verifier(TrustStore(places.trusted, look_every=0)),
            roots=tuple(one.pem for one in signers),
            clock=self.clock,
            url=URL,
            projects=self.projects,
        )
        self._numbers = count(1)

    @property
    def service(self) -> Service:
        return Service(self.desk)

    def chain(self, name: str) -> tuple[Certificate, ...]:
        return load_chain(Places(self.home).pair(name)[0].read_bytes())

    def ders(self, who: str | Identity | None) -> tuple[bytes, ...]:
        chain = self.chain(who) if isinstance(who, str) else who.chain if who else ()
        return tuple(one.der for one in (chain and (*chain, Places(self.home).root())))

    def by(self, who: str | Identity | None) -> Visit:
        return Visit(self.clock.now(), "r1", self.ders(who))

    def call(
        self, service: str, who: str | Identity | None, name: str, *parameters: Any
    ) -> dict[str, Any]:
        """A call of the Federation API; the answer as a client reads it."""
        handlers = {"SR": SR, "SA": SA, "MA": MA}[service]
        call = Call(write_call(name, parameters), self.ders(who))
        answer = read_response(Federation(handlers, self.desk).answer(call))
        assert isinstance(answer, dict)
        assert answer.keys() == {"code", "value", "output"}
        assert (answer["code"] == 0) == (answer["output"] == "")
        return answer

    def done(self, service: str, who: str | Identity | None, name: str, *parameters: Any) -> Any:
        """The value of a call that must succeed."""
        answer = self.call(service, who, name, *parameters)
        assert answer["code"] == 0, answer["output"]
        return answer["value"]

    def code(self, service: str, who: str | Identity | None, name: str, *parameters: Any) -> int:
        """The code of a call that must not."""
        code = self.call(service, who, name, *parameters)["code"]
        assert isinstance(code, int)
        assert code != 0
        return code

    def alive(self, urn: Urn = ONE) -> datetime | None:
        now = self.clock.now()
        with self.desk.register.unit() as session:
            one = find(session, SliceRow, key_of(urn), now)
            return None if one is None or has_ended(one, now) else one.expires

    def deeds(self) -> int:
        with self.desk.register.unit() as session:
            return session.scalar(select(func.count()).select_from(EventRow)) or 0

    def add_user(self, name: str, words: Words | None = None) -> None:
        add_user(self.home, name, words or Words(), clock=self.clock)

    def close(self) -> None:
        self.desk.register.close()
