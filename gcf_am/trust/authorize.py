"""May this caller do this? The only place that makes a Grant.

Source: AM API facts 5.2 to 5.5 and 15; FED 4.4 and 4.6; decisions 17, 25 and 26.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gcf_am.errors import (
    CREDENTIAL_EXPIRED,
    CREDENTIAL_INVALID,
    Forbidden,
)
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust.abac_document import is_abac
from gcf_am.trust.caller import Caller
from gcf_am.trust.chains import Chain
from gcf_am.trust.credentials import Credential
from gcf_am.trust.grant import Grant
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.speaks_for import SpeaksFor
from gcf_am.trust.use import BY_CONTENT, Case, judge, operates, operators_work
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn

_log = logging.getLogger(__name__)

# FED 4.4: bounds on what one call may make us verify
MOST_CREDENTIALS: Final = 32
_MOST_TEXT: Final = 1024 * 1024
# geni-lib says `abac`
_ABAC: Final = frozenset({"geni_abac", "abac"})
_ABAC_ALONE: Final = "a geni_abac credential gives no rights by itself; send geni_sfa with it"
# How far a credential came before it was refused; the one that came farthest is told about.
_PROGRESS: Final = ("argument", "", "owner", "target", "privilege")


def authorize(
    *,
    caller: Caller,
    verb: str,
    case: Case,
    credentials: Sequence[CredentialArgument],
    verifier: Verifier,
    operators: frozenset[Urn],
    now: datetime,
    request_id: str,
    speaking_for: Urn | None = None,
) -> Grant:
    """Decide on a call.

    `speaking_for` is the user in whose name a tool says it calls. Raises Forbidden, whose
    `am_code` is one of 20 to 23, with the most useful reason.

    (1) The caller's certificates are still valid.
    (2) The credentials are as many and as large as one call may bring.
    (3) Who speaks for a user has brought the user's word for it (verify_speaks_for), and is from
        then on that user; without it nothing is allowed, whatever the caller's own rights are.
    (4) Each credential is judged alone (`judge`): privileges of two never add up. It allows the
        call, or else it makes its owner an operator here, or it is refused.
    (5) Of those that allow the call the one that lasts longest counts; what it gives as an
        operator's right only when no other does. Bad ones beside a good one are skipped.
    (6) Without one, a caller whom the configuration calls an operator may do an operator's work.
    (7) Nothing that is granted outlasts the credential and the certificates in it.
    """
    # (1) still valid
    if caller.until <= now:
        raise Forbidden(
            "your certificate has expired", am_code=CREDENTIAL_EXPIRED, reason="caller.expired"
        )
    # (2) bounded
    size = sum(len(argument.text) for argument in credentials)
    if len(credentials) > MOST_CREDENTIALS or size > _MOST_TEXT:
        raise Forbidden(
            f"more than {MOST_CREDENTIALS} credentials or {_MOST_TEXT} characters of them",
            am_code=CREDENTIAL_INVALID,
            reason="credential.many",
        )
    # (3) in whose name
    spoken = None
    if speaking_for is not None:
        spoken = _speaks_for(speaking_for, caller.chain, credentials, verifier, now)
    person = caller.chain if spoken is None else spoken.user
    # (4) one by one
    owned: list[Credential] = []
    operating: list[Credential] = []
    refusals: list[Refusal] = []
    for argument in credentials:
        if _of_abac(argument):  # R121; AM API facts 5.5: ignored beside others
            refusals.append(Refusal("argument.abac", _ABAC_ALONE))
            continue
        try:
            credential = judge(argument, person, case, verifier.credential, now)
        except Refusal as refusal:
            _log.info("%s %s: credential refused: %s", request_id, verb, refusal.rule)
            refusals.append(refusal)
            continue
        (operating if operates(credential, case) else owned).append(credential)
    # (5) the best of them
    best = max(owned or operating, key=lambda one: one.until, default=None)
    # (6) the aggregate's own people
    if best is None and not (person.urn in operators and operators_work(case.needs)):
        raise _forbidden(refusals)
    about: tuple[Urn | None, str | None] = (None, None)
    if best is not None and owned and case.needs:
        about = (best.target.urn, best.target.leaf.identity)
    elif case.target is not None and case.needs:
        about = (case.target.urn, case.target.uuid)
    used = [one.digest for one in (spoken, best) if one is not None]
    return Grant(
        subject=person.urn,
        verb=verb,
        request_id=request_id,
        at=now,
        until=best.until if best is not None else person.until,  # (7)
        slice_urn=about[0],
        slice_uuid=about[1],
        operator=not owned,
        credentials=tuple(used),
        tool=None if spoken is None else caller.urn,
        fingerprint=caller.leaf.fingerprint,
    )


def _speaks_for(
    user: Urn,
    tool: Chain,
    credentials: Sequence[CredentialArgument],
    verifier: Verifier,
    now: datetime,
) -> SpeaksFor:
    """The user's word that the tool may speak for her; raises Forbidden without it."""
    refused = Refusal(
        "speaks_for.missing",
        f"geni_speaking_for names {user}: send a geni_abac credential in which she lets you",
    )
    for argument in credentials:
        if not _of_abac(argument):
            continue
        try:
            return verifier.speaks_for(argument.text, user, tool, now)
        except Refusal as refusal:
            refused = refusal
    _log.info("%s may not speak for %s: %s", tool.urn, user, refused.rule)
    raise Forbidden(refused.message, am_code=refused.am_code, reason=refused.rule)


def _of_abac(argument: CredentialArgument) -> bool:
    kind = argument.kind.lower()
    return kind in _ABAC or (kind in BY_CONTENT and is_abac(argument.text))


def _forbidden(refusals: Sequence[Refusal]) -> Forbidden:
    if not refusals:
        return Forbidden(
            "no credential was given; send one of type geni_sfa",
            am_code=CREDENTIAL_INVALID,
            reason="credential.none",
        )
    last = max(enumerate(refusals), key=lambda one: (_progress(one[1]), one[0]))[1]
    return Forbidden(last.message, am_code=last.am_code, reason=last.rule)


def _progress(refusal: Refusal) -> int:
    stage = refusal.rule.partition(".")[0]
    return _PROGRESS.index(stage) if stage in _PROGRESS else _PROGRESS.index("")
