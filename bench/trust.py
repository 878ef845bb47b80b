"""What it takes to trust a call: in this process, without a server around it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bench.figures import Figure
from bench.house import furnished
from bench.plan import Plan
from bench.race import rounded
from gcf_am.app.aggregate import urn_of
from gcf_am.app.material import trust_of
from gcf_am.config import read_config
from gcf_am.trust.authorize import authorize
from gcf_am.trust.grant import Grant, Target
from gcf_am.trust.use import Case
from gcf_am.trust.verifier import Verifier, verify_credential
from tests.functional.federation import HomePki

FIRST: Final = "a credential, first time"
AGAIN: Final = "a credential, again"
STEP: Final = "the trust step of a call whose credential was seen before"


def measure(plan: Plan) -> Iterator[Figure]:
    """A slice's credential verified the first time and again, and the whole judgement of a call.

    That is what a call does between its arguments and its work: the caller's certificates, the
    credential, whether it is hers, over this slice, and allows the call.
    """
    with furnished(plan.directory, database="sqlite") as home:
        works = _works(home)
        for (what, work), times in zip(works.items(), (100, 5000, 5000), strict=True):
            yield Figure(what, {}, {"ms": _ms(work, 2 if plan.tiny else times)})


def _works(home: Path) -> dict[str, Callable[[], object]]:
    pki = HomePki(home)
    made = pki.slice("trusted")
    text = pki.slice_credential(pki.user("alice"), made)
    config = read_config(home)
    trust = trust_of(config, look_every=1.0)
    verifier = Verifier(trust)
    now = datetime.now(UTC)
    chain = chain_in(home / "certs" / "alice-cert.pem")
    argument = pki.argument(text)
    case = Case(frozenset({"sliverstatus"}), Target(made.urn), urn_of(config))

    def step() -> Grant:
        return authorize(
            caller=verifier.caller(chain, now),
            verb="Status",
            case=case,
            credentials=[argument],
            verifier=verifier,
            operators=frozenset(),
            now=now,
            request_id="bench",
        )

    return {
        FIRST: lambda: verify_credential(text, trust.current(), now),
        AGAIN: lambda: verifier.credential(text, now),
        STEP: step,
    }


def chain_in(cert: Path) -> list[bytes]:
    """A certificate's chain as a TLS server has it."""
    chain = x509.load_pem_x509_certificates(cert.read_bytes())
    return [one.public_bytes(Encoding.DER) for one in chain]


def _ms(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begin = perf_counter()
        work()
        taken.append(perf_counter() - begin)
    return rounded(median(taken) * 1000)
