"""The seven calls of Omni's framework `gcf`, and the trust roots.

Values come bare, without a return struct; errors are faults. Source: Omni, framework gcf.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gcf_am.client.answers import BadAnswer, strings_of
from gcf_am.client.credential_file import Credential, read_credential
from gcf_am.client.omni_config import Place
from gcf_am.client.transport import Endpoint
from gcf_am.clock import format_time


@dataclass(frozen=True, slots=True)
class Clearinghouse:
    """A clearinghouse as its client sees it.

    Every method raises Faulted when the clearinghouse says no, Unreachable when it gives no
    answer, BadAnswer or UnreadableCredential when the answer is not what it should be.
    """

    endpoint: Endpoint

    def get_version(self) -> dict[str, Any]:
        """What it says of itself."""
        value = self.endpoint.call("GetVersion")
        if not isinstance(value, dict):
            raise BadAnswer("GetVersion did not answer a struct")
        return value

    def create_slice(self, urn: str) -> Credential:
        """Make the slice, or find ours; its credential."""
        return _credential(self.endpoint.call("CreateSlice", urn), "CreateSlice")

    def renew_slice(self, urn: str, until: datetime) -> bool:
        """Whether the slice now lives until then."""
        return _boolean(self.endpoint.call("RenewSlice", urn, format_time(until)), "RenewSlice")

    def delete_slice(self, urn: str) -> bool:
        """Whether the slice has ended."""
        return _boolean(self.endpoint.call("DeleteSlice", urn), "DeleteSlice")

    def list_my_slices(self, user_urn: str) -> tuple[str, ...]:
        """URNs of the user's living slices."""
        return strings_of(self.endpoint.call("ListMySlices", user_urn), "ListMySlices")

    def list_aggregates(self) -> tuple[Place, ...]:
        """The aggregates it knows."""
        rows = self.endpoint.call("ListAggregates")
        if not isinstance(rows, list):
            raise BadAnswer("ListAggregates did not answer a list")
        pairs = [strings_of(row, "ListAggregates") for row in rows]
        if any(len(pair) != 2 for pair in pairs):
            raise BadAnswer("ListAggregates did not answer pairs of URN and URL")
        return tuple(Place(url, urn) for urn, url in pairs)

    def create_user_credential(self, certificate: str) -> Credential:
        """The credential of the user whose certificate (PEM) this is: our own."""
        value = self.endpoint.call("CreateUserCredential", certificate)
        return _credential(value, "CreateUserCredential")

    def get_trust_roots(self) -> tuple[str, ...]:
        """The certificates (PEM) of its authorities."""
        return strings_of(self.endpoint.call("get_trust_roots"), "get_trust_roots")


def _credential(value: object, method: str) -> Credential:
    if not isinstance(value, str):
        raise BadAnswer(f"{method} did not answer a credential")
    return read_credential(value)


def _boolean(value: object, method: str) -> bool:
    if not isinstance(value, bool):
        raise BadAnswer(f"{method} did not answer true or false")
    return value
