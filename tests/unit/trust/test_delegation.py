from datetime import timedelta

import pytest

from gcf_am.errors import Forbidden
from gcf_am.trust import issue
from gcf_am.trust.issue import Identity
from tests.pki import NOW, WEEK, Pki
from tests.unit.trust.calls import Aggregate

HOUR = timedelta(hours=1)


def test_a_delegated_credential_serves_the_delegatee(aggregate: Aggregate, pki: Pki) -> None:
    # R101
    alice, bob, s1 = pki.user("alice"), pki.user("bob"), pki.slice("s1")
    given = pki.delegated(pki.slice_credential(alice, s1), alice, bob)
    grant = aggregate.call(bob, given, about=s1.urn)
    assert (grant.subject, grant.slice_uuid) == (bob.urn, s1.uuid)
    with pytest.raises(Forbidden, match="belongs to"):
        aggregate.call(alice, given, about=s1.urn)


def test_delegation_goes_on_up_to_sixteen_times(aggregate: Aggregate, pki: Pki) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    credential = pki.slice_credential(alice, pki.slice("s1"))
    for _ in range(8):
        credential = pki.delegated(credential, alice, bob)
        aggregate.call(bob, credential)
        credential = pki.delegated(credential, bob, alice)
        aggregate.call(alice, credential)
    credential = pki.delegated(credential, alice, bob)
    with pytest.raises(Forbidden, match="more than 16 delegations"):
        aggregate.call(bob, credential)


def test_the_earliest_end_of_the_whole_chain_counts(aggregate: Aggregate, pki: Pki) -> None:
    alice, bob, carol = pki.user("alice"), pki.user("bob"), pki.user("carol")
    short_lived = pki.slice("s1", until=NOW + 3 * HOUR)
    first = pki.slice_credential(alice, short_lived)
    second = pki.delegated(first, alice, bob, expires=NOW + 4 * HOUR)
    assert aggregate.call(bob, second).until == NOW + 3 * HOUR  # the slice's certificate
    third = pki.delegated(second, bob, carol, expires=NOW + 2 * HOUR)
    assert aggregate.call(carol, third).until == NOW + 2 * HOUR


def test_a_delegation_ends_with_the_authority_that_signed_its_parent(
    aggregate: Aggregate, pki: Pki
) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    own = pki.next_key()
    brief = issue.certify(
        pki.sa.urn,
        own.public_key(),
        signer=pki.root,
        now=NOW,
        until=NOW + HOUR,
        path_length=0,
    )
    first = pki.slice_credential(alice, pki.slice("s1"), signer=Identity(own, (brief,)))
    assert aggregate.call(bob, pki.delegated(first, alice, bob)).until == NOW + HOUR


def test_an_expired_parent_ends_what_was_delegated(aggregate: Aggregate, pki: Pki) -> None:
    alice, bob = pki.user("alice"), pki.user("bob")
    first = pki.slice_credential(alice, pki.slice("s1"), expires=NOW + HOUR)
    given = pki.delegated(first, alice, bob, expires=NOW + HOUR)
    with pytest.raises(Forbidden, match="expired"):
        aggregate.call(bob, given, now=NOW + HOUR)


def test_what_may_not_be_handed_on_is_not(aggregate: Aggregate, pki: Pki) -> None:  # R102
    alice, bob = pki.user("alice"), pki.user("bob")
    first = pki.slice_credential(alice, pki.slice("s1"), privileges=["*"], delegatable=False)
    with pytest.raises(Forbidden, match="more than its owner may give"):
        aggregate.call(bob, pki.delegated(first, alice, bob))


def test_nobody_hands_on_more_than_he_has(aggregate: Aggregate, pki: Pki) -> None:  # R103
    alice, bob, carol = pki.user("alice"), pki.user("bob"), pki.user("carol")
    first = pki.slice_credential(alice, pki.slice("s1"), privileges=["control"])
    with pytest.raises(Forbidden, match="more than its owner may give"):
        aggregate.call(bob, pki.delegated(first, alice, bob, privileges=["*"]))
    second = pki.delegated(first, alice, bob, privileges=["info", "control"])
    with pytest.raises(Forbidden, match="more than its owner may give"):
        aggregate.call(bob, second)
    # the operations count, not the names
    all_of_it = pki.slice_credential(alice, pki.slice("s1"), privileges=["*"])
    second = pki.delegated(all_of_it, alice, bob, privileges=["control"], delegatable=False)
    aggregate.call(bob, second)
    with pytest.raises(Forbidden, match="more than its owner may give"):
        aggregate.call(carol, pki.delegated(second, bob, carol, privileges=["control"]))


def test_no_longer_than_the_parent(aggregate: Aggregate, pki: Pki) -> None:  # R104
    alice, bob = pki.user("alice"), pki.user("bob")
    first = pki.slice_credential(alice, pki.slice("s1"))
    longer = pki.delegated(first, alice, bob, expires=NOW + WEEK + timedelta(seconds=1))
    with pytest.raises(Forbidden, match="longer than its parent"):
        aggregate.call(bob, longer)


def test_only_the_owner_hands_on(aggregate: Aggregate, pki: Pki) -> None:  # R106
    alice, bob = pki.user("alice"), pki.user("bob")
    first = pki.slice_credential(alice, pki.slice("s1"))
    for signer in (bob, pki.sa, pki.root, pki.renewed(alice)):
        with pytest.raises(Forbidden, match="not signed by the owner"):
            aggregate.call(bob, pki.delegated(first, signer, bob))
    # a renewed certificate with the key that was named is still the owner
    aggregate.call(bob, pki.delegated(first, pki.renewed(alice, new_key=False), bob))
