"""Where log lines go: to the standard error stream of each process."""

import logging
import sys


def write_logs(*, verbose: bool = False) -> None:
    """Begin to write them; a second call changes nothing."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
