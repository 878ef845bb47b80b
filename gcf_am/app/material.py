"""The server's certificate, key and trust roots, followed as their files change."""

import logging
import time
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gcf_am.config import Config
from gcf_am.errors import ConfigError, GcfAmError
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustStore
from gcf_am.xmlrpc.server import TlsMaterial

_log: Final = logging.getLogger(__name__)


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

    When files change, trust roots included, they are read again; what is wrong with them is
    logged, and the last good set stays in use. Files are looked at when somebody connects, but
    no more often than every `look_every` seconds.
    """

    def __init__(self, config: Config, trust: TrustStore, *, look_every: float = 1.0) -> None:
        self._config = config
        self._trust = trust
        self._look_every = look_every
        self._seen = self._stamps()
        self._looked = time.monotonic()
        self._material = self._read()

    def __call__(self) -> TlsMaterial:
        """The material; quick, as it is asked for each new connection."""
        if time.monotonic() - self._looked >= self._look_every:
            self._looked = time.monotonic()
            stamps = self._stamps()
            if stamps != self._seen:
                self._seen = stamps
                self._follow()
        return self._material

    def _follow(self) -> None:
        for problem in self._trust.reload():
            _log.error("trust roots: %s", problem)
        try:
            self._material = self._read()
            _log.info("certificates were read again")
        except GcfAmError as error:
            _log.error("the last good certificates stay in use: %s", error)

    def _read(self) -> TlsMaterial:
        roots = tuple(root.certificate.der for root in self._trust.current().roots)
        return read_material(self._config, roots)

    def _stamps(self) -> frozenset[tuple[str, int, int]]:
        trust = self._config.trust
        directory = self._config.path(trust.roots)
        files = [self._config.path(trust.certificate), self._config.path(trust.key)]
        try:
            files += sorted(directory.iterdir())
        except OSError:
            # reported by whoever reads it; here it is a change like any other
            return frozenset()
        return frozenset(filter(None, map(_stamp, files)))


def _stamp(file: Path) -> tuple[str, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return (file.name, found.st_mtime_ns, found.st_size)
