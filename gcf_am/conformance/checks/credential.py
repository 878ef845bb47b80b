"""Credentials: what one must say, and who must have signed it. Source: GENI credentials.

Where something is wrong with what was signed, the user herself signed it: a delegation to herself,
of which the aggregate takes the one that is as it should be (posing.hands_on). What only an
authority can make is in checks.issued.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance import posing
from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.forging import altering, authority, signing
from gcf_am.conformance.forging.identity import Identity, read_chain
from gcf_am.conformance.forging.statement import Statement, issue, read_statement
from gcf_am.conformance.holding import with_room
from gcf_am.conformance.posing import item
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.trial import Trial

MUST = Severity.MUST
_SLICE: Final = ("refresh", "embed", "bind", "control", "info")


def _altered(alter: Callable[[str], str]) -> Callable[[Trial], None]:
    """An altered copy of the genuine credential is refused."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        made = posing.forged(trial, lambda: alter(one.credential.text))
        trial.forbids(posing.takes(trial, one.urn, [item(made)]))

    return check


def _signed(change: Callable[[Trial, Statement], Statement]) -> Callable[[Trial], None]:
    """A delegation of the user's to herself in which something is wrong is refused."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        posing.hands_on(trial, one)
        made = posing.delegated(trial, one.credential.text, lambda said: change(trial, said))
        trial.forbids(posing.takes(trial, one.urn, [item(made)]))

    return check


# certificates in a credential


def _owner_below_foreign_root(trial: Trial, said: Statement) -> Statement:
    return posing.owned_by(said, authority.imitate(posing.identity(trial), own_key=True))


def _target_below_foreign_root(trial: Trial, said: Statement) -> Statement:
    genuine = Identity(posing.identity(trial).key, read_chain(said.target_gid))
    return replace(said, target_gid=authority.imitate(genuine).gid)


def _owner_by_a_user(trial: Trial, said: Statement) -> Statement:
    return posing.owned_by(said, authority.issued_by(posing.identity(trial)))


def expired_owner(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)
    old = posing.given(trial, "expired")
    made = posing.delegated(
        trial,
        one.credential.text,
        lambda said: posing.owned_by(said, old()),
    )
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


# privileges


def _privileges(*names: str, delegable: bool = False) -> posing.Change:
    return lambda said: replace(said, privileges=tuple((name, delegable) for name in names))


def _permits(*names: str) -> Callable[[Trial], None]:
    """These privileges are enough for a slice's life."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        posing.hands_on(trial, one)
        has = _given(one)
        if "*" not in has and not has >= set(_SLICE):
            trial.skip("the slice's credential has less than that, so that it cannot be handed on")
        made = posing.delegated(trial, one.credential.text, _privileges(*names))
        credentials = [item(made)]
        wanted = trial.request()
        allocated = with_room(
            trial, lambda: trial.call("Allocate", one.urn, credentials, wanted, {})
        )
        trial.succeeds(allocated)
        trial.succeeds(trial.call("Describe", [one.urn], credentials, dict(GENI3)))
        trial.succeeds(trial.call("Status", [one.urn], credentials, {}))
        trial.succeeds(trial.call("Delete", [one.urn], credentials, {}))

    return check


def _given(one: SliceUnderTest) -> set[str]:
    """What the slice's own credential allows."""
    return {name.lower() for name, _ in read_statement(one.credential.text).privileges}


def _permits_not(name: str, method: str) -> Callable[[Trial], None]:
    """One privilege alone is too little for a method."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        posing.hands_on(trial, one)
        if not {"*", name} & _given(one):
            trial.skip(f"the slice's credential lacks {name}, so that it cannot be handed on")
        made = [item(posing.delegated(trial, one.credential.text, _privileges(name)))]
        arguments: dict[str, tuple[Any, ...]] = {
            "Allocate": (one.urn, made, "" if method != "Allocate" else trial.request(), {}),
            "Shutdown": (one.urn, made, {}),
        }
        trial.forbids(trial.call(method, *arguments[method]))

    return check


def not_added_together(trial: Trial) -> None:
    full, little = trial.slice(), trial.slice()
    posing.hands_on(trial, little)
    made = posing.delegated(trial, little.credential.text, _privileges("info"))
    both = [*full.credentials, item(made)]
    trial.forbids(posing.takes(trial, little.urn, both))


# whose, and over what


def of_another_user(trial: Trial) -> None:
    one = trial.slice()
    answer = trial.as_user(2).call("Status", [one.urn], one.credentials, {})
    trial.forbids(answer)


def _owned_by_the_slice(_: Trial, said: Statement) -> Statement:
    return replace(said, owner_gid=said.target_gid, owner_urn=said.target_urn)


def over_another_slice(trial: Trial) -> None:
    one, other = trial.slice(), trial.slice()
    trial.forbids(posing.takes(trial, other.urn, one.credentials))


def user_credential_alone(trial: Trial) -> None:
    one = trial.slice()
    trial.forbids(posing.takes(trial, one.urn, trial.user_credentials()))


def _other_owner_urn(trial: Trial, said: Statement) -> Statement:
    return replace(said, owner_urn=f"{trial.person().urn}x")


def _other_target_urn(_: Trial, said: Statement) -> Statement:
    return replace(said, target_urn=f"{said.target_urn}x")


# time


def _expired(_: Trial, said: Statement) -> Statement:
    return replace(said, expires=posing.at(-timedelta(minutes=10)))


def without_zone(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)

    def ending(minutes: int) -> list[dict[str, Any]]:
        until = posing.at(timedelta(minutes=minutes)).removesuffix("Z")
        made = posing.delegated(
            trial, one.credential.text, lambda said: replace(said, expires=until)
        )
        return [item(made)]

    posing.accepted(trial, posing.looks(trial, one.urn, ending(10)))
    trial.forbids(posing.looks(trial, one.urn, ending(-10)))


def prolonged(trial: Trial) -> None:
    one = trial.slice()
    later = posing.at(timedelta(days=365))
    made = posing.forged(trial, lambda: altering.with_member(one.credential.text, "expires", later))
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


# who signed


def _issued(signer: Callable[[Trial, SliceUnderTest], Identity]) -> Callable[[Trial], None]:
    """What the genuine credential says, signed by somebody else, is refused."""

    def check(trial: Trial) -> None:
        one = trial.slice()

        def make() -> str:
            return issue(read_statement(one.credential.text), signer(trial, one))

        made = posing.forged(trial, make)
        trial.forbids(posing.takes(trial, one.urn, [item(made)]))

    return check


def _throw_away_authority(trial: Trial, one: SliceUnderTest) -> Identity:
    genuine = signing.signers(one.credential.text)
    return authority.imitate(Identity(posing.identity(trial).key, genuine))


def key_beside(trial: Trial) -> None:
    one = trial.slice()

    def make() -> str:
        text = one.credential.text
        forger = Identity(authority.new_key(), signing.signers(text))
        return issue(read_statement(text), forger, signing.KEY_BESIDE)

    made = posing.forged(trial, make)
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def _herself(trial: Trial, _: SliceUnderTest) -> Identity:
    return posing.identity(trial)


def _another_user(trial: Trial, _: SliceUnderTest) -> Identity:
    return posing.identity(trial, 2)


# what was signed, and what is read


def _beside(place: Callable[[str, Statement], str]) -> Callable[[Trial], None]:
    """A genuine credential over one slice does not carry an unsigned one over another."""

    def check(trial: Trial) -> None:
        one, other = trial.slice(), trial.slice()

        def make() -> str:
            return place(one.credential.text, read_statement(other.credential.text))

        made = posing.forged(trial, make)
        trial.forbids(posing.takes(trial, other.urn, [item(made)]))

    return check


def same_id_twice(trial: Trial) -> None:
    one = trial.slice()
    posing.hands_on(trial, one)

    def change(said: Statement) -> Statement:
        return replace(said, ident=read_statement(one.credential.text).ident)

    made = posing.delegated(trial, one.credential.text, change)
    trial.forbids(posing.takes(trial, one.urn, [item(made)]))


def _check(name: str, rule: str, number: str, run: Callable[[Trial], None], *needs: Need) -> Check:
    clause = f"GENI credentials; {number}"
    return Check(f"credential.{name}", "credentials", rule, clause, MUST, run, needs=needs)


CHECKS: Final = (
    _check("owner-below-foreign-root", "owner_gid that does not lead to a trusted root makes a credential invalid", "R058", _signed(_owner_below_foreign_root)),
    _check("target-below-foreign-root", "target_gid that does not lead to a trusted root makes a credential invalid (seen in a delegation, of which the target may not change either)", "R059", _signed(_target_below_foreign_root)),
    _check("owner-certificate-expired", "An expired owner_gid makes a credential invalid", "R060", expired_owner),
    _check("owner-certificate-by-a-user", "An owner_gid that was signed by a certificate that is no CA makes a credential invalid", "R061", _signed(_owner_by_a_user)),
    _check("star-permits-all", "A slice credential with privilege * permits all slice calls", "R066", _permits("*"), Need.WRITES),
    _check("usual-privileges-permit-all", "A slice credential with refresh, embed, bind, control, info permits all slice calls", "R067", _permits(*_SLICE), Need.WRITES),
    _check("info-permits-no-allocate", "A credential with only info does not permit Allocate", "R068", _permits_not("info", "Allocate"), Need.WRITES),
    _check("control-permits-no-shutdown", "A credential with only control does not permit Shutdown", "R069", _permits_not("control", "Shutdown"), Need.WRITES),
    _check("of-another-user", "A credential whose owner is not the caller gives 3", "R071", of_another_user, Need.SECOND_USER),
    _check("owner-not-caller", "A credential whose owner is the slice, and not the caller, gives 3", "R071", _signed(_owned_by_the_slice)),
    _check("over-another-slice", "A credential over another slice gives 3", "R072", over_another_slice),
    _check("user-credential-alone", "A user credential alone gives 3 for a slice", "R073", user_credential_alone),
    _check("expired", "An expired credential gives 3", "R074", _signed(_expired)),
    _check("one-byte-altered", "A credential with one byte of signed content altered gives 3", "R075", _altered(altering.with_other_byte)),
    _check("prolonged-by-altering", "A credential of which the end was moved after it was signed gives 3", "R075", prolonged),
    _check("signature-value-altered", "A credential with an altered signature value gives 3", "R076", _altered(altering.with_other_signature)),
    _check("by-a-foreign-authority", "A credential by an authority that is not trusted, with the names of one that is, gives 3", "R077", _issued(_throw_away_authority)),
    _check("key-beside-signature", "A signature by a key that stands beside it, with an authority's certificate, gives 3", "R077", key_beside),
    _check("by-another-user", "A credential signed by a user, who is no authority, gives 3", "R079", _issued(_another_user), Need.SECOND_USER),
    _check("by-its-owner", "A credential that its owner signed for herself gives 3", "R080", _issued(_herself)),
    _check("owner-urn-differs", "owner_urn that is not the URN in owner_gid gives 3", "R081", _signed(_other_owner_urn)),
    _check("target-urn-differs", "target_urn that is not the URN in target_gid gives 3", "R082", _signed(_other_target_urn)),
    _check("wrapped", "A signature over another element than the credential that is evaluated gives 3", "R083", _beside(altering.wrapped)),
    _check("same-id-twice", "Two elements with the same xml:id give 3", "R084", same_id_twice),
    _check("unsigned-second", "A document with an unsigned second credential is judged only on the signed one", "R085", _beside(altering.with_second)),
    _check("unsigned", "A credential without signatures gives 3", "R086", _altered(altering.without_signatures)),
    _check("expires-without-zone", "expires without a zone is read as UTC", "R099", without_zone),
    _check("not-added-together", "Privileges of two credentials are not added together", "R100", not_added_together),
)  # fmt: skip
