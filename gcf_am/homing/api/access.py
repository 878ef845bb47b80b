"""Who asks: a client certificate of our trust roots, or HTTP Basic from the configuration."""

import base64
import binascii
import hashlib
import hmac
import secrets
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from gcf_am.clock import Clock
from gcf_am.errors import ConfigError
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn

# RFC 7914: what costs an attacker much and us 50 ms, once for each password
_WORK: Final = {"n": 2**14, "r": 8, "p": 1}
_REMEMBERED: Final = 256


def hash_password(password: str) -> str:
    """How the configuration keeps a password: `scrypt:SALT:HASH`, in hex."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_hash(password, salt).hex()}"


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_WORK)


@dataclass
class Access:
    """Names callers.

    `verifier` judges certificates as the aggregate does; `passwords` are hash_password's by the
    name of a user of `authority`. Raises ConfigError for what is no hash.
    """

    verifier: Verifier
    clock: Clock
    authority: str
    passwords: Mapping[str, str] = field(default_factory=dict)
    _known: dict[bytes, str] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, kept in self.passwords.items():
            parts = kept.split(":")
            if len(parts) != 3 or parts[0] != "scrypt":
                raise ConfigError(
                    f"{name} in [homing.passwords] is not what `gcf-homing password` prints"
                )

    def owner(self, environ: Mapping[str, Any]) -> str | None:
        """The caller's URN; None when nobody showed who they are, or nobody we know.

        `environ` is WSGI's, with certificates as mod_ssl tells them.
        """
        ders = [ssl.PEM_cert_to_DER_cert(one) for one in _certificates(environ)]
        if ders:
            try:
                return self.verifier.caller(ders, self.clock.now()).urn.text
            except Refusal:
                return None
        kind, _, told = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        return self._by_password(told.strip()) if kind.lower() == "basic" else None

    def _by_password(self, told: str) -> str | None:
        seal = hashlib.sha256(told.encode("latin-1", "replace")).digest()
        with self._lock:
            if seal in self._known:
                return self._known[seal]
        try:
            name, _, password = base64.b64decode(told, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        kept = self.passwords.get(name)
        # the same work for a name that nobody has, so that time tells no names
        _, salt, wanted = (kept or "scrypt:00:00").split(":")
        right = hmac.compare_digest(_hash(password, bytes.fromhex(salt)), bytes.fromhex(wanted))
        if kept is None or not right:
            return None
        urn = Urn.of(self.authority, "user", name).text
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[seal] = urn
        return urn


def _certificates(environ: Mapping[str, Any]) -> Iterator[str]:
    """The client's certificate and its signers, as far as the server tells them."""
    for place in count(-1):
        key = "SSL_CLIENT_CERT" if place < 0 else f"SSL_CLIENT_CERT_CHAIN_{place}"
        text = environ.get(key)
        if not isinstance(text, str) or not text.startswith("-----BEGIN CERTIFICATE-----"):
            return
        yield text
