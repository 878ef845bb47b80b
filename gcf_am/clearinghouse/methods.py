"""The table of methods: what a client may call, with how its arguments are read."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gcf_am.clearinghouse.actor import Visit
from gcf_am.clearinghouse.service import Service
from gcf_am.clock import parse_time
from gcf_am.errors import AmError, BadArgs
from gcf_am.surface.ch_gcf import CH_GCF, PlainApi
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call
from gcf_am.xmlrpc.codec import read_call, write_fault, write_response
from gcf_am.xmlrpc.fault import UNKNOWN_METHOD, Fault

_log: Final = logging.getLogger(__name__)
_OURS: Final = 5


def text(value: object) -> str:
    """A string; base64 is read as UTF-8 text."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            raise BadArgs("a text is not UTF-8") from None
    if not isinstance(value, str):
        raise BadArgs(f"a string is expected, not {type(value).__name__}")
    return value


def urn(value: object) -> Urn:
    """A URN."""
    try:
        return Urn.parse(text(value))
    except ValueError as error:
        raise BadArgs(str(error)) from None


def moment(value: object) -> datetime:
    """A date and time; Omni sends it naive, which means UTC."""
    try:
        return value if isinstance(value, datetime) else parse_time(text(value))
    except ValueError as error:
        raise BadArgs(str(error)) from None


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its argument readers, in order, and who answers."""

    readers: tuple[Callable[[object], Any], ...]
    answer: Callable[..., object]


# FED 2.3; values are answered bare, without a return struct
METHODS: Final[Mapping[str, Method]] = {
    "GetVersion": Method((), Service.get_version),
    "CreateUserCredential": Method((text,), Service.create_user_credential),
    "CreateSlice": Method((urn,), Service.create_slice),
    "RenewSlice": Method((urn, moment), Service.renew_slice),
    "DeleteSlice": Method((urn,), Service.delete_slice),
    "ListAggregates": Method((), Service.list_aggregates),
    "ListMySlices": Method((urn,), Service.list_my_slices),
    "get_trust_roots": Method((), Service.get_trust_roots),
}


def check_declared(api: PlainApi) -> None:
    """Raise TypeError when the declared and the served methods differ."""
    declared = {(one.name, len(one.arguments)) for one in api.methods}
    served = {(name, len(one.readers)) for name, one in METHODS.items()}
    if odd := declared ^ served:
        names = ", ".join(sorted(name for name, _ in odd))
        raise TypeError(f"declared and served methods of gcf differ: {names}")


check_declared(CH_GCF)


def answer(service: Service, call: Call) -> bytes:
    """Answer one call; whatever is wrong becomes a Fault, as the framework `gcf` has it.

    A Fault's code is the GENI code of the error; its text holds nothing but a sentence.
    """
    try:
        name, arguments = read_call(call.body)
        method = METHODS.get(name)
        if method is None:
            raise Fault(UNKNOWN_METHOD, f"there is no method {name[:64]!r} here")
        if len(arguments) != len(method.readers):
            raise BadArgs(f"{name} takes {len(method.readers)} arguments, not {len(arguments)}")
        read = [reader(one) for reader, one in zip(method.readers, arguments, strict=True)]
        visit = Visit(service.desk.clock.now(), call.request_id, call.chain)
        return write_response(method.answer(service, visit, *read))
    except Fault as fault:
        return write_fault(fault)
    except AmError as error:
        return write_fault(Fault(error.code, error.message))
    except Exception:  # noqa: BLE001  (a fault must come out, whatever it was)
        _log.exception("request %s", call.request_id)
        return write_fault(Fault(_OURS, f"this is our fault; tell the number {call.request_id}"))
