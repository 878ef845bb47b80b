"""One check being tried: the aggregate as it may be asked, and how to say that a rule held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from gcf_am.client.answers import BadAnswer, inflated
from gcf_am.client.shown import ShownComponent, UnreadableRspec
from gcf_am.conformance import asking, holding
from gcf_am.conformance.abilities import Abilities, read_abilities
from gcf_am.conformance.advertised import Ad
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.forging.identity import Identity, load_identity
from gcf_am.conformance.holding import Holding
from gcf_am.conformance.inquiry import Caller, Inquiry
from gcf_am.conformance.lines import body_of
from gcf_am.conformance.older import bare
from gcf_am.conformance.shortening import readable_call
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.stand_in import said_by, stand_in
from gcf_am.conformance.target import Person
from gcf_am.conformance.verdict import Skipped, Undecided

_PREFIX: Final = "n"


@dataclass
class Trial(Inquiry):
    """What a check's `run` is handed.

    `slices` are those it was lent, `components` the URNs of nodes that are its own meanwhile,
    `shut` URNs of slices that it shut down, which nobody but an operator can use again.
    """

    slices: list[SliceUnderTest] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    shut: list[str] = field(default_factory=list)

    def send(self, caller: Caller, method: str, arguments: Sequence[Any]) -> Answer:
        """As `Inquiry.send`; a slice that was given, and is not the run's own, is never risked to
        be shut down: Skipped. One that is shut down all the same is lent to no other check.
        """
        if method == "Shutdown" and self.slices and self.tape.learn("given", self._given):
            self.skip("slices of --slice-credential are not put at the risk of being shut down")
        answer = super().send(caller, method, arguments)
        if method == "Shutdown" and (answer.code == 0 or answer.ended is not None):
            lent = [one.urn for one in self.slices]
            self.shut += [urn for urn in lent if urn == arguments[0]] or lent
        return answer

    def _given(self) -> bool:
        return self.target.pool.source.limited

    # who asks

    def as_user(self, number: int) -> Caller:
        """The experimenter, 1, or another one; Skipped where there is none."""
        return self.with_identity(self.person(number).shown)

    def person(self, number: int = 1) -> Person:
        """Who that is; Skipped where there is none."""
        people = self.target.people
        return (
            people[number - 1] if number <= len(people) else self.skip("no second user was given")
        )

    def operator(self) -> Caller:
        """Who may shut slices down; for checks that need one."""
        who = self.target.operator or self.person()
        return self.with_identity(who.shown)

    def identity(self, number: int = 1) -> Identity:
        """The key and the certificates of somebody, to sign with; Skipped where there is none."""
        shown = self.person(number).shown
        return load_identity(shown.certificate, shown.key)

    def url(self, version: str = "3") -> str:
        """Where the aggregate says that a version of the API answers; Skipped where nowhere."""
        url = self.abilities.urls.get(version)
        return url or self.skip(f"geni_api_versions has no version {version}")

    # what the aggregate is

    @cached_property
    def version_answer(self) -> Answer:
        """What GetVersion answered."""
        return self.shared("GetVersion", {})

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
        answer = self.shared("ListResources", self.listing_credentials(), options)
        if answer.code != 0 or not isinstance(answer.value, str):
            raise Undecided(f"there is no advertisement: {answer.brief}")
        try:
            ad = Ad(inflated(answer.value))
            _ = ad.nodes
        except (UnreadableRspec, BadAnswer) as error:
            raise Undecided(str(error)) from None
        return ad

    def shared(self, method: str, *arguments: Any) -> Answer:
        """An answer that all checks of a run have in common, asked by the first that wants it."""
        heard = self.target.shared
        with self.target.lock:
            if method not in heard:
                if not self.tape.live:
                    raise Undecided(f"the cassette has no answer to {method}")
                told = self.lines.post(self.target.url, self.me.shown, body_of(method, arguments))
                heard[method] = {"sent": readable_call(method, arguments), **told}
        return self.heard(method, heard[method])

    # what may be used there

    def user_credentials(self, number: int = 1) -> list[dict[str, Any]]:
        """The user's own credential, as calls carry it."""
        return [dict(self.person(number).credential().argument())]

    def listing_credentials(self) -> list[Any]:
        """The same for ListResources: as texts where only version 2 is spoken."""
        mine = self.user_credentials()
        return list(bare(mine)) if self.abilities.api == 2 else mine

    def credentials(self) -> list[dict[str, Any]]:
        """Those for this check's slice."""
        return (self.slices[0] if self.slices else self.slice()).credentials

    def slice(self, *, fresh: bool = False) -> SliceUnderTest:
        """A slice of the experimenter's that is empty at the aggregate; each time another one.

        `fresh`: the aggregate never heard of it. Skipped where there are no more slices.
        """
        lent: list[SliceUnderTest] = []

        def find() -> dict[str, Any] | None:
            one = self.target.pool.lend(fresh=fresh)
            if one is None:
                return None
            lent.append(one)
            return said_by(one.credential)

        told = self.tape.learn("slice", find)
        if told is None:
            raise Skipped("there are not enough slices (--slice-credential)")
        if lent:
            one = lent[0]
        else:
            credential = stand_in(told, self.identity())
            one = SliceUnderTest(credential.target, credential)
        self.slices.append(one)
        return one

    def request(
        self,
        count: int = 1,
        *,
        bound: bool | None = None,
        prefix: str = _PREFIX,
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
            other = "" if prefix == _PREFIX else prefix
            made = asking.reduced(given, count, prefix=other, inside=inside, beside=beside)
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
