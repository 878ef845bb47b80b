"""What inventories and controllers promise; plug-ins are found by their entry points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gcf_am.client.credential_file import Credential
from gcf_am.errors import GcfAmError
from gcf_am.homing.stock import Candidate, Graph, Point, Verdict
from gcf_am.homing.terms import Location, Requirement


class Unavailable(GcfAmError):
    """An inventory has nothing to tell because nobody that it asks has answered."""


@dataclass(frozen=True, slots=True)
class Context:
    """For whom candidates are sought: the plan's owner and the credentials to ask with.

    `excluded` are ids of candidates, or of whole aggregates (their component manager), that
    refused this plan before. `timeout` in seconds is how long an aggregate may take to answer.
    `slices` are URNs of the slices whose slivers are services, where a template names none.
    """

    caller: str = ""
    credentials: Sequence[Credential] = ()
    transaction_id: str = ""
    timeout: float = 30.0
    excluded: frozenset[str] = frozenset()
    slices: Sequence[str] = ()


class Inventory(Protocol):
    """Where candidates come from.

    Every method may be called from several threads at once.
    """

    @property
    def name(self) -> str:
        """How a template's `inventory_provider` names it."""
        ...

    def prepare(self, context: Context) -> list[str]:
        """Ask whoever is to be asked; answers, one sentence each, who gave no answer.

        Raises Unavailable when nobody did.
        """
        ...

    def candidates(self, requirement: Requirement, context: Context) -> list[Candidate]:
        """The candidates of a requirement's inventory_type, service_type and service_id.

        Its other conditions are judged by who asks.
        """
        ...

    def resolve(self, location: Location, context: Context) -> Point | None:
        """Where a location is; None when this inventory does not know.

        Raises ValueError, whose text says what would have been right.
        """
        ...

    def network(self, context: Context) -> Graph:
        """The network that it knows."""
        ...

    def groups(self, context: Context) -> Mapping[str, frozenset[str]]:
        """Pre-established groups: candidate ids by the group's name."""
        ...


class Fitting(Protocol):
    """The half of a controller that judges candidates (instance_fit and region_fit)."""

    @property
    def name(self) -> str:
        """How a template's `controller` names it."""
        ...

    def fits(
        self, candidates: Sequence[Candidate], request: Mapping[str, object], context: Context
    ) -> Mapping[str, Verdict]:
        """A verdict by candidate id; one that is left out does not fit."""
        ...
