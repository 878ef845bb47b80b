"""The kinds of things a client can see; each has a meaning, a source and a life."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gcf_am.surface.lifecycle import Lifecycle, State, published
from gcf_am.surface.releases import R1_0
from gcf_am.surface.shapes import Shape
from gcf_am.surface.wire import WireType

# The lives of what was there from the first release on.
V3: Final = Lifecycle(published(R1_0, "Part of GENI AM API version 3."))
CHANGE_SET_C: Final = Lifecycle(
    published(
        R1_0,
        "Change Set C, which version 3 aggregates may serve; its behaviour is fixed (decision 16).",
    )
)
CHANGE_SET_N: Final = Lifecycle(published(R1_0, "Change Set N, useful to version 3 clients."))
CHANGE_SET_O: Final = Lifecycle(published(R1_0, "Change Set O, useful to version 3 clients."))
OURS: Final = Lifecycle(published(R1_0, "An addition of this aggregate's, free to be ignored."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Something a client can see.

    `doc` is one sentence on what it means, `spec` where that is written.
    """

    name: str
    doc: str
    spec: str = "AM API v3"
    life: Lifecycle = V3

    def __post_init__(self) -> None:
        for what in ("name", "doc", "spec"):
            if not getattr(self, what).strip():
                raise ValueError(f"an element is declared without a {what}: {self.name!r}")

    @property
    def state(self) -> State:
        """Its own state in the release that is being made."""
        return self.life.state

    @property
    def called(self) -> str:
        """What words to a client call it."""
        return self.name

    @property
    def advice(self) -> str:
        """What its client is told: empty unless it is deprecated or removed."""
        told = self.life.advice
        return f"{self.called} is {told}" if told else ""

    def parts(self) -> Iterator["Element"]:
        """The elements declared within it."""
        return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument(Element):
    """A positional argument of a method."""

    type: WireType[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Element):
    """A member of the options struct.

    A `required` one that is missing is BADARGS; else `default` is what handlers get. One that is
    not `handed` is read for its errors only, unless it `names_caller`: then the authorizer gets it.
    """

    type: WireType[Any]
    required: bool = False
    default: object = None
    handed: bool = True
    names_caller: bool = False

    @property
    def keyword(self) -> str:
        """The handlers' name for it."""
        return self.name.removeprefix("geni_")

    @property
    def python(self) -> object:
        """The type that handlers get."""
        absent = not self.required and self.default is None
        return self.type.python | None if absent else self.type.python


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Element):
    """A member of a struct that we send."""

    shape: Shape
    optional: bool = False

    @property
    def sent(self) -> bool:
        """Whether it may be sent."""
        return self.state is not State.REMOVED

    def parts(self) -> Iterator[Element]:
        """The members within it."""
        return (one for one in self.shape.members() if isinstance(one, Element))


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(Element):
    """A method: what it takes, answers, and demands.

    `needs` are operations of the privilege table, one of which the caller's credential must
    allow; empty: any valid credential of the caller's; None: no credential at all. Where an option
    names a slice, `needs_on_slice` counts instead, unless it is empty. `errors` are
    labels of the codes it may answer. `optional_options` tells that the options struct may be
    missing. `rearrange` turns another form of the parameters into the declared one. `beside` are
    members that its answers carry beside code, value and output. `hint` is the shape of the struct
    that a refusal may carry as value; None where that is a text or number only.
    """

    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    returns: Shape
    errors: tuple[str, ...]
    needs: tuple[str, ...] | None
    needs_on_slice: tuple[str, ...] = ()
    optional_options: bool = False
    rearrange: Callable[[Sequence[object]], Sequence[object]] = list
    beside: tuple[tuple[str, int], ...] = ()
    hint: Shape | None = None

    def parts(self) -> Iterator[Element]:
        """Arguments, options and the members of its answers, refusals included."""
        yield from self.arguments
        yield from self.options
        for shape in (self.returns, self.hint):
            if shape is not None:
                yield from (one for one in shape.members() if isinstance(one, Element))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiVersion(Element):
    """A version of an API, served at a URL of its own."""

    number: int
    methods: tuple[Method, ...]

    @property
    def called(self) -> str:
        """Its name is but a number."""
        return f"version {self.name}"

    def parts(self) -> Iterator[Element]:
        """Its methods."""
        return iter(self.methods)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode(Element):
    """A value of geni_code; `answered` is False for those that stand in am_code only."""

    number: int
    answered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationElement(Element):
    """An allocation state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationalElement(Element):
    """An operational state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionElement(Element):
    """An action of PerformOperationalAction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialType(Element):
    """A kind of credential that is judged here."""

    type: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RSpecVersion(Element):
    """A version of RSpecs; `kind` is `request` or `ad`."""

    kind: str
    type: str
    version: str
    schema: str
    namespace: str

    def means(self, type_: str, version: str) -> bool:
        """Whether a client's type and version are this one's; letter case tells nothing apart."""
        return (self.type.lower(), self.version.lower()) == (type_.lower(), version.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Element):
    """An RSpec extension we act on; `kinds` are the RSpecs it stands in."""

    namespace: str
    kinds: frozenset[str]
