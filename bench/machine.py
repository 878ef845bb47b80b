"""On what was measured."""

import os
import platform
import sqlite3
import ssl
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from bench import databases
from gcf_am import __version__

_LIBRARIES: Final = (
    "Twisted",
    "pyOpenSSL",
    "cryptography",
    "lxml",
    "xmlsec",
    "SQLAlchemy",
    "psycopg",
)
# What is another at each run on the same machine.
MOVING: Final = ("sync of a block", "load before")
_BLOCK: Final = 4096


def machine(directory: Path) -> dict[str, str]:
    """Processor, memory and system, and how long the disk takes to keep a block for good.

    Each commit waits for that at least once.
    """
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "sync of a block": f"{_sync_ms(directory):.2f} ms",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def versions() -> dict[str, str]:
    """Of this program and of what it runs on."""
    return {
        "gcf_am": __version__,
        "Python": platform.python_version(),
        "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": databases.version() or "none",
        **{one: version(one) for one in _LIBRARIES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _sync_ms(directory: Path) -> float:
    taken = []
    with (directory / "synced").open("wb") as file:
        for _ in range(30):
            file.write(bytes(_BLOCK))
            file.flush()
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begin)
    return median(taken) * 1000
