"""One item of the `credentials` argument, as it came over the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CredentialArgument:
    """A credential that nobody has judged yet.

    `kind` is `geni_type` as sent ("" for a bare string), `version` is `geni_version` as text
    (an integer is written out), `text` is `geni_value`. Source: AM API v3, Credentials.
    """

    kind: str
    version: str
    text: str
