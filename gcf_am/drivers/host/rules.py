"""A link's nftables rules in the fabric: one table for each link, changed as a whole or not."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gcf_am.manager.ports import DriverError

_PATIENCE: Final = 20.0  # seconds


def replace(namespace: Path, table: str, rules: Sequence[Mapping[str, Any]]) -> None:
    """Put these rules in the table's place, in one transaction; none of them: no table.

    Raises DriverError.
    """
    named = {"table": {"family": "netdev", "name": table}}
    # what is not there cannot be deleted: so it is added first
    document = {"nftables": [{"add": named}, {"delete": named}, *rules]}
    nft(namespace, "-j", "-f", "-", told=json.dumps(document))


def nft(namespace: Path, *arguments: str, told: str = "") -> str:
    """What nft answers in the namespace; raises DriverError."""
    try:
        done = subprocess.run(  # noqa: S603 - a constant program
            ["nsenter", f"--net={namespace}", "nft", *arguments],  # noqa: S607
            input=told,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise DriverError(f"nft: {said[0][:200] if said else 'failed'}") from error
    return done.stdout
