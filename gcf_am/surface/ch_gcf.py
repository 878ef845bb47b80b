"""The older methods of the clearinghouse, which clients of the framework `gcf` call.

They answer bare values; an error is a Fault with the GENI code. Source: FED 2.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gcf_am.surface.elements import Argument, Element
from gcf_am.surface.lifecycle import Lifecycle, published
from gcf_am.surface.releases import R1_0
from gcf_am.surface.wire import DATETIME, TEXT, WireType

_SPEC: Final = "FED 2.3"
_LIFE: Final = Lifecycle(published(R1_0, "A method of the framework gcf, which Omni speaks."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMethod(Element):
    """A method that answers a bare value, of the XML-RPC type `returns`."""

    spec: str = _SPEC
    life: Lifecycle = _LIFE
    arguments: tuple[Argument, ...] = ()
    returns: str

    def parts(self) -> Iterator[Element]:
        """Its arguments."""
        return iter(self.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainApi(Element):
    """The methods together."""

    spec: str = _SPEC
    life: Lifecycle = _LIFE
    methods: tuple[PlainMethod, ...]

    def parts(self) -> Iterator[Element]:
        """Its methods."""
        return iter(self.methods)


def _argument(name: str, doc: str, type_: WireType[Any] = TEXT) -> Argument:
    return Argument(name=name, doc=doc, spec=_SPEC, life=_LIFE, type=type_)


_SLICE: Final = _argument("slice_urn", "The slice.")

CH_GCF: Final = PlainApi(
    name="gcf",
    doc="The clearinghouse's methods as the framework gcf has them.",
    methods=(
        PlainMethod(name="GetVersion", doc="What this is.", returns="struct"),
        PlainMethod(
            name="CreateUserCredential",
            doc="The caller's credential over themselves.",
            arguments=(_argument("certificate", "The caller's certificate, as PEM."),),
            returns="string",
        ),
        PlainMethod(
            name="CreateSlice",
            doc="Make a slice, or find it again; its credential.",
            arguments=(_SLICE,),
            returns="string",
        ),
        PlainMethod(
            name="RenewSlice",
            doc="Let a slice live longer.",
            arguments=(_SLICE, _argument("expiration_time", "Until when.", DATETIME)),
            returns="boolean",
        ),
        PlainMethod(
            name="DeleteSlice",
            doc="End a slice that the caller leads.",
            arguments=(_SLICE,),
            returns="boolean",
        ),
        PlainMethod(
            name="ListAggregates",
            doc="The aggregates of the federation, names and addresses.",
            returns="array of arrays",
        ),
        PlainMethod(
            name="ListMySlices",
            doc="The living slices that a member has a part in.",
            arguments=(_argument("user_urn", "The member."),),
            returns="array of strings",
        ),
        PlainMethod(
            name="get_trust_roots",
            doc="The certificates of the federation's authorities.",
            returns="array of strings",
        ),
    ),
)
