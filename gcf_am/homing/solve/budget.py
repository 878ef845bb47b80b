"""How long a search may take."""

import time


class Spent(Exception):
    """The time is over."""


class Budget:
    """Seconds from now on."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def check(self) -> None:
        """Raise Spent when it is over."""
        if time.monotonic() > self._until:
            raise Spent

    @property
    def left(self) -> float:
        """Seconds that are left; not less than 0."""
        return max(0.0, self._until - time.monotonic())
