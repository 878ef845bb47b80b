"""Where log lines go: to the standard error stream of each process."""

import logging
import sys
from typing import Final

# What would begin a line of its own or command a terminal; tracebacks keep their line ends.
_HARMFUL: Final = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)
}


class PlainFormatter(logging.Formatter):
    """Writes what others sent, names of slivers or a driver's words, so that it stays text."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """One line, whatever the message holds."""
        return super().formatMessage(record).replace("\n", "\\n").translate(_HARMFUL)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """The traceback, its lines kept."""
        return super().formatException(ei).translate(_HARMFUL)  # type: ignore[arg-type]  # logging's own type is private


def write_logs(*, verbose: bool = False) -> None:
    """Begin to write them; a second call changes nothing."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
