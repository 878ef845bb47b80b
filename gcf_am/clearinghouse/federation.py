"""Bytes to bytes for the Federation API: every answer is a struct of code, value and output.

Source: Federation API v2, return structs; FED 1.1 and 1.2.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

# imported for their handlers
from gcf_am.clearinghouse import (
    certificates,
    keys,
    members,
    memberships,
    projects,
    registry,
    slices,
    sliver_infos,
)
from gcf_am.clearinghouse.actor import Unauthenticated, Visit
from gcf_am.clearinghouse.handlers import Handlers
from gcf_am.clearinghouse.turn import Desk
from gcf_am.errors import (
    AlreadyExists,
    AmError,
    BadArgs,
    DatabaseError,
    Forbidden,
    Unsupported,
)
from gcf_am.surface.ch_decoding import Asked, decode, find_operation
from gcf_am.surface.ch_elements import ObjectType, OldName, Operation, Who
from gcf_am.surface.ch_v2 import CH_CODES, UNSERVED
from gcf_am.surface.lifecycle import State
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_call, write_fault, write_response
from gcf_am.xmlrpc.fault import UNKNOWN_METHOD, Fault

_log: Final = logging.getLogger(__name__)
SERVED: Final = (
    certificates,
    keys,
    members,
    memberships,
    projects,
    registry,
    slices,
    sliver_infos,
)
_NAMES: Final = {one.number: one.name for one in CH_CODES}
_SERVER_ERROR: Final = 101
# The first that fits counts.
_CODES: Final[tuple[tuple[type[AmError], int], ...]] = (
    (Unauthenticated, 1),
    (Forbidden, 2),
    (BadArgs, 3),
    (DatabaseError, 4),
    (AlreadyExists, 5),
    (Unsupported, 100),
)


class Federation:
    """Answers the calls to one service; raises TypeError when an operation has no handler."""

    def __init__(self, handlers: Handlers, desk: Desk) -> None:
        self._authority = handlers.authority
        self._table = handlers.table()
        self._desk = desk

    def answer(self, call: Call) -> bytes:
        """The answer to a call; never raises.

        What is no XML-RPC call, or names no method of the service, is a Fault; all else is a
        struct.
        """
        name, code = "?", _SERVER_ERROR
        try:
            name, parameters = read_call(call.body)
            struct = self._struct(call, name, parameters)
            code = struct["code"]
            return write_response(struct)
        except Fault as fault:
            code = fault.code
            name = "?"  # a log is no place for what a stranger invents
            return write_fault(fault)
        finally:
            _log.info("%s %s %s code=%s", call.request_id, call.peer, name, code)

    def _struct(self, call: Call, name: str, parameters: Sequence[object]) -> dict[str, Any]:
        try:
            value, advice = self._value(call, name, parameters)
            return {"code": 0, "value": value, "output": advice}
        except AmError as error:
            code = next((code for kind, code in _CODES if isinstance(error, kind)), _SERVER_ERROR)
            return _failed(code, error.message)
        except Fault:
            raise
        except Exception:  # noqa: BLE001  (the one catcher: logged, told without details)
            _log.exception("request %s", call.request_id)
            return _failed(_SERVER_ERROR, f"tell the operator the number {call.request_id}")

    def _value(self, call: Call, name: str, parameters: Sequence[object]) -> tuple[object, str]:
        """What the operation gives, and advice where the client had better call another.

        (1) The operation is found among those declared; what was removed gives advice alone.
        (2) Who calls nothing but what is for everybody has a certificate: before anything else of
            the call is judged.
        (3) The parameters are read as declared.
        (4) In one transaction the caller is identified, and the handler permits and works.
        (5) What it gives is cut to what was asked for, and checked against the declaration.
        """
        # (1) find
        found = find_operation(self._authority, name, parameters)
        if found is None:
            if name in UNSERVED and self._authority.name == "SA":
                raise Unsupported("requests to join a project are not served here; ask its lead")
            raise Fault(UNKNOWN_METHOD, f"there is no method {name[:64]!r} here")
        operation, old = found
        advice = self._advice(call, operation, old)
        anybody = Who.ANYBODY in operation.who
        # (2) a certificate
        if not anybody and not call.chain:
            raise Unauthenticated("this call needs a client certificate; none was shown")
        if not operation.implemented:
            raise Unsupported(operation.doc)
        # (3) decode
        asked = decode(operation, old, parameters)
        # (4) work
        handler = self._table[operation.name]
        visit = Visit(
            self._desk.clock.now(),
            call.request_id,
            call.chain,
            asked.credentials,
            asked.speaking_for,
        )
        spare = handler.spare() if handler.spare is not None else None
        with self._desk.turn(visit, anybody=anybody) as turn:
            turn.spare = spare
            value = handler.answer(turn, asked, operation)
        # (5) check
        if operation.object is not None and operation.verb == "lookup":
            value = _cut(value, asked, old, operation.object)
        returns = old.returns if old is not None and old.returns is not None else operation.returns
        returns.check(value, name)
        return value, advice

    def _advice(self, call: Call, operation: Operation, old: OldName | None) -> str:
        """What is deprecated of the operation or its name; raises Unsupported where it is gone."""
        for one in (operation, old):
            if one is None or one.state < State.DEPRECATED:
                continue
            state = one.state.name.lower()
            where = f"ch/2/{self._authority.name}/{operation.name}"
            identity = where if one is operation else f"{where}/{one.name}"
            _log.info("%s %s %s", call.request_id, state, identity)
            if one.state is State.REMOVED:
                raise Unsupported(one.advice)
            return one.advice
        return ""


def _failed(code: int, why: str) -> dict[str, Any]:
    """Omni looks for words of the output (FED 1.2), and for a value that is there."""
    name = _NAMES[code]
    return {
        "code": code,
        "value": "",
        "output": f"[{name.removesuffix('_ERROR')}] {name} ({why})",
    }


def _cut(value: Any, asked: Asked, old: OldName | None, kind: ObjectType) -> object:
    """Of what was found, the fields that were asked for, listed as the name of the call has it."""
    sees = {one.name for one in kind.attributes if old is None or one.protect in old.sees}
    wanted = sees if asked.filter is None else sees & {*asked.filter, *_always(asked, kind)}
    if isinstance(value, list):
        return [_only(one, wanted) for one in value]
    found: Mapping[str, Mapping[str, object]] = value
    if old is None or not old.grouped:
        return {name: _only(one, wanted) for name, one in found.items()}
    groups: dict[str, list[dict[str, object]]] = {}
    for one in found.values():
        groups.setdefault(str(one[old.grouped]), []).append(_only(one, wanted - {old.grouped}))
    return groups


def _always(asked: Asked, kind: ObjectType) -> tuple[str, ...]:
    """What tells objects apart is told with any field, unless none at all was wanted."""
    return kind.always if asked.filter else ()


def _only(one: Mapping[str, object], wanted: set[str]) -> dict[str, object]:
    return {name: value for name, value in one.items() if name in wanted}
