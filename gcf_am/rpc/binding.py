"""Handlers bound to declarations: a wrong signature fails on import, a missing one at start."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeVar, get_type_hints

from gcf_am.rpc.endpoint import Endpoint
from gcf_am.surface.elements import Method
from gcf_am.surface.lifecycle import State
from gcf_am.trust.grant import Grant

Handler = Callable[..., object]
H = TypeVar("H", bound=Handler)

_CREDENTIALS: Final = "credentials"  # for the authorizer; a handler gets the grant


class Told(NamedTuple):
    """What a handler answers that has words for `output`, which then holds nothing else."""

    value: object
    output: str


class Handlers:
    """The handlers of one version of the API, by method name."""

    def __init__(self) -> None:
        self._bound: dict[str, Handler] = {}

    def serves(self, method: Method) -> Callable[[H], H]:
        """Bind a handler; raises TypeError unless its signature is the declaration's.

        That is: (at: Endpoint, grant: Grant, arguments in order, *, options), names and types
        alike; without the grant where the method needs no credentials.
        """

        def bind(handler: H) -> H:
            expected, found = _declared(method), _written(handler)
            if expected != found:
                raise TypeError(f"{method.name} is declared as {expected}, its handler as {found}")
            if method.name in self._bound:
                raise TypeError(f"{method.name} has two handlers")
            self._bound[method.name] = handler
            return handler

        return bind

    def table(self, methods: Iterable[Method]) -> Mapping[str, tuple[Method, Handler]]:
        """The dispatch table; raises TypeError when declared and served methods differ.

        A removed method has no handler: it is answered with advice.
        """
        declared = {one.name: one for one in methods if one.state is not State.REMOVED}
        if declared.keys() != self._bound.keys():
            odd = sorted(declared.keys() ^ self._bound.keys())
            raise TypeError(f"declared and served methods differ: {', '.join(odd)}")
        return {name: (method, self._bound[name]) for name, method in declared.items()}


def _declared(method: Method) -> list[tuple[str, str, object]]:
    given: list[tuple[str, object]] = [("at", Endpoint)]
    if method.needs is not None:
        given.append(("grant", Grant))
    given += [(one.name, one.type.python) for one in method.arguments if one.name != _CREDENTIALS]
    named = [(one.keyword, one.python) for one in method.options if one.handed]
    return [
        *(("positional", name, kind) for name, kind in given),
        *(("keyword", name, kind) for name, kind in sorted(named, key=lambda pair: pair[0])),
    ]


def _written(handler: Handler) -> list[tuple[str, str, object]]:
    hints = get_type_hints(handler)
    positional, named = [], []
    for one in inspect.signature(handler).parameters.values():
        if one.kind is inspect.Parameter.KEYWORD_ONLY:
            named.append(("keyword", one.name, hints.get(one.name)))
        else:
            positional.append(("positional", one.name, hints.get(one.name)))
    return [*positional, *sorted(named, key=lambda triple: triple[1])]
