"""What a driver may offer beside the port of `ports.Driver`: the one place where its slivers stand.

One that reaches its testbed from everywhere has none. Who works on the slivers of one database
must be at the place where they stand: elsewhere all of them would seem to be gone.
"""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Placed(Protocol):
    """A driver whose slivers stand where it runs."""

    def place(self) -> str:
        """The name of the place, unlike every other place's, and the same at each start there."""
        ...
