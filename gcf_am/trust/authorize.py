"""May this caller do this? The only place that makes a Grant.

Source: AM API facts 5.2 to 5.5 and 15; FED 4.4 and 4.6; decisions 17, 25 and 26.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gcf_am.errors import (
    CREDENTIAL_EXPIRED,
    CREDENTIAL_INVALID,
    CREDENTIAL_MISMATCH,
    Forbidden,
)
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust.abac_document import is_abac
from gcf_am.trust.caller import Caller
from gcf_am.trust.chains import Chain
from gcf_am.trust.credentials import Credential
from gcf_am.trust.grant import Grant, Target
from gcf_am.trust.privileges import allow
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.speaks_for import SpeaksFor
from gcf_am.trust.trail import SILENT, Trail
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn

_log = logging.getLogger(__name__)

# FED 4.4: bounds on what one call may make us verify
MOST_CREDENTIALS: Final = 32
_MOST_TEXT: Final = 1024 * 1024
# Judged by their content: Omni calls every delegated credential geni_unknown, and bare strings
# have no type at all
_BY_CONTENT: Final = frozenset({"", "geni_unknown"})
_SFA_VERSIONS: Final = frozenset({"2", "3"})
# geni-lib says `abac`
_ABAC: Final = frozenset({"geni_abac", "abac"})
# decision 17: what operators may do with slices that are not theirs: stop them, look at them,
# clear them away; not use them
OPERATOR_OPERATIONS: Final = frozenset(
    {"shutdown", "sliverstatus", "getsliceresources", "deletesliver", "deleteslice"}
)
_ABAC_ALONE: Final = "a geni_abac credential gives no rights by itself; send geni_sfa with it"
_CLOSED: Final = "only operators may shut a slice down here"
# How far a credential came before it was refused; the one that came farthest is told about.
_PROGRESS: Final = ("argument", "", "owner", "target", "privilege")
# What must hold of one credential so that it allows a call. The letters stand again in `judge`,
# and in what `gcf-am credential verify` tells.
STEPS: Final[Mapping[str, str]] = {
    "a": "it is of a type we know",
    "b": "it is genuine",
    "c": "it belongs to the caller, or to the user that the caller speaks for",
    "d": "it is over the slice of the call",
    "e": "it allows one of the operations that are needed, Shutdown only where slice owners may",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What a credential is judged for.

    `needs` are operations of the privilege table, one of which must be allowed; when empty, one
    valid credential of the caller will do, whatever its target (ListResources). `target` is the
    slice of the call, None when the call names none or one that nobody here knows: then any
    slice's credential serves, and the verb finds nothing. `aggregate` is our own name;
    `owners_shut_down` tells whether slice owners may call Shutdown (decision 17).
    """

    needs: Collection[str]
    target: Target | None
    aggregate: Urn
    owners_shut_down: bool = False


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
        raise Forbidden("your certificate has expired", am_code=CREDENTIAL_EXPIRED)
    # (2) bounded
    size = sum(len(argument.text) for argument in credentials)
    if len(credentials) > MOST_CREDENTIALS or size > _MOST_TEXT:
        raise Forbidden(
            f"more than {MOST_CREDENTIALS} credentials or {_MOST_TEXT} characters of them",
            am_code=CREDENTIAL_INVALID,
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
    if best is None and not (person.urn in operators and _operators_work(case.needs)):
        raise _forbidden(refusals)
    about: tuple[Urn | None, str | None] = (None, None)
    if best is not None and owned and case.needs:
        about = (best.target.urn, best.target.leaf.identity)
    elif case.target is not None and case.needs:
        about = (case.target.urn, case.target.uuid)
    used = [one.digest[:16] for one in (spoken, best) if one is not None]
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
    )


def judge(
    argument: CredentialArgument,
    person: Chain,
    case: Case,
    verify: Callable[[str, datetime], Credential],
    now: datetime,
    trail: Trail = SILENT,
) -> Credential:
    """The credential, if it is this person's and allows the call by STEPS, or operates.

    `verify` judges its text. Raises Refusal.
    """
    # (a) of a known type
    trail.at("a", argument.kind)
    _check_type(argument)
    # (b) genuine
    trail.at("b")
    credential = verify(argument.text, now)
    # (c) the caller's
    trail.at("c", f"{credential.owner.urn} and {person.urn}")
    _check_owner(credential.owner, person)
    if operates(credential, case):
        trail.found("it makes its owner an operator here")
        return credential
    _check_use(credential, case, trail)
    return credential


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
    raise Forbidden(refused.message, am_code=refused.am_code)


def _of_abac(argument: CredentialArgument) -> bool:
    kind = argument.kind.lower()
    return kind in _ABAC or (kind in _BY_CONTENT and is_abac(argument.text))


def _check_type(argument: CredentialArgument) -> None:
    kind = argument.kind.lower()
    if kind == "geni_sfa":
        if argument.version not in _SFA_VERSIONS:
            raise Refusal(
                "argument.version",
                f"geni_sfa credentials have version 2 or 3, not {argument.version[:20]!r}",
            )
    elif kind not in _BY_CONTENT:
        raise Refusal(
            "argument.type",
            f"credentials of type {argument.kind[:40]!r} give no rights here; send geni_sfa",
        )


def _check_owner(owner: Chain, caller: Chain) -> None:
    """Decision 26: never by URN alone, or whoever mints a name owns what it was given."""
    if owner.urn != caller.urn:
        raise Refusal(
            "owner.urn",
            f"the credential belongs to {owner.urn}, you are {caller.urn}",
            CREDENTIAL_MISMATCH,
        )
    same_key = owner.leaf.key == caller.leaf.key
    # a renewed certificate has a new key, but the same authority vouches for it
    if not same_key and owner.issuer.key != caller.issuer.key:
        raise Refusal(
            "owner.key",
            "the credential belongs to another certificate with your URN",
            CREDENTIAL_MISMATCH,
        )


def _check_use(credential: Credential, case: Case, trail: Trail) -> None:
    needs, target = case.needs, case.target
    if not needs:
        return
    urn = credential.target.urn
    # (d) over the slice of the call
    trail.at("d", f"{urn} and {target.urn if target is not None else 'any slice'}")
    closed = "shutdown" in needs and not case.owners_shut_down
    if urn.kind != "slice":
        more = f"; {_CLOSED}" if closed else ""
        raise Refusal(
            "target.kind",
            f"the credential is over {urn}, which is no slice{more}",
            CREDENTIAL_MISMATCH,
        )
    if target is not None and urn != target.urn:
        raise Refusal(
            "target.urn",
            f"the credential is over {urn}, the call is about {target.urn}",
            CREDENTIAL_MISMATCH,
        )
    # FED 4.4: a slice that was deleted and made again has the old one's URN, not its slivers
    if target is not None and target.uuid not in {None, credential.target.leaf.identity}:
        raise Refusal(
            "target.uuid",
            f"the slivers belong to an earlier slice named {target.urn}",
            CREDENTIAL_MISMATCH,
        )
    # (e) with that right
    trail.at("e", " or ".join(sorted(needs)))
    if not allow(credential.allowed, needs):
        raise Refusal(
            "privilege.missing",
            f"the credential does not allow this; it would need {' or '.join(sorted(needs))}",
        )
    if closed:
        raise Refusal("privilege.operator", _CLOSED)


def _operators_work(needs: Collection[str]) -> bool:
    return bool(needs) and OPERATOR_OPERATIONS.issuperset(needs)


def operates(credential: Credential, case: Case) -> bool:
    """R108: a root's credential over this aggregate makes its owner an operator of it."""
    urn, first = credential.target.urn, credential.first
    ours = urn.kind == "authority" and urn.key[2] in {"am", "cm"}
    return (
        ours
        and urn.namespace == case.aggregate.namespace
        and first.signer.leaf == first.signer.root.certificate
        and _operators_work(case.needs)
        and allow(credential.allowed, case.needs)
    )


def _forbidden(refusals: Sequence[Refusal]) -> Forbidden:
    if not refusals:
        return Forbidden(
            "no credential was given; send one of type geni_sfa", am_code=CREDENTIAL_INVALID
        )
    last = max(enumerate(refusals), key=lambda one: (_progress(one[1]), one[0]))[1]
    return Forbidden(last.message, am_code=last.am_code)


def _progress(refusal: Refusal) -> int:
    stage = refusal.rule.partition(".")[0]
    return _PROGRESS.index(stage) if stage in _PROGRESS else _PROGRESS.index("")
