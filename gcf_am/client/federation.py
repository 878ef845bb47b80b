"""The Federation API as its client sees it: what an aggregate and gcf-omni use of it.

Source: Federation API v2, return structs, SLIVER_INFO.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gcf_am.client.answers import BadAnswer, member
from gcf_am.client.transport import Endpoint
from gcf_am.clock import format_time
from gcf_am.errors import GcfAmError

ARGUMENT_ERROR: Final = 3
DUPLICATE_ERROR: Final = 5
NOT_IMPLEMENTED_ERROR: Final = 100
# What another try would not change: it is about the words of the call
LASTING: Final = frozenset({ARGUMENT_ERROR, DUPLICATE_ERROR, NOT_IMPLEMENTED_ERROR})


class FederationRefused(GcfAmError):
    """An authority understood and said no; `code` is the Federation API's."""

    def __init__(self, code: int, output: str) -> None:
        super().__init__(f"refused with code {code}: {output or 'no reason given'}")
        self.code = code
        self.output = output


@dataclass(frozen=True, slots=True)
class SliverInfo:
    """What is told of a sliver; all but the end are URNs."""

    urn: str
    slice_urn: str
    aggregate: str
    creator: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class FederationAuthority:
    """A slice or member authority.

    Every method raises FederationRefused when it says no, Faulted or Unreachable when it gives no
    answer, BadAnswer when the answer is not what it should be.
    """

    endpoint: Endpoint

    def call(self, name: str, *parameters: Any) -> Any:
        """A call of the Federation API; the value it answers."""
        answer = self.endpoint.call(name, *parameters)
        code = member(answer, "code", int, "the return struct")
        if code != 0:
            output = answer.get("output")
            raise FederationRefused(code, output if isinstance(output, str) else "")
        if "value" not in answer:
            raise BadAnswer("the return struct has code 0 and no value")
        return answer["value"]

    def create_sliver_info(self, told: SliverInfo) -> None:
        """Tell of a sliver."""
        fields = {
            "SLIVER_INFO_URN": told.urn,
            "SLIVER_INFO_SLICE_URN": told.slice_urn,
            "SLIVER_INFO_AGGREGATE_URN": told.aggregate,
            "SLIVER_INFO_CREATOR_URN": told.creator,
            "SLIVER_INFO_EXPIRATION": format_time(told.expires),
        }
        self.call("create", "SLIVER_INFO", [], {"fields": fields})

    def update_sliver_info(self, urn: str, expires: datetime) -> None:
        """Tell a sliver's new end."""
        fields = {"SLIVER_INFO_EXPIRATION": format_time(expires)}
        self.call("update", "SLIVER_INFO", urn, [], {"fields": fields})

    def delete_sliver_info(self, urn: str) -> None:
        """Tell that a sliver is no more."""
        self.call("delete", "SLIVER_INFO", urn, [], {})

    def lookup(self, kind: str, match: Mapping[str, object]) -> dict[str, dict[str, Any]]:
        """Objects that match, by the names they are listed under."""
        found = self.call("lookup", kind, [], {"match": dict(match)})
        if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
            raise BadAnswer(f"lookup of {kind} did not answer a struct of structs")
        return found
