"""Credentials in the database are sealed: who copies it cannot use them.

The key lies in a file that only the operator reads; Fernet (AES-128-CBC with HMAC) is
cryptography's.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from gcf_am.errors import ConfigError

Credentials = tuple[Mapping[str, str], ...]


class Vault:
    """Seals and opens with one key."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def seal(self, credentials: Sequence[Mapping[str, str]]) -> str | None:
        """As they are kept; None when there are none."""
        if not credentials:
            return None
        text = json.dumps([dict(one) for one in credentials])
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str | None) -> Credentials:
        """What was sealed; nothing when it was sealed with a key that is gone."""
        if sealed is None:
            return ()
        try:
            return tuple(json.loads(self._fernet.decrypt(sealed.encode("ascii"))))
        except InvalidToken:
            return ()


def open_vault(file: Path) -> Vault:
    """The vault whose key is in this file, made where missing; raises ConfigError."""
    try:
        if not file.exists():
            draft = file.with_name(f".{file.name}.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_bytes(Fernet.generate_key())
            # of two servers that begin at once, one's key counts for both
            with suppress(FileExistsError):
                os.link(draft, file)
            draft.unlink()
        return Vault(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} holds no key for sealed credentials") from error
