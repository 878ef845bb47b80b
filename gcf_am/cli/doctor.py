"""What `gcf-am doctor` looks at: all that `check-config` does, and what is the matter just now.

(1) Certificates end soon, or have not begun.
(2) The clock was set back, below what is on disk.
(3) There is no room on the home's disk.
(4) No server, or none that answers; another one has its place.
(5) What the driver made and needs, as far as it can be looked at.
(6) Slivers that failed, or cannot be removed.
(7) Nodes that stand and that the store does not know.
"""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gcf_am.cli.checks import findings
from gcf_am.cli.held import held_slivers
from gcf_am.cli.machines import driver_at_work, node_rows
from gcf_am.cli.served import is_served, last_served
from gcf_am.config import Config, read_config
from gcf_am.errors import GcfAmError
from gcf_am.manager.inspection import Finding, Inspection
from gcf_am.manager.ports import DriverError
from gcf_am.trust.certificates import load_chain

_SOON: Final = timedelta(days=30)
# Clocks of file systems and machines differ by less.
_SKEW: Final = 60.0
_ROOM_MB: Final = 100
_INODES: Final = 1000
_PATIENCE: Final = 5.0
# How many of a kind are told in one finding.
_TOLD: Final = 5
# What to do about a sliver that failed, by whether its slice is shut down.
_REMEDY: Final = {
    False: "geni_restart tries a failed one again, Delete gives it back",
    True: "`gcf-am release` lets a slice that is shut down go on, `gcf-am purge` removes it",
}


def diagnosis(home: Path) -> Iterator[Finding]:
    """Yields (what was looked at, what is wrong with it and what to do, or the empty string)."""
    yield from findings(home)
    try:
        config = read_config(home)
    except GcfAmError:
        return  # told already
    looks: tuple[tuple[str, Callable[[Config], str]], ...] = (
        ("certificates' ends", _certificates),  # (1)
        ("clock", _clock),  # (2)
        ("room on the disk", _room),  # (3)
        ("server", _server),  # (4)
    )
    for what, look in looks:
        yield what, _guarded(look, config)
    yield from _driver(config)  # (5)
    yield "slivers", _guarded(_slivers, config)  # (6)
    yield "nodes that nobody holds", _guarded(_strays, config)  # (7)


def _guarded(look: Callable[[Config], str], config: Config) -> str:
    try:
        return look(config)
    except GcfAmError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or config.home}: {error.strerror or error}"


def _certificates(config: Config) -> str:
    now, wrong = datetime.now(UTC), []
    for file in sorted({*config.home.glob("certs/*.pem"), *config.home.glob("ch/*-cert.pem"),
                        *config.path(config.trust.roots).glob("*.pem")}):  # fmt: skip
        if file.name.endswith("-key.pem"):
            continue
        one = load_chain(file.read_bytes())[0]
        if one.not_before > now:
            wrong.append(f"{file} begins at {one.not_before:%Y-%m-%d %H:%M} UTC")
        elif one.not_after < now + _SOON:
            wrong.append(f"{file} ends at {one.not_after:%Y-%m-%d %H:%M} UTC")
    if not wrong:
        return ""
    return f"{_several(wrong)}: `gcf-am init --home {config.home}` makes those anew that it made"


def _clock(config: Config) -> str:
    files = [one for one in config.home.iterdir() if one.is_file()]
    ahead = max((one.stat().st_mtime for one in files), default=0.0) - time.time()
    if ahead < _SKEW:
        return ""
    return (
        f"files of {config.home} were written {timedelta(seconds=round(ahead))} from now: set the "
        "clock; until then credentials and leases end at wrong times"
    )


def _room(config: Config) -> str:
    left, found = shutil.disk_usage(config.home).free >> 20, os.statvfs(config.home)
    if left < _ROOM_MB:
        return f"{config.home} has {left} MB left: make room, the database needs some"
    if found.f_files and found.f_favail < _INODES:
        return f"{config.home} has {found.f_favail} inodes left: remove files"
    return ""


def _server(config: Config) -> str:
    if is_served(config.home):
        served = last_served(config.home)
        silent = [one for one in (served.urls if served else ()) if not _answers(*_place(one))]
        if not silent:
            return ""
        return (
            f"{', '.join(silent)}: it runs and does not answer; its log says why. Stop it, then "
            "start it again"
        )
    taken = [
        f"{host} port {port}"
        for host, port in (
            (config.listen.host, config.listen.port),
            (config.clearinghouse.host, config.clearinghouse.port),
        )
        if port and _answers(host, port)
    ]
    if taken:
        return f"another program listens at {' and '.join(taken)}: stop it, or choose other ports"
    return f"none runs: `gcf-am up --home {config.home}`"


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except OSError:
        return False
    return True


def _driver(config: Config) -> Iterator[Finding]:
    try:
        driver = driver_at_work(config)
        if isinstance(driver, Inspection):
            yield from driver.examine()
    except (GcfAmError, DriverError) as error:
        yield "driver's nodes", str(error)


def _slivers(config: Config) -> str:
    told: dict[bool, list[str]] = {False: [], True: []}
    for row in held_slivers(config.home):
        if row["error"] or row["operational"] == "geni_failed":
            why = row["error"] or "no reason given"
            told[row["shut_down"]].append(f"{_name(row)} is {row['operational']} ({why})")
    return "; ".join(f"{_several(told[one])}: {_REMEDY[one]}" for one in told if told[one])


def _strays(config: Config) -> str:
    wrong = [_name(row) for row in node_rows(config.home) if row["allocation"] is None]
    if not wrong:
        return ""
    return f"{_several(wrong)}: not this database's. Was it restored from a backup?"


def _name(row: dict[str, Any]) -> str:
    return f"{row['client_id']} of {row['slice']}"


def _several(told: list[str]) -> str:
    more = len(told) - _TOLD
    return ", ".join(told[:_TOLD]) + (f" and {more} more" if more > 0 else "")
