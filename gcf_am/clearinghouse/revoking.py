"""Revocation lists of the authorities in a file, kept fresh.

The file lies in trusted_roots/, where aggregates of this home, and the clearinghouse itself, read
it again when it changes; other aggregates get a copy of it.
"""

import logging
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gcf_am.clearinghouse.certificates import issued, issued_to, revoke, withdrawn
from gcf_am.clearinghouse.key_files import load_identity, write_file
from gcf_am.clearinghouse.members import find_member
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Deed, Register, record
from gcf_am.clearinghouse.settings import read_settings
from gcf_am.clock import Clock, SystemClock
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import read_lists
from gcf_am.trust.revocation_list import LIFE, make_list
from gcf_am.urn import Urn

_log: Final = logging.getLogger(__name__)
FILE: Final = "ch.crl"
# How long before a list is out of date a new one is made, and how often that is looked at.
_EARLY: Final = LIFE / 2
_LOOK: Final = timedelta(minutes=10)


def write_lists(home: Path, register: Register, file: Path | None = None, *, now: datetime) -> Path:
    """Write the lists of SA, MA and, where its key is at hand, root; returns the file.

    Raises ConfigError when it cannot be written.
    """
    places = Places(home)
    target = file or places.trusted / FILE
    with register.unit() as session:
        lists = [
            make_list(signer, withdrawn(session, name, now), now=now)
            for name, signer in _signers(places)
        ]
    try:
        write_file(target, "".join(lists))
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror}") from error
    return target


def revoke_user(
    home: Path, name: str, reason: str = "unspecified", *, clock: Clock | None = None
) -> int:
    """Revoke all certificates of a user; returns how many. Raises ConfigError."""
    places = Places(home)
    urn = Urn.of(read_settings(places.settings).authority, "user", name)
    now = (clock or SystemClock()).now()
    with closing(Register(places.database)) as register:
        with register.unit() as session:
            rows = issued_to(session, urn)
            if find_member(session, urn) is None and not rows:
                raise ConfigError(f"there is no user {name}")
            count = revoke(rows, now, reason)
            record(session, Deed(now, "", "operator", "revoke", urn.text))
        write_lists(home, register, now=now)
    return count


def revoke_certificate(
    home: Path, file: Path, reason: str = "unspecified", *, clock: Clock | None = None
) -> Urn:
    """Revoke a certificate of ours that is in a file; returns whose it is. Raises ConfigError."""
    places = Places(home)
    now = (clock or SystemClock()).now()
    try:
        one = load_chain(file.read_bytes())[0]
        urn = one.named
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    except Refusal as error:
        raise ConfigError(f"{file}: {error}") from None
    with closing(Register(places.database)) as register:
        with register.unit() as session:
            revoke([issued(session, one, _issuer(places, one))], now, reason)
            record(session, Deed(now, "", "operator", "revoke", urn.text))
        write_lists(home, register, now=now)
    return urn


class Refresher:
    """Makes new lists before the old ones are out of date, in a thread of its own."""

    def __init__(self, home: Path, register: Register, clock: Clock) -> None:
        self._home, self._register, self._clock = home, register, clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="revocation lists", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join()

    def run_once(self) -> bool:
        """Write the lists if one is missing or half its time is over; whether they were."""
        now = self._clock.now()
        if not _due(Places(self._home).trusted / FILE, now):
            return False
        write_lists(self._home, self._register, now=now)
        return True

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run_once()
            except GcfAmError as error:
                _log.error("revocation lists: %s", error)
            self._stopping.wait(_LOOK.total_seconds())


def _due(file: Path, now: datetime) -> bool:
    try:
        ends = [one.next_update for one in read_lists(file.read_bytes())]
    except (OSError, Refusal):
        return True
    return any(end is None or end - now < _EARLY for end in ends)


def _signers(places: Places) -> list[tuple[str, Identity]]:
    """Who signs lists, by the name of the issuer; the root's key may be kept elsewhere."""
    found = [(name, places.authority(name)) for name in ("sa", "ma")]
    root, key = places.certs / "ch-cert.pem", places.inner / "ca-key.pem"
    return [("ca", load_identity(root, key)), *found] if key.exists() else found


def _issuer(places: Places, one: Certificate) -> str:
    issuers = {"ca": places.root(), **{n: places.authority(n).certificate for n in ("sa", "ma")}}
    for name, issuer in issuers.items():
        if one.signed_by(issuer) and one != issuer:
            return name
    raise ConfigError(f"the certificate of {one.named} was not issued here")
