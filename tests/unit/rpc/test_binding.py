from collections.abc import Callable
from datetime import datetime

import pytest

from gcf_am.rpc.binding import Handlers
from gcf_am.rpc.endpoint import Endpoint
from gcf_am.rpc.handlers_v3 import HANDLERS
from gcf_am.surface.am_v3 import ALLOCATE, AM_3, GET_VERSION
from gcf_am.trust.grant import Grant
from gcf_am.urn import Urn


def right(
    at: Endpoint, grant: Grant, slice_urn: Urn, rspec: str, *, end_time: datetime | None
) -> object:
    return at, grant, slice_urn, rspec, end_time


def other_order(
    at: Endpoint, grant: Grant, rspec: str, slice_urn: Urn, *, end_time: datetime | None
) -> object:
    return at, grant, slice_urn, rspec, end_time


def other_type(
    at: Endpoint, grant: Grant, slice_urn: str, rspec: str, *, end_time: datetime | None
) -> object:
    return at, grant, slice_urn, rspec, end_time


def never_absent(
    at: Endpoint, grant: Grant, slice_urn: Urn, rspec: str, *, end_time: datetime
) -> object:
    return at, grant, slice_urn, rspec, end_time


def other_name(
    at: Endpoint, grant: Grant, urn: Urn, rspec: str, *, end_time: datetime | None
) -> object:
    return at, grant, urn, rspec, end_time


def without_option(at: Endpoint, grant: Grant, slice_urn: Urn, rspec: str) -> object:
    return at, grant, slice_urn, rspec


def without_grant(at: Endpoint, slice_urn: Urn, rspec: str, *, end_time: datetime | None) -> object:
    return at, slice_urn, rspec, end_time


def positional_option(
    at: Endpoint, grant: Grant, slice_urn: Urn, rspec: str, end_time: datetime | None
) -> object:
    return at, grant, slice_urn, rspec, end_time


def test_a_handler_with_the_declared_signature_is_bound() -> None:
    handlers = Handlers()
    assert handlers.serves(ALLOCATE)(right) is right
    assert handlers.table([ALLOCATE]) == {"Allocate": (ALLOCATE, right)}


@pytest.mark.parametrize(
    "handler",
    [
        other_order,
        other_type,
        never_absent,
        other_name,
        without_option,
        without_grant,
        positional_option,
    ],
)
def test_any_other_signature_is_refused(handler: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="Allocate is declared as"):
        Handlers().serves(ALLOCATE)(handler)


def test_a_method_has_one_handler() -> None:
    handlers = Handlers()
    handlers.serves(ALLOCATE)(right)
    with pytest.raises(TypeError, match="two handlers"):
        handlers.serves(ALLOCATE)(right)


def test_declared_and_served_methods_are_the_same() -> None:
    assert [method for method, _ in HANDLERS.table(AM_3.methods).values()] == list(AM_3.methods)
    handlers = Handlers()
    handlers.serves(ALLOCATE)(right)
    with pytest.raises(TypeError, match="differ: GetVersion"):
        handlers.table([ALLOCATE, GET_VERSION])
    with pytest.raises(TypeError, match="differ: Allocate"):
        handlers.table([])
