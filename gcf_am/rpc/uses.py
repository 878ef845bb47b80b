"""What a call used that is not simply published: told to its caller, and counted from the log.

Operators read the counts (`gcf-am stats`) before something is removed.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gcf_am.rpc.access import Access
from gcf_am.surface.decoding import Arguments
from gcf_am.surface.elements import ApiVersion, Element, Extension, Method, RSpecVersion
from gcf_am.surface.lifecycle import State

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    """An element that was used, with its id."""

    identity: str
    element: Element

    def log(self, access: Access) -> None:
        """One line: the request, the state, the element, who called."""
        state = self.element.state.name.lower()
        _log.info("%s %s %s by %s", access.call.request_id, state, self.identity, access.caller)


def met(version: ApiVersion, method: Method) -> Use:
    """The method, or its API version where that is worse off: what a client of both meets."""
    if version.state > method.state:
        return Use(f"am/{version.name}", version)
    return Use(f"am/{version.name}/{method.name}", method)


def old_extensions(declared: Mapping[str, Element]) -> Mapping[str, Use]:
    """The deprecated RSpec extensions, by namespace.

    Of removed ones nothing is told: their elements are carried like those of any namespace.
    """
    return {
        one.namespace: Use(identity, one)
        for identity, one in declared.items()
        if isinstance(one, Extension) and one.state is State.DEPRECATED
    }


def uses(
    version: ApiVersion, method: Method, arguments: Arguments, extensions: Mapping[str, Use]
) -> Iterator[Use]:
    """What a decoded call used that is deprecated or removed.

    (1) The method.
    (2) Its options, and the RSpec versions that they name.
    (3) Those of the extensions whose namespace stands in the RSpec it sent.
    """
    # (1) method
    first = met(version, method)
    if first.element.state is State.DEPRECATED:
        yield first
    # (2) options
    for one in arguments.noted:
        if isinstance(one, RSpecVersion):
            yield Use(f"rspec/{one.kind}/{one.name}", one)
        else:
            yield Use(f"am/{version.name}/{method.name}/{one.name}", one)
    # (3) extensions
    rspec = str(arguments.positional.get("rspec", ""))
    for namespace, use in extensions.items():
        if namespace in rspec:
            yield use
