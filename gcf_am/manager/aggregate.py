"""The aggregate: what every verb is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from gcf_am.clock import Clock
from gcf_am.manager.ports import Driver, Store
from gcf_am.manager.shelf import Shelf
from gcf_am.model.lease import Terms
from gcf_am.model.site import Site
from gcf_am.policy.rules import NO_RULES, Rules
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Limits:
    """How long slivers live: as given at first, and the longest from any call on.

    AM API v3, Allocate: about ten minutes at first and two hours at most are usual.
    """

    allocated_first: timedelta = timedelta(minutes=10)
    allocated_longest: timedelta = timedelta(hours=2)
    provisioned_first: timedelta = timedelta(days=7)
    provisioned_longest: timedelta = timedelta(days=30)

    @property
    def allocated(self) -> Terms:
        """The terms of a reservation."""
        return Terms(self.allocated_first, self.allocated_longest)

    @property
    def provisioned(self) -> Terms:
        """The terms of what is provisioned or updating."""
        return Terms(self.provisioned_first, self.provisioned_longest)


def _nobody_waits() -> None:
    """Nothing runs that could be woken."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate manager: its name, its parts and its site's settings.

    `urn` is `...+authority+am`. `site` answers the present inventory, `policy` the present rules. `wake` tells the
    reconciler that a step was set; it is called after the transaction, never inside.
    """

    urn: Urn
    store: Store
    driver: Driver
    clock: Clock
    site: Callable[[], Site]
    policy: Callable[[], Rules] = lambda: NO_RULES
    limits: Limits = field(default_factory=Limits)
    wake: Callable[[], None] = _nobody_waits
    operators: frozenset[Urn] = frozenset()
    allocate_mode: str = "geni_many"
    single_allocation: bool = False
    # what ListResources rendered, one text for each variant
    shelf: Shelf = field(default_factory=Shelf, repr=False, compare=False)
