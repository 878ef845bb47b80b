"""TLS and client certificates: who is let in at all. Source: AM API v3, common transport rules.

An expired certificate and one without a URN count for something only when an authority that the
aggregate trusts issued them, so that they, or it, must be given (--certificate).
"""

from collections.abc import Callable
from typing import Final

from gcf_am.client.transport import parts_of
from gcf_am.conformance import hello, posing
from gcf_am.conformance.answer import Answer
from gcf_am.conformance.check import Check, Profile, Severity
from gcf_am.conformance.forging import authority
from gcf_am.conformance.forging.identity import Identity
from gcf_am.conformance.inquiry import DENIED
from gcf_am.conformance.trial import Trial

MUST: Final = Severity.MUST
_PROFILES: Final = frozenset({Profile.V2, Profile.V3, Profile.FED4FIRE})


def without_certificate(trial: Trial) -> None:
    _turned_away(trial, trial.with_identity(posing.shown(trial, _nobody)).call("GetVersion", {}))


def foreign_root(trial: Trial) -> None:
    make = _made(trial, authority.imitate)
    _turned_away(trial, trial.with_identity(posing.shown(trial, make)).call("GetVersion", {}))


def self_signed(trial: Trial) -> None:
    make = _made(trial, authority.self_signed)
    _turned_away(trial, trial.with_identity(posing.shown(trial, make)).call("GetVersion", {}))


def issued_by_a_user(trial: Trial) -> None:
    one = trial.slice()
    caller = trial.with_identity(posing.shown(trial, _made(trial, authority.issued_by)))
    answer = caller.call("Status", [one.urn], one.credentials, {})
    trial.expect(
        answer.ended is not None or answer.code in DENIED,
        "the connection is refused, or the call is, with geni_code 3",
        answer.brief,
    )


def expired(trial: Trial) -> None:
    shown = posing.shown(trial, posing.given(trial, "expired"))
    _turned_away(trial, trial.with_identity(shown).call("GetVersion", {}))


def nameless(trial: Trial) -> None:
    one = trial.slice()
    shown = posing.shown(trial, posing.given(trial, "nameless"))
    answer = trial.with_identity(shown).call("Status", [one.urn], one.credentials, {})
    trial.expect(
        answer.ended is not None or answer.code in DENIED,
        "the connection is refused, or the call is, with geni_code 3",
        answer.brief,
    )


def with_intermediate(trial: Trial) -> None:
    def whole() -> Identity:
        return posing.identity(trial)

    if trial.tape.learn("chain", lambda: len(whole().chain)) < 2:
        trial.skip("no intermediate authority is known to have issued the user's certificate")
    answer = trial.with_identity(posing.shown(trial, whole)).call("GetVersion", {})
    trial.expect(answer.ended is None, "GetVersion is answered", answer.brief)


def _old(version: int) -> Callable[[Trial], None]:
    def check(trial: Trial) -> None:
        host, port, _ = parts_of(trial.target.url)
        name, seconds = hello.NAMES[version], trial.target.terms.seconds

        def look() -> int | str | None:
            try:
                return hello.chosen(host, port, version, seconds)
            except OSError as error:
                return str(error.strerror or error)

        found = trial.observe(f"a ClientHello of which {name} is the newest version", look)
        if isinstance(found, str):
            trial.cannot_tell(f"there was no connection: {found}")
        trial.expect(
            found is None or found > version,
            f"the server refuses {name}",
            f"it answered with a ServerHello of {hello.NAMES.get(found or 0, hex(found or 0))}",
        )

    return check


def _made(trial: Trial, make: Callable[[Identity], Identity]) -> Callable[[], Identity]:
    return lambda: make(posing.identity(trial))


def _nobody() -> None:
    return None


def _turned_away(trial: Trial, answer: Answer) -> None:
    """Refused by TLS or HTTP: no XML-RPC comes back, though the server is there for others."""
    if trial.call("GetVersion", {}).ended is not None:
        trial.cannot_tell("the server gives no answer to the experimenter either")
    trial.expect(
        answer.ended is not None,
        "the connection is refused, by TLS or an HTTP error, before anything is called",
        answer.brief,
    )


CHECKS: Final = (
    Check(
        "tls.no-certificate",
        "transport",
        "A connection without a client certificate is refused, also for GetVersion",
        "AM API v3, transport; R001",
        MUST,
        without_certificate,
        _PROFILES,
    ),
    Check(
        "tls.foreign-root",
        "transport",
        "A client certificate below a root that is not trusted is refused, whatever its names",
        "AM API v3, transport; R002",
        MUST,
        foreign_root,
        _PROFILES,
    ),
    Check(
        "tls.self-signed",
        "transport",
        "A self-signed client certificate is refused, whatever its names",
        "AM API v3, transport; R002",
        MUST,
        self_signed,
        _PROFILES,
    ),
    Check(
        "certificate.issued-by-a-user",
        "transport",
        "A client certificate that was issued by a user, who is no authority, gives no access",
        "GENI certificates; R061",
        MUST,
        issued_by_a_user,
    ),
    Check(
        "tls.expired-certificate",
        "transport",
        "An expired client certificate is refused",
        "AM API v3, transport; R003",
        MUST,
        expired,
        _PROFILES,
    ),
    Check(
        "certificate.intermediate-accepted",
        "transport",
        "A client certificate issued by an intermediate authority, sent with its chain, is accepted",
        "AM API v3, transport; R004",
        MUST,
        with_intermediate,
        _PROFILES,
    ),
    Check(
        "certificate.without-urn",
        "transport",
        "A client certificate without a URN in subjectAltName gives no access to slices",
        "GENI certificates; R005",
        MUST,
        nameless,
    ),
    *(
        Check(
            f"tls.no-{name.lower().replace(' ', '-').replace('.', '-')}",
            "transport",
            f"{name} is not offered",
            "RFC 8996; R007" if version > hello.SSL_3 else "RFC 7568; R007",
            MUST,
            _old(version),
            _PROFILES,
        )
        for version, name in hello.NAMES.items()
        if version < hello.TLS_1_2
    ),
)
