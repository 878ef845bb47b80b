from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gcf_am.errors import (
    CREDENTIAL_EXPIRED,
    CREDENTIAL_INVALID,
    CREDENTIAL_MISMATCH,
    CREDENTIAL_SIGNER_UNTRUSTED,
    Forbidden,
)
from gcf_am.model.credential_argument import CredentialArgument
from gcf_am.trust import issue, issue_credentials
from gcf_am.trust.authorize import MOST_CREDENTIALS
from gcf_am.trust.privileges import Privilege
from tests.pki import NOW, WEEK, Pki
from tests.unit.trust.calls import Aggregate

HOUR = timedelta(hours=1)


def test_a_slice_credential_allows_a_call_on_its_slice(aggregate: Aggregate, pki: Pki) -> None:
    alice, s1 = pki.user("alice"), pki.slice("s1")
    grant = aggregate.call(alice, pki.slice_credential(alice, s1), about=s1.urn)
    assert grant.subject == alice.urn
    assert (grant.slice_urn, grant.slice_uuid) == (s1.urn, s1.uuid)
    assert grant.until == NOW + WEEK
    assert not grant.operator
    assert (grant.verb, grant.request_id) == ("am/3/allocate", "r-1")
    assert len(grant.credentials) == 1


def test_the_slice_may_be_unknown_here(aggregate: Aggregate, pki: Pki) -> None:
    alice, s1 = pki.user("alice"), pki.slice("s1")
    assert aggregate.call(alice, pki.slice_credential(alice, s1)).slice_urn == s1.urn


def test_no_credential_is_no_right(aggregate: Aggregate, pki: Pki) -> None:  # R097
    for needs in (("createsliver",), ()):
        with pytest.raises(Forbidden, match="no credential was given") as error:
            aggregate.call(pki.user("alice"), needs=needs)
        assert error.value.am_code == CREDENTIAL_INVALID


def test_somebody_elses_credential(aggregate: Aggregate, pki: Pki) -> None:  # R071
    credential = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    with pytest.raises(Forbidden, match=r"belongs to .*alice, you are .*bob") as error:
        aggregate.call(pki.user("bob"), credential)
    assert error.value.am_code == CREDENTIAL_MISMATCH


def test_another_slices_credential(aggregate: Aggregate, pki: Pki) -> None:  # R072
    alice = pki.user("alice")
    credential = pki.slice_credential(alice, pki.slice("s1"))
    with pytest.raises(Forbidden, match=r"over .*\+s1, the call is about .*\+s2") as error:
        aggregate.call(alice, credential, about=pki.slice("s2").urn)
    assert error.value.am_code == CREDENTIAL_MISMATCH


def test_slice_names_have_no_case(aggregate: Aggregate, pki: Pki) -> None:  # decision 27
    alice = pki.user("alice")
    credential = pki.slice_credential(alice, pki.slice("s1"))
    aggregate.call(alice, credential, about=Pki("GCF.Local").urn("slice", "S1"))


def test_a_slice_that_was_made_again_has_not_the_old_ones_slivers(
    aggregate: Aggregate, pki: Pki
) -> None:
    alice, old = pki.user("alice"), pki.slice("s1")
    new = pki.slice("s1", again=True)
    credential = pki.slice_credential(alice, new)
    aggregate.call(alice, credential, about=new.urn, uuid=new.uuid)
    with pytest.raises(Forbidden, match="earlier slice"):
        aggregate.call(alice, credential, about=new.urn, uuid=old.uuid)


def test_a_user_credential_serves_for_calls_about_no_slice(
    aggregate: Aggregate, pki: Pki
) -> None:  # R073
    alice = pki.user("alice")
    credential = pki.user_credential(alice)
    grant = aggregate.call(alice, credential, needs=())
    assert (grant.slice_urn, grant.slice_uuid) == (None, None)
    with pytest.raises(Forbidden, match="no slice"):
        aggregate.call(alice, credential)
    aggregate.call(alice, pki.slice_credential(alice, pki.slice("s1")), needs=())


def test_a_missing_privilege_is_named(aggregate: Aggregate, pki: Pki) -> None:  # R068
    alice = pki.user("alice")
    credential = pki.slice_credential(alice, pki.slice("s1"), privileges=["info"])
    with pytest.raises(Forbidden, match="createsliver or updateslice") as error:
        aggregate.call(alice, credential, needs=("updateslice", "createsliver"))
    assert error.value.am_code == CREDENTIAL_INVALID


def test_privileges_of_two_credentials_never_add_up(aggregate: Aggregate, pki: Pki) -> None:
    # R100: one has the right over another slice, the other has the slice without the right
    alice, s1 = pki.user("alice"), pki.slice("s1")
    poor = pki.slice_credential(alice, s1, privileges=["info"])
    other = pki.slice_credential(alice, pki.slice("s2"), privileges=["*"])
    for order in ([poor, other], [other, poor]):
        with pytest.raises(Forbidden, match="does not allow this"):
            aggregate.call(alice, *order, about=s1.urn)


def test_expired(aggregate: Aggregate, pki: Pki) -> None:  # R074
    alice = pki.user("alice")
    credential = pki.slice_credential(alice, pki.slice("s1"), expires=NOW + HOUR)
    aggregate.call(alice, credential, now=NOW + HOUR - timedelta(seconds=1))
    with pytest.raises(Forbidden, match="has expired") as error:
        aggregate.call(alice, credential, now=NOW + HOUR)
    assert error.value.am_code == CREDENTIAL_EXPIRED


def test_another_federations_credential(aggregate: Aggregate, pki: Pki) -> None:  # R077
    other = Pki("other.example")
    credential = other.slice_credential(other.user("alice"), other.slice("s1"))
    with pytest.raises(Forbidden, match="trusted root") as error:
        aggregate.call(pki.user("alice"), credential)
    assert error.value.am_code == CREDENTIAL_SIGNER_UNTRUSTED


def test_a_slice_of_one_federation_for_a_user_of_another(pki: Pki, tmp_path: Path) -> None:
    other = Pki("other.example")
    aggregate = Aggregate(pki, pki.verifier(tmp_path, other))
    guest, s1 = other.user("guest"), pki.slice("s1")
    aggregate.call(guest, pki.slice_credential(guest, s1), about=s1.urn)


def test_one_bad_credential_among_good_ones_is_skipped(aggregate: Aggregate, pki: Pki) -> None:
    # R087, R088, R089
    alice = pki.user("alice")
    good = pki.slice_credential(alice, pki.slice("s1"))
    bad: list[str | CredentialArgument] = [
        "",
        "not xml",
        "<signed-credential/>",
        good.replace("s1", "s2"),
        pki.slice_credential(pki.user("bob"), pki.slice("s1")),
        pki.argument("anything", kind="geni_abac", version="1"),
        pki.argument("anything", kind="future_type"),
        pki.argument(good, version="99"),
    ]
    for order in ([*bad, good], [good, *bad]):
        aggregate.call(alice, *order)
    for each in bad:
        aggregate.call(alice, each, good)
        with pytest.raises(Forbidden):
            aggregate.call(alice, each)


@pytest.mark.parametrize("needs", [("createsliver",), ()])
def test_an_unknown_type_alone_is_refused_in_clear_words(
    aggregate: Aggregate, pki: Pki, needs: tuple[str, ...]
) -> None:
    good = pki.slice_credential(pki.user("alice"), pki.slice("s1"))
    for kind in ("geni_abac", "ABAC", "future"):
        with pytest.raises(Forbidden, match="send geni_sfa"):
            aggregate.call(pki.user("alice"), pki.argument(good, kind=kind), needs=needs)


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("geni_sfa", "3"),
        ("geni_sfa", "2"),  # R091
        ("GENI_SFA", "3"),  # R090
        ("geni_unknown", "3"),  # Omni calls delegated credentials so
        ("GENI_unknown", ""),
        ("", ""),  # R094
    ],
)
def test_types_that_are_read(aggregate: Aggregate, pki: Pki, kind: str, version: str) -> None:
    alice = pki.user("alice")
    good = pki.slice_credential(alice, pki.slice("s1"))
    aggregate.call(alice, pki.argument(good, kind, version))
    with pytest.raises(Forbidden, match="not a credential"):
        aggregate.call(alice, pki.argument("<abac/>", kind, version))


def test_the_reason_of_the_credential_that_came_farthest_is_told(
    aggregate: Aggregate, pki: Pki
) -> None:
    alice, s1 = pki.user("alice"), pki.slice("s1")
    worst_to_best = [
        (pki.argument("x", kind="future"), "type 'future'"),
        (pki.argument("not xml"), "not a credential"),
        (pki.argument(pki.slice_credential(pki.user("bob"), s1)), "belongs to"),
        (pki.argument(pki.slice_credential(alice, pki.slice("s2"))), "the call is about"),
        (pki.argument(pki.slice_credential(alice, s1, privileges=["info"])), "does not allow"),
    ]
    for count in range(1, len(worst_to_best) + 1):
        given = [argument for argument, _ in worst_to_best[:count]]
        for order in (given, given[::-1]):
            with pytest.raises(Forbidden, match=worst_to_best[count - 1][1]):
                aggregate.call(alice, *order, about=s1.urn)


def test_the_longest_of_several_good_credentials_counts(aggregate: Aggregate, pki: Pki) -> None:
    alice, s1 = pki.user("alice"), pki.slice("s1")
    short = pki.slice_credential(alice, s1, expires=NOW + HOUR)
    long = pki.slice_credential(alice, s1, expires=NOW + 2 * HOUR)
    for order in ((short, long), (long, short)):
        assert aggregate.call(alice, *order).until == NOW + 2 * HOUR


def test_more_credentials_than_any_call_needs_are_not_looked_at(
    aggregate: Aggregate, pki: Pki
) -> None:
    alice = pki.user("alice")
    good = pki.slice_credential(alice, pki.slice("s1"))
    with pytest.raises(Forbidden, match="more than"):
        aggregate.call(alice, *([good] * (MOST_CREDENTIALS + 1)))
    with pytest.raises(Forbidden, match="more than"):
        aggregate.call(alice, good, "x" * 1024 * 1024)


def test_a_caller_whose_certificate_ended_since_she_connected(
    aggregate: Aggregate, pki: Pki
) -> None:
    alice = pki.user("alice")
    credential = pki.slice_credential(alice, pki.slice("s1"))
    with pytest.raises(Forbidden, match="your certificate has expired") as error:
        aggregate.call(alice, credential, now=alice.certificate.not_after)
    assert error.value.am_code == CREDENTIAL_EXPIRED


class TestOwner:
    """decision 26."""

    def test_a_renewed_certificate_with_the_same_or_a_new_key(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        alice = pki.user("alice")
        credential = pki.slice_credential(alice, pki.slice("s1"))
        for new_key in (False, True):
            aggregate.call(pki.renewed(alice, new_key=new_key), credential)

    def test_the_same_name_from_another_issuer_is_somebody_else(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        alice = pki.user("alice")
        credential = pki.slice_credential(alice, pki.slice("s1"))
        with pytest.raises(Forbidden, match="another certificate with your URN"):
            aggregate.call(pki.user("alice", ma=pki.root), credential)

    def test_the_same_key_from_another_issuer_is_the_same_person(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        alice = pki.user("alice")
        again = issue.make_user(pki.root, "alice", now=NOW, key=alice.key)
        aggregate.call(again, pki.slice_credential(alice, pki.slice("s1")))

    def test_the_same_key_under_another_name_is_not(self, aggregate: Aggregate, pki: Pki) -> None:
        alice = pki.user("alice")
        other = issue.make_user(pki.ma, "bob", now=NOW, key=alice.key)
        with pytest.raises(Forbidden, match="belongs to"):
            aggregate.call(other, pki.slice_credential(alice, pki.slice("s1")))

    def test_a_uuid_is_no_identity(self, aggregate: Aggregate, pki: Pki) -> None:  # R065
        alice = pki.user("alice")
        twin = issue.make_user(
            pki.ma, "twin", now=NOW, key=pki.next_key(), uuid=UUID(alice.certificate.identity)
        )
        with pytest.raises(Forbidden, match="belongs to"):
            aggregate.call(twin, pki.slice_credential(alice, pki.slice("s1")))


class TestOperators:
    """decision 17 and R108."""

    WORK: tuple[tuple[str, ...], ...] = (
        ("shutdown",),
        ("sliverstatus", "getsliceresources"),
        ("deletesliver", "deleteslice"),
    )

    def test_slice_owners_do_not_shut_down_unless_the_site_says_so(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        alice, s1 = pki.user("alice"), pki.slice("s1")
        credential = pki.slice_credential(alice, s1)
        with pytest.raises(Forbidden, match="only operators"):
            aggregate.call(alice, credential, needs=("shutdown",), about=s1.urn)
        with pytest.raises(Forbidden, match="is no slice; only operators"):
            aggregate.call(alice, pki.user_credential(alice), needs=("shutdown",), about=s1.urn)
        open_site = Aggregate(pki, aggregate.verifier, owners_shut_down=True)
        grant = open_site.call(alice, credential, needs=("shutdown",), about=s1.urn)
        assert not grant.operator
        poor = pki.slice_credential(alice, s1, privileges=["control"])  # R069
        with pytest.raises(Forbidden, match="does not allow"):
            open_site.call(alice, poor, needs=("shutdown",), about=s1.urn)

    def test_configured_operators_do_operators_work(self, aggregate: Aggregate, pki: Pki) -> None:
        carol, s1 = pki.user("carol"), pki.slice("s1")
        site = Aggregate(
            pki, aggregate.verifier, frozenset({Pki("GCF.local").urn("user", "Carol")})
        )
        for needs in self.WORK:
            grant = site.call(carol, pki.user_credential(carol), needs=needs, about=s1.urn)
            assert grant.operator
            assert (grant.slice_urn, grant.slice_uuid) == (s1.urn, None)
            assert grant.until == carol.certificate.not_after
            with pytest.raises(Forbidden):
                site.call(pki.user("alice"), needs=needs, about=s1.urn)
        not_theirs: tuple[tuple[str, ...], ...] = (("createsliver",), ("renewsliver",), ())
        for needs in not_theirs:
            with pytest.raises(Forbidden):
                site.call(carol, needs=needs, about=s1.urn)

    def test_an_operators_own_slice_is_hers_like_anybodys(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        carol, s1 = pki.user("carol"), pki.slice("s1")
        site = Aggregate(pki, aggregate.verifier, frozenset({carol.urn}))
        grant = site.call(
            carol, pki.slice_credential(carol, s1), needs=("sliverstatus",), about=s1.urn
        )
        assert not grant.operator
        both = (pki.operator_credential(carol, pki.server("am")), pki.slice_credential(carol, s1))
        grant = site.call(carol, *both, needs=("sliverstatus",), about=s1.urn)
        assert not grant.operator

    def test_a_roots_credential_over_the_aggregate_makes_an_operator(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        carol, s1, server = pki.user("carol"), pki.slice("s1"), pki.server("am")
        credential = pki.operator_credential(carol, server)
        for needs in self.WORK:
            grant = aggregate.call(carol, credential, needs=needs, about=s1.urn, uuid=s1.uuid)
            assert grant.operator
            assert (grant.slice_urn, grant.slice_uuid) == (s1.urn, s1.uuid)
            assert grant.until == NOW + WEEK
        with pytest.raises(Forbidden, match="no slice"):
            aggregate.call(carol, credential, about=s1.urn)
        with pytest.raises(Forbidden, match="belongs to"):
            aggregate.call(pki.user("alice"), credential, needs=("shutdown",), about=s1.urn)

    def test_a_credential_over_another_authority_does_not(
        self, aggregate: Aggregate, pki: Pki, tmp_path: Path
    ) -> None:
        carol, s1, other = pki.user("carol"), pki.slice("s1"), Pki("other.example")
        site = Aggregate(pki, pki.verifier(tmp_path / "both", other))
        for credential in (
            other.operator_credential(carol, other.server("am")),
            pki.operator_credential(carol, pki.sa),
            pki.operator_credential(carol, pki.server("ch")),
        ):
            with pytest.raises(Forbidden, match="no slice"):
                site.call(carol, credential, needs=("shutdown",), about=s1.urn)

    def test_nor_does_one_that_no_root_signed(self, aggregate: Aggregate, pki: Pki) -> None:
        carol, server = pki.user("carol"), pki.server("am")
        for signer in (pki.sa, pki.ma, server, carol):
            credential = pki.operator_credential(carol, server, signer=signer)
            with pytest.raises(Forbidden) as error:
                aggregate.call(carol, credential, needs=("shutdown",), about=pki.slice("s1").urn)
            assert error.value.am_code == CREDENTIAL_SIGNER_UNTRUSTED

    def test_nor_does_one_of_an_authority_below_the_root(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        carol, server = pki.user("carol"), pki.server("am")
        below = issue.make_authority(pki.root, "ca", now=NOW, key=pki.next_key())
        credential = pki.operator_credential(carol, server, signer=below)
        aggregate.verifier.credential(credential, NOW)  # genuine, but not the root's word
        with pytest.raises(Forbidden, match="no slice"):
            aggregate.call(carol, credential, needs=("shutdown",), about=pki.slice("s1").urn)

    def test_an_operator_has_the_privileges_she_was_given(
        self, aggregate: Aggregate, pki: Pki
    ) -> None:
        carol, server, s1 = pki.user("carol"), pki.server("am"), pki.slice("s1")
        credential = issue_credentials.issue_credential(
            pki.root,
            owner=carol.chain,
            target=server.chain,
            privileges=[Privilege("sa")],
            expires=NOW + WEEK,
        )
        assert aggregate.call(carol, credential, needs=("sliverstatus",), about=s1.urn).operator
        with pytest.raises(Forbidden, match="no slice"):
            aggregate.call(carol, credential, needs=("shutdown",), about=s1.urn)

    def test_an_operator_hands_her_right_on(self, aggregate: Aggregate, pki: Pki) -> None:
        carol, dave, server = pki.user("carol"), pki.user("dave"), pki.server("am")
        first = issue_credentials.issue_credential(
            pki.root,
            owner=carol.chain,
            target=server.chain,
            privileges=[Privilege("*", delegatable=True)],
            expires=NOW + WEEK,
        )
        credential = pki.delegated(first, carol, dave)
        grant = aggregate.call(dave, credential, needs=("shutdown",), about=pki.slice("s1").urn)
        assert grant.operator
