"""Bytes to bytes: the one place where errors are caught.

An error of the aggregate is a return struct; a Fault says only that the other side sent no call
of ours (AM API facts 1).
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from gcf_am.clock import format_time
from gcf_am.errors import AmError, Forbidden, ServerError, Unsupported
from gcf_am.rpc import uses
from gcf_am.rpc.access import Access
from gcf_am.rpc.authorizer import Authorizer
from gcf_am.rpc.binding import Handlers, Told
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rpc.journal import Report, nowhere
from gcf_am.rpc.uses import Use
from gcf_am.surface.codes import NUMBERS
from gcf_am.surface.decoding import Arguments, decode
from gcf_am.surface.elements import ApiVersion, Element, Method
from gcf_am.surface.lifecycle import State
from gcf_am.surface.shapes import Member, Undeclared
from gcf_am.surface.version import AM_TYPE
from gcf_am.trust.grant import Grant
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import LIMITS, XmlLimits, read_call, write_fault, write_response
from gcf_am.xmlrpc.fault import UNKNOWN_METHOD, Fault

_log: Final = logging.getLogger(__name__)
_SUCCESS: Final = 0


class NotOffered(Unsupported):
    """The method is removed, or not enabled: answered whatever codes the method declares."""


class Dispatcher:
    """Answers the calls of one version of the API.

    `refused` is told of each call that cannot be read or whose right is not proved: these cost
    much and give nothing. Raises TypeError at its making when the declared and the served
    methods differ.
    """

    def __init__(
        self,
        version: ApiVersion,
        handlers: Handlers,
        at: Endpoint,
        authorizer: Authorizer,
        *,
        limits: XmlLimits = LIMITS,
        refused: Callable[[Call], None] = lambda _call: None,
        report: Report = nowhere,
    ) -> None:
        self._version = version
        self._methods = {one.name: one for one in version.methods}
        self._table = handlers.table(version.methods)
        self._extensions = uses.old_extensions(at.facts.declared)
        self._at = at
        self._authorizer = authorizer
        self._limits = limits
        self._refused = refused
        self._report = report

    def answer(self, call: Call) -> bytes:
        """The answer to a call; never raises.

        (1) The body is read; what is no XML-RPC call is a Fault.
        (2) The name is one of the declared ones, else a Fault.
        (3) The arguments are decoded as declared.
        (4) The call is authorised as declared.
        (5) Its handler does the work.
        (6) What it gives is checked against the declaration, and written.

        However it ends, that is reported once.
        """
        access = Access(call, self._at.am.clock.now())
        try:
            # (1) read
            access.method, parameters = self._read(call)
            access.caller = self._authorizer.name(call)
            # (2) find
            method = self._methods.get(access.method)
            if method is None:
                access.method = "?"  # a log is no place for what a stranger invents
                raise Fault(UNKNOWN_METHOD, "there is no such method here")
            return self._returned(access, method, parameters)
        except Fault as fault:
            access.code = fault.code
            return write_fault(fault)
        finally:
            access.log()
            self._report(access.event())

    def _read(self, call: Call) -> tuple[str, list[object]]:
        try:
            return read_call(call.body, self._limits)
        except Fault:
            self._refused(call)
            raise

    def _returned(self, access: Access, method: Method, parameters: list[object]) -> bytes:
        """The return struct as bytes, whatever happens."""
        try:
            value, advice = self._value(access, method, parameters)
            return write_response(_struct(access, method, _SUCCESS, value, advice))
        except AmError as error:
            struct = self._failed(access, method, error)
        except Exception:  # noqa: BLE001  (the one catcher: logged, told without details)
            _log.exception("%s %s failed", access.call.request_id, method.name)
            struct = self._failed(access, method, _our_fault(access.call))
        return write_response(struct)

    def _value(
        self, access: Access, method: Method, parameters: list[object]
    ) -> tuple[object, str]:
        """What the method gives, and what `output` tells the caller."""
        facts = self._at.facts
        met = uses.met(self._version, method)
        # version 3's clients look for GetVersion even where nothing else is left
        if method.name != "GetVersion" or met.element is method:
            self._check_offered(access, met, method)
        # (3) decode
        arguments = decode(method, parameters, prototypes=facts.prototypes)
        access.about((*arguments.positional.values(), *arguments.options.values()))
        # (4) authorise
        given: list[object] = [self._at]
        if method.needs is not None:
            grant = self._granted(method, arguments, access.call)
            access.grant = grant
            if grant.tool is not None:
                access.caller = f"{grant.subject} by {grant.tool}"
            given.append(grant)
        access.authorised = True
        # (5) work
        handler = self._table[method.name][1]
        value = handler(*given, *arguments.positional.values(), **arguments.options)
        advice = self._advice(access, method, arguments)
        if isinstance(value, Told):
            value, advice = value
        # (6) check
        method.returns.check(value, method.name)
        if not facts.prototypes:
            value = method.returns.without(_is_prototype, value)
        return value, advice

    def _check_offered(self, access: Access, met: Use, method: Method) -> None:
        """Raise Unsupported for what is removed, or a prototype where there are none."""
        state = met.element.state
        if state is State.REMOVED:
            met.log(access)
            raise NotOffered(met.element.advice)
        if state is State.PROTOTYPE and not self._at.facts.prototypes:
            raise NotOffered(f"{method.name} is a prototype, and not enabled here")

    def _advice(self, access: Access, method: Method, arguments: Arguments) -> str:
        """What is deprecated among what the call used: told to the caller, and to the log.

        What was removed is ignored, and only the log tells of it.
        """
        found = list(uses.uses(self._version, method, arguments, self._extensions))
        for one in found:
            one.log(access)
        return " ".join(
            one.element.advice for one in found if one.element.state is State.DEPRECATED
        )

    def _granted(self, method: Method, arguments: Arguments, call: Call) -> Grant:
        try:
            return self._authorizer.grant(method, arguments, call)
        except Forbidden:
            self._refused(call)
            raise

    def _failed(self, access: Access, method: Method, error: AmError) -> dict[str, object]:
        """The return struct of a failure; on failure `output` is never empty."""
        code = error.code
        access.reason, access.rule = error.reason, error.rule
        if code not in self._answered(method) and not isinstance(error, NotOffered):
            _log.error("%s %s: %d is not declared", access.call.request_id, method.name, code)
            code = NUMBERS["ERROR"]
        output = error.message or f"{method.name} failed"
        struct = _struct(access, method, code, _sendable(method, error.hint), output)
        if error.am_code is not None:
            struct["code"] = {**_code(code), "am_code": error.am_code}
        return struct

    def _answered(self, method: Method) -> frozenset[int]:
        """The numbers of the codes it may answer; what is removed is none of them."""
        declared = self._at.facts.declared
        numbers = (NUMBERS[label] for label in method.errors)
        return frozenset(
            one for one in numbers if declared[f"code/{one}"].state is not State.REMOVED
        )


def _is_prototype(member: Member) -> bool:
    return isinstance(member, Element) and member.state is State.PROTOTYPE


def _struct(
    access: Access, method: Method, code: int, value: object, output: str
) -> dict[str, object]:
    """AM API v3, Return Struct; GetVersion has geni_api beside it."""
    access.code = code
    return {"code": _code(code), "value": value, "output": output, **dict(method.beside)}


def _code(number: int) -> dict[str, object]:
    return {"geni_code": number, "am_type": AM_TYPE}


def _our_fault(call: Call) -> ServerError:
    return ServerError(f"This is the aggregate's fault; tell its operator: {call.request_id}")


def _sendable(method: Method, hint: object) -> object:
    """What an error gives as `value`: a hint, else empty; a date as the standard writes it.

    A struct is given where the method declares it.
    """
    if isinstance(hint, Mapping) and method.hint is not None:
        try:
            method.hint.check(hint, method.name)
        except Undeclared:
            _log.exception("a hint of %s is not as declared", method.name)
            return ""
        return hint
    if isinstance(hint, datetime):
        return format_time(hint)
    return hint if isinstance(hint, str | int) else ""
