"""Handlers of the Federation API's operations, bound to their declarations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.clearinghouse.register import key_of
from gcf_am.clearinghouse.turn import Turn
from gcf_am.surface.ch_decoding import Asked
from gcf_am.surface.ch_elements import Authority, Operation
from gcf_am.surface.ch_v2 import CH_2
from gcf_am.surface.lifecycle import State
from gcf_am.trust.certificates import PublicKey
from gcf_am.urn import Urn

Answer = Callable[[Turn, Asked, Operation], object]


@dataclass(frozen=True, slots=True)
class Handler:
    """Who answers an operation; `spare` makes a key before its transaction begins."""

    answer: Answer
    spare: Callable[[], PublicKey] | None = None


class Handlers:
    """The handlers of one service, by the names of operations."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self._bound: dict[str, Handler] = {}

    def serves(
        self, name: str, *, spare: Callable[[], PublicKey] | None = None
    ) -> Callable[[Answer], Answer]:
        """Bind a handler; raises TypeError for what is not declared, or bound already."""
        if name not in {one.name for one in self.authority.operations} or name in self._bound:
            raise TypeError(f"{name} is not declared in {self.authority.name}, or served twice")

        def bind(answer: Answer) -> Answer:
            self._bound[name] = Handler(answer, spare)
            return answer

        return bind

    def table(self) -> Mapping[str, Handler]:
        """The handlers; raises TypeError when declared and served operations differ.

        One that was removed has no handler: it is answered with advice.
        """
        wanted = {
            one.name
            for one in self.authority.operations
            if one.implemented and one.state is not State.REMOVED
        }
        if odd := wanted ^ self._bound.keys():
            told = ", ".join(sorted(odd))
            raise TypeError(f"declared and served operations of {self.authority.name}: {told}")
        return dict(self._bound)


SR, SA, MA = (Handlers(one) for one in CH_2.authorities)


def urn(about: object) -> Urn:
    """The subject of a call, which the declaration reads as a URN."""
    assert isinstance(about, Urn)
    return about


def spelled(asked: Asked, field: str) -> Callable[[Urn], str]:
    """How a lookup writes a URN as the name of what it found: as the client wrote it (FED 2.2)."""
    given = (asked.match or {}).get(field, ())
    texts: Final = {key_of(one): one.text for one in given if isinstance(one, Urn)}
    return lambda one: texts.get(key_of(one), one.text)
