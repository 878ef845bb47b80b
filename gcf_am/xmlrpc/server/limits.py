"""How much, how long, how many: bounds of one server process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one process; all times in seconds.

    threads: calls worked on at a time; queue: calls that may wait beyond that (503).
    body_bytes: the largest body (413); anonymous_bytes: of a peer without a certificate.
    handshake_seconds: from connecting to the first byte of a request; read_seconds: from there
    to its end (408); idle_seconds: between requests; close_seconds: for a peer to take the last
    answer, then the connection is cut.
    coming_bytes: of all bodies that are coming in (503).
    connections: open at a time; when more come, one that is not at work is dropped.
    retry_seconds: what Retry-After says beside 503.
    """

    threads: int = 8
    queue: int = 64
    body_bytes: int = 8_000_000
    anonymous_bytes: int = 65_536
    coming_bytes: int = 256_000_000
    handshake_seconds: float = 10
    read_seconds: float = 30
    idle_seconds: float = 60
    close_seconds: float = 5
    connections: int = 1000
    retry_seconds: int = 5

    @property
    def calls(self) -> int:
        """How many calls there is room for, at work or waiting."""
        return self.threads + self.queue

    @property
    def calls_of_one(self) -> int:
        """How many of them may be of one peer: one alone does not crowd out the others."""
        return max(1, self.calls * 3 // 4)
