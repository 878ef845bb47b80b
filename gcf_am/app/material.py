"""The server's certificate, key and trust roots, followed as their files change."""

import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gcf_am.config import Config
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.xmlrpc.server import TlsMaterial

_log: Final = logging.getLogger(__name__)


def trust_of(config: Config, *, look_every: float | None = None) -> TrustStore:
    """What the configuration says is trusted; raises ConfigError."""
    trust = config.trust
    return TrustStore(config.path(trust.roots), trust.sha1_roots, look_every=look_every)


def read_material(config: Config, roots: tuple[bytes, ...] = ()) -> TlsMaterial:
    """Certificate and key from their files; raises ConfigError naming the key.

    So it does when they are no pair: OpenSSL would say that only to the first who connects.
    """
    parts = []
    for name, text in (("certificate", config.trust.certificate), ("key", config.trust.key)):
        path = config.path(text)
        try:
            parts.append(path.read_bytes())
        except OSError as error:
            raise ConfigError(
                f"{name} in [trust]: {path} cannot be read: {error.strerror}"
            ) from error
    material = TlsMaterial(certificate=parts[0], key=parts[1], roots=roots)
    _check_pair(config, material)
    return material


def _check_pair(config: Config, material: TlsMaterial) -> None:
    trust = config.trust
    try:
        leaf = load_chain(material.certificate)[0]
    except Refusal as error:
        raise ConfigError(
            f"certificate in [trust]: {config.path(trust.certificate)}: {error}"
        ) from error
    try:
        key = load_pem_private_key(material.key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(
            f"key in [trust]: {config.path(trust.key)} is no private key (PEM, no password)"
        ) from error
    if key.public_key() != leaf.public_key:
        raise ConfigError(
            f"key in [trust]: {config.path(trust.key)} is not the key of {trust.certificate}"
        )


class Material:
    """Answers the TLS material of the moment.

    When the files of certificate and key change they are read again; what is wrong with them is
    logged, and the last good pair stays in use. They are looked at when somebody connects, but no
    more often than every `look_every` seconds. The roots are the trust store's of the moment.
    """

    def __init__(self, config: Config, trust: TrustStore, *, look_every: float = 1.0) -> None:
        self._config = config
        self._trust = trust
        self._look_every = look_every
        self._seen = self._stamps()
        self._looked = time.monotonic()
        self._trusted = trust.current()
        self._material = read_material(config, _ders(self._trusted))

    def __call__(self) -> TlsMaterial:
        """The material; quick, as it is asked for each new connection."""
        if time.monotonic() - self._looked >= self._look_every:
            self._looked = time.monotonic()
            stamps = self._stamps()
            if stamps != self._seen:
                self._seen = stamps
                self._follow()
        trusted = self._trust.current()
        if trusted is not self._trusted:
            self._trusted = trusted
            self._material = replace(self._material, roots=_ders(trusted))
        return self._material

    def _follow(self) -> None:
        try:
            self._material = read_material(self._config, self._material.roots)
            _log.info("the server's certificate was read again")
        except GcfAmError as error:
            _log.error("the last good certificate stays in use: %s", error)

    def _stamps(self) -> tuple[tuple[int, int] | None, ...]:
        trust = self._config.trust
        return tuple(_stamp(self._config.path(one)) for one in (trust.certificate, trust.key))


def _ders(trusted: TrustSet) -> tuple[bytes, ...]:
    return tuple(root.certificate.der for root in trusted.roots)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
