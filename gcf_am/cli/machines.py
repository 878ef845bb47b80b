"""What `gcf-am nodes` and `gcf-am console` see: what stands, beside what the store says of it."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gcf_am.app.aggregate import chosen_driver, site_of
from gcf_am.cli.held import held_slivers
from gcf_am.cli.served import last_served
from gcf_am.clock import format_time
from gcf_am.config import Config, read_config
from gcf_am.drivers.choose import choose
from gcf_am.errors import ConfigError
from gcf_am.manager.inspection import Inspection, Machine
from gcf_am.manager.ports import Driver, DriverError
from gcf_am.urn import Urn

# Seconds between two looks at a console that is followed.
_PAUSE: Final = 0.5
# By so much of its end a console is found again whose beginning was dropped.
_KNOWN: Final = 4096
_HELD: Final = (
    "client_id", "slice", "shut_down", "sliver", "allocation", "operational", "expires", "error",
)  # fmt: skip
_TOLD: Final = ("running", "pid", "port", "memory", "since", "age", "image", "tag")


def driver_at_work(config: Config) -> Driver:
    """The driver that the home is served with, or was last; else the one it would be.

    Raises ConfigError when it cannot be made, for want of rights to its directory, say.
    """
    served = last_served(config.home)
    if served is None:
        return chosen_driver(config, site_of(config)).driver
    return choose(served.driver, config.driver.settings, home=config.home).driver


def node_rows(home: Path) -> list[dict[str, Any]]:
    """A row for each node that is held, or stands; those of a slice together.

    `memory` is in bytes, `age` the seconds since `since`. What cannot be told is None;
    `allocation` is None for what stands and is nobody's.
    """
    machines = {one.sliver.text: one for one in _look(home)}
    held = {row["sliver"]: row for row in held_slivers(home) if row["kind"] == "node"}
    rows = [_row(held.get(one), machines.get(one)) for one in held.keys() | machines.keys()]
    return sorted(rows, key=lambda row: (row["slice"], row["client_id"], row["sliver"]))


def _row(held: Mapping[str, Any] | None, machine: Machine | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys((*_HELD, *_TOLD))
    if machine is not None:
        since = machine.since
        row |= {
            "client_id": machine.client_id,
            "slice": machine.slice.text,
            "sliver": machine.sliver.text,
            "running": machine.running,
            "pid": machine.pid,
            "port": machine.port,
            "memory": machine.memory,
            "since": since and format_time(since),
            "age": since and round((datetime.now(UTC) - since).total_seconds()),
            "image": machine.image or None,
            "tag": machine.tag or None,
        }
    if held is not None:
        row |= {key: held[key] for key in _HELD}
    return row


def console_of(home: Path, name: str, slice_name: str | None) -> Iterator[str]:
    """What the node's console holds, and what it gets from then on, until the node is gone.

    The node is meant by its client_id, by its sliver's URN or by its driver's tag, within the
    slice of this name or URN where one is given. Raises ConfigError when it is not exactly one.
    """
    inspection = _inspection(home)
    sliver = _meant(_look(home), name, slice_name)
    before = ""
    while (now := _told(inspection, sliver)) is not None:
        yield _after(before, now)
        before = now
        time.sleep(_PAUSE)


def _look(home: Path) -> list[Machine]:
    try:
        return list(_inspection(home).nodes())
    except DriverError as error:
        raise ConfigError(str(error)) from error


def _inspection(home: Path) -> Inspection:
    driver = driver_at_work(read_config(home))
    if not isinstance(driver, Inspection):
        raise ConfigError(f"the driver {driver.name} has no way to look at its nodes")
    return driver


def _meant(machines: list[Machine], name: str, slice_name: str | None) -> Urn:
    found = [
        one
        for one in machines
        if name in {one.client_id, one.sliver.text, one.tag}
        and slice_name in {None, one.slice.text, one.slice.name}
    ]
    if len(found) == 1:
        return found[0].sliver
    if found:
        told = ", ".join(f"{one.sliver} of {one.slice}" for one in found)
        raise ConfigError(f"{name!r} is several nodes: {told}; say a sliver's URN, or --slice")
    told = ", ".join(sorted({one.client_id for one in machines})) or "none"
    raise ConfigError(f"there is no node {name!r}; the nodes that stand: {told}")


def _told(inspection: Inspection, sliver: Urn) -> str | None:
    try:
        return inspection.console(sliver)
    except DriverError as error:
        raise ConfigError(str(error)) from error


def _after(before: str, now: str) -> str:
    """What is new of a console that grows at its end, and is cut at its beginning."""
    if now.startswith(before):
        return now[len(before) :]
    known = before[-_KNOWN:]
    at = now.rfind(known)
    return now if at < 0 else now[at + len(known) :]
