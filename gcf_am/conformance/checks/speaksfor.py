"""Speaks-for: a tool calls in the name of a user who has signed that it may.

The second user is the tool: the aggregate must let her speak for others. Source: GENI credentials
(geni_abac 1); AM API v3, geni_speaking_for.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from gcf_am.conformance import posing
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.check import Check, Need, Severity
from gcf_am.conformance.forging import altering, authority
from gcf_am.conformance.forging.identity import Identity, key_id
from gcf_am.conformance.forging.speaking import Word, say, word_of
from gcf_am.conformance.holding import with_room
from gcf_am.conformance.posing import item
from gcf_am.conformance.slices import SliceUnderTest
from gcf_am.conformance.trial import Trial

MUST, SHOULD = Severity.MUST, Severity.SHOULD
Change = Callable[[Trial, Word], Word]
Signer = Callable[[Trial], Identity]


def _same(_: Trial, word: Word) -> Word:
    return word


def _user(trial: Trial) -> Identity:
    return posing.identity(trial)


def _tool(trial: Trial) -> Identity:
    return posing.identity(trial, 2)


def _word(trial: Trial, change: Change = _same, signer: Signer = _user) -> dict[str, Any]:
    """The user's word for the tool, for an hour."""

    def make() -> str:
        word = change(trial, word_of(_user(trial), _tool(trial), posing.at(timedelta(hours=1))))
        return say(word, signer(trial))

    return item(posing.forged(trial, make), "geni_abac", "1")


def _asks(trial: Trial, one: SliceUnderTest, credentials: Any, **options: Any) -> Answer:
    """The tool asks for the slice's status."""
    return trial.as_user(2).call("Status", [one.urn], credentials, options)


def _for_user(trial: Trial) -> dict[str, Any]:
    return {"geni_speaking_for": trial.person().urn}


def _lets_speak(trial: Trial, one: SliceUnderTest) -> None:
    """Skipped, unless the aggregate lets this tool speak for the user: else refusals show nothing."""
    answer = _asks(trial, one, [*one.credentials, _word(trial)], **_for_user(trial))
    if answer.code not in posing.AUTHORIZED:
        trial.skip(f"the second user may not speak for others at this aggregate: {answer.brief}")


def as_the_user(trial: Trial) -> None:
    one = trial.slice()
    _advertised(trial)
    credentials = [*one.credentials, _word(trial)]
    if trial.target.terms.readonly:
        posing.accepted(trial, _asks(trial, one, credentials, **_for_user(trial)))
        return
    tool = trial.as_user(2)
    wanted, options = trial.request(), _for_user(trial)
    answer = with_room(trial, lambda: tool.call("Allocate", one.urn, credentials, wanted, options))
    trial.succeeds(answer)


def _advertised(trial: Trial) -> None:
    if not any(kind == "geni_abac" for kind, _ in trial.abilities.credential_types):
        trial.skip("geni_credential_types has no geni_abac: speaks-for is not offered")


def _refused(change: Change = _same, signer: Signer = _user) -> Callable[[Trial], None]:
    """With something wrong in the user's word the tool is refused."""

    def check(trial: Trial) -> None:
        one = trial.slice()
        _lets_speak(trial, one)
        credentials = [*one.credentials, _word(trial, change, signer)]
        trial.forbids(_asks(trial, one, credentials, **_for_user(trial)))

    return check


def without_option(trial: Trial) -> None:
    one = trial.slice()
    _lets_speak(trial, one)
    trial.forbids(_asks(trial, one, [*one.credentials, _word(trial)]))


def for_another_user(trial: Trial) -> None:
    one = trial.slice()
    _lets_speak(trial, one)
    other = f"{trial.person().urn}x"
    credentials = [*one.credentials, _word(trial)]
    trial.forbids(_asks(trial, one, credentials, geni_speaking_for=other))


def tools_own_credential(trial: Trial) -> None:
    one = trial.slice()
    _lets_speak(trial, one)
    own = posing.delegated(trial, one.credential.text, to=2)
    credentials = [item(own), _word(trial)]
    trial.forbids(_asks(trial, one, credentials, **_for_user(trial)))


def libabac_order(trial: Trial) -> None:
    one = trial.slice()
    _lets_speak(trial, one)
    word = _word(trial, lambda _, word: replace(word, libabac=True))
    posing.accepted(trial, _asks(trial, one, [*one.credentials, word], **_for_user(trial)))


def word_alone(trial: Trial) -> None:
    one = trial.slice()
    _lets_speak(trial, one)
    trial.forbids(_asks(trial, one, [_word(trial)], **_for_user(trial)))


def altered(trial: Trial) -> None:
    """Only the signature tells: what the word says is as it should be."""
    one = trial.slice()
    _lets_speak(trial, one)

    def make() -> str:
        word = word_of(_user(trial), _tool(trial), posing.at(timedelta(hours=1)))
        later = posing.at(timedelta(hours=2))
        return altering.with_member(say(word, _user(trial)), "expires", later)

    word = item(posing.forged(trial, make), "geni_abac", "1")
    trial.forbids(_asks(trial, one, [*one.credentials, word], **_for_user(trial)))


def _expired(_: Trial, word: Word) -> Word:
    return replace(word, expires=posing.at(-timedelta(minutes=10)))


def _other_tool(trial: Trial, word: Word) -> Word:
    return replace(word, tails=(key_id(_user(trial).certificate),))


def _other_head(trial: Trial, word: Word) -> Word:
    return replace(word, head=key_id(_tool(trial).certificate))


def _two_tails(trial: Trial, word: Word) -> Word:
    return replace(word, tails=(*word.tails, key_id(_user(trial).certificate)))


def _with_her_certificate(trial: Trial) -> Identity:
    return Identity(_tool(trial).key, _user(trial).chain)


def _untrusted(trial: Trial) -> Identity:
    return authority.imitate(_user(trial), own_key=True)


def _check(
    name: str, rule: str, number: str, run: Callable[[Trial], None], severity: Severity = MUST
) -> Check:
    clause = f"GENI credentials, speaks-for; {number}"
    needs = (Need.SECOND_USER,)
    return Check(f"speaksfor.{name}", "credentials", rule, clause, severity, run, needs=needs)


CHECKS: Final = (
    _check("as-the-user", "With geni_speaking_for, the user's word and her slice credential a tool calls as she would", "R109", as_the_user),
    _check("without-option", "Without geni_speaking_for the tool is refused", "R110", without_option),
    _check("for-another-user", "With geni_speaking_for of another user the tool is refused", "R111", for_another_user),
    _check("expired", "When the user's word has expired the tool is refused", "R112", _refused(_expired)),
    _check("other-tool", "With a tail that is another's key id the tool is refused", "R113", _refused(_other_tool)),
    _check("other-role", "With a role other than speaks_for_ and the user's key id the tool is refused", "R114", _refused(lambda _, word: replace(word, role="speaks_for"))),
    _check("other-head", "With a head that is not the user's key id the tool is refused", "R115", _refused(_other_head)),
    _check("two-tails", "With two tails the tool is refused", "R116", _refused(_two_tails)),
    _check("by-another-key", "When another key than the user's signed her word, beside her certificate, the tool is refused", "R117", _refused(signer=_with_her_certificate)),
    _check("by-the-tool", "When the tool signed the user's word itself it is refused", "R117", _refused(signer=_tool)),
    _check("altered", "When the user's word was changed after she signed it the tool is refused", "R117", altered),
    _check("untrusted-user", "When the user's certificate beside her word is not trusted the tool is refused", "R118", _refused(signer=_untrusted)),
    _check("tools-own-credential", "The slice credential must be the user's, not the tool's", "R119", tools_own_credential),
    _check("libabac-order", "Members in libabac's order are accepted", "R120", libabac_order, SHOULD),
    _check("word-alone", "The user's word alone, without a credential over the slice, gives nothing", "R121", word_alone),
)  # fmt: skip
