"""What the commands of `gcf-am audit` do: straight in the store, also beside the server.

Only `erase` writes. What is not sealed yet counts for who held what, and is not exported.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gcf_am.audit import chain
from gcf_am.audit.chain import Head, Verdict
from gcf_am.audit.lines import read_line, write_line
from gcf_am.audit.replay import Standing, replay, until
from gcf_am.audit.row import Row
from gcf_am.audit.tenure import Tenure, tenures
from gcf_am.clock import SystemClock, format_time
from gcf_am.config import read_config
from gcf_am.errors import ConfigError
from gcf_am.store.forgetting import forget
from gcf_am.store.log import SqlLog, open_log
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Proof:
    """How proving the log ended; `base` is the row behind which old ones were dropped."""

    verdict: Verdict
    base: Head
    unsealed: int

    def lines(self) -> Iterator[str]:
        """What is told of a chain that holds."""
        yield f"{self.verdict.proved} rows, all as they were sealed; head {self.verdict.head}"
        if self.base.seq:
            yield f"rows to {self.base.seq} were dropped after their time"
        if self.unsealed:
            yield f"rows not sealed yet: {self.unsealed}"


def lines(home: Path, since: datetime | None, before: datetime | None) -> Iterator[str]:
    """The sealed rows of a time, as JSON lines."""
    with _log(home) as log, closing(log.rows(log.base().seq)) as rows:
        for row in rows:
            at = row.event.at
            if (since is None or since <= at) and (before is None or at < before):
                yield write_line(row)


def head_of(home: Path) -> Head:
    """Where the log ends."""
    with _log(home) as log, log.chain() as found:
        return found.end


def prove(home: Path, noted: Iterable[str], file: Path | None) -> Proof:
    """Prove the log, or an export of a part of it; raises ConfigError for a wrong head or line."""
    try:
        heads = [Head.parse(one) for one in noted]
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if file is not None:
        return _prove_file(file, heads)
    with _log(home) as log:
        with log.chain() as found:
            base = found.base
            if early := [one.seq for one in heads if one.seq < base.seq]:
                raise ConfigError(f"row {early[0]} was dropped after its time, to row {base.seq}")
            verdict = chain.verify(found.rows, base=base, end=found.end, noted=heads)
        return Proof(verdict, base, found.unsealed)


def _prove_file(file: Path, heads: list[Head]) -> Proof:
    try:
        with file.open(encoding="ascii", errors="replace") as stream:
            rows = [read_line(line) for line in stream if line.strip()]
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    if not rows:
        raise ConfigError(f"{file} holds no rows")
    base = _before(rows, heads)
    return Proof(chain.verify(rows, base=base, noted=heads), base, 0)


def _before(rows: list[Row], heads: list[Head]) -> Head:
    """The row before the first of an export."""
    first = rows[0].seq or 1
    if first == 1:
        return Head()
    for head in heads:
        if head.seq == first - 1:
            return head
    raise ConfigError(f"the file begins with row {first}: --head must tell row {first - 1}")


def holders(home: Path, resource: str, at: datetime | None) -> list[dict[str, Any]]:
    """Who held it then, a row for each sliver and thing; raises Untold for times too early."""
    moment = at or SystemClock().now()
    with _log(home) as log:
        begin = log.begin()
        begin.check(moment)
        with closing(log.changes(begin)) as rows:
            return [_held(one) for one in tenures(rows, begin, resource) if one.at(moment)]


def _held(tenure: Tenure) -> dict[str, Any]:
    sliver = tenure.sliver
    return {
        "what": tenure.what,
        "slice": sliver.slice[0],
        "uuid": sliver.slice[1],
        "sliver": sliver.urn,
        "client_id": sliver.told["client_id"],
        "caller": sliver.caller,
        "tool": sliver.tool,
        "from": format_time(tenure.begin),
        "until": None if tenure.end is None else format_time(tenure.end),
    }


def state_of(home: Path, moment: datetime | None) -> dict[str, Any]:
    """What was there then, or is there by the last row; raises Untold for times too early."""
    with _log(home) as log:
        begin = log.begin()
        if moment is not None:
            begin.check(moment)
        with closing(log.changes(begin)) as rows:
            state = replay(rows if moment is None else until(rows, moment), begin.state)
    slivers = sorted(state.slivers.values(), key=lambda one: (one.slice, one.urn))
    return {
        "slivers": [_row(one) for one in slivers],
        "shut_down": [urn for urn, _ in sorted(state.shut)],
    }


def _row(sliver: Standing) -> dict[str, Any]:
    return {
        "slice": sliver.slice[0],
        "uuid": sliver.slice[1],
        "sliver": sliver.urn,
        "allocation": sliver.allocation,
        "operational": sliver.operational,
        "error": sliver.error,
        "since": format_time(sliver.since),
        **sliver.told,
        "expires": format_time(datetime.fromisoformat(sliver.told["expires"])),
    }


def erase(home: Path, name: str) -> int:
    """Erase a user from the log; answers from how many rows. Raises ConfigError for no user."""
    try:
        urn = Urn.parse(name)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if urn.kind not in {"user", "tool"}:
        raise ConfigError(f"{urn} is neither a user nor a tool")
    with _log(home) as log:
        return forget(log, urn, SystemClock().now())


@contextmanager
def _log(home: Path) -> Iterator[SqlLog]:
    config = read_config(home)
    log = open_log(config.database_url, busy_seconds=config.store.busy_seconds)
    try:
        yield log
    finally:
        log.close()
