"""What a driver may offer beside the port of `ports.Driver`: images that its operator adds to it.

They are offered at once, without a word of the inventory: for every sliver type, to whoever asks
for one.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from gcf_am.model.site import DiskImage


@runtime_checkable
class Imaging(Protocol):
    """A driver with images of its own."""

    def images(self) -> Sequence[DiskImage]:
        """Those that were added, by plain names; at once, each time the site is looked at."""
        ...
