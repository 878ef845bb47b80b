"""Parameters as they came become the arguments that handlers take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gcf_am.errors import BadArgs, BadVersion
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.surface.elements import Element, Method, Option, RSpecVersion
from gcf_am.surface.lifecycle import State, offered
from gcf_am.surface.wire import kind_of
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call's arguments, decoded.

    `positional` and `options` are what handlers take, by their names for it. `speaking_for` is
    the user for whom the caller says it speaks. `noted` are what was used of the method that is
    deprecated or removed: options, and RSpec versions.
    """

    positional: Mapping[str, object]
    options: Mapping[str, object]
    credentials: tuple[CredentialArgument, ...] = field(default=(), repr=False)
    noted: tuple[Element, ...] = ()
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
    noted: list[Element] = []
    speaking_for: Urn | None = None
    for option in method.options:
        if option.state >= State.DEPRECATED and option.name in sent:
            noted.append(option)
        if offered(option.state, prototypes=prototypes):
            value = _option(option, sent)
        else:
            value = option.default
        if isinstance(value, RSpecVersion):
            _check_offered(value, prototypes=prototypes)
            noted += [value] if value.state is State.DEPRECATED else []
        if option.handed:
            options[option.keyword] = value
        if option.names_caller and isinstance(value, Urn):
            speaking_for = value
    credentials = values.pop("credentials", ())
    return Arguments(values, options, credentials, tuple(noted), speaking_for)


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


def _check_offered(version: RSpecVersion, *, prototypes: bool) -> None:
    if not offered(version.state, prototypes=prototypes):
        raise BadVersion(f"RSpecs of {version.type} {version.version} are not enabled here")
