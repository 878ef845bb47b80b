"""What `gcf-am shutdown`, `release` and `purge` do: straight in the store, beside the server.

They need neither the driver nor the inventory, so that nothing which is wrong with those keeps an
operator from an emergency stop. The server sees what is owed within a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gcf_am.app.aggregate import urn_of
from gcf_am.clock import SystemClock
from gcf_am.config import Config, read_config
from gcf_am.errors import ConfigError
from gcf_am.manager import shutdown
from gcf_am.manager.ports import Store
from gcf_am.manager.record import Author
from gcf_am.store import open_store
from gcf_am.store.upgrade import check
from gcf_am.urn import Urn


def shut(home: Path, name: str) -> str:
    """Shut a slice down; answers what was done. `name` is its URN, or its name here."""
    config = read_config(home)
    urn = slice_urn(config, name)
    with opened(config) as store:
        known = _is_known(store, urn)
        frozen = shutdown.shut(store, urn, _author(config, "shutdown"))
    if frozen is None:
        return f"{urn} was shut down already"
    if not known:
        return (
            f"{urn} is shut down before it has anything: no sliver of such a slice is or was here. "
            "If that is not meant, `gcf-am slivers` tells the slices' names, and `gcf-am release` "
            "undoes this"
        )
    return f"{urn} is shut down; {_slivers(frozen)} will be frozen"


def release(home: Path, name: str) -> str:
    """Undo a Shutdown; answers what was done. Raises ConfigError for a slice never heard of."""
    config = read_config(home)
    urn = slice_urn(config, name)
    with opened(config) as store:
        _check_known(store, urn)
        thawed = shutdown.release(store, urn, _author(config, "release"))
    if thawed is None:
        return f"{urn} is not shut down"
    return f"{urn} may be used again; {_slivers(thawed)} will go on"


def purge(home: Path, name: str) -> str:
    """End all that a slice which is shut down has here; answers what was done.

    Raises ConfigError for a slice never heard of, or one that is open and has something.
    """
    config = read_config(home)
    urn = slice_urn(config, name)
    with opened(config) as store:
        _check_known(store, urn)
        gone = shutdown.purge(store, urn, _author(config, "purge"))
        if gone is not None:
            return f"{urn} may be used again; {_slivers(gone)} will be removed"
        held = _held(store, urn)
    if held:
        raise ConfigError(f"{urn} is not shut down; `gcf-am shutdown` comes before a purge")
    return f"{urn} is not shut down, and has nothing here"


def stake(home: Path, name: str) -> str:
    """What a purge would end, for who is asked whether that is meant."""
    config = read_config(home)
    urn = slice_urn(config, name)
    with opened(config) as store:
        return f"{_slivers(_held(store, urn))} of {urn}"


def slice_urn(config: Config, name: str) -> Urn:
    """The slice that is meant: a whole URN, or a name at this aggregate's authority."""
    try:
        urn = Urn.parse(name)
    except ValueError:
        urn = Urn.of(urn_of(config).authority, "slice", name)
    if urn.kind != "slice":
        raise ConfigError(f"{urn} is no slice")
    return urn


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    """The home's store, beside a server's; raises ConfigError."""
    check(config.database_url)
    store = open_store(
        config.database_url,
        authority=config.aggregate.authority,
        busy_seconds=config.store.busy_seconds,
    )
    try:
        yield store
    finally:
        store.close()


def _author(config: Config, doing: str) -> Author:
    return Author(doing, urn_of(config).text, "", SystemClock().now())


def _is_known(store: Store, urn: Urn) -> bool:
    with store.read() as unit:
        return bool(unit.slices_named(urn))


def _check_known(store: Store, urn: Urn) -> None:
    if not _is_known(store, urn):
        raise ConfigError(f"{urn} was never heard of here; a slice's whole URN, or its name, "
                          "is expected")  # fmt: skip


def _held(store: Store, urn: Urn) -> int:
    with store.read() as unit:
        return sum(len(unit.slivers(one.key)) for one in unit.slices_named(urn))


def _slivers(count: int) -> str:
    return f"{count} sliver{'' if count == 1 else 's'}"
