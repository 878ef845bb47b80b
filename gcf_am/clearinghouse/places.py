"""Where things lie in a clearinghouse's home."""

from dataclasses import dataclass
from pathlib import Path

from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.clearinghouse.settings import FILE
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie in a home."""

    home: Path

    @property
    def certs(self) -> Path:
        """What people and servers use."""
        return self.home / "certs"

    @property
    def inner(self) -> Path:
        """What nobody else may read."""
        return self.home / "ch"

    @property
    def trusted(self) -> Path:
        """What an aggregate needs to trust, and what the clearinghouse itself trusts."""
        return self.home / "trusted_roots"

    @property
    def database(self) -> Path:
        """The register's file."""
        return self.inner / "clearinghouse.sqlite"

    @property
    def settings(self) -> Path:
        """The settings' file."""
        return self.inner / FILE

    def pair(self, name: str, *, inner: bool = False) -> tuple[Path, Path]:
        """The files of an identity: certificate and key."""
        directory = self.inner if inner else self.certs
        return directory / f"{name}-cert.pem", directory / f"{name}-key.pem"

    def authority(self, name: str) -> Identity:
        """The SA or MA (`sa`, `ma`), or the server's identity (`tls`); raises ConfigError."""
        return load_identity(*self.pair(name, inner=True))

    def root(self) -> Certificate:
        """The root's certificate; raises ConfigError."""
        file = self.certs / "ch-cert.pem"
        try:
            return load_chain(file.read_bytes())[0]
        except (OSError, Refusal) as error:
            raise ConfigError(f"{file} is no root certificate: run `gcf-ch init`") from error
