"""A call of the clearinghouse's APIs, and what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gcf_am.errors import BadArgs
from gcf_am.surface.ch_decoding import find_operation
from gcf_am.surface.ch_gcf import CH_GCF
from gcf_am.surface.ch_v2 import CH_2, CH_CODES, UNSERVED
from tests.observing.record import SIGHT, Sight

AUTHORITIES: Final = {
    **{one.name: one for one in CH_2.authorities},
    "CH": CH_2.authorities[0],
}
GCF: Final = {one.name: one for one in CH_GCF.methods}
_CODES: Final = {one.number: one.name for one in CH_CODES}


def saw_gcf(name: str, parameters: Sequence[Any], sight: Sight = SIGHT) -> None:
    """A call of an older method, which answered a value and no fault."""
    sight.answered(f"ch/gcf/{name}")
    for argument, _ in zip(GCF[name].arguments, parameters, strict=False):
        sight.sent(f"ch/gcf/{name}/{argument.name}")


def saw_federation(
    service: str, name: str, parameters: Sequence[Any], answer: Any, sight: Sight = SIGHT
) -> None:
    """A call of one of the services, whose answer was a struct.

    (1) The code it answered.
    (2) The operation, under the name that was used.
    (3) The options, which are read whether the call succeeds or not; where it does, the rest.
    (4) What came back: fields of objects, or of the operation's own.
    """
    authority = AUTHORITIES[service]
    where = f"ch/2/{authority.name}"
    # (1) code
    code = answer["code"]
    sight.answered(f"ch/2/code/{_CODES.get(code, code)}")
    # (2) operation
    try:
        found = find_operation(authority, name, parameters)
    except BadArgs:
        return
    if found is None:
        if name not in UNSERVED:
            sight.strange.add(f"{where} answered {name}, which is not declared")
        return
    operation, old = found
    at = f"{where}/{operation.name}"
    sight.answered(f"{at}/{old.name}" if old is not None else at)
    options = parameters[-1] if parameters and isinstance(parameters[-1], Mapping) else {}
    for option in options:
        sight.sent(f"{at}/{option}")
    if code != 0:
        return
    # (3) parameters
    subjects = parameters[1:] if operation.object is not None and old is None else parameters
    for argument, _ in zip(operation.about, subjects, strict=False):
        sight.sent(f"{at}/{argument.name}")
    kind = f"{where}/{operation.object.name}" if operation.object is not None else at
    for option, value in options.items():
        if option in {"fields", "match"} and isinstance(value, Mapping):
            for one in value:
                sight.sent(f"{kind}/{one}")
    # (4) answer
    returns = old.returns if old is not None and old.returns is not None else operation.returns
    sight.value(returns, answer["value"], at, kind)
