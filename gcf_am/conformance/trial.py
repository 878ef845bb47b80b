"""One check being tried: the aggregate as it may be asked, and how to say that a rule held."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, NoReturn, TypeVar

from gcf_am.client.answers import BadAnswer, inflated
from gcf_am.client.shown import ShownComponent, UnreadableRspec
from gcf_am.client.transport import Shown
from gcf_am.conformance import asking, holding
from gcf_am.conformance.abilities import Abilities, read_abilities
from gcf_am.conformance.advertised import Ad
from gcf_am.conformance.answer import Answer, read
from gcf_am.conformance.holding import Holding
from gcf_am.conformance.lines import Lines, body_of, now
from gcf_am.conformance.shortening import readable_call, shortened
from gcf_am.conformance.slices import SliceUnderTest, played
from gcf_am.conformance.tape import Tape
from gcf_am.conformance.target import WRITING, Person, Target
from gcf_am.conformance.verdict import Exchange, Failed, Skipped, Undecided

T = TypeVar("T")
GENI3: Final[Mapping[str, Any]] = {"geni_rspec_version": {"type": "GENI", "version": "3"}}


class Stopped(Exception):
    """The run is to end: nothing more is asked."""


@dataclass(frozen=True)
class Caller:
    """Somebody at an address."""

    trial: "Trial"
    shown: Shown
    url: str

    def call(self, method: str, *arguments: Any) -> Answer:
        """As `Trial.call`, in this one's name."""
        return self.trial.send(self, method, arguments)


@dataclass
class Trial:
    """What a check's `run` is handed; everything that is asked through it is written down."""

    id: str
    target: Target
    tape: Tape
    lines: Lines
    exchanges: list[Exchange] = field(default_factory=list)
    slices: list[SliceUnderTest] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    wrote: bool = False

    # who asks

    @cached_property
    def me(self) -> Caller:
        """The experimenter at the aggregate."""
        return self.as_user(1)

    def as_user(self, number: int) -> Caller:
        """The experimenter, 1, or another one; Skipped where there is none."""
        return self.with_identity(self.person(number).shown)

    def person(self, number: int = 1) -> Person:
        """Who that is; Skipped where there is none."""
        people = self.target.people
        return (
            people[number - 1] if number <= len(people) else self.skip("no second user was given")
        )

    def with_identity(self, shown: Shown, *, url: str | None = None) -> Caller:
        """Somebody with another certificate, or at another address."""
        return Caller(self, shown, url or self.target.url)

    def url(self, version: str = "3") -> str:
        """Where the aggregate says that a version of the API answers; Skipped where nowhere."""
        url = self.abilities.urls.get(version)
        return url or self.skip(f"geni_api_versions has no version {version}")

    # asking

    def call(self, method: str, *arguments: Any) -> Answer:
        """Call as the experimenter; whatever the aggregate does is an answer."""
        return self.me.call(method, *arguments)

    def send(self, caller: Caller, method: str, arguments: Sequence[Any]) -> Answer:
        """Call in somebody's name, and write it down."""
        sent = readable_call(method, arguments)
        return self.post(caller, method, body_of(method, arguments), sent)

    def post(
        self, caller: Caller, method: str, body: bytes, sent: str, content_type: str = "text/xml"
    ) -> Answer:
        """Send a body as it is; `sent` is what the report says of it."""
        self._may(method)

        def ask() -> dict[str, Any]:
            told = self.lines.post(caller.url, caller.shown, body, content_type)
            return {"sent": sent, **told}

        return self._heard(method, self.tape.learn("call", ask))

    def together(self, *calls: tuple[Caller, str, Sequence[Any]]) -> list[Answer]:
        """Make these calls at the same time, each on its own connection; answers in their order."""
        for _, method, _ in calls:
            self._may(method)

        def ask() -> list[dict[str, Any]]:
            told: list[dict[str, Any]] = [{} for _ in calls]
            start = threading.Barrier(len(calls))

            def one(number: int) -> None:
                caller, method, arguments = calls[number]
                body = body_of(method, arguments)
                lines = Lines(self.target.terms.seconds)
                start.wait()
                try:
                    heard = lines.post(caller.url, caller.shown, body)
                finally:
                    lines.close()
                told[number] = {"sent": readable_call(method, arguments), **heard}

            threads = [threading.Thread(target=one, args=(n,)) for n in range(len(calls))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return told

        heard = self.tape.learn("together", ask)
        return [self._heard(call[1], told) for call, told in zip(calls, heard, strict=True)]

    def observe(self, sent: str, look: Callable[[], Any]) -> Any:
        """What `look` finds out by other means than a call, as JSON can hold it.

        `sent` says in words what is done.
        """
        if self.tape.live and self.target.stop.is_set():
            raise Stopped
        found = self.tape.learn("observe", look)
        self.exchanges.append(Exchange(sent, shortened(str(found)), 0.0))
        return found

    def _may(self, method: str) -> None:
        if self.tape.live and self.target.stop.is_set():
            raise Stopped
        if method in WRITING:
            if self.target.terms.readonly:
                raise Skipped("the run may reserve nothing (--readonly)")
            self.wrote = True

    def _heard(self, method: str, told: Mapping[str, Any]) -> Answer:
        answer = read(method, told)
        self.exchanges.append(Exchange(told["sent"], answer.text, answer.seconds))
        return answer

    # the time, and chance

    def now(self) -> datetime:
        """The time."""
        return datetime.fromisoformat(self.tape.learn("now", lambda: now().isoformat()))

    def pause(self, seconds: float) -> None:
        """Wait a little, if anything is there to wait for; Stopped when the run is to end."""
        if self.tape.live and self.target.stop.wait(seconds):
            raise Stopped

    def until(self, look: Callable[[], T | None], what: str, seconds: float | None = None) -> T:
        """The first thing that `look` finds, asked again and again; Undecided in the end.

        Of the exchanges only the first and the last round's are kept.
        """
        end = self.now() + timedelta(seconds=seconds or self.target.terms.patience)
        first: int | None = None
        while True:
            begin = len(self.exchanges)
            found = look()
            if found is not None:
                return found
            if self.now() > end:
                raise Undecided(f"in {seconds or self.target.terms.patience:g} s never: {what}")
            if first is None:
                first = len(self.exchanges)
            else:
                del self.exchanges[first:begin]
            self.pause(0.1)

    @cached_property
    def chance(self) -> random.Random:
        """Random numbers, the same for this check in a run with the same seed."""
        return random.Random(f"{self.target.terms.seed} {self.id}")  # noqa: S311 names

    # judging

    def expect(self, held: bool, expected: str, got: object) -> None:
        """Raise Failed with these words, unless the rule held."""
        if not held:
            raise Failed(expected, shortened(str(got)))

    def succeeds(self, answer: Answer) -> Any:
        """The value of a call that must succeed."""
        self.expect(answer.code == 0, f"{answer.method} succeeds: geni_code 0", answer.brief)
        self.expect("value" in answer.raw, "a return struct with `value`", answer.text)
        return answer.value

    def refuses(self, answer: Answer, *codes: int) -> None:
        """The call is refused in a return struct, with one of these codes and a reason."""
        wanted = " or ".join(map(str, codes)) or "other than 0"
        self.expect(
            answer.code is not None and (answer.code in codes if codes else answer.code != 0),
            f"{answer.method} is refused with geni_code {wanted}, and no Fault",
            answer.brief,
        )
        self.expect(
            isinstance(answer.output, str) and bool(answer.output.strip()),
            "`output` says why the call is refused",
            f"output is {answer.output!r}",
        )

    def skip(self, reason: str) -> NoReturn:
        """The rule does not apply here."""
        raise Skipped(reason)

    def cannot_tell(self, reason: str) -> NoReturn:
        """It cannot be found out."""
        raise Undecided(shortened(reason))

    # what the aggregate is

    @cached_property
    def version_answer(self) -> Answer:
        """What GetVersion answered."""
        return self._shared("GetVersion", "GetVersion", ({},))

    @property
    def version(self) -> Any:
        """GetVersion's value; Undecided without one."""
        answer = self.version_answer
        if answer.code != 0 or not isinstance(answer.value, Mapping):
            raise Undecided(f"GetVersion tells nothing: {answer.brief}")
        return answer.value

    @cached_property
    def abilities(self) -> Abilities:
        """What it says it can do."""
        return read_abilities(self.version)

    @cached_property
    def ad(self) -> Ad:
        """The advertisement of all that it has, as it was when the run began."""
        options = {**GENI3, "geni_available": False, "geni_compressed": False}
        answer = self._shared("ad", "ListResources", (self.user_credentials(), options))
        if answer.code != 0 or not isinstance(answer.value, str):
            raise Undecided(f"there is no advertisement: {answer.brief}")
        try:
            ad = Ad(inflated(answer.value))
            _ = ad.nodes
        except (UnreadableRspec, BadAnswer) as error:
            raise Undecided(str(error)) from None
        return ad

    def _shared(self, name: str, method: str, arguments: Sequence[Any]) -> Answer:
        shared = self.target.shared
        with self.target.lock:
            if name not in shared:
                sent = readable_call(method, arguments)
                body = body_of(method, arguments)
                told = self.lines.post(self.target.url, self.me.shown, body)
                shared[name] = {"sent": sent, **told}
        return self._heard(method, shared[name])

    # what may be used there

    def user_credentials(self, number: int = 1) -> list[dict[str, Any]]:
        """The user's own credential, as calls carry it."""
        return [dict(self.person(number).credential().argument())]

    def credentials(self) -> list[dict[str, Any]]:
        """Those for this check's slice."""
        return (self.slices[0] if self.slices else self.slice()).credentials

    def slice(self, *, fresh: bool = False) -> SliceUnderTest:
        """A slice of the experimenter's that is empty at the aggregate; each time another one.

        `fresh`: the aggregate never heard of it. Skipped where there are no more slices.
        """
        lent: list[SliceUnderTest] = []

        def find() -> dict[str, str] | None:
            one = self.target.pool.lend(fresh=fresh)
            if one is None:
                return None
            lent.append(one)
            return {"urn": one.urn, "expires": one.expires.isoformat()}

        told = self.tape.learn("slice", find)
        if told is None:
            raise Skipped("there are not enough slices (--slice-credential)")
        one = lent[0] if lent else played(told)
        self.slices.append(one)
        return one

    def request(
        self,
        count: int = 1,
        *,
        bound: bool | None = None,
        prefix: str = "n",
        link: bool = False,
        inside: str = "",
        beside: str = "",
    ) -> str:
        """A request for so many nodes; `bound`: on components of the advertisement, which no other
        check uses then (default: --bound). See `asking.compose`.

        With --request FILE it is the first nodes of the file, and Skipped for what is not there.
        """
        given = self.target.terms.request
        if given is not None and not bound:
            if link:
                self.skip("links are not tried with --request")
            made = asking.reduced(given, count, inside=inside, beside=beside)
            return made or self.skip(f"the request of --request has less than {count} nodes")
        bound = self.target.terms.bound if bound is None else bound
        chosen = self.nodes(count, bound=bound)
        return asking.compose(
            chosen, bound=bound, prefix=prefix, link=link, inside=inside, beside=beside
        )

    def nodes(
        self, count: int, *, bound: bool = True, exclusive: bool = False
    ) -> Sequence[ShownComponent]:
        """Advertised nodes to ask for; `bound` ones are this check's alone until it ends.

        `exclusive`: only such as go to one at a time. Skipped where there are not so many.
        """
        usable = self.ad.usable
        if exclusive:
            usable = tuple(one for one in usable if one.exclusive)
        if not usable and exclusive:
            self.skip("the advertisement has no available node that goes to one at a time")
        if not usable:
            self.cannot_tell("the advertisement has no available node with a sliver_type")
        if not bound and not usable[0].exclusive:
            return [usable[0]] * count
        if not bound:
            return usable[:count] if len(usable) >= count else self.skip(_TOO_FEW)
        names = self.tape.learn(
            "nodes", lambda: [one.component_id for one in self.target.take(usable, count)]
        )
        self.components += names
        if len(names) < count:
            self.skip(_TOO_FEW)
        return [one for one in usable if one.component_id in names]

    # slices with something in them

    def allocated(self, count: int = 1, **how: Any) -> Holding:
        """A slice in which so many nodes are allocated; Undecided where that fails.

        `how` is as for `request`, and `request` itself.
        """
        return holding.allocated(self, count, **how)

    def provisioned(self, count: int = 1, **how: Any) -> Holding:
        """The same, provisioned, and as far as it gets without geni_start."""
        return holding.provisioned(self, holding.allocated(self, count, **how))

    def ready(self, count: int = 1, **how: Any) -> Holding:
        """The same, in geni_ready."""
        return holding.ready(self, self.provisioned(count, **how))


_TOO_FEW: Final = "the advertisement has not enough available nodes"
