"""Keys and certificates in files: private keys are readable by their owner only."""

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate, load_chain, write_chain
from gcf_am.trust.issue import Identity
from gcf_am.trust.refusal import Refusal

_OTHERS: Final = 0o077


def private_directory(directory: Path) -> Path:
    """Make a directory that only its owner enters (0700), or make an existing one so."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    return directory


def write_identity(identity: Identity, directory: Path, name: str) -> tuple[Path, Path]:
    """Write `NAME-cert.pem` (the chain, leaf first) and `NAME-key.pem` (0600).

    The directory becomes private; returns both paths.
    """
    private_directory(directory)
    certificate, key = directory / f"{name}-cert.pem", directory / f"{name}-key.pem"
    write_private(key, identity.key_pem)
    write_certificates(certificate, identity.chain)
    return certificate, key


def write_certificates(file: Path, chain: tuple[Certificate, ...]) -> None:
    """Write certificates as PEM, in the order given."""
    _write(file, write_chain(chain), 0o644)


def write_private(file: Path, text: str) -> None:
    """Write a secret so that at no moment anybody else may read it."""
    _write(file, text, 0o600)


def read_identity(certificate: Path, key: Path) -> Identity:
    """Read what write_identity wrote.

    Raises ConfigError when a file cannot be read, others may read the key, or the key is not
    that of the certificate; it names the files, not where they are.
    """
    try:
        if key.stat().st_mode & _OTHERS:
            raise ConfigError(f"{key.name} can be read by others: chmod 600 it")
        private = load_pem_private_key(key.read_bytes(), password=None)
        chain = load_chain(certificate.read_bytes())
    except OSError as error:
        missing = Path(str(error.filename)).name
        raise ConfigError(f"{missing} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{key.name} is no PEM private key without a passphrase") from error
    except Refusal as refusal:
        raise ConfigError(f"{certificate.name}: {refusal}") from refusal
    if not isinstance(private, rsa.RSAPrivateKey):
        raise ConfigError(f"{key.name} is no RSA key")
    identity = Identity(private, chain)
    if private.public_key() != identity.certificate.public_key:
        raise ConfigError(f"{key.name} is not the key of {certificate.name}")
    return identity


def _write(file: Path, text: str, mode: int) -> None:
    """Replace the file in one step; a reader sees the old or the new one, never a part."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    new.replace(file)
