"""Credentials as an experimenter keeps them: one XML text each, in a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from gcf_am.clock import parse_time
from gcf_am.errors import GcfAmError, XmlRefused
from gcf_am.safexml import parse

_LARGEST: Final = 1024 * 1024


class UnreadableCredential(GcfAmError):
    """What should be a credential is none."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that was read for display and for sending on; nobody has verified it.

    `kind` and `version` are what `geni_type` and `geni_version` say when it is sent.
    """

    text: str
    kind: str
    version: str
    target: str
    expires: datetime

    def argument(self) -> Mapping[str, object]:
        """The struct that AM API v3 sends: AM API v3, Credentials."""
        return {"geni_type": self.kind, "geni_version": self.version, "geni_value": self.text}


def read_credential(text: str) -> Credential:
    """Read what a credential says about itself; raises UnreadableCredential.

    A delegated credential holds its parents: only the outermost one is looked at.
    """
    try:
        root = parse(text.strip(), limit=_LARGEST)
    except XmlRefused as error:
        raise UnreadableCredential(f"this is no credential: {error}") from None
    outer = root.find("credential")
    if root.tag != "signed-credential" or outer is None:
        raise UnreadableCredential("this is no credential: its root is no signed-credential")
    said = {
        name: (outer.findtext(name) or "").strip() for name in ("type", "target_urn", "expires")
    }
    try:
        expires = parse_time(said["expires"])
    except ValueError as error:
        raise UnreadableCredential(f"the credential's expires: {error}") from None
    abac = said["type"].lower() == "abac"
    return Credential(
        text=text.strip(),
        kind="geni_abac" if abac else "geni_sfa",
        version="1" if abac else "3" if said["target_urn"] else "2",
        target=said["target_urn"],
        expires=expires,
    )


def load_credential(file: Path) -> Credential:
    """Read a credential from a file; raises UnreadableCredential naming the file."""
    try:
        with file.open(encoding="utf-8") as stream:
            return read_credential(stream.read(_LARGEST + 1))
    except OSError as error:
        raise UnreadableCredential(f"{file} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, UnreadableCredential) as error:
        raise UnreadableCredential(f"{file}: {error}") from None


def save_credential(file: Path, text: str) -> None:
    """Keep a credential where only its owner reads it."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text, encoding="utf-8")
