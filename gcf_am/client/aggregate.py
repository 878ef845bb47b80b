"""The calls of AM API v3, with Update and Cancel, on one aggregate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gcf_am.client.answers import (
    BadAnswer,
    Slivers,
    Version,
    inflated,
    slivers_of,
    value_of,
    version_of,
)
from gcf_am.client.credential_file import Credential
from gcf_am.client.transport import Endpoint
from gcf_am.clock import format_time

Credentials = Sequence[Credential]
Users = Sequence[Mapping[str, object]]
RSPEC: Final = ("GENI", "3")


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate manager as its client sees it.

    `urns` is the slice's URN alone, or URNs of its slivers. Every method raises CallRefused when
    the aggregate says no, Unreachable or Faulted when it gave no answer of AM API v3, BadAnswer
    when the answer's shape is wrong. `rspec_version` is (type, version). A tool that calls in a
    user's name tells her URN in `speaking_for`.
    """

    endpoint: Endpoint
    rspec_version: tuple[str, str] = RSPEC
    compressed: bool = True
    speaking_for: str = ""

    def _call(self, method: str, *arguments: Any) -> Any:
        if self.speaking_for:
            # AM API v3, Common Concepts, geni_speaking_for: among the options, which come last
            options = {**arguments[-1], "geni_speaking_for": self.speaking_for}
            arguments = (*arguments[:-1], options)
        return value_of(self.endpoint.call(method, *arguments))

    def _rspec_options(self) -> dict[str, object]:
        kind, version = self.rspec_version
        return {"geni_rspec_version": {"type": kind, "version": version}}

    def get_version(self) -> Version:
        """Which interfaces and formats it offers; needs no credential."""
        answer = self.endpoint.call("GetVersion", {})
        return version_of(answer, value_of(answer))

    def list_resources(self, credentials: Credentials, *, available: bool = False) -> str:
        """The advertisement, `available`: only of what can be had now."""
        options = self._rspec_options()
        options |= {"geni_available": available, "geni_compressed": self.compressed}
        value = self._call("ListResources", _arguments(credentials), options)
        if not isinstance(value, str):
            raise BadAnswer("ListResources did not answer a document")
        return inflated(value) if self.compressed else value

    def describe(
        self, urns: Sequence[str], credentials: Credentials, *, cancelled: bool = False
    ) -> Slivers:
        """The manifest and states; `cancelled`: as they would be after Cancel."""
        options = self._rspec_options()
        options |= {"geni_cancelled": cancelled, "geni_compressed": self.compressed}
        value = self._call("Describe", list(urns), _arguments(credentials), options)
        if (
            self.compressed
            and isinstance(value, Mapping)
            and isinstance(value.get("geni_rspec"), str)
        ):
            value = {**value, "geni_rspec": inflated(value["geni_rspec"])}
        return slivers_of(value)

    def allocate(
        self,
        slice_urn: str,
        credentials: Credentials,
        rspec: str,
        *,
        end_time: datetime | None = None,
    ) -> Slivers:
        """Reserve what the request names; all or nothing."""
        options = _options(end_time=end_time)
        return slivers_of(
            self._call("Allocate", slice_urn, _arguments(credentials), rspec, options)
        )

    def update(
        self,
        urns: Sequence[str],
        credentials: Credentials,
        rspec: str,
        *,
        best_effort: bool = False,
        end_time: datetime | None = None,
    ) -> Slivers:
        """Reserve the change that makes `urns` what the document says."""
        options = _options(end_time=end_time, best_effort=best_effort)
        return slivers_of(self._call("Update", list(urns), _arguments(credentials), rspec, options))

    def cancel(
        self, urns: Sequence[str], credentials: Credentials, *, best_effort: bool = False
    ) -> Slivers:
        """Give up what was reserved and not provisioned."""
        options = _options(best_effort=best_effort)
        return slivers_of(self._call("Cancel", list(urns), _arguments(credentials), options))

    def provision(
        self,
        urns: Sequence[str],
        credentials: Credentials,
        *,
        best_effort: bool = False,
        end_time: datetime | None = None,
        users: Users = (),
    ) -> Slivers:
        """Make what was reserved; `users` are structs of `urn` and `keys`."""
        options = self._rspec_options() | _options(end_time=end_time, best_effort=best_effort)
        options["geni_users"] = list(users)
        return slivers_of(self._call("Provision", list(urns), _arguments(credentials), options))

    def perform(
        self,
        urns: Sequence[str],
        credentials: Credentials,
        action: str,
        *,
        best_effort: bool = False,
        users: Users | None = None,
    ) -> Slivers:
        """Start, stop, restart or reload slivers, or change their logins."""
        options = _options(best_effort=best_effort)
        if users is not None:
            options["geni_users"] = list(users)
        return slivers_of(
            self._call(
                "PerformOperationalAction", list(urns), _arguments(credentials), action, options
            )
        )

    def status(
        self, urns: Sequence[str], credentials: Credentials, *, best_effort: bool = False
    ) -> Slivers:
        """The states now."""
        options = _options(best_effort=best_effort)
        return slivers_of(self._call("Status", list(urns), _arguments(credentials), options))

    def renew(
        self,
        urns: Sequence[str],
        credentials: Credentials,
        until: datetime,
        *,
        best_effort: bool = False,
        alap: bool = False,
    ) -> Slivers:
        """Let slivers live until then; `alap`: or as long as it allows."""
        options = _options(best_effort=best_effort)
        options["geni_extend_alap"] = alap
        return slivers_of(
            self._call("Renew", list(urns), _arguments(credentials), format_time(until), options)
        )

    def delete(
        self, urns: Sequence[str], credentials: Credentials, *, best_effort: bool = False
    ) -> Slivers:
        """Give slivers back for good."""
        options = _options(best_effort=best_effort)
        return slivers_of(self._call("Delete", list(urns), _arguments(credentials), options))

    def shutdown(self, slice_urn: str, credentials: Credentials) -> bool:
        """Stop a whole slice; only an operator undoes it."""
        value = self._call("Shutdown", slice_urn, _arguments(credentials), {})
        if not isinstance(value, bool):
            raise BadAnswer("Shutdown did not answer true or false")
        return value


def _arguments(credentials: Credentials) -> list[Mapping[str, object]]:
    return [one.argument() for one in credentials]


def _options(
    *, end_time: datetime | None = None, best_effort: bool | None = None
) -> dict[str, object]:
    options: dict[str, object] = {}
    if end_time is not None:
        options["geni_end_time"] = format_time(end_time)
    if best_effort is not None:
        options["geni_best_effort"] = best_effort
    return options
