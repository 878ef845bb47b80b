"""What is asked of placement: one node or link, and what it replaces."""

from dataclasses import dataclass

from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Link, Node


@dataclass(frozen=True, slots=True)
class Wish:
    """One resource to be placed.

    `keep` is what the live sliver is made of that this wish changes: its holds stay taken until
    Provision or Cancel, and its component is kept where the new request still fits there.
    Source: Change Set C, Update; decision 3.
    """

    resource: Node | Link
    keep: Contents | None = None

    @property
    def owned(self) -> dict[tuple[str, str], int]:
        """What the sliver holds already, by (component, dimension)."""
        if self.keep is None:
            return {}
        return {(one.component, one.dimension): one.amount for one in self.keep.holds}

    @property
    def title(self) -> str:
        """How a refusal names it: line, kind and client_id."""
        kind = "node" if isinstance(self.resource, Node) else "link"
        where = f"line {self.resource.line}: " if self.resource.line else ""
        return f"{where}{kind} {self.resource.client_id!r}"
