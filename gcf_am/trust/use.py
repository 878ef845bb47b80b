"""May one credential be used for a call? It is judged alone, for one person and one case.

Source: AM API facts 5.2 to 5.5; FED 4.4; decisions 17 and 26.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gcf_am.errors import CREDENTIAL_MISMATCH
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust.chains import Chain
from gcf_am.trust.credentials import Credential
from gcf_am.trust.grant import Target
from gcf_am.trust.privileges import allow
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.trail import SILENT, Trail
from gcf_am.urn import Urn

# Judged by their content: Omni calls every delegated credential geni_unknown, and bare strings
# have no type at all
BY_CONTENT: Final = frozenset({"", "geni_unknown"})
_SFA_VERSIONS: Final = frozenset({"2", "3"})
# decision 17: what operators may do with slices that are not theirs: stop them, look at them,
# clear them away; not use them
OPERATOR_OPERATIONS: Final = frozenset(
    {"shutdown", "sliverstatus", "getsliceresources", "deletesliver", "deleteslice"}
)
_CLOSED: Final = "only operators may shut a slice down here"
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


def _check_type(argument: CredentialArgument) -> None:
    kind = argument.kind.lower()
    if kind == "geni_sfa":
        if argument.version not in _SFA_VERSIONS:
            raise Refusal(
                "argument.version",
                f"geni_sfa credentials have version 2 or 3, not {argument.version[:20]!r}",
            )
    elif kind not in BY_CONTENT:
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


def operates(credential: Credential, case: Case) -> bool:
    """R108: a root's credential over this aggregate makes its owner an operator of it."""
    urn, first = credential.target.urn, credential.first
    ours = urn.kind == "authority" and urn.key[2] in {"am", "cm"}
    return (
        ours
        and urn.namespace == case.aggregate.namespace
        and first.signer.leaf == first.signer.root.certificate
        and operators_work(case.needs)
        and allow(credential.allowed, case.needs)
    )


def operators_work(needs: Collection[str]) -> bool:
    """Whether it is what operators may do with slices that are not theirs."""
    return bool(needs) and OPERATOR_OPERATIONS.issuperset(needs)
