"""The connections of one thread, kept from call to call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from xmlrpc.client import dumps

from gcf_am.client.transport import Endpoint, Shown, Unreachable
from gcf_am.conformance.shortening import shortened


def body_of(method: str, arguments: Sequence[Any]) -> bytes:
    """A call's body; base64 and dateTime among the arguments are written too."""
    return dumps(tuple(arguments), method, allow_none=True).encode("utf-8", "xmlcharrefreplace")


@dataclass
class Lines:
    """Endpoints by URL and identity; `seconds` bounds each call. For one thread."""

    seconds: float
    _open: dict[tuple[str, Shown], Endpoint] = field(default_factory=dict)

    def post(
        self, url: str, shown: Shown, body: bytes, content_type: str = "text/xml"
    ) -> dict[str, Any]:
        """Send, and keep what came as JSON can, secrets removed; see `answer.read`.

        Raises ConfigError where the identity's files cannot be used.
        """
        endpoint = self._open.setdefault((url, shown), Endpoint(url, shown, self.seconds))
        begin = monotonic()
        told = {"status": 0, "reason": "", "content_type": "", "body": "", "ended": None}
        try:
            posted = endpoint.post(body, content_type)
        except Unreachable as error:
            told["ended"] = str(error)
        else:
            told |= {
                "status": posted.status,
                "reason": posted.reason,
                "content_type": posted.headers.get("content-type", ""),
                "body": shortened(posted.data.decode("utf-8", "surrogateescape")),
            }
        return {**told, "seconds": round(monotonic() - begin, 4)}

    def close(self) -> None:
        """Let go of all."""
        for one in self._open.values():
            one.close()
        self._open.clear()


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)
