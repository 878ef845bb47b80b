"""The databases that are measured."""

from collections.abc import Iterator
from contextlib import contextmanager


def there() -> tuple[str, ...]:
    """Those that can be measured here."""
    return ("sqlite",)


@contextmanager
def new(database: str) -> Iterator[str | None]:
    """An empty database: its URL, None for the home's own; gone afterwards."""
    del database
    yield None
