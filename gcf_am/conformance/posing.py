"""What checks of trust send: credentials and certificates that are not as they should be.

Nothing is made when a cassette is played: what was sent then has been judged by the aggregate.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gcf_am.client.transport import Identity as Files
from gcf_am.client.transport import Shown
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.dates import write_date
from gcf_am.conformance.forging import authority
from gcf_am.conformance.forging.identity import Identity, load_identity, write_chain
from gcf_am.conformance.forging.shown import Another
from gcf_am.conformance.forging.signing import SHA256, Method
from gcf_am.conformance.forging.statement import Statement, delegate, handed_on, read_statement
from gcf_am.conformance.lines import now
from gcf_am.conformance.slices import SliceUnderTest

if TYPE_CHECKING:
    from gcf_am.conformance.trial import Trial

Change = Callable[[Statement], Statement]
# what --certificate calls a CA of the federation's
AUTHORITY = "authority"
# an empty slice has no status: SEARCHFAILED or EXPIRED
AUTHORIZED = frozenset({0, 12, 15})


def item(text: str, kind: str = "geni_sfa", version: str = "3") -> dict[str, Any]:
    """A credential as calls carry it."""
    return {"geni_type": kind, "geni_version": version, "geni_value": text}


def identity(trial: "Trial", number: int = 1) -> Identity:
    """A user's key and certificates; Skipped where the kit has not got the key."""
    person = trial.person(number)
    own = read(trial, person.shown)
    return own.with_signers(read_statement(person.credential().text).owner_gid)


def given(trial: "Trial", kind: str) -> Callable[[], Identity]:
    """What --certificate named; `expired` and `nameless` ones the authority makes that it named.

    Skipped without.
    """
    found = trial.target.certificates
    usable = [one for one in (kind, AUTHORITY) if one in found]
    which = trial.tape.learn("certificate", lambda: usable[0] if usable else None)
    if which is None:
        trial.skip(f"no such certificate was given (--certificate {kind}=CERT,KEY)")

    def make() -> Identity:
        there = read(trial, found[which])
        if which == kind:
            return there
        own = identity(trial)
        urn = None if kind == "nameless" else own.urn
        return authority.certify(urn, there, key=own.key, expired=kind == "expired")

    return make


def read(trial: "Trial", shown: Shown) -> Identity:
    """Whom files show; Skipped where it is none of ours."""
    if not isinstance(shown, Files):
        trial.skip("the kit has not got the user's key")
    return load_identity(shown.certificate, shown.key)


def shown(trial: "Trial", make: Callable[[], Identity | None]) -> Shown:
    """Somebody else to the aggregate: with this identity, or without any."""
    genuine = trial.person().shown
    return Another(make(), genuine) if trial.tape.live else genuine


def at(after: timedelta) -> str:
    """So long after now, as credentials tell times; not learned, since a cassette needs none."""
    return write_date(now() + after)


def forged(trial: "Trial", make: Callable[[], str]) -> str:
    """The text of a credential; "" when a cassette is played."""
    return make() if trial.tape.live else ""


def unchanged(said: Statement) -> Statement:
    """A delegation as it should be."""
    return said


def delegated(
    trial: "Trial",
    parent: str,
    change: Change = unchanged,
    *,
    by: int = 1,
    to: int | Callable[[], Identity] = 1,
    method: Method = SHA256,
) -> str:
    """What one user hands on to another (or to herself), with something changed before she signs."""

    def make() -> str:
        owner = identity(trial, to) if isinstance(to, int) else to()
        said = change(handed_on(parent, owner))
        return delegate(parent, said, identity(trial, by), method)

    return forged(trial, make)


def hands_on(trial: "Trial", one: SliceUnderTest) -> None:
    """Skipped, unless the aggregate takes a delegation that is as it should be.

    Where it takes none, that it refuses a wrong one shows nothing.
    """
    made = delegated(trial, one.credential.text)
    answer = looks(trial, one.urn, [item(made)])
    if answer.code not in AUTHORIZED:
        trial.skip(
            "the aggregate takes no delegation of this slice's credential, with which alone the kit"
            f" can sign what this check sends: {answer.brief}"
        )


def looks(trial: "Trial", urn: str, credentials: Any, **options: Any) -> Answer:
    """Ask for the slice's status: answered by 0 or 12 to who may, and it changes nothing."""
    return trial.call("Status", [urn], credentials, options)


def takes(trial: "Trial", urn: str, credentials: Any, **options: Any) -> Answer:
    """Try to allocate, which nobody must succeed in who may not; a look where nothing is reserved."""
    if trial.target.terms.readonly:
        return looks(trial, urn, credentials, **options)
    return trial.call("Allocate", urn, credentials, trial.request(), options)


def accepted(trial: "Trial", answer: Answer) -> None:
    """The call was let through: it succeeded, or there was nothing to be looked at."""
    trial.expect(
        answer.code in AUTHORIZED,
        "the credential is accepted: geni_code 0, or 12 since the slice is empty",
        answer.brief,
    )


def over(said: Statement, other: str) -> Statement:
    """The same over the target of another credential."""
    there = read_statement(other)
    return replace(said, target_gid=there.target_gid, target_urn=there.target_urn)


def owned_by(said: Statement, owner: Identity) -> Statement:
    """The same with another certificate for its owner, whose URN stays."""
    return replace(said, owner_gid=write_chain(owner.chain))
