"""The switch-board: which misbehaviour the aggregate shows at the moment, if any.

It stands between the HTTPS server and the aggregate, both of them the real ones. A misbehaviour
bends what comes in or goes out, or has one function of the aggregate replaced as long as it is on,
which is how a rule is switched off. Nothing in gcf_am knows of it.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final
from unittest.mock import patch

from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_call, read_response, write_fault
from gcf_am.xmlrpc.fault import Fault

_PATHS_2: Final = ("/xmlrpc/am/2", "/2.0")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that came in: `method` is empty where the body is no call at all."""

    method: str
    params: list[Any]
    call: Call
    inner: Callable[[Call], bytes]

    @property
    def version(self) -> int:
        """Of which version of the API the URL is."""
        return 2 if self.call.path.rstrip("/") in _PATHS_2 else 3

    @property
    def options(self) -> dict[str, Any]:
        """What options the call has; to change them changes the call."""
        last = self.params[-1] if self.params else None
        return last if isinstance(last, dict) else {}

    def plain(self) -> bytes:
        """The aggregate's own answer to what came in, as bytes."""
        return self.inner(self.call)

    def serve(self, method: str = "", params: list[Any] | None = None) -> Any:
        """The aggregate's own answer as values, to this call or to another; raises Fault."""
        given = self.params if params is None else params
        body = xmlrpc.client.dumps(tuple(given), method or self.method, allow_none=True)
        return read_response(self.inner(replace(self.call, body=body.encode())))


class Crash(Exception):
    """The aggregate dies of this call, as far as the caller can see."""


@dataclass(frozen=True, slots=True)
class Bend:
    """What is answered instead of what the aggregate answers to these methods.

    `answer` gives bytes, which go out as they are, or values for a methodResponse, or raises Fault
    or Crash. No `methods` are all of them, and what is no call; `version` 0 is every version.
    """

    answer: Callable[[Asked], object]
    methods: frozenset[str] = frozenset()
    version: int = 0

    def __call__(self, asked: Asked) -> object:
        if self.version in {0, asked.version} and (
            not self.methods or asked.method in self.methods
        ):
            return self.answer(asked)
        return asked.plain()


@dataclass(frozen=True, slots=True)
class Replaced:
    """What stands in the place of a function, or constant, of the aggregate's module or class."""

    where: Any
    name: str
    by: object


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """One way to be wrong, and the checks of the kit that are there to see it.

    `endless`: they see it by waiting for what never comes, and shall not wait for long.
    """

    name: str
    sentence: str
    caught_by: tuple[str, ...]
    bend: Bend | None = None
    replaced: tuple[Replaced, ...] = ()
    endless: bool = False


@dataclass
class Board:
    """`bend` is that of the misbehaviour that is on; `turns` counts how often it was switched.

    `broken` tells of bends that failed themselves: what they did was none of what they are for.
    """

    bend: Bend | None = None
    turns: int = 0
    broken: list[str] = field(default_factory=list)

    @contextmanager
    def on(self, one: Misbehaviour) -> Iterator[None]:
        """Misbehave so; one at a time."""
        assert self.bend is None, "one misbehaviour at a time"
        with ExitStack() as replaced:
            for rule in one.replaced:
                replaced.enter_context(patch.object(rule.where, rule.name, rule.by))
            self.bend = one.bend
            self.turns += 1
            try:
                yield
            finally:
                self.bend = None
                self.turns += 1

    def answering(self, inner: Callable[[Call], bytes]) -> Callable[[Call], bytes]:
        """`inner`, as bent as it is at the moment."""

        def answer(call: Call) -> bytes:
            if self.bend is None:
                return inner(call)
            try:
                method, params = read_call(call.body)
            except Fault:
                method, params = "", []
            try:
                given = self.bend(Asked(method, params, call, inner))
            except Fault as fault:
                return write_fault(fault)
            except Crash:
                raise
            except Exception as error:
                self.broken.append(f"{method}: {error!r}")
                raise
            return given if isinstance(given, bytes) else written(given)

        return answer


def written(value: object) -> bytes:
    """A methodResponse, also with what no answer may hold."""
    return xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode()  # type: ignore[arg-type]
