"""Parameters as they came become the arguments that handlers take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gcf_am.errors import BadArgs
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.surface.elements import Element, Method, Option
from gcf_am.surface.lifecycle import State
from gcf_am.surface.wire import kind_of
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call's arguments, decoded.

    `positional` and `options` are what handlers take, by their names for it. `speaking_for` is
    the user for whom the caller says it speaks. `deprecated` are the elements used that are
    deprecated.
    """

    positional: Mapping[str, object]
    options: Mapping[str, object]
    credentials: tuple[CredentialArgument, ...] = field(default=(), repr=False)
    deprecated: tuple[Element, ...] = ()
    speaking_for: Urn | None = None


def decode(method: Method, parameters: Sequence[object], *, prototypes: bool = True) -> Arguments:
    """Read a call's parameters as the method declares them.

    Raises BadArgs that names the argument and what would have been right, and BadVersion for an
    RSpec version that is not spoken. Unknown options are ignored (AM API v3, Options), removed
    ones too, and prototypes where they are not `prototypes`.
    """
    parameters = method.rearrange(parameters)
    sent = _options(method, parameters)
    values = {
        argument.name: argument.type.decode(value, argument.name)
        for argument, value in zip(method.arguments, parameters, strict=False)
    }
    options: dict[str, object] = {}
    deprecated: list[Element] = []
    speaking_for: Urn | None = None
    for option in method.options:
        if not _served(option, prototypes=prototypes):
            value = option.default
        else:
            value = _option(option, sent)
            if option.state is State.DEPRECATED and option.name in sent:
                deprecated.append(option)
        if option.handed:
            options[option.keyword] = value
        if option.names_caller and isinstance(value, Urn):
            speaking_for = value
    credentials = values.pop("credentials", ())
    return Arguments(values, options, credentials, tuple(deprecated), speaking_for)


def _options(method: Method, parameters: Sequence[object]) -> Mapping[str, object]:
    """The options struct, once the number of parameters is right."""
    names = [*(one.name for one in method.arguments), "options"]
    least = len(names) - method.optional_options
    if not least <= len(parameters) <= len(names):
        took = ", ".join(names)
        missing = names[len(parameters) :]
        what = f"{', '.join(missing)} missing" if missing else f"{len(parameters)} came"
        raise BadArgs(f"{method.name} takes ({took}); {what}")
    sent = parameters[-1] if len(parameters) == len(names) else {}
    if not isinstance(sent, dict):
        raise BadArgs(f"options: this is {kind_of(sent)}; a struct is expected, empty or not")
    # A client whose library knows nil may send it for "not set".
    return {name: value for name, value in sent.items() if value is not None}


def _option(option: Option, sent: Mapping[str, object]) -> object:
    if option.name in sent:
        return option.type.decode(sent[option.name], option.name)
    if option.required:
        raise BadArgs(f"{option.name} is missing in options; {option.type.expects} is expected")
    return option.default


def _served(option: Option, *, prototypes: bool) -> bool:
    return option.state is not State.REMOVED and (prototypes or option.state is not State.PROTOTYPE)
