"""Asking an aggregate for a check, over its tape, and saying whether a rule held."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, NoReturn, TypeVar

from gcf_am.client.transport import Shown
from gcf_am.conformance.answer import Answer, read
from gcf_am.conformance.lines import Lines, body_of, now
from gcf_am.conformance.shortening import readable_call, shortened
from gcf_am.conformance.tape import Tape
from gcf_am.conformance.target import WRITING, Target
from gcf_am.conformance.verdict import Exchange, Failed, Skipped, Stopped, Undecided

T = TypeVar("T")

# Not authorised: FORBIDDEN, or more exactly that a credential is invalid, has expired, is not for
# this caller or slice, or is by nobody who is trusted. GENI error codes.
DENIED: Final = (3, 20, 21, 22, 23)


@dataclass(frozen=True)
class Caller:
    """Somebody at an address."""

    inquiry: "Inquiry"
    shown: Shown
    url: str

    def call(self, method: str, *arguments: Any) -> Answer:
        """As `Inquiry.call`, in this one's name."""
        return self.inquiry.send(self, method, arguments)


@dataclass
class Inquiry:
    """What is asked for one check, and heard: everything is written down in `exchanges`."""

    id: str
    target: Target
    tape: Tape
    lines: Lines
    exchanges: list[Exchange] = field(default_factory=list)
    wrote: bool = False

    # who asks

    @cached_property
    def me(self) -> Caller:
        """The experimenter at the aggregate."""
        return self.with_identity(self.target.people[0].shown)

    def with_identity(self, shown: Shown, *, url: str | None = None) -> Caller:
        """Somebody with another certificate, or at another address."""
        return Caller(self, shown, url or self.target.url)

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

        return self.heard(method, self.tape.learn("call", ask))

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
        return [self.heard(call[1], told) for call, told in zip(calls, heard, strict=True)]

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

    def heard(self, method: str, told: Mapping[str, Any]) -> Answer:
        """The answer that was kept, written down."""
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

    def forbids(self, answer: Answer) -> None:
        """The call is refused since the caller has no right to it."""
        self.refuses(answer, *DENIED)

    def skip(self, reason: str) -> NoReturn:
        """The rule does not apply here."""
        raise Skipped(reason)

    def cannot_tell(self, reason: str) -> NoReturn:
        """It cannot be found out."""
        raise Undecided(shortened(reason))
