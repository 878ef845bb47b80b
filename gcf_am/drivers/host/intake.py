"""From a source to an image's root, or to a refusal; see `unpacking`, whose process does it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gcf_am.clock import format_time, parse_time
from gcf_am.drivers.host.sources import Source, SourceFailed
from gcf_am.drivers.host.unpacking import REFUSED
from gcf_am.errors import ConfigError

_PACKAGES: Final = str(Path(__file__).parents[3])
_UNPACK: Final = (
    f"import sys; sys.path.insert(0, {_PACKAGES!r})"
    "; from gcf_am.drivers.host.unpacking import main; main()"
)


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of a version of an image: see `Source.words`, `unpacking.Taken`.

    `system` is what it calls itself.
    """

    source: str
    system: str
    bytes: int
    files: int
    left_out: int
    added: datetime

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps({**asdict(self), "added": format_time(self.added)}), "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Note":
        """Read one; raises OSError, ValueError, KeyError."""
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return cls(**{**told, "added": parse_time(told["added"])})


def take_in(source: Source, root: Path, limit: int) -> Note:
    """Unpack the source into an empty directory, at most so many bytes.

    Raises ConfigError with the reason; what is in the directory then is of no use.
    """
    told = json.dumps({"root": str(root), "limit": limit, "parent": os.getpid()})
    try:
        with source.opened() as stream:
            done = subprocess.run(  # noqa: S603 - a program of ours, no shell
                [sys.executable, "-I", "-S", "-c", _UNPACK, told],
                stdin=stream,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode == REFUSED:
                raise ConfigError(f"{source.words}: {_last(done.stderr)}")
    except SourceFailed as failed:
        raise ConfigError(f"{source.words}: {failed}") from failed
    if done.returncode:
        raise ConfigError(f"{source.words}: {_last(done.stderr) or 'it cannot be unpacked'}")
    taken: Mapping[str, Any] = json.loads(done.stdout)
    return Note(source.words, added=datetime.now(UTC), **taken)


def _last(said: str) -> str:
    return (said.strip().splitlines() or [""])[-1][:500]
