import pytest

from gcf_am.trust.refusal import Refusal
from tests.pki import NOW, Pki
from tests.unit.trust.calls import Aggregate


def test_a_caller_is_the_leaf_of_the_chain(aggregate: Aggregate, pki: Pki) -> None:
    alice = pki.user("alice")
    ders = [one.der for one in (*alice.chain, pki.root.certificate)]
    caller = aggregate.verifier.caller(ders, NOW)
    assert caller.urn == alice.urn
    assert caller.leaf == alice.certificate
    assert caller.until == alice.certificate.not_after
    assert aggregate.verifier.caller(ders, NOW) is caller


def test_tools_and_servers_may_call_too(aggregate: Aggregate, pki: Pki) -> None:
    server = pki.server("am2")
    assert aggregate.verifier.caller([server.certificate.der], NOW).urn == server.urn


def test_nobody_calls_without_a_chain(aggregate: Aggregate, pki: Pki) -> None:
    for ders in ([], [b"junk"], [pki.user("alice").certificate.der]):
        with pytest.raises(Refusal):
            aggregate.verifier.caller(ders, NOW)
