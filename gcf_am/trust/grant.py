"""The proof that a call was authorised."""

from dataclasses import dataclass
from datetime import datetime

from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Target:
    """What a call is about: a slice by URN, and its UUID where the call's slivers tell it."""

    urn: Urn
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do what until when; only `trust.authorize` makes one, so a verb that takes one
    cannot be reached without it (a test reads the imports to keep it so).

    `subject` is the caller, or the user that `tool` spoke for; `at` is the moment of judgement,
    which is the moment of the whole call; `slice_urn` and `slice_uuid` are the slice the
    credentials give rights over (None for calls about no slice); `until` is the end of the
    credential that allowed it: nothing it allows may last longer. `operator` tells that the right comes from operating the
    aggregate, not from the slice. `credentials` are the SHA-256 digests of those that were used,
    `fingerprint` is that of the TLS peer's certificate.
    """

    subject: Urn
    verb: str
    request_id: str
    at: datetime
    until: datetime
    slice_urn: Urn | None = None
    slice_uuid: str | None = None
    operator: bool = False
    credentials: tuple[str, ...] = ()
    tool: Urn | None = None
    fingerprint: str = ""
