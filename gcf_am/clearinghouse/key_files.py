"""Identities in files: a certificate with its chain, and a private key only its owner reads."""

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.issue import Identity, new_key
from gcf_am.trust.refusal import Refusal

_OTHERS = 0o077


def load_identity(certificate: Path, key: Path) -> Identity:
    """Read an identity; raises ConfigError naming the file and the remedy."""
    chain = _read(certificate)
    try:
        identity = Identity(_load_key(key), load_chain(chain))
    except Refusal as error:
        raise ConfigError(f"{certificate}: {error}") from None
    if identity.key.public_key() != identity.certificate.public_key:
        raise ConfigError(f"{certificate} and {key} do not belong together")
    return identity


def keep_identity(
    certificate: Path,
    key: Path,
    make: Callable[..., Identity],
    *,
    bits: int = 2048,
    due: Callable[[Certificate], bool] = lambda _: False,
) -> Identity:
    """The identity in these files; what is missing is made and written.

    `make` is called with the private key as `key` when the certificate is missing, or `due` to
    be replaced by a new one of the same key. The key is written first: a start that was killed
    in between goes on with the same key.
    """
    if certificate.exists() and key.exists():
        identity = load_identity(certificate, key)
        if not due(identity.certificate):
            return identity
        identity = make(key=identity.key)
    elif key.exists():
        identity = make(key=_load_key(key))
    else:
        identity = make(key=new_key(bits))
        write_file(key, identity.key_pem, private=True)
    write_file(certificate, identity.chain_pem)
    return identity


def private_directory(directory: Path) -> Path:
    """Make a directory that only its owner enters."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def write_file(file: Path, text: str, *, private: bool = False) -> None:
    """Write a file whole or not at all."""
    mode = 0o600 if private else 0o644
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123  (a descriptor)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error


def _load_key(file: Path) -> RSAPrivateKey:
    data = _read(file)
    # FED 103: a key that others may have read is no key
    if file.stat().st_mode & _OTHERS:
        raise ConfigError(f"others may read the private key {file}: chmod 600 it")
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{file} holds no private key without a passphrase") from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"{file} holds no RSA key")
    return key
