"""From what a person asks about a credential to the judges' explanation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gcf_am.app.aggregate import urn_of
from gcf_am.app.material import trust_of
from gcf_am.clock import SystemClock
from gcf_am.config import read_config
from gcf_am.errors import ConfigError
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.surface.am_v3 import AM_3
from gcf_am.trust.abac_document import is_abac
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.explain import Explanation, explain, explain_speaks_for, explain_use
from gcf_am.trust.grant import Target
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.use import Case
from gcf_am.urn import Urn


@dataclass(frozen=True, slots=True)
class Question:
    """A credential, and what it is to be judged for: by whom, on what, when."""

    text: str
    kind: str
    version: str
    caller: bytes | None
    slice_urn: str | None
    method: str
    speaking_for: str | None
    at: datetime | None


def ask(home: Path, question: Question) -> Explanation:
    """Why the home's aggregate accepts or refuses it; raises ConfigError."""
    config = read_config(home)
    trust = trust_of(config).current()
    now = question.at or SystemClock().now()
    text = question.text
    if is_abac(text):
        if question.caller is None or question.speaking_for is None:
            raise ConfigError(
                "an ABAC credential lets a tool speak for a user: say which by --caller and"
                " --speaking-for"
            )
        user = _urn(question.speaking_for, "--speaking-for", "user")
        return explain_speaks_for(text, user, _caller(question.caller), trust, now)
    if question.speaking_for is not None:
        raise ConfigError("--speaking-for is for ABAC credentials, and this is none")
    if question.caller is None:
        if question.slice_urn is not None:
            raise ConfigError("--slice needs --caller: who would use it?")
        return explain(text, trust, now)
    target = None
    if question.slice_urn is not None:
        target = Target(_urn(question.slice_urn, "--slice", "slice"))
    needs = _needs(question.method) if target is not None else ()
    case = Case(needs, target, urn_of(config), config.aggregate.owners_shut_down)
    argument = CredentialArgument(question.kind, question.version, text)
    return explain_use(argument, _caller(question.caller), case, trust, now)


def _caller(data: bytes) -> Sequence[Certificate]:
    try:
        return load_chain(data)
    except Refusal as refusal:
        raise ConfigError(f"--caller: {refusal}") from None


def _urn(text: str, option: str, kind: str) -> Urn:
    try:
        urn = Urn.parse(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None
    if urn.kind != kind:
        raise ConfigError(f"{option}: {urn} names no {kind}")
    return urn


def _needs(method: str) -> Sequence[str]:
    found = {one.name.lower(): one for one in AM_3.methods if one.needs}
    if method.lower() not in found:
        raise ConfigError(
            f"--method: there is no {method}; there are {', '.join(one.name for one in found.values())}"
        )
    return found[method.lower()].needs or ()
