"""One line in the log for each call: who, what, how it ended, how long it took."""

import logging
import time
from dataclasses import dataclass, field
from typing import Final

from gcf_am.xmlrpc.call import Call

_log: Final = logging.getLogger("gcf_am.access")


@dataclass(slots=True)
class Access:
    """What is known of a call so far; `code` is a geni_code, or that of a Fault."""

    call: Call
    caller: str = "-"
    method: str = "-"
    code: int | None = None
    _since: float = field(default_factory=time.perf_counter)

    def log(self) -> None:
        """Write the line."""
        _log.info(
            "%s %s %s %s code=%s %.1f ms",
            self.call.request_id,
            self.call.peer,
            self.caller,
            self.method,
            self.code,
            (time.perf_counter() - self._since) * 1000,
        )
