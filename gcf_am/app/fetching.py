"""Trust roots of pinned clearinghouses, fetched on a schedule.

What is fetched is written to the directory of trusted roots, where every process sees it like any
other change; a fetch that fails changes nothing there.
"""

import logging
import os
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gcf_am.app.aggregate import urn_of
from gcf_am.app.material import trust_of
from gcf_am.client.answers import BadAnswer, strings_of
from gcf_am.client.transport import Endpoint, Nobody
from gcf_am.clock import Clock, SystemClock
from gcf_am.config import Config
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.fetched import Fetched, take
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.terms import Source
from gcf_am.trust.trust_file import FETCHED, LARGEST

_log: Final = logging.getLogger(__name__)
_SECONDS: Final = 30.0
# How often the schedule is looked at, and how soon a fetch that failed is tried again
_LOOK: Final = timedelta(seconds=5)
_AGAIN: Final = timedelta(minutes=5)


def fetch(config: Config, name: str, source: Source, trust: TrustStore, now: datetime) -> list[str]:
    """Fetch the trust roots of a source, and keep what of them may be taken.

    Returns why the rest was refused. Raises Unreachable, Faulted, BadAnswer or ConfigError when
    there is no answer; then, as when nothing of the answer may be taken, nothing changes.
    """
    answer = _ask(source, trust.directory)
    file = trust.directory / FETCHED / f"{name}.json"
    own = [root.certificate for root in trust.current().roots if not root.source]
    before = _before(file)
    after, problems = take(answer, source, before, ours=urn_of(config), own=own, now=now)
    if after != before:
        _write(file, after.write())
        _log.info("trust roots of the source %s: %d, written", name, len(after.roots))
    return problems


class Fetcher:
    """Fetches each source when its time has come, in a thread of its own."""

    def __init__(self, config: Config, *, clock: Clock | None = None) -> None:
        self._config = config
        self._clock = clock or SystemClock()
        self._trust = trust_of(config, look_every=0)
        self._due: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="trust roots", daemon=True)

    def start(self) -> None:
        """Begin, with all sources at once."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Begin no further fetch, and wait so long for one under way."""
        self._stopping.set()
        self._thread.join(timeout)

    def run_once(self) -> None:
        """Fetch every source whose time has come."""
        sources: Mapping[str, Source] = self._trust.current().sources
        for name, source in sources.items():
            now = self._clock.now()
            # a clock that was set back must not stop it
            if name in self._due and now < self._due[name] <= now + _period(source):
                continue
            self._due[name] = now + _period(source)
            try:
                for problem in fetch(self._config, name, source, self._trust, now):
                    _log.error("trust roots of the source %s: %s", name, problem)
            except (GcfAmError, OSError) as error:
                self._due[name] = now + min(_AGAIN, _period(source))
                _log.error(
                    "trust roots of the source %s are those that it last told: %s", name, error
                )

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run_once()
            except Exception:  # noqa: BLE001  (the schedule must outlive whatever a source sends)
                _log.exception("trust roots could not be fetched")
            self._stopping.wait(_LOOK.total_seconds())


def _period(source: Source) -> timedelta:
    return timedelta(minutes=source.minutes)


def _ask(source: Source, directory: Path) -> tuple[str, ...]:
    """What get_trust_roots answers: bare, or in the return struct of the Federation API."""
    pin = directory / source.pin
    if not pin.is_file():
        raise ConfigError(f"pin: there is no file {source.pin} in {directory}")
    # without a certificate: who does not trust our authority would refuse to talk to us
    endpoint = Endpoint(source.url, Nobody(pin), seconds=_SECONDS, largest=LARGEST)
    try:
        answer = endpoint.call("get_trust_roots")
    finally:
        endpoint.close()
    if isinstance(answer, dict):
        if answer.get("code") != 0:
            raise BadAnswer(f"get_trust_roots was refused: {str(answer.get('output'))[:200]}")
        answer = answer.get("value")
    return strings_of(answer, "get_trust_roots")


def _before(file: Path) -> Fetched:
    try:
        return Fetched.read(file.read_bytes())
    except (FileNotFoundError, Refusal):
        return Fetched()


def _write(file: Path, text: str) -> None:
    """Replace the file at once: nobody ever reads half of it."""
    file.parent.mkdir(exist_ok=True)
    # of several processes that fetch for one home, each writes a file of its own
    new = file.with_suffix(f".{os.getpid()}.new")
    new.write_text(text, "utf-8")
    new.replace(file)
